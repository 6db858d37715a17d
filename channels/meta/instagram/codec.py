"""An Instagram account's webhook bodies, turned into arrivals and those into events. Pure.

https://developers.facebook.com/docs/instagram-platform/webhooks. Private threads come as
`messaging`, in apps with Instagram's own login as `changes` of the same shape. A comment is public:
one conversation is one person under one post.
"""

from typing import Final

from pydantic import ValidationError

from channels.meta.bodies import Bodies
from channels.meta.instagram.payloads import Change, Comment, Mention
from channels.meta.thread_events import TEXT_KEPT, own_comment
from channels.meta.threads import (
    NEVER,
    OTHER,
    STANDBY,
    Us,
    plain_arrival,
)
from channels.meta.webhooks import Item, fault
from channels.splitting import split_text
from config.stages import Surface
from conversation.events import Ignored, Inbound, MessageReceived, Undecodable, Unsupported
from conversation.model import NAME_LIMIT, Answered, Arrival, Peer

TEXT_BYTES: Final = 1_000
"""Bytes of UTF-8: https://developers.facebook.com/docs/messenger-platform/instagram/features/send-message."""
COMMENT_LIMIT: Final = 300
"""Characters of a public reply; a comment made by API may not be longer:
https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-media/comments."""

COMMENTS: Final = frozenset({"comments", "live_comments"})
MENTIONS: Final = "mentions"
_THREADS: Final = frozenset(
    {
        "messages",
        "message_edit",
        "message_reactions",
        "messaging_handover",
        "messaging_optins",
        "messaging_postbacks",
        "messaging_referral",
        "messaging_seen",
        "standby",
    }
)
"""Fields by which Instagram's own login sends what others get as `messaging`."""
_LEFT_ALONE: Final = frozenset({"story_insights", "comment_poll_response", "creator_marketplace"})


def byte_length(text: str) -> int:
    """Count bytes of UTF-8, as Instagram does."""
    return len(text.encode("utf-8", "surrogatepass"))


class InstagramCodec:
    """What an account's webhook bodies mean."""

    def __init__(self, us: Us) -> None:
        self._us = us
        self._bodies = Bodies(
            us=us,
            kind="instagram",
            in_thread=_in_thread,
            on_standby=lambda item: STANDBY in {item.source, _field(item)},
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
        if surface is Surface.PUBLIC:
            return split_text(text, limit=COMMENT_LIMIT, measure=len)
        return split_text(text, limit=TEXT_BYTES, measure=byte_length)

    # --- arrivals

    def _arrival(self, found: Item) -> Arrival:
        match _public(found):
            case Comment() as comment:
                return self._comment_arrival(found, comment)
            case Mention() as mention:
                return self._mention_arrival(found, mention)
            case why:
                return plain_arrival(self._us, found, kind=_field(found), why=why)

    def _comment_arrival(self, found: Item, comment: Comment) -> Arrival:
        media = comment.parent_id or comment.id
        if comment.media is not None:
            media = comment.media.original_media_id or comment.media.id
        author = comment.author
        ours = author is not None and author.id == self._us.account
        answered = Answered(event_id=f"comment:{comment.parent_id}", thread=media)
        person = author.id if author else f"comment:{comment.parent_id or comment.id}"
        return Arrival(
            channel=self._us.channel,
            account=self._us.account,
            # A boosted post tells of the same comment twice, with another media id.
            event_id=f"comment:{comment.id}",
            address=None if ours else self._us.address(f"{media}:{person}", Surface.PUBLIC),
            kind=_field(found),
            occurred_at=comment.timestamp or found.time,
            body=found.body,
            elsewhere=ours and comment.parent_id is not None,
            answers=answered if ours and comment.parent_id is not None else None,
        )

    def _mention_arrival(self, found: Item, mention: Mention) -> Arrival:
        where = mention.comment_id or "caption"
        return Arrival(
            channel=self._us.channel,
            account=self._us.account,
            event_id=f"mention:{mention.media_id}:{where}",
            address=self._us.address(f"{mention.media_id}:mention:{where}", Surface.PUBLIC),
            kind=MENTIONS,
            occurred_at=found.time,
            body=found.body,
        )

    # --- events

    def _change(self, arrival: Arrival, item: Item) -> Inbound:
        at = arrival.occurred_at or NEVER
        match _public(item):
            case Comment() as comment:
                return self._comment(comment, arrival)
            case Mention() as mention:
                return Unsupported(
                    what="mention",
                    message_id=mention.comment_id or mention.media_id,
                    sender=None,
                    occurred_at=at,
                )
            case str() as why:
                return Undecodable(why=why)
            case _:
                return Ignored(what=arrival.kind)

    def _comment(self, comment: Comment, arrival: Arrival) -> Inbound:
        at, author = arrival.occurred_at or NEVER, comment.author
        if author is not None and author.id == self._us.account:
            return own_comment(
                comment.id, at, text=comment.text, answers=comment.parent_id is not None
            )
        sender = Peer(user_id=f"comment:{comment.id}")
        if author is not None:
            name = author.username[:NAME_LIMIT] if author.username else None
            sender = Peer(user_id=author.id, name=name, username=name)
        if not comment.text:
            return Unsupported(what="empty", message_id=comment.id, sender=sender, occurred_at=at)
        return MessageReceived(
            message_id=comment.id,
            sender=sender,
            occurred_at=at,
            text=comment.text[:TEXT_KEPT],
            reply_to=comment.parent_id,
        )


def _changed(item: Item) -> Change | None:
    if item.source != "changes":
        return None
    try:
        return Change.model_validate(item.value)
    except ValidationError:
        return None


def _field(item: Item) -> str:
    change = _changed(item)
    known = COMMENTS | _THREADS | _LEFT_ALONE | {MENTIONS}
    return change.field if change is not None and change.field in known else OTHER


def _in_thread(item: Item) -> object | None:
    """Give the event of a private thread, in whichever of the two ways it came."""
    if item.source in {"messaging", "standby"}:
        return item.value
    change = _changed(item)
    return change.value if change is not None and change.field in _THREADS else None


def _public(item: Item) -> Comment | Mention | str | None:
    """Read a comment or a mention; None where it is neither, words where it cannot be read."""
    change = _changed(item)
    try:
        if change is not None and change.field in COMMENTS:
            return Comment.model_validate(change.value)
        if change is not None and change.field == MENTIONS:
            return Mention.model_validate(change.value)
    except ValidationError as error:
        return f"{_field(item)}.{fault(error)}"
    return None
