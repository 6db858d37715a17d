-- What a log entry says stands in its own row, and rows are kept in the order they came: a commit
-- then writes a fraction of the pages. Erasing empties body and salt; the chain is over the digest.
create table log_kept (
  conversation text not null,
  position integer not null,
  at_us integer not null,
  kind text not null,
  turn text,
  digest text not null,                  -- of salt and body
  hash text not null,
  salt text not null,
  body text,
  primary key (conversation, position)
) strict;
insert into log_kept
select conversation, position, at_us, kind, turn, digest, hash, salt, body
from content join log using (conversation, position) order by content.rowid;
drop table content;
drop table log;
alter table log_kept rename to log;
create index log_handed_off on log (conversation, at_us) where kind = 'handed_off';

-- The same names as on PostgreSQL, for whoever looks.
create view content as select conversation, position, salt, body from log;
