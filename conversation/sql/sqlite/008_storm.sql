-- Who complained in public lately, once a customer, and where the bot is silent for it.
create table complaint (
  channel text not null,
  customer text not null,
  at_us integer not null,
  primary key (channel, customer)
) strict, without rowid;
create index complaint_at on complaint (channel, at_us);

create table storm (
  channel text not null primary key,
  conversation text not null,            -- whose turn began it
  case_id text not null,
  lines integer not null
) strict, without rowid;
