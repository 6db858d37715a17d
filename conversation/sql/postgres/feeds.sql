-- Named statements about feeds, for PostgreSQL. Rows travel as one jsonb array; leases go by the
-- server's clock.

-- name: feed_take
-- Only what nobody holds any more.
insert into feed (channel, name, holder, lease_us)
select new.channel, new.name, new.holder, socialcare_clock_us() + new.lease_us
from jsonb_to_recordset($1) as new(channel text, name text, holder text, lease_us bigint)
on conflict (channel, name) do update
  set holder = excluded.holder, lease_us = excluded.lease_us
  where feed.lease_us <= socialcare_clock_us() or feed.holder = excluded.holder
returning feed.cursor

-- name: feed_keep
update feed set cursor = coalesce(new.cursor, feed.cursor),
  lease_us = socialcare_clock_us() + new.lease_us
from jsonb_to_recordset($1)
  as new(channel text, name text, holder text, lease_us bigint, cursor text)
where feed.channel = new.channel and feed.name = new.name and feed.holder = new.holder
returning feed.cursor

-- name: feed_let
update feed set lease_us = 0
from jsonb_to_recordset($1) as new(channel text, name text, holder text)
where feed.channel = new.channel and feed.name = new.name and feed.holder = new.holder
returning feed.cursor
