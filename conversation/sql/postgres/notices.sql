-- Named statements about notices, for PostgreSQL. Rows travel as one jsonb array; leases go by the
-- server's clock.

-- name: notice_add
insert into notice (key, words, stands)
select key, words, stands from jsonb_to_recordset($1) as new(key text, words text, stands integer)
order by key
on conflict (key) do nothing

-- name: notice_take
-- Those that nobody is telling. What could not be told goes behind.
update notice set tries = notice.tries + 1, lease_us = socialcare_clock_us() + wish.lease_us
from jsonb_to_recordset($1) as wish(count integer, tries integer, lease_us bigint)
where notice.seq in (
  select untold.seq from notice untold
  where untold.told = 0 and untold.lease_us <= socialcare_clock_us()
    and untold.tries < ($1::jsonb -> 0 ->> 'tries')::integer
  order by untold.tries, untold.seq limit ($1::jsonb -> 0 ->> 'count')::integer
  for update skip locked)
returning notice.seq, notice.key, notice.words, notice.stands

-- name: notice_told
update notice set told = 1 where key = any($1::text[])

-- name: notice_gone
delete from notice where stands = 0 and key = any($1::text[])

-- name: notice_lift
delete from notice where key = any($1::text[])
