-- What was named in a conversation, as digests: how a person may be found again elsewhere.
create table mention (
  conversation text not null,
  kind text not null,                    -- order, email, proof
  value text not null,
  primary key (conversation, kind, value)
) strict, without rowid;
create index mention_value on mention (kind, value);

-- Customers found to be one person; what moved is kept, so that it can be undone.
create table joined (
  id integer primary key autoincrement,
  kept text not null,
  gone text not null,
  why text not null,
  by text not null,
  at_us integer not null,
  moved text not null,                   -- JSON: conversations, identities
  undone_us integer,
  undone_by text
) strict;
create index joined_kept on joined (kept);
create index joined_gone on joined (gone);
