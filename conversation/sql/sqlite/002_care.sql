-- What belongs to one conversation or to one customer is found without walking tables: for showing,
-- exporting and erasing.
create index inbox_conversation on inbox (conversation, seq) where state <> 'pending';
create index outbox_conversation on outbox (conversation);
create index outbox_ended_badly on outbox (id) where state in ('dead', 'unknown');
create index action_call_conversation on action_call (conversation);
create index approval_conversation on approval (conversation);
create index conversation_customer on conversation (customer);
create index conversation_place on conversation (channel, key);
create index identity_customer on identity (customer);
create index desk_post_conversation on desk_post (conversation);

-- What the care of the store remembers between two rounds.
create table upkeep (
  name text primary key,
  value text not null
) strict, without rowid;
