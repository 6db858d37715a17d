-- Files that customers sent, apart from the words: they may go sooner.
create table media (
  id text primary key,
  conversation text not null,
  kept_us bigint not null,
  mime text not null,
  size bigint not null,
  body bytea not null
);
-- Pictures do not get smaller by packing them once more.
alter table media alter column body set storage external;
create index media_conversation on media (conversation, kept_us, size);
create index media_kept on media (kept_us);
