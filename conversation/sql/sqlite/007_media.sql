-- Files that customers sent, apart from the words: they may go sooner.
create table media (
  id text primary key,
  conversation text not null,
  kept_us integer not null,
  mime text not null,
  size integer not null,
  body blob not null
) strict;
create index media_conversation on media (conversation, kept_us, size);
create index media_kept on media (kept_us);
