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

-- name: ceiling_hold
-- Locked until the transaction ends, in one order for all.
insert into ceiling (scope) select unnest($1::text[]) order by 1
on conflict (scope) do update set scope = excluded.scope

-- name: ceiling_used
-- What calls of an action were had since a moment: begun, or signed and about to begin.
select asked.at, count(*) as count, coalesce(sum(a.amount_minor)
    filter (where a.currency = asked.currency), 0)::bigint as minor
from jsonb_to_recordset($1) as asked(at bigint, action text, since_us bigint, key text,
  currency text, customer text, channel text)
join action_call a on a.action = asked.action and a.updated_us > asked.since_us
  and a.key <> asked.key and a.state in ('allowed', 'executing', 'done', 'unknown')
join conversation c on c.id = a.conversation
where (asked.customer is null or c.customer = asked.customer)
  and (asked.channel is null or c.channel = asked.channel)
group by asked.at
