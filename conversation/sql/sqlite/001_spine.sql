-- The spine's tables. Times are microseconds since 1970 (UTC), money is minor units.

create table customer (
  id text primary key,
  since_us integer not null
) strict;

-- A customer's account on a platform; several may belong to one customer.
create table identity (
  channel text not null,
  account text not null,
  user_id text not null,
  customer text not null references customer (id),
  primary key (channel, account, user_id)
) strict, without rowid;

create table conversation (
  id text primary key,
  channel text not null,
  account text not null,
  key text not null,
  surface text not null,
  customer text not null,
  owner text not null default 'bot',
  epoch integer not null default 0,
  claimed_by text,
  accepted integer not null default 0,   -- arrivals ever: has anything new come?
  token integer not null default 0,      -- fences a worker that was given up
  lease_us integer,                      -- somebody works on it until then; null: nobody
  wake_us integer,                       -- when to look at it; null: asleep
  position integer not null default 0,   -- entries in its log
  chain text not null default '',        -- hash of the last one
  snapshot text,
  snapshot_position integer not null default 0
) strict;
create index conversation_awake on conversation (wake_us) where wake_us is not null;
create index conversation_leased on conversation (lease_us) where lease_us is not null;

create table inbox (
  seq integer primary key autoincrement,
  channel text not null,
  account text not null,
  event_id text not null,
  conversation text,
  kind text not null,
  occurred_us integer,
  received_us integer not null,
  body text,                             -- 't' + text, or 'b' + base64 of what is no text
  why text,
  state text not null,                   -- pending, taken, quarantined, stray
  tries integer not null default 0,
  unique (channel, account, event_id)
) strict;
create index inbox_pending on inbox (conversation, seq) where state = 'pending';
create index inbox_quarantined on inbox (seq) where state = 'quarantined';

-- Written once, in order, per conversation; hash = sha256 over the row and the hash before it.
create table log (
  conversation text not null,
  position integer not null,
  at_us integer not null,
  kind text not null,
  turn text,
  digest text not null,                  -- of salt and content
  hash text not null,
  primary key (conversation, position)
) strict, without rowid;

-- What log entries say; erasing a person empties rows here and leaves the chain whole.
create table content (
  conversation text not null,
  position integer not null,
  salt text not null,
  body text,
  primary key (conversation, position)
) strict;

create table action_call (
  key text primary key,
  conversation text not null,
  turn text not null,
  action text not null,
  connector text not null,
  args text,
  amount_minor integer,
  currency text,
  state text not null,
  summary text not null,
  result text,
  why text,
  created_us integer not null,
  updated_us integer not null
) strict;
create index action_call_unfinished on action_call (conversation)
  where state in ('allowed', 'executing', 'unknown');

create table approval (
  id text primary key,
  call_key text not null references action_call (key),
  conversation text not null,
  digest text not null,
  state text not null,
  asked_us integer not null,
  expires_us integer not null,
  decided_by text,
  decided_us integer
) strict;

create table outbox (
  id integer primary key autoincrement,
  key text not null unique,
  destination text not null,
  conversation text not null,
  kind text not null,
  payload text,
  fenced integer not null,
  epoch integer not null,
  state text not null,
  tries integer not null default 0,
  interrupted integer not null default 0, -- a process died while it was sent
  due_us integer not null,
  created_us integer not null,
  settled_us integer,
  why text
) strict;
create index outbox_open on outbox (destination, id) where state in ('waiting', 'sending');
create index outbox_due on outbox (due_us) where state = 'waiting';

create table timer (
  conversation text not null,
  name text not null,
  due_us integer not null,
  data text not null,
  primary key (conversation, name)
) strict, without rowid;
create index timer_due on timer (due_us);

-- Where our posts stand at the desk.
create table desk_post (
  key text primary key,
  conversation text not null,
  channel text not null,
  ts text not null
) strict, without rowid;
create index desk_post_place on desk_post (channel, ts);
