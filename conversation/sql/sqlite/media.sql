-- Named statements for files that customers sent, on SQLite.

-- name: media_add
insert into media (id, conversation, kept_us, mime, size, body)
values (:id, :conversation, :kept_us, :mime, :size, :body)
on conflict (id) do nothing

-- name: media
select id, conversation, mime, body from media where id = ?1

-- name: media_held
select count(*) as count, coalesce(sum(size), 0) as size from media where conversation = ?1

-- name: media_of
select id, kept_us, mime, size, body from media where conversation = ?1 order by kept_us, id

-- name: media_drop
delete from media where conversation = ?1 and kept_us < ?2 returning id

-- name: media_drop_old
-- Whoever still has the case may still need the picture.
delete from media where id in (
  select media.id from media join conversation c on c.id = media.conversation
  where media.kept_us < ?1 and c.owner = 'bot' order by media.kept_us limit ?2)
returning id
