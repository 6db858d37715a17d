-- What was named in a conversation, as digests: how a person may be found again elsewhere.
create table mention (
  conversation text not null,
  kind text not null,                    -- order, email, proof
  value text not null,
  primary key (conversation, kind, value)
);
create index mention_value on mention (kind, value);

-- Customers found to be one person; what moved is kept, so that it can be undone.
create table joined (
  id bigint generated always as identity primary key,
  kept text not null,
  gone text not null,
  why text not null,
  by text not null,
  at_us bigint not null,
  moved text not null,                   -- JSON: conversations, identities
  undone_us bigint,
  undone_by text
);
create index joined_kept on joined (kept);
create index joined_gone on joined (gone);
