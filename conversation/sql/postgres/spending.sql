-- Named statements about what was spent, for PostgreSQL. Rows travel as one jsonb array.

-- name: spend_hold
-- Read what was counted, from nothing where nothing was, and lock it: in one order for all.
insert into spend (scope, day, micros)
select scope, day, 0 from jsonb_to_recordset($1) as new(scope text, day text)
order by scope, day
on conflict (scope, day) do update set micros = spend.micros
returning scope, day, micros

-- name: spend_put
update spend set micros = new.micros
from jsonb_to_recordset($1) as new(scope text, day text, micros bigint)
where spend.scope = new.scope and spend.day = new.day

-- name: spend_old
delete from spend where day < $1
