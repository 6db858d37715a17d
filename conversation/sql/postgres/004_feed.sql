-- How far we have read what a platform holds until it is asked, and which process asks.
create table feed (
  channel text not null,
  name text not null,
  holder text not null,
  lease_us bigint not null,
  cursor text,
  primary key (channel, name)
);
