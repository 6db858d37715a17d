-- Named statements of the PostgreSQL store. Rows to write travel as one jsonb array, keys as one
-- array of text. What is read to be judged is locked, always in the order of its key; the
-- conversations of a transaction are locked before everything else (conversation_hold). Keys are
-- looked up by any(), for a join with unnest() that was planned on empty tables walks full ones.

-- name: conversation_make
-- Make conversations that nobody has seen before; waits for another process that makes them too.
-- A chat that is named by a person's id is theirs from the beginning: a platform may have told that
-- id before they wrote under it.
-- A platform that names two ids of theirs in one breath (`also`) says that both are one person; not
-- where the other is known beside a third already: numbers are given to somebody else in time.
insert into conversation (id, channel, account, key, surface, customer)
select id, channel, account, key, surface, coalesce((select i.customer from identity i
  where i.channel = new.channel and i.account = new.account and i.user_id = new.key),
  (select i.customer from identity i
  where i.channel = new.channel and i.account = new.account and i.user_id = new.also and not exists (
    select 1 from identity o where o.customer = i.customer and o.channel = i.channel
      and o.account = i.account and o.user_id <> i.user_id)), customer)
from jsonb_to_recordset($1) as new(id text, channel text, account text, key text, surface text,
  customer text, also text)
order by id
on conflict (id) do nothing

-- name: conversation_hold
-- Lock all conversations of a transaction, in one order for all processes.
select id from conversation where id = any($1::text[]) order by id for update

-- name: inbox_add
-- Keep arrivals that nobody has sent before; gives back the new ones.
insert into inbox (channel, account, event_id, conversation, kind, occurred_us, received_us, body, why, state)
select channel, account, event_id, conversation, kind, occurred_us, received_us, body, why, state
from jsonb_to_recordset($1) as new(channel text, account text, event_id text, conversation text,
  kind text, occurred_us bigint, received_us bigint, body text, why text, state text)
on conflict (channel, account, event_id) do nothing
returning channel, account, event_id

-- name: inbox_seen
-- Which of these arrivals are kept already.
select channel, account, event_id from inbox where (channel, account, event_id) in (
  select value ->> 0, value ->> 1, value ->> 2 from jsonb_array_elements($1) as value)

-- name: inbox_stray
-- Arrivals for a conversation that does not exist end here, visibly.
update inbox set state = 'stray', why = 'no such conversation'
where state = 'pending' and conversation = any($1::text[])
  and not exists (select 1 from conversation c where c.id = inbox.conversation)

-- name: conversation_wake
-- Count new arrivals at their conversations, make those that are new, and wake them. Where an
-- erased person writes anew, the place is known again.
insert into conversation as old (id, channel, account, key, surface, customer, accepted, wake_us)
select id, channel, account, key, surface, customer, count, wake_us
from jsonb_to_recordset($1) as new(id text, channel text, account text, key text, surface text,
  customer text, count bigint, wake_us bigint)
order by id
on conflict (id) do update set accepted = old.accepted + excluded.accepted,
  key = excluded.key,
  wake_us = least(coalesce(old.wake_us, excluded.wake_us), excluded.wake_us)

-- name: conversation_nudge
-- The same for arrivals that know their conversation only by id.
update conversation set accepted = accepted + new.count,
  wake_us = least(coalesce(conversation.wake_us, new.wake_us), new.wake_us)
from jsonb_to_recordset($1) as new(id text, count bigint, wake_us bigint)
where conversation.id = new.id

-- name: conversation_own
-- Give conversations to other owners; the epoch rises with each change.
update conversation set owner = new.owner, claimed_by = new.claimed_by, epoch = epoch + new.raised,
  linked = case when new.owner = 'bot' then null else linked end
from jsonb_to_recordset($1) as new(id text, owner text, claimed_by text, raised bigint)
where conversation.id = new.id

-- name: approval_decide
-- Decide sign-offs that still wait.
update approval set state = new.state, decided_by = new.by, decided_us = new.at_us
from jsonb_to_recordset($1) as new(id text, state text, by text, at_us bigint)
where approval.id = new.id and approval.state = 'waiting'

-- name: approval_first
-- Note the first of two yeses.
update approval set first_by = new.by
from jsonb_to_recordset($1) as new(id text, by text)
where approval.id = new.id and approval.state = 'waiting' and approval.first_by is null

-- name: call_decide
-- Move the calls of decided sign-offs.
update action_call set state = new.call_state, why = new.why, updated_us = new.at_us
from jsonb_to_recordset($1) as new(key text, call_state text, why text, at_us bigint)
where action_call.key = new.key and action_call.state = 'awaiting'

-- name: owners
select id, owner, claimed_by from conversation where id = any($1::text[]) order by id for update

-- name: linked_with
-- Conversations of the same customer that share their owner with these.
select c.id, c.owner, c.claimed_by, c.linked, me.id as of from conversation me
join conversation c on c.customer = me.customer and c.id <> me.id
  and (c.linked = coalesce(me.linked, me.id) or c.id = me.linked)
where me.id = any($1::text[]) order by c.id for update of c

-- name: approvals_waiting
select id, call_key, expires_us, first_by from approval
where state = 'waiting' and id = any($1::text[]) order by id for update

-- name: claim
-- Take awake conversations nobody works on, longest awake first.
with awake as materialized (
  select id from conversation
  where wake_us <= $1 and (lease_us is null or lease_us <= socialcare_clock_us())
  order by wake_us limit $3 for update skip locked)
update conversation set token = token + 1, lease_us = socialcare_clock_us() + $2
from awake where conversation.id = awake.id
returning conversation.id

-- name: renew_claims
-- Keep conversations that are being worked on; one that is being written is left for next time.
with held as materialized (
  select id from conversation where lease_us is not null and id = any(
    array(select id from jsonb_to_recordset($1) as new(id text)))
  for update skip locked)
update conversation set lease_us = socialcare_clock_us() + $2
from held, jsonb_to_recordset($1) as new(id text, token bigint)
where conversation.id = held.id and new.id = held.id and conversation.token = new.token

-- name: conversations
select id, channel, account, key, surface, customer, owner, epoch, claimed_by, accepted, token,
  position, chain, snapshot, snapshot_position, (
    select other.id from conversation other where other.customer = conversation.customer
      and other.id <> conversation.id and other.owner <> 'bot' limit 1) as held
from conversation where id = any($1::text[])

-- name: inbox_tries
-- Count the try before it is made: what kills the process is found out even so.
-- The oldest of each conversation, found without reading those behind them.
update inbox set tries = tries + 1
where seq = any(array(
  select first.seq from unnest($1::text[]) as one(id) cross join lateral (
    select i.seq from inbox i where i.conversation = one.id and i.state = 'pending'
    order by i.seq limit $2) as first))
returning seq, channel, account, event_id, conversation, kind, occurred_us, received_us, body, why, tries

-- name: entries
-- Log entries behind the snapshots.
select log.conversation, log.at_us, content.body
from conversation
join log on log.conversation = conversation.id and log.position > conversation.snapshot_position
join content on content.conversation = log.conversation and content.position = log.position
where conversation.id = any($1::text[])
order by log.conversation, log.position

-- name: entries_all
select log.at_us, content.body from log join content using (conversation, position)
where log.conversation = $1 order by log.position

-- name: entries_after
-- What logs hold behind a position of each; what entries of other kinds say stays where it is.
select log.conversation, log.position, log.at_us, log.kind = any($2::text[]) as wanted,
  case when log.kind = any($2::text[]) then content.body end as body
from jsonb_to_recordset($1) as asked(id text, after bigint)
join log on log.conversation = asked.id and log.position > asked.after
join content using (conversation, position)
order by log.conversation, log.position limit $3

-- name: calls_unfinished
select * from action_call where conversation = any($1::text[])
  and state in ('allowed', 'executing', 'unknown') order by created_us, key

-- name: calls
select * from action_call where key = any($1::text[])

-- name: log_add
with new as (
  select * from jsonb_to_recordset($1) as new(conversation text, position bigint, at_us bigint,
    kind text, turn text, digest text, hash text, salt text, body text)),
told as (
  insert into content (conversation, position, salt, body)
  select conversation, position, salt, body from new)
insert into log (conversation, position, at_us, kind, turn, digest, hash)
select conversation, position, at_us, kind, turn, digest, hash from new

-- name: inbox_done
update inbox set state = new.state, why = coalesce(new.why, inbox.why)
from jsonb_to_recordset($1) as new(seq bigint, state text, why text)
where inbox.seq = new.seq

-- name: calls_held
-- What commits judge their calls by.
select key, state from action_call where key = any($1::text[]) order by key for update

-- name: call_add
-- Begin calls that nobody has begun; gives back those. Waits for another process that begins them.
insert into action_call (key, conversation, turn, action, connector, args, amount_minor, currency,
  state, summary, result, why, created_us, updated_us)
select key, conversation, turn, action, connector, args, amount_minor, currency, state, summary,
  result, why, at_us, at_us
from jsonb_to_recordset($1) as new(key text, conversation text, turn text, action text,
  connector text, args text, amount_minor bigint, currency text, state text, summary text,
  result text, why text, at_us bigint)
order by key
on conflict (key) do nothing
returning key

-- name: call_put
-- Write calls anew, in all that may change.
update action_call set conversation = new.conversation, turn = new.turn, args = new.args,
  amount_minor = new.amount_minor, currency = new.currency, state = new.state,
  summary = new.summary, result = new.result, why = new.why, updated_us = new.at_us
from jsonb_to_recordset($1) as new(key text, conversation text, turn text, args text,
  amount_minor bigint, currency text, state text, summary text, result text, why text, at_us bigint)
where action_call.key = new.key

-- name: approval_add
insert into approval (id, call_key, conversation, digest, state, asked_us, expires_us)
select id, call_key, conversation, digest, state, asked_us, expires_us
from jsonb_to_recordset($1) as new(id text, call_key text, conversation text, digest text,
  state text, asked_us bigint, expires_us bigint)
on conflict (id) do nothing

-- name: outbox_add
insert into outbox (key, destination, conversation, kind, payload, fenced, epoch, state, due_us, created_us)
select key, destination, conversation, kind, payload, fenced, epoch, 'waiting', at_us, at_us
from jsonb_to_recordset($1) as new(key text, destination text, conversation text, kind text,
  payload text, fenced boolean, epoch bigint, at_us bigint)
on conflict (key) do nothing

-- name: timer_put
insert into timer (conversation, name, due_us, data)
select conversation, name, due_us, data
from jsonb_to_recordset($1) as new(conversation text, name text, due_us bigint, data text)
on conflict (conversation, name) do update set due_us = excluded.due_us, data = excluded.data

-- name: timer_drop
delete from timer using jsonb_to_recordset($1) as old(conversation text, name text)
where timer.conversation = old.conversation and timer.name = old.name

-- name: conversation_put
-- What commits leave of their conversations' rows; computed while they are locked.
update conversation set owner = new.owner, epoch = new.epoch, claimed_by = new.claimed_by,
  lease_us = new.lease_us, wake_us = new.wake_us, position = new.position, chain = new.chain,
  linked = new.linked,
  snapshot = coalesce(new.snapshot, conversation.snapshot),
  snapshot_position = coalesce(new.snapshot_position, conversation.snapshot_position)
from jsonb_to_recordset($1) as new(id text, owner text, epoch bigint, claimed_by text,
  lease_us bigint, wake_us bigint, position bigint, chain text, linked text, snapshot text,
  snapshot_position bigint)
where conversation.id = new.id

-- name: conversation_log
-- Note where a log ends that was written outside a turn.
update conversation set position = new.position, chain = new.chain
from jsonb_to_recordset($1) as new(id text, position bigint, chain text)
where conversation.id = new.id

-- name: conversation_rest
-- Wake conversations that were released while arrivals still wait for a turn.
update conversation set wake_us = least(coalesce(conversation.wake_us, new.wake_us), new.wake_us)
from jsonb_to_recordset($1) as new(id text, wake_us bigint)
where conversation.id = new.id and exists (
  select 1 from inbox where inbox.conversation = new.id and inbox.state = 'pending')

-- name: rows_for_commit
select id, owner, epoch, claimed_by, accepted, token, lease_us, wake_us, position, chain, linked
from conversation where id = any($1::text[]) order by id for update

-- name: customer_add
insert into customer (id, since_us)
select c.customer, new.at_us
from jsonb_to_recordset($1) as new(conversation text, at_us bigint)
join conversation c on c.id = new.conversation
order by c.customer
on conflict (id) do nothing

-- name: identity_add
insert into identity (channel, account, user_id, customer)
select c.channel, c.account, new.user_id, c.customer
from jsonb_to_recordset($1) as new(conversation text, user_id text)
join conversation c on c.id = new.conversation
order by c.channel, c.account, new.user_id
on conflict (channel, account, user_id) do nothing

-- name: identity_follow
-- A known person in a new conversation is the same customer.
update conversation set customer = identity.customer
from jsonb_to_recordset($1) as new(conversation text, user_id text), identity
where conversation.id = new.conversation and identity.channel = conversation.channel
  and identity.account = conversation.account and identity.user_id = new.user_id
  and conversation.customer <> identity.customer

-- name: outbox_due
-- The first open row of each destination, if it is due and nobody else is taking it. Those of a
-- process that died while it sent them wait again, for the next look.
with lapsed as (
  update outbox set state = 'waiting', interrupted = true, lease_us = null,
    why = 'the process ended while it was sent'
  where id = any(array(select id from outbox
    where state = 'sending' and lease_us <= socialcare_clock_us() for update skip locked)))
select o.id, o.key, o.destination, o.conversation, o.kind, o.payload, o.tries, o.created_us,
  o.interrupted, o.fenced, o.epoch as row_epoch, c.epoch, c.channel, c.account, c.key as chat, c.surface
from outbox o join conversation c on c.id = o.conversation
where o.state = 'waiting' and o.due_us <= $1 and o.id = (
  select min(id) from outbox h
  where h.destination = o.destination and h.state in ('waiting', 'sending'))
order by o.due_us, o.id limit $2 for update of o skip locked

-- name: outbox_keep
-- Words that stay true though their conversation went to another owner in the same transaction.
update outbox set epoch = c.epoch from conversation c
where outbox.key = any($1::text[]) and c.id = outbox.conversation

-- name: outbox_take
update outbox set state = new.state, tries = tries + new.tried, why = coalesce(new.why, outbox.why),
  lease_us = socialcare_clock_us() + new.lease_us
from jsonb_to_recordset($1) as new(id bigint, state text, tried bigint, why text, lease_us bigint)
where outbox.id = new.id

-- name: renew_sendings
-- Keep messages that are being sent; one that is being settled needs it no more.
with held as materialized (
  select id from outbox where state = 'sending' and id = any(
    array(select id from jsonb_to_recordset($1) as new(id bigint)))
  for update skip locked)
update outbox set lease_us = socialcare_clock_us() + $2
from held, jsonb_to_recordset($1) as new(id bigint, tries bigint)
where outbox.id = held.id and new.id = held.id and outbox.tries = new.tries

-- name: outbox_sending
select id, tries from outbox
where state = 'sending' and id = any($1::bigint[]) order by id for update

-- name: outbox_settle
update outbox set state = new.state, due_us = coalesce(new.due_us, outbox.due_us), why = new.why,
  interrupted = false, lease_us = null, settled_us = new.at_us
from jsonb_to_recordset($1) as new(id bigint, state text, due_us bigint, why text, at_us bigint)
where outbox.id = new.id

-- name: desk_post_put
insert into desk_post (key, conversation, channel, ts)
select key, conversation, channel, ts
from jsonb_to_recordset($1) as new(key text, conversation text, channel text, ts text)
order by key
on conflict (key) do update set channel = excluded.channel, ts = excluded.ts

-- name: timer_fire
-- Whoever has the conversation may move its timers, so it is taken first; one that is being
-- written keeps them until the next look.
with due as materialized (
  select conversation, name from timer where due_us <= $1 order by due_us limit $2),
held as materialized (
  select id from conversation where id = any(array(select conversation from due))
  for update skip locked)
delete from timer using due, held
where due.conversation = held.id
  and timer.conversation = due.conversation and timer.name = due.name and timer.due_us <= $1
returning timer.conversation, timer.name, timer.due_us, timer.data

-- name: next_due
-- What is being worked on, and what waits behind another message, is due with that. Leases are
-- not looked at: they go by the server's clock, and are found out when workers look anyway.
select min(due) as due from (
  (select due_us as due from timer order by due_us limit 1)
  union all (select o.due_us from outbox o where o.state = 'waiting' and o.id = (
    select min(id) from outbox h
    where h.destination = o.destination and h.state in ('waiting', 'sending'))
    order by o.due_us limit 1)
  union all (select wake_us from conversation
    where wake_us is not null and lease_us is null order by wake_us limit 1)) as moments

-- name: approval
select a.id, a.call_key, a.conversation, a.digest, a.state, a.asked_us, a.expires_us, a.decided_by,
  a.first_by
from approval a where a.id = $1

-- name: posts
select key, conversation, channel, ts from desk_post where key = any($1::text[])

-- name: post_at
select key, conversation, channel, ts from desk_post where channel = $1 and ts = $2

-- name: counts
select 'pending' as what, count(*) as n from inbox where state = 'pending'
union all select 'quarantined', count(*) from inbox where state = 'quarantined'
union all select 'outbox', count(*) from outbox where state in ('waiting', 'sending')
union all select 'timers', count(*) from timer
union all select 'unknown_calls', count(*) from action_call where state = 'unknown'
