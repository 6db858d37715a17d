-- The spine's tables. Times are microseconds since 1970 (UTC), money is minor units.

-- What time leases go by: one clock for all processes, whatever their machines' clocks say.
create function socialcare_clock_us() returns bigint volatile language sql
  as $$ select (extract(epoch from clock_timestamp()) * 1000000)::bigint $$;

create table customer (
  id text primary key,
  since_us bigint not null
);

-- A customer's account on a platform; several may belong to one customer.
create table identity (
  channel text not null,
  account text not null,
  user_id text not null,
  customer text not null references customer (id),
  primary key (channel, account, user_id)
);

create table conversation (
  id text primary key,
  channel text not null,
  account text not null,
  key text not null,
  surface text not null,
  customer text not null,
  owner text not null default 'bot',
  epoch bigint not null default 0,
  claimed_by text,
  accepted bigint not null default 0,    -- arrivals ever: has anything new come?
  token bigint not null default 0,       -- fences a worker that was given up
  lease_us bigint,                       -- somebody works on it until then; null: nobody
  wake_us bigint,                        -- when to look at it; null: asleep
  position bigint not null default 0,    -- entries in its log
  chain text not null default '',        -- hash of the last one
  snapshot text,
  snapshot_position bigint not null default 0
);
create index conversation_awake on conversation (wake_us) where wake_us is not null;

create table inbox (
  seq bigint primary key generated always as identity,
  channel text not null,
  account text not null,
  event_id text not null,
  conversation text,
  kind text not null,
  occurred_us bigint,
  received_us bigint not null,
  body text,                             -- 't' + text, or 'b' + base64 of what is no text
  why text,
  state text not null,                   -- pending, taken, quarantined, stray
  tries bigint not null default 0,
  unique (channel, account, event_id)
);
create index inbox_pending on inbox (conversation, seq) where state = 'pending';
create index inbox_quarantined on inbox (seq) where state = 'quarantined';

-- Written once, in order, per conversation; hash = sha256 over the row and the hash before it.
create table log (
  conversation text not null,
  position bigint not null,
  at_us bigint not null,
  kind text not null,
  turn text,
  digest text not null,                  -- of salt and content
  hash text not null,
  primary key (conversation, position)
);

-- What log entries say; erasing a person empties rows here and leaves the chain whole.
create table content (
  conversation text not null,
  position bigint not null,
  salt text not null,
  body text,
  primary key (conversation, position)
);

create table action_call (
  key text primary key,
  conversation text not null,
  turn text not null,
  action text not null,
  connector text not null,
  args text,
  amount_minor bigint,
  currency text,
  state text not null,
  summary text not null,
  result text,
  why text,
  created_us bigint not null,
  updated_us bigint not null
);
create index action_call_unfinished on action_call (conversation)
  where state in ('allowed', 'executing', 'unknown');
create index action_call_unknown on action_call (key) where state = 'unknown';

create table approval (
  id text primary key,
  call_key text not null references action_call (key),
  conversation text not null,
  digest text not null,
  state text not null,
  asked_us bigint not null,
  expires_us bigint not null,
  decided_by text,
  decided_us bigint
);

create table outbox (
  id bigint primary key generated always as identity,
  key text not null unique,
  destination text not null,
  conversation text not null,
  kind text not null,
  payload text,
  fenced boolean not null,
  epoch bigint not null,
  state text not null,
  tries bigint not null default 0,
  interrupted boolean not null default false, -- a process died while it was sent
  lease_us bigint,                       -- somebody sends it until then; null: nobody
  due_us bigint not null,
  created_us bigint not null,
  settled_us bigint,
  why text
);
create index outbox_open on outbox (destination, id) where state in ('waiting', 'sending');
create index outbox_due on outbox (due_us) where state = 'waiting';
create index outbox_sending on outbox (lease_us) where state = 'sending';

create table timer (
  conversation text not null,
  name text not null,
  due_us bigint not null,
  data text not null,
  primary key (conversation, name)
);
create index timer_due on timer (due_us);

-- Where our posts stand at the desk.
create table desk_post (
  key text primary key,
  conversation text not null,
  channel text not null,
  ts text not null
);
create index desk_post_place on desk_post (channel, ts);

-- Rows that change many times a day: cleared away before an index is full of their old versions.
alter table conversation set (autovacuum_vacuum_scale_factor = 0.01);
alter table inbox set (autovacuum_vacuum_scale_factor = 0.01);
alter table outbox set (autovacuum_vacuum_scale_factor = 0.01);
alter table timer set (autovacuum_vacuum_scale_factor = 0.01);
