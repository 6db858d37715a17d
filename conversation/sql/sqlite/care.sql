-- Named statements for the care of the SQLite store: quarantine, people's rights, retention.

-- name: trouble_arrivals
select seq, channel, kind, conversation, received_us, tries, why
from inbox where state = 'quarantined' order by seq limit ?1

-- name: trouble_deliveries
select o.id, o.kind, o.conversation, o.state, o.tries, o.created_us, o.why, c.channel
from outbox o join conversation c on c.id = o.conversation
where o.state in ('dead', 'unknown') order by o.id limit ?1

-- name: trouble_calls
select key, conversation, action, connector, state, summary, why, updated_us, args, result
from action_call where state in ('allowed', 'executing', 'unknown') and state = 'unknown'
order by key limit ?1

-- name: arrival_kept
select seq, channel, account, event_id, conversation, kind, occurred_us, received_us, body, why,
  state, tries
from inbox where seq = ?1

-- name: delivery_kept
select o.id, o.key, o.destination, o.kind, o.conversation, o.state, o.tries, o.created_us,
  o.settled_us, o.why, o.payload, o.fenced, c.channel, c.owner, c.epoch
from outbox o join conversation c on c.id = o.conversation where o.id = ?1

-- name: arrival_again
update inbox set state = 'pending', why = null, tries = 0
where seq = ?1 and state = 'quarantined' and conversation is not null returning conversation

-- name: arrival_drop
update inbox set state = 'dropped', why = ?2 where seq = ?1 and state = 'quarantined' returning seq

-- name: delivery_again
update outbox set state = 'waiting', tries = 0, interrupted = 0, due_us = ?2, created_us = ?2,
  epoch = ?3, settled_us = null, why = null
where id = ?1 and state in ('dead', 'unknown') returning id

-- name: delivery_drop
update outbox set state = 'dropped', settled_us = ?2, why = ?3
where id = ?1 and state in ('dead', 'unknown') returning id

-- name: call_end
update action_call set state = ?2, why = ?3, updated_us = ?4
where key = ?1 and state = 'unknown' returning key

-- name: customer_of
select customer from conversation where id = ?1

-- name: customers_named
-- Whom a channel knows by that id: as an account, or as the chat that a first message came from.
select customer from identity where channel = ?1 and user_id = ?2
union select customer from conversation
  where channel = ?1 and key = ?2 and surface = 'private'

-- name: conversations_of
select id, channel, account, key, surface, customer, owner, epoch, claimed_by, linked, accepted,
  position, chain
from conversation where customer = ?1 order by id

-- name: identities_of
select channel, account, user_id, customer from identity where customer = ?1
order by channel, account, user_id

-- name: log_of
select log.conversation, log.position, log.at_us, log.kind, log.turn, log.digest, log.hash,
  log.salt, log.body
from log
where log.conversation = ?1 order by log.position

-- name: handed_off
select conversation from log where kind = 'handed_off'
group by conversation order by max(at_us) desc limit ?1

-- name: arrivals_of
select seq, channel, account, event_id, conversation, kind, occurred_us, received_us, body, why,
  state, tries
from inbox where conversation = ?1 and state <> 'pending' and seq < ?2
union all select seq, channel, account, event_id, conversation, kind, occurred_us, received_us,
  body, why, state, tries
from inbox where conversation = ?1 and state = 'pending' and seq < ?2
order by seq desc limit ?3

-- name: deliveries_of
select id, key, destination, conversation, kind, payload, state, tries, created_us, settled_us, why
from outbox where conversation = ?1 order by id

-- name: calls_of
select key, conversation, turn, action, connector, args, amount_minor, currency, state, summary,
  result, why, created_us, updated_us
from action_call where conversation = ?1 order by created_us, key

-- name: approvals_of
select id, call_key, conversation, digest, state, asked_us, expires_us, first_by, decided_by,
  decided_us
from approval where conversation = ?1 order by asked_us, id

-- name: timers_of
select name, due_us, data from timer where conversation = ?1 order by name

-- name: posts_of
select key, conversation, channel, ts from desk_post where conversation = ?1 order by key

-- name: posts_drop
delete from desk_post where key in (select value from json_each(?1))

-- name: content_empty
-- Without its salt nobody can try out what an entry may have said.
update log set body = null, salt = ''
where conversation = ?1 and body is not null and at_us < ?2
returning position

-- name: inbox_empty
update inbox set body = null, why = null,
  state = case when state in ('pending', 'quarantined') then 'dropped' else state end
where body is not null and seq in (select value from json_each(?1))

-- name: inbox_old
select seq from inbox where conversation = ?1 and state <> 'pending' and received_us < ?2
  and body is not null

-- name: inbox_old_lost
-- Of arrivals that belong to no conversation, or to one that there never was.
select seq from inbox where conversation is null and state <> 'pending' and received_us < ?1
  and body is not null
union select seq from inbox where state = 'stray' and received_us < ?1 and body is not null
limit ?2

-- name: outbox_empty
update outbox set payload = null, why = null,
  settled_us = coalesce(settled_us, ?3),
  state = case when state in ('waiting', 'sending', 'dead', 'unknown') then 'dropped' else state end
where conversation = ?1 and payload is not null and created_us < ?2
returning id

-- name: outbox_open_of
select id from outbox where conversation = ?1 and state in ('waiting', 'sending')

-- name: call_empty
-- The key stays, and a digest: the same wish is still known, and never done twice.
update action_call set args = new.args, result = null, summary = 'erased', why = null
from (select value ->> 'key' as key, value ->> 'args' as args from json_each(?1)) as new
where action_call.key = new.key

-- name: timers_drop
delete from timer where conversation = ?1

-- name: conversation_empty
-- As if nobody had ever written; whoever works on it is fenced off. Its log goes on.
update conversation set key = '', customer = 'u_' || substr(id, 3), owner = 'bot',
  epoch = epoch + 1, claimed_by = null, linked = null, token = token + 1,
  lease_us = null, wake_us = null,
  snapshot = null, snapshot_position = position
where id = ?1

-- name: conversation_archive
-- The past is elsewhere now; whose it is stays known. Whoever works on it is fenced off.
update conversation set token = token + 1, lease_us = null, wake_us = null, claimed_by = null,
  snapshot = null, snapshot_position = position
where id = ?1

-- name: identity_empty
update identity set user_id = new.digest
from (select value ->> 'channel' as channel, value ->> 'account' as account,
  value ->> 'user_id' as user_id, value ->> 'digest' as digest from json_each(?1)) as new
where identity.channel = new.channel and identity.account = new.account
  and identity.user_id = new.user_id

-- name: retention_page
-- The next conversations, and whether something of theirs is too old.
select c.id, (
    exists (select 1 from log
      where log.conversation = c.id and log.at_us < ?3 and log.body is not null)
    or exists (select 1 from inbox where inbox.conversation = c.id and inbox.state <> 'pending'
      and inbox.received_us < ?3 and inbox.body is not null)) as stale
from conversation c where c.id > ?1 order by c.id limit ?2

-- name: retention_of
-- When something last happened in a conversation.
select c.id, c.customer, c.owner, c.key, coalesce(
  (select at_us from log where log.conversation = c.id order by position desc limit 1), 0) as last_us
from conversation c where c.id = ?1

-- name: message_forget
-- Of messages that were taken back: what the log keeps of them.
update log set body = null, salt = ''
from (select value ->> 'conversation' as conversation, value ->> 'words' as words
  from json_each(?1)) as new
where log.conversation = new.conversation and log.body is not null
  and log.kind in ('message', 'edit')
  and instr(log.body, new.words) > 0

-- name: decided_forget
-- What was understood of them, in the customer's own words, in the turns that they came in.
update log set body = null, salt = ''
from (select value ->> 'conversation' as conversation, value ->> 'words' as words
  from json_each(?1)) as new
where log.conversation = new.conversation and log.body is not null
  and log.kind = 'decided' and log.turn in (
    select m.turn from log m
    where m.conversation = new.conversation and m.kind in ('message', 'edit')
      and instr(m.body, new.words) > 0)

-- name: lines_forget
-- Of messages that were taken back: what was, or is to be, posted of them at the desk.
update outbox set payload = json_set(outbox.payload, '$.text', '', '$.files', json('[]'))
from (select value ->> 'conversation' as conversation, value ->> 'words' as words
  from json_each(?1)) as new
where outbox.conversation = new.conversation and outbox.kind = 'desk'
  and outbox.payload is not null and instr(outbox.payload, new.words) > 0

-- name: snapshot_put
update conversation set snapshot = ?2, snapshot_position = ?3 where id = ?1

-- name: upkeep_put
insert into upkeep (name, value) values (?1, ?2)
on conflict (name) do update set value = excluded.value

-- name: upkeep_drop
delete from upkeep where name = ?1

-- name: upkeep
select value from upkeep where name = ?1
