-- Named statements of the SQLite store: one person in several places (`conversation.kin`).

-- name: kin_same
-- The other conversations of a conversation's customer.
select c.id, c.channel, c.surface, c.owner, c.claimed_by
from conversation mine join conversation c on c.customer = mine.customer and c.id <> mine.id
where mine.id = ?1 order by c.id limit ?2

-- name: kin_likely
-- Conversations of others in which the same was named, unless everybody names it.
select c.id, c.channel, c.surface, c.owner, c.claimed_by, named.kind
from mention mine
join mention named on named.kind = mine.kind and named.value = mine.value
join conversation c on c.id = named.conversation
join conversation me on me.id = mine.conversation
where mine.conversation = ?1 and c.customer <> me.customer and mine.kind <> 'proof'
  and (select count(*) from mention every where every.kind = mine.kind and every.value = mine.value)
    <= ?2
order by c.id, named.kind limit ?3

-- name: kin_proved
-- Other customers who have proved what this one has, and who stays: the one known for longest.
select c.customer as gone, (
  select o.customer from mention p join conversation o on o.id = p.conversation
  left join customer k on k.id = o.customer
  where p.kind = 'proof' and p.value in (
    select value from mention where conversation = ?1 and kind = 'proof')
  order by coalesce(k.since_us, 9223372036854775807), o.customer limit 1) as kept
from mention mine
join mention other on other.kind = 'proof' and other.value = mine.value
join conversation c on c.id = other.conversation
where mine.conversation = ?1 and mine.kind = 'proof' and c.customer <> (
  select o.customer from mention p join conversation o on o.id = p.conversation
  left join customer k on k.id = o.customer
  where p.kind = 'proof' and p.value in (
    select value from mention where conversation = ?1 and kind = 'proof')
  order by coalesce(k.since_us, 9223372036854775807), o.customer limit 1)
group by c.customer order by c.customer

-- name: customer_move
update conversation set customer = ?2 where customer = ?1

-- name: identity_move
update identity set customer = ?2 where customer = ?1

-- name: joined_add
insert into joined (kept, gone, why, by, at_us, moved) values (?1, ?2, ?3, ?4, ?5, ?6)

-- name: joined_of
select id, kept, gone, why, by, at_us, moved, undone_us, undone_by from joined
where kept = ?1 or gone = ?1 order by id

-- name: joined_undo
update joined set undone_us = ?2, undone_by = ?3 where id = ?1 and undone_us is null
returning id, kept, gone, why, by, at_us, moved, undone_us, undone_by

-- name: joined_empty
-- What moved names the person's accounts.
update joined set moved = '{"conversations":[],"identities":[]}' where kept = ?1 or gone = ?1

-- name: mentions_drop
delete from mention where conversation = ?1

-- name: mention_add
-- Gives what was not named there before, with conversations of others in which the same was named
-- and which the bot does not have, unless everybody names it.
insert into mention (conversation, kind, value)
select value ->> 'conversation', value ->> 'kind', value ->> 'value' from json_each(?1) where true
on conflict (conversation, kind, value) do nothing
returning conversation, case when kind <> 'proof' and (
    select count(*) from (select 1 from mention every
      where every.kind = mention.kind and every.value = mention.value limit ?2 + 1)) between 2 and ?2
  then (select group_concat(c.id) from conversation c
    where c.id in (select named.conversation from mention named
        where named.kind = mention.kind and named.value = mention.value limit ?2)
      and c.owner <> 'bot' and c.customer <> (
        select me.customer from conversation me where me.id = mention.conversation)) end as held

-- name: customer_back
update conversation set customer = old.gone
from (select value ->> 'id' as id, value ->> 'gone' as gone, value ->> 'kept' as kept
  from json_each(?1)) as old
where conversation.id = old.id and conversation.customer = old.kept

-- name: identity_back
update identity set customer = old.gone
from (select value ->> 'channel' as channel, value ->> 'account' as account,
  value ->> 'user_id' as user_id, value ->> 'gone' as gone, value ->> 'kept' as kept
  from json_each(?1)) as old
where identity.channel = old.channel and identity.account = old.account
  and identity.user_id = old.user_id and identity.customer = old.kept

-- name: proof_drop
delete from mention where kind = 'proof' and conversation in (select value from json_each(?1))

-- name: kin_two
-- The customers of two conversations, the one known for longest first.
select c.customer from conversation c left join customer k on k.id = c.customer
where c.id in (select value from json_each(?1))
group by c.customer, k.since_us order by coalesce(k.since_us, 9223372036854775807), c.customer

-- name: secret_add
insert into secret (name, value) values (?1, ?2) on conflict (name) do nothing

-- name: secret
select value from secret where name = ?1

-- name: invitation_put
insert into invitation (conversation, channel, nonce, expires_us)
select value ->> 'conversation', value ->> 'channel', value ->> 'nonce', value ->> 'expires_us'
from json_each(?1) where true
on conflict (conversation, channel) do update set nonce = excluded.nonce,
  expires_us = excluded.expires_us, used_us = null, used_by = null

-- name: invitation_take
-- Once, on the channel that it leads to; by the same turn again, where it died over it.
update invitation set used_us = coalesce(used_us, ?4), used_by = ?3
where nonce = ?1 and conversation <> ?2 and channel = (
    select channel from conversation where id = ?2)
  and (used_us is null and expires_us > ?4 or used_by = ?3)
returning conversation, used_us <> ?4 as again

-- name: invitations_of
select channel, expires_us, used_us from invitation where conversation = ?1 order by channel

-- name: invitations_drop
delete from invitation where conversation = ?1

-- name: invitations_old
delete from invitation where expires_us < ?1

-- name: kin_hold
-- A customer's conversations; nobody writes in them until the transaction ends.
select id from conversation where customer = ?1 order by id

-- name: kin_open
-- Conversations of a customer that may have an open case, who claimed first leading; those that
-- nobody has come next, then those of the bot in which a draft, a sign-off or more was asked.
select c.id, c.owner, c.claimed_by from conversation c
where c.customer = ?1 and (c.owner in ('desk', 'colleague') or c.owner = 'bot'
  and (select l.position from log l where l.conversation = c.id
    and l.kind in ('drafted', 'signoff_asked', 'handed_off') limit 1) is not null
  and (select i.seq from inbox i where i.conversation = c.id and i.state = 'pending'
    and i.kind in ('released', 'resolved') limit 1) is null)
order by case when c.owner = 'colleague' and c.claimed_by is not null then 0
    when c.owner <> 'bot' then 1 else 2 end,
  coalesce(
    (select max(i.received_us) from inbox i
      where i.conversation = c.id and i.state = 'pending' and i.kind = 'claimed'),
    (select max(l.at_us) from log l where l.conversation = c.id and l.kind = 'claimed'),
    9223372036854775807), c.id limit ?2

-- name: claim_waiting
-- What the latest claims of a conversation say that no turn has read.
select body from inbox
where conversation = ?1 and state = 'pending' and kind = 'claimed' order by seq desc limit 5

-- name: claim_logged
select log.body from log
where log.conversation = ?1 and log.kind = 'claimed' order by log.position desc limit 5

-- name: kin_unlink
-- Cases share no owner with those of another customer.
update conversation set linked = null
where linked is not null and customer in (?1, ?2) and not exists (
  select 1 from conversation root
  where root.id = conversation.linked and root.customer = conversation.customer)

-- name: conversation_link
-- Give the cases of one person one owner; the epoch rises where it is another one.
update conversation set owner = new.owner, claimed_by = new.claimed_by, epoch = epoch + new.raised,
  linked = new.linked
from (select value ->> 'id' as id, value ->> 'owner' as owner, value ->> 'claimed_by' as claimed_by,
  value ->> 'raised' as raised, value ->> 'linked' as linked from json_each(?1)) as new
where conversation.id = new.id

-- name: arrived_in
-- The conversation that an arrival was kept in.
select conversation from inbox
where channel = ?1 and account = ?2 and event_id = ?3 and conversation is not null

-- name: spoke_to
-- Whether these words went, or go, to a person in one of their public conversations.
select 1 as spoke from identity i
join conversation c on c.customer = i.customer and c.channel = i.channel and c.account = i.account
  and c.surface = 'public'
join outbox o on o.conversation = c.id and o.kind = 'reply'
where i.channel = ?1 and i.account = ?2 and i.user_id = ?3 and o.payload ->> 'text' in (select value from json_each(?4))
limit 1

-- name: spoke_under
-- Whether these words are among the latest that went, or go, into a public thread. What is read is
-- bounded by what was sent at all; a cross join keeps the order: a channel has many threads.
select 1 as spoke from outbox o cross join conversation c
where o.id > (select coalesce(max(id), 0) from outbox) - ?5 and o.kind = 'reply'
  and o.payload ->> 'text' in (select value from json_each(?4)) and c.id = o.conversation
  and c.channel = ?1 and c.account = ?2 and c.surface = 'public'
  and substr(c.key, 1, length(?3)) = ?3
limit 1
