"""Posts that speak to us, read into the domain's words. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import regex
from pydantic import ValidationError

from channels.x.payloads import (
    ClassicPost,
    Entities,
    Keys,
    Link,
    Medium,
    Note,
    Post,
    Reference,
    User,
)
from channels.x.people import Us, moment_of, peer
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageEdited,
    MessageReceived,
    Unsupported,
)
from conversation.model import Attachment, AttachmentKind

TEXT_KEPT: Final = 25_000
"""Characters; the longest post that X sells."""
MEDIA_KEPT: Final = 20

_LEADING: Final = regex.compile(r"(?:[.\s]*@\w{1,50}[\s,:]+)+", regex.ASCII)
_NAME: Final = regex.compile(r"@(\w{1,50})", regex.ASCII)
_KINDS: Final = {
    "photo": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "animated_gif": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
}


def as_post(classic: ClassicPost) -> Post:
    """Give a post of API 1.1 the shape of v2; it has no conversation of its own."""
    long = classic.extended_tweet
    references = [
        Reference(type=kind, id=other)
        for kind, other in (
            ("replied_to", classic.in_reply_to_status_id),
            ("quoted", classic.quoted_status_id),
            ("retweeted", classic.id if classic.retweeted_status is not None else None),
        )
        if other is not None
    ]
    media = classic.extended_entities.media
    return Post.model_construct(
        id=classic.id,
        text=classic.text,
        author_id=classic.user.id,
        conversation_id=None,
        created_at=classic.created_at,
        in_reply_to_user_id=classic.in_reply_to_user_id,
        lang=classic.lang,
        referenced_posts=tuple(references),
        edit_history_post_ids=(),
        note_post=Note(text=long.full_text) if long else None,
        attachments=Keys(media_keys=tuple(medium.media_key for medium in media)),
        entities=long.entities if long else classic.entities,
        geo=None,
    )


def media_in(given: object) -> Mapping[str, Medium]:
    """Find media by key, one damaged one notwithstanding."""
    found: dict[str, Medium] = {}
    for each in given if isinstance(given, list | tuple) else ():
        try:
            medium = Medium.model_validate(each)
        except ValidationError:
            continue
        found[medium.media_key] = medium
    return found


def key_of(post: Post) -> str:
    """Name the conversation: what one author says in one thread of X.

    Without `conversation_id` (the Account Activity API) a thread is what answers one post. An
    edited root post keeps the thread of its first version.
    """
    first = first_version(post)
    thread = post.conversation_id or post.refers("replied_to") or first
    return f"{first if thread == post.id else thread}:{post.author_id}"


def first_version(post: Post) -> str:
    """Give the id the post had before any edit: https://docs.x.com/x-api/fundamentals/edit-posts."""
    return min((post.id, *post.edit_history_post_ids), key=int)


def read_post(
    post: Post, people: Mapping[str, User], media: Mapping[str, Medium], us: Us, *, called: bool
) -> Inbound:
    """Read a post.

    Args:
        post: What was posted.
        people: Who is who.
        media: What is attached, by key.
        us: The brand's account.
        called: X itself says that it mentions, quotes or answers us.
    """
    if post.author_id == us.account:
        return _own(post, media)
    if post.refers("retweeted") is not None:
        return Ignored(what="repost")
    if not called and not _addressed(post, us):
        return Ignored(what="not_addressed")
    sender = peer(post.author_id, people, post.lang)
    occurred_at = post.created_at or moment_of(post.id)
    text, attachments = words_of(post), tuple(_attachments(post, media))
    if not text and not attachments:
        return Unsupported(what="post", message_id=post.id, sender=sender, occurred_at=occurred_at)
    if first_version(post) != post.id:
        return MessageEdited(
            message_id=first_version(post),
            sender=sender,
            occurred_at=moment_of(post.id),
            text=text,
            attachments=attachments,
        )
    return MessageReceived(
        message_id=post.id,
        sender=sender,
        occurred_at=occurred_at,
        text=text,
        attachments=attachments,
        reply_to=post.refers("replied_to"),
    )


def answered_by(post: Post, us: Us) -> str | None:
    """Name the post that one of our account's own answers; None where it answers none."""
    if post.author_id != us.account or post.refers("retweeted") is not None:
        return None
    return post.refers("replied_to")


def _own(post: Post, media: Mapping[str, Medium]) -> Inbound:
    """Read a post in our account's name; X does not say for sure which app it was written with."""
    if post.refers("replied_to") is None or post.refers("retweeted") is not None:
        return Ignored(what="own_post")
    return AnsweredElsewhere(
        message_id=post.id,
        occurred_at=post.created_at or moment_of(post.id),
        text=words_of(post),
        attachments=tuple(_attachments(post, media)),
        named=False,
    )


def _addressed(post: Post, us: Us) -> bool:
    """Say whether somebody speaks to us, and not past us in a thread whose names X carries along.

    Replies begin with the names of everybody in the thread. Where the answered post is another's,
    only a name beyond those calls us: https://docs.x.com/x-api/posts/timelines/introduction.
    """
    if post.in_reply_to_user_id == us.account:
        return True
    text = _whole(post)
    replying = post.in_reply_to_user_id not in {None, post.author_id}
    if replying and (leading := _LEADING.match(text)):
        text = text[leading.end() :]
    ids = {each.username.casefold(): each.id for each in _entities(post).mentions}
    names = [found[1] for found in _NAME.finditer(text)]
    return any(us.named_by(name, ids.get(name.casefold())) for name in names)


def words_of(post: Post) -> str:
    """Give what was written, without the names a reply begins with."""
    text = shown(_whole(post), _entities(post).urls)
    if (leading := _LEADING.match(text)) is not None:
        text = text[leading.end() :]
    return text.strip()[:TEXT_KEPT]


def shown(text: str, links: Iterable[Link]) -> str:
    """Give a text as its author wrote it: links in full, media left out, `&amp;` as `&`."""
    for link in links:
        if link.url:
            away = link.media_key is not None
            text = text.replace(link.url, "" if away else link.expanded_url or link.url)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _whole(post: Post) -> str:
    return post.note_post.text if post.note_post is not None else post.text


def _entities(post: Post) -> Entities:
    if post.note_post is not None and post.note_post.entities is not None:
        return post.note_post.entities
    return post.entities


def _attachments(post: Post, media: Mapping[str, Medium]) -> Iterator[Attachment]:
    yield from attached(post.attachments, media)
    if post.geo is not None and post.geo.place_id:
        yield Attachment(kind=AttachmentKind.LOCATION, media_id=post.geo.place_id)


def attached(keys: Keys, media: Mapping[str, Medium]) -> Iterator[Attachment]:
    """Give what came along, by what X says of each key."""
    for key in keys.media_keys[:MEDIA_KEPT]:
        yield attachment(key, media.get(key))
    for key in (*keys.poll_ids, *keys.card_ids)[:MEDIA_KEPT]:
        yield Attachment(kind=AttachmentKind.OTHER, media_id=key)


def attachment(key: str, medium: Medium | None) -> Attachment:
    """Give one medium."""
    kind = _KINDS.get(medium.type) if medium is not None else None
    return Attachment(kind=kind or AttachmentKind.OTHER, media_id=key)


def classic_media(raw: Any) -> Mapping[str, Medium]:
    """Find the media of a post of API 1.1."""
    holder = raw.get("extended_entities") if isinstance(raw, dict) else None
    return media_in(holder.get("media") if isinstance(holder, dict) else None)
