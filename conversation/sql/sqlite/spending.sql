-- Named statements about what was spent, for SQLite. Rows travel as one JSON array.

-- name: spend_hold
-- Read what was counted, from nothing where nothing was.
insert into spend (scope, day, micros)
select value ->> 'scope', value ->> 'day', 0 from json_each(?1) where true
on conflict (scope, day) do update set micros = spend.micros
returning scope, day, micros

-- name: spend_put
update spend set micros = new.micros
from (select value ->> 'scope' as scope, value ->> 'day' as day, value ->> 'micros' as micros
  from json_each(?1)) as new
where spend.scope = new.scope and spend.day = new.day

-- name: spend_old
delete from spend where day < ?1
