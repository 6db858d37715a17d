-- Named statements of the SQLite store. Those that take :names run once for each row. In the others
-- a list travels as one JSON array and is unfolded by json_each.

-- name: inbox_add
-- Keep arrivals that nobody has sent before; gives back the new ones.
insert into inbox (channel, account, event_id, conversation, kind, occurred_us, received_us, body, why, state)
values (:channel, :account, :event_id, :conversation, :kind, :occurred_us, :received_us, :body, :why, :state)
on conflict (channel, account, event_id) do nothing
returning channel, account, event_id

-- name: inbox_seen
-- Which of these arrivals are kept already.
select channel, account, event_id from inbox where (channel, account, event_id) in (
  select value ->> 0, value ->> 1, value ->> 2 from json_each(?1))

-- name: inbox_stray
-- Arrivals for a conversation that does not exist end here, visibly.
update inbox set state = 'stray', why = 'no such conversation'
where state = 'pending' and conversation in (select value from json_each(?1))
  and not exists (select 1 from conversation c where c.id = inbox.conversation)

-- name: conversation_wake
-- Count new arrivals at their conversations, make those that are new, and wake them. Where an
-- erased person writes anew, the place is known again. A chat that is named by a person's id is
-- theirs from the beginning: a platform may have told that id before they wrote under it.
-- A platform that names two ids of theirs in one breath (`also`) says that both are one person; not
-- where the other is known beside a third already: numbers are given to somebody else in time.
insert into conversation (id, channel, account, key, surface, customer, accepted, wake_us)
values (:id, :channel, :account, :key, :surface,
  coalesce((select i.customer from identity i where i.channel = :channel
    and i.account = :account and i.user_id = :key),
    (select i.customer from identity i where i.channel = :channel
    and i.account = :account and i.user_id = :also and not exists (
      select 1 from identity o where o.customer = i.customer and o.channel = i.channel
        and o.account = i.account and o.user_id <> i.user_id)), :customer), :count, :wake_us)
on conflict (id) do update set accepted = accepted + excluded.accepted, key = excluded.key,
  wake_us = min(coalesce(wake_us, excluded.wake_us), excluded.wake_us)

-- name: conversation_nudge
-- The same for arrivals that know their conversation only by id.
update conversation set accepted = accepted + new.count,
  wake_us = min(coalesce(conversation.wake_us, new.wake_us), new.wake_us)
from (select value ->> 'id' as id, value ->> 'count' as count, value ->> 'wake_us' as wake_us
  from json_each(?1)) as new
where conversation.id = new.id

-- name: conversation_own
-- Give conversations to other owners; the epoch rises with each change.
update conversation set owner = new.owner, claimed_by = new.claimed_by, epoch = epoch + new.raised,
  linked = case when new.owner = 'bot' then null else linked end
from (select value ->> 'id' as id, value ->> 'owner' as owner, value ->> 'claimed_by' as claimed_by,
  value ->> 'raised' as raised from json_each(?1)) as new
where conversation.id = new.id

-- name: approval_decide
-- Decide sign-offs that still wait.
update approval set state = new.state, decided_by = new.decided_by, decided_us = new.decided_us
from (select value ->> 'id' as id, value ->> 'state' as state, value ->> 'by' as decided_by,
  value ->> 'at_us' as decided_us from json_each(?1)) as new
where approval.id = new.id and approval.state = 'waiting'

-- name: approval_first
-- Note the first of two yeses.
update approval set first_by = new.by
from (select value ->> 'id' as id, value ->> 'by' as by from json_each(?1)) as new
where approval.id = new.id and approval.state = 'waiting' and approval.first_by is null

-- name: call_decide
-- Move the calls of decided sign-offs.
update action_call set state = new.state, why = new.why, updated_us = new.at_us
from (select value ->> 'key' as key, value ->> 'call_state' as state, value ->> 'why' as why,
  value ->> 'at_us' as at_us from json_each(?1)) as new
where action_call.key = new.key and action_call.state = 'awaiting'

-- name: owners
select id, owner, claimed_by from conversation where id in (select value from json_each(?1))

-- name: linked_with
-- Conversations of the same customer that share their owner with these.
select c.id, c.owner, c.claimed_by, c.linked, me.id as of from conversation me
join conversation c on c.customer = me.customer and c.id <> me.id
  and (c.linked = coalesce(me.linked, me.id) or c.id = me.linked)
where me.id in (select value from json_each(?1)) order by c.id

-- name: approvals_waiting
select id, call_key, expires_us, first_by from approval
where state = 'waiting' and id in (select value from json_each(?1))

-- name: claim
-- Take awake conversations nobody works on, longest awake first.
update conversation set token = token + 1, lease_us = ?1 + ?2
where id in (select id from conversation
  where wake_us <= ?1 and (lease_us is null or lease_us <= ?1) order by wake_us limit ?3)
returning id

-- name: conversations
select id, channel, account, key, surface, customer, owner, epoch, claimed_by, accepted, token,
  position, chain, snapshot, snapshot_position, (
    select other.id from conversation other where other.customer = conversation.customer
      and other.id <> conversation.id and other.owner <> 'bot' limit 1) as held
from conversation where id in (select value from json_each(?1))

-- name: inbox_tries
-- Count the try before it is made: what kills the process is found out even so.
-- The oldest of each conversation, found without reading those behind them.
update inbox set tries = tries + 1
where seq in (select i.seq from json_each(?1) as one join inbox i on i.conversation = one.value
  where i.state = 'pending' and i.seq <= coalesce((
    select last.seq from inbox last where last.conversation = one.value and last.state = 'pending'
    order by last.seq limit 1 offset ?2 - 1), 9223372036854775807))
returning seq, channel, account, event_id, conversation, kind, occurred_us, received_us, body, why, tries

-- name: entries
-- Log entries behind the snapshots.
select log.conversation, log.at_us, log.body
from log
join conversation on conversation.id = log.conversation
where log.conversation in (select value from json_each(?1))
  and log.position > conversation.snapshot_position
order by log.conversation, log.position

-- name: entries_all
select log.at_us, log.body from log
where log.conversation = ?1 order by log.position

-- name: entries_after
-- What logs hold behind a position of each; what entries of other kinds say stays where it is.
select log.conversation, log.position, log.at_us,
  log.kind in (select value from json_each(?2)) as wanted,
  case when log.kind in (select value from json_each(?2)) then log.body end as body
from json_each(?1) as asked
join log on log.conversation = asked.value ->> 'id' and log.position > asked.value ->> 'after'
order by log.conversation, log.position limit ?3

-- name: calls_unfinished
select * from action_call where conversation in (select value from json_each(?1))
  and state in ('allowed', 'executing', 'unknown') order by created_us, key

-- name: calls
select * from action_call where key in (select value from json_each(?1))

-- name: log_add
insert into log (conversation, position, at_us, kind, turn, digest, hash, salt, body)
values (:conversation, :position, :at_us, :kind, :turn, :digest, :hash, :salt, :body)

-- name: inbox_done
update inbox set state = :state, why = coalesce(:why, why) where seq = :seq

-- name: calls_held
-- What commits judge their calls by.
select key, state from action_call where key in (select value from json_each(?1))

-- name: call_add
-- Begin calls that nobody has begun; gives back those.
insert into action_call (key, conversation, turn, action, connector, args, amount_minor, currency,
  state, summary, result, why, created_us, updated_us)
select value ->> 'key', value ->> 'conversation', value ->> 'turn', value ->> 'action',
  value ->> 'connector', value ->> 'args', value ->> 'amount_minor', value ->> 'currency',
  value ->> 'state', value ->> 'summary', value ->> 'result', value ->> 'why', value ->> 'at_us',
  value ->> 'at_us' from json_each(?1) where true
on conflict (key) do nothing
returning key

-- name: call_put
-- Write calls anew, in all that may change.
update action_call set conversation = new.conversation, turn = new.turn, args = new.args,
  amount_minor = new.amount_minor, currency = new.currency, state = new.state,
  summary = new.summary, result = new.result, why = new.why, updated_us = new.at_us
from (select value ->> 'key' as key, value ->> 'conversation' as conversation,
  value ->> 'turn' as turn, value ->> 'args' as args, value ->> 'amount_minor' as amount_minor,
  value ->> 'currency' as currency, value ->> 'state' as state, value ->> 'summary' as summary,
  value ->> 'result' as result, value ->> 'why' as why, value ->> 'at_us' as at_us
  from json_each(?1)) as new
where action_call.key = new.key

-- name: approval_add
insert into approval (id, call_key, conversation, digest, state, asked_us, expires_us)
select value ->> 'id', value ->> 'call_key', value ->> 'conversation', value ->> 'digest',
  value ->> 'state', value ->> 'asked_us', value ->> 'expires_us' from json_each(?1) where true
on conflict (id) do nothing

-- name: outbox_add
insert into outbox (key, destination, conversation, kind, payload, fenced, epoch, state, due_us, created_us)
values (:key, :destination, :conversation, :kind, :payload, :fenced, :epoch, 'waiting', :at_us, :at_us)
on conflict (key) do nothing

-- name: timer_put
insert into timer (conversation, name, due_us, data)
select value ->> 'conversation', value ->> 'name', value ->> 'due_us', value ->> 'data'
from json_each(?1) where true
on conflict (conversation, name) do update set due_us = excluded.due_us, data = excluded.data

-- name: timer_drop
delete from timer where (conversation, name) in (
  select value ->> 'conversation', value ->> 'name' from json_each(?1))

-- name: conversation_put
-- What commits leave of their conversations' rows; computed under the write lock.
update conversation set owner = :owner, epoch = :epoch, claimed_by = :claimed_by,
  lease_us = :lease_us, wake_us = :wake_us, position = :position, chain = :chain,
  linked = :linked,
  snapshot = coalesce(:snapshot, snapshot),
  snapshot_position = coalesce(:snapshot_position, snapshot_position)
where id = :id

-- name: conversation_log
-- Note where a log ends that was written outside a turn.
update conversation set position = :position, chain = :chain where id = :id

-- name: conversation_rest
-- Wake conversations that were released while arrivals still wait for a turn.
update conversation set wake_us = min(coalesce(wake_us, :wake_us), :wake_us)
where id = :id and exists (
  select 1 from inbox where inbox.conversation = :id and inbox.state = 'pending')

-- name: rows_for_commit
select id, owner, epoch, claimed_by, accepted, token, lease_us, wake_us, position, chain, linked
from conversation where id in (select value from json_each(?1))

-- name: customer_add
insert into customer (id, since_us)
select customer, :at_us from conversation where id = :conversation
on conflict (id) do nothing

-- name: identity_add
insert into identity (channel, account, user_id, customer)
select channel, account, :user_id, customer from conversation where id = :conversation
on conflict (channel, account, user_id) do nothing

-- name: identity_follow
-- A known person in a new conversation is the same customer.
update conversation set customer = identity.customer
from identity
where conversation.id = :conversation and identity.channel = conversation.channel
  and identity.account = conversation.account and identity.user_id = :user_id
  and conversation.customer <> identity.customer

-- name: outbox_due
-- The first open row of each destination, if it is due.
select o.id, o.key, o.destination, o.conversation, o.kind, o.payload, o.tries, o.created_us,
  o.interrupted, o.fenced, o.epoch as row_epoch, c.epoch, c.channel, c.account, c.key as chat, c.surface
from outbox o join conversation c on c.id = o.conversation
where o.state = 'waiting' and o.due_us <= ?1 and o.id = (
  select min(id) from outbox h
  where h.destination = o.destination and h.state in ('waiting', 'sending'))
order by o.due_us, o.id limit ?2

-- name: outbox_keep
-- Words that stay true though their conversation went to another owner in the same transaction.
update outbox set epoch = c.epoch from conversation c
where outbox.key in (select value from json_each(?1)) and c.id = outbox.conversation

-- name: outbox_take
update outbox set state = :state, tries = tries + :tried, why = coalesce(:why, why) where id = :id

-- name: outbox_sending
select id, tries from outbox where state = 'sending' and id in (select value from json_each(?1))

-- name: outbox_settle
update outbox set state = :state, due_us = coalesce(:due_us, due_us), why = :why, interrupted = 0,
  settled_us = :at_us
where id = :id

-- name: desk_post_put
insert into desk_post (key, conversation, channel, ts)
select value ->> 'key', value ->> 'conversation', value ->> 'channel', value ->> 'ts'
from json_each(?1) where true
on conflict (key) do update set channel = excluded.channel, ts = excluded.ts

-- name: timer_fire
delete from timer where (conversation, name) in (
  select conversation, name from timer where due_us <= ?1 order by due_us limit ?2)
returning conversation, name, due_us, data

-- name: next_due
-- What is being worked on, and what waits behind another message, is due with that.
select min(due) as due from (
  select min(due_us) as due from timer
  union all select * from (select o.due_us from outbox o where o.state = 'waiting' and o.id = (
    select min(id) from outbox h
    where h.destination = o.destination and h.state in ('waiting', 'sending'))
    order by o.due_us limit 1)
  union all select * from (select wake_us from conversation
    where wake_us is not null and lease_us is null order by wake_us limit 1)
  union all select min(lease_us) from conversation where lease_us is not null)

-- name: recover_leases
update conversation set lease_us = null where lease_us is not null

-- name: recover_outbox
-- Both conditions on the state: the first is the index's own.
update outbox set state = 'waiting', interrupted = 1, why = 'the process ended while it was sent'
where state in ('waiting', 'sending') and state = 'sending'

-- name: approval
select a.id, a.call_key, a.conversation, a.digest, a.state, a.asked_us, a.expires_us, a.decided_by,
  a.first_by
from approval a where a.id = ?1

-- name: posts
select key, conversation, channel, ts from desk_post where key in (select value from json_each(?1))

-- name: post_at
select key, conversation, channel, ts from desk_post where channel = ?1 and ts = ?2

-- name: counts
select 'pending' as what, count(*) as n from inbox where state = 'pending'
union all select 'quarantined', count(*) from inbox where state = 'quarantined'
union all select 'outbox', count(*) from outbox where state in ('waiting', 'sending')
union all select 'timers', count(*) from timer
union all select 'unknown_calls', count(*) from action_call
  where state in ('allowed', 'executing', 'unknown') and state = 'unknown'
