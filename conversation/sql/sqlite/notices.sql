-- Named statements about notices, for SQLite. Rows travel as one JSON array.

-- name: notice_add
insert into notice (key, words, stands)
select value ->> 'key', value ->> 'words', value ->> 'stands' from json_each(?1) where true
on conflict (key) do nothing

-- name: notice_take
-- One process at a time has the file: nobody else tells them. What could not be told goes behind.
update notice set tries = notice.tries + 1
where seq in (
  select untold.seq from notice untold, json_each(?1) as wish
  where untold.told = 0 and untold.tries < wish.value ->> 'tries'
  order by untold.tries, untold.seq limit (select value ->> 'count' from json_each(?1)))
returning seq, key, words, stands

-- name: notice_told
update notice set told = 1 where key in (select value from json_each(?1))

-- name: notice_gone
delete from notice where stands = 0 and key in (select value from json_each(?1))

-- name: notice_lift
delete from notice where key in (select value from json_each(?1))
