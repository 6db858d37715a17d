-- Named statements about feeds, for SQLite. Rows travel as one JSON array.

-- name: feed_take
-- Whoever held it before is dead: one process at a time has the file.
insert into feed (channel, name, holder)
select value ->> 'channel', value ->> 'name', value ->> 'holder' from json_each(?1) where true
on conflict (channel, name) do update set holder = excluded.holder
returning cursor

-- name: feed_keep
update feed set cursor = coalesce(new.cursor, feed.cursor)
from (select value ->> 'channel' as channel, value ->> 'name' as name, value ->> 'holder' as holder,
  value ->> 'cursor' as cursor from json_each(?1)) as new
where feed.channel = new.channel and feed.name = new.name and feed.holder = new.holder
returning feed.cursor

-- name: feed_let
update feed set holder = ''
from (select value ->> 'channel' as channel, value ->> 'name' as name, value ->> 'holder' as holder
  from json_each(?1)) as new
where feed.channel = new.channel and feed.name = new.name and feed.holder = new.holder
returning feed.cursor
