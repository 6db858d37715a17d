-- What the desk must hear of a channel or an account as a whole, until it was told.
create table notice (
  seq bigint generated always as identity primary key,
  key text not null unique,
  words text not null,
  stands integer not null,               -- 1: kept when told, until it is lifted
  told integer not null default 0,
  tries integer not null default 0,
  lease_us bigint not null default 0     -- until then it is somebody's to tell
);
create index notice_untold on notice (tries, seq) where told = 0;
