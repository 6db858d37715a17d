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

-- name: ceiling_hold
insert into ceiling (scope) select value from json_each(?1) where true
on conflict (scope) do nothing

-- name: ceiling_used
-- What calls of an action were had since a moment: begun, or signed and about to begin.
select asked.value ->> 'at' as at, count(*) as count, sum(case
    when a.currency = asked.value ->> 'currency' then a.amount_minor else 0 end) as minor
from json_each(?1) as asked
join action_call a on a.action = asked.value ->> 'action'
  and a.updated_us > asked.value ->> 'since_us' and a.key <> asked.value ->> 'key'
  and a.state in ('allowed', 'executing', 'done', 'unknown')
join conversation c on c.id = a.conversation
where (asked.value ->> 'customer' is null or c.customer = asked.value ->> 'customer')
  and (asked.value ->> 'channel' is null or c.channel = asked.value ->> 'channel')
group by at
