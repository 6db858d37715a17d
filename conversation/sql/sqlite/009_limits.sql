-- What is locked while a limit over time is judged.
create table ceiling (
  scope text primary key
) strict, without rowid;
create index action_call_latest on action_call (action, updated_us)
  where state in ('allowed', 'executing', 'done', 'unknown');

-- Who gave the first of two yeses.
alter table approval add column first_by text;
