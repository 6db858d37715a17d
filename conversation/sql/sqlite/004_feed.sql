-- How far we have read what a platform holds until it is asked; the file has one process only.
create table feed (
  channel text not null,
  name text not null,
  holder text not null,
  cursor text,
  primary key (channel, name)
) strict, without rowid;
