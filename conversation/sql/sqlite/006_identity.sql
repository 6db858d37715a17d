-- One person in several places, further: invitations from one channel to another, cases that share
-- one owner, what was spent in a day, and arrivals that were meant for nobody.

-- What the store itself made up and signs with.
create table secret (
  name text primary key,
  value text not null
) strict, without rowid;

-- The last invitation of a conversation to each channel; an earlier one is worth nothing any more.
create table invitation (
  conversation text not null,
  channel text not null,                 -- where it leads
  nonce text not null unique,
  expires_us integer not null,
  used_us integer,
  used_by text,                          -- the turn that took it
  primary key (conversation, channel)
) strict, without rowid;
create index invitation_expires on invitation (expires_us);

-- The conversation whose owner this one shares; null: it is its own.
alter table conversation add column linked text;
create index conversation_linked on conversation (linked) where linked is not null;

-- What was spent of a budget in a day, in millionths of its currency's unit.
create table spend (
  scope text not null,
  day text not null,
  micros integer not null,
  primary key (scope, day)
) strict, without rowid;
create index spend_day on spend (day);

create index inbox_stray on inbox (received_us) where state = 'stray';
