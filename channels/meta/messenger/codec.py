"""A Facebook page's webhook bodies, turned into arrivals and those into events. Pure.

https://developers.facebook.com/docs/messenger-platform/webhooks for private threads,
https://developers.facebook.com/docs/graph-api/webhooks/reference/page#feed for comments.
A comment is public: one conversation is one person under one post.
"""

from typing import Final

from pydantic import ValidationError

from channels.meta.bodies import Bodies
from channels.meta.messenger.payloads import Change, FeedItem
from channels.meta.thread_events import TEXT_KEPT, own_comment
from channels.meta.threads import (
    NEVER,
    OTHER,
    STANDBY,
    Us,
    digest,
    plain_arrival,
)
from channels.meta.webhooks import Item, fault
from channels.splitting import split_text
from config.stages import Surface
from conversation.events import (
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Undecodable,
)
from conversation.model import (
    NAME_LIMIT,
    Address,
    Answered,
    Arrival,
    Attachment,
    AttachmentKind,
    Peer,
)

TEXT_LIMIT: Final = 2_000
"""Characters: https://developers.facebook.com/docs/messenger-platform/reference/send-api#message."""
COMMENT_LIMIT: Final = 2_000
"""Characters of a public reply; Facebook takes 8,000, nobody reads them under a post."""

COMMENT: Final = "comment"
_WRITTEN: Final = frozenset({"post", "status", "photo", "video"})
"""What a visitor can write on a page beside comments."""
_FIELDS: Final = frozenset({"feed", "mention", "ratings"})


class MessengerCodec:
    """What a page's webhook bodies mean."""

    def __init__(self, us: Us) -> None:
        self._us = us
        self._bodies = Bodies(
            us=us,
            kind="page",
            in_thread=_in_thread,
            on_standby=lambda item: item.source == STANDBY,
            public_arrival=self._arrival,
            public_event=self._change,
        )

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the events of all entries."""
        return self._bodies.split(body)

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one event; never raises."""
        return self._bodies.decode(arrival)

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into messages or comments."""
        limit = COMMENT_LIMIT if surface is Surface.PUBLIC else TEXT_LIMIT
        return split_text(text, limit=limit, measure=len)

    # --- arrivals

    def _arrival(self, found: Item) -> Arrival:
        feed = _feed(found)
        if not isinstance(feed, FeedItem):
            return plain_arrival(self._us, found, kind=_field(found), why=feed)
        answered = self._answered(feed)
        return Arrival(
            channel=self._us.channel,
            account=self._us.account,
            event_id=_event_id(feed),
            address=self._address(feed),
            kind=COMMENT if feed.item == COMMENT else "feed",
            occurred_at=feed.created_time or found.time,
            body=found.body,
            elsewhere=answered is not None,
            answers=answered,
        )

    def _ours(self, feed: FeedItem) -> bool:
        author = _author(feed)
        return author is not None and author.user_id == self._us.account

    def _answered(self, feed: FeedItem) -> Answered | None:
        """Find what the page itself answers; a comment under its own post answers nobody."""
        under = feed.parent_id or feed.post_id
        if feed.item != COMMENT or feed.verb != "add" or under is None or not self._ours(feed):
            return None
        return Answered(event_id=f"add:{under}", thread=feed.post_id or under)

    def _address(self, feed: FeedItem) -> Address | None:
        author, written = _author(feed), _id_of(feed)
        if written is None or self._ours(feed):
            return None
        # Who wrote it is often withheld; then each of their threads is a person of its own.
        thread = feed.parent_id if feed.parent_id != feed.post_id else None
        person = author.user_id if author else f"comment:{thread or written}"
        return self._us.address(f"{feed.post_id or written}:{person}", Surface.PUBLIC)

    # --- events

    def _change(self, arrival: Arrival, item: Item) -> Inbound:
        if item.source == "entry" or arrival.kind == OTHER:
            return Ignored(what=arrival.kind)
        feed = _feed(item)
        if isinstance(feed, str):
            return Undecodable(why=feed) if arrival.kind == "feed" else Ignored(what=arrival.kind)
        if feed is None:
            return Ignored(what=arrival.kind)
        author, written = _author(feed), _id_of(feed)
        if written is None:
            return Ignored(what=f"feed_{_known(feed.item)}")
        if self._ours(feed):
            return own_comment(
                written,
                arrival.occurred_at or NEVER,
                text=feed.message,
                answers=self._answered(feed) is not None,
                attachments=_attachments(feed),
            )
        return _read(feed, written, author, arrival)


def _read(feed: FeedItem, written: str, author: Peer | None, arrival: Arrival) -> Inbound:
    at = arrival.occurred_at or NEVER
    sender = author or Peer(user_id=f"comment:{written}")
    text, attachments = feed.message[:TEXT_KEPT], _attachments(feed)
    match feed.verb:
        case "remove":
            return MessageDeleted(message_id=written, occurred_at=at)
        case "add" if text or attachments:
            return MessageReceived(
                message_id=written,
                sender=sender,
                occurred_at=at,
                text=text,
                attachments=attachments,
                reply_to=feed.parent_id if feed.parent_id != feed.post_id else None,
            )
        case "edited" | "edit" if text or attachments:
            return MessageEdited(
                message_id=written,
                sender=sender,
                occurred_at=at,
                text=text,
                attachments=attachments,
            )
        case _:
            return Ignored(what=f"feed_{_known(feed.item)}")  # hidden, shown again, liked …


def _in_thread(item: Item) -> object | None:
    return item.value if item.source in {"messaging", "standby"} else None


def _field(item: Item) -> str:
    try:
        field = Change.model_validate(item.value).field
    except ValidationError:
        return OTHER
    return field if field in _FIELDS else OTHER


def _feed(item: Item) -> FeedItem | str | None:
    """Read an event of the feed; None where it is none, words where it cannot be read."""
    if item.source != "changes" or _field(item) != "feed":
        return None
    try:
        feed = FeedItem.model_validate(Change.model_validate(item.value).value)
    except ValidationError as error:
        return f"feed.{fault(error)}"
    return "feed.comment_id: missing" if feed.item == COMMENT and not feed.comment_id else feed


def _event_id(feed: FeedItem) -> str:
    """Name an event; a boosted post can tell of the same comment twice, in other words."""
    written = _id_of(feed)
    if written is not None and feed.verb in {"add", "remove"}:
        return f"{feed.verb}:{written}"
    return f"feed:{digest(feed.model_dump(mode='json'))}"


def _id_of(feed: FeedItem) -> str | None:
    """Give the id of what was written; None where nothing was."""
    if feed.item == COMMENT:
        return feed.comment_id
    return feed.post_id if feed.item in _WRITTEN else None


def _known(item: str) -> str:
    return item if item in {COMMENT, "reaction", "like", "share", *_WRITTEN} else OTHER


def _author(feed: FeedItem) -> Peer | None:
    if feed.author is not None:
        return Peer(user_id=feed.author.id, name=_cut(feed.author.name))
    if feed.sender_id is not None:
        return Peer(user_id=feed.sender_id, name=_cut(feed.sender_name))
    return None


def _cut(name: str | None) -> str | None:
    return name[:NAME_LIMIT] if name else None


def _attachments(feed: FeedItem) -> tuple[Attachment, ...]:
    found = ((AttachmentKind.IMAGE, feed.photo), (AttachmentKind.VIDEO, feed.video))
    return tuple(Attachment(kind=kind, media_id=url[:4_096]) for kind, url in found if url)
