-- Named statements about storms, for PostgreSQL. Rows travel as one jsonb array.

-- name: complaint_put
-- A customer who complains again counts once, from now on.
insert into complaint (channel, customer, at_us)
select new.channel, new.customer, new.at_us
from jsonb_to_recordset($1) as new(channel text, customer text, at_us bigint)
on conflict (channel, customer) do update set at_us = greatest(complaint.at_us, excluded.at_us)

-- name: complaints_forget
delete from complaint where channel = $1 and at_us < $2

-- name: complaints_drop
delete from complaint where channel = $1

-- name: complaints_of
-- The latest first.
select at_us from complaint where channel = $1 and at_us >= $2 order by at_us desc limit 10000

-- name: storms_of
select channel, conversation, case_id, lines from storm where channel = any($1::text[])

-- name: storm_begin
insert into storm (channel, conversation, case_id, lines)
select new.channel, new.conversation, new.case_id, 0
from jsonb_to_recordset($1) as new(channel text, conversation text, case_id text)
on conflict (channel) do nothing
returning channel

-- name: storm_line
update storm set lines = lines + 1 where channel = $1

-- name: storm_lift
delete from storm where channel = $1
