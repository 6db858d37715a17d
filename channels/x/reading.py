"""What one thing that X told means, and to which conversation it belongs. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from channels.x.direct import Direct, of_classic, of_v2, read_direct
from channels.x.payloads import (
    ClassicDeleted,
    ClassicMessage,
    ClassicPost,
    ClassicRead,
    Deleted,
    DirectMessage,
    Encrypted,
    Post,
    User,
)
from channels.x.people import Us, moment_at, moment_of, pair_key, peer, people_in
from channels.x.posts import (
    answered_by,
    as_post,
    classic_media,
    first_version,
    key_of,
    media_in,
    read_post,
)
from channels.x.shapes import DELETIONS, DIRECT, ENCRYPTED, POSTS, READS, SUBSCRIBED, Part
from config.stages import Surface
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    Receipt,
    ReceiptStatus,
    Unsupported,
)
from conversation.model import Answered

CALLED: Final = SUBSCRIBED[:3]
"""Kinds by which X itself says that a post speaks to us."""
NEVER: Final = datetime.fromtimestamp(0, tz=UTC)
"""Stands where X tells no time at all."""
CHAT: Final = "chat:"
"""Begins the key of an encrypted conversation: nobody but X's own app can write there."""


Model = TypeVar("Model", bound=BaseModel)


class Unreadable(Exception):
    """Something that X told cannot be read; ``why`` holds nothing of what it said."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one thing means, and where it belongs."""

    event: Inbound
    event_id: str
    key: str | None = None
    """The conversation's; None where it belongs to none."""
    surface: Surface = Surface.PUBLIC
    occurred_at: datetime | None = None
    answers: Answered | None = None
    """What a post of our own account answers."""
    app: str | None = None
    own: str | None = None
    """The id of a direct message that our own account sent."""


def read(part: Part, us: Us, *, elsewhere: bool = False) -> Read:
    """Read one thing.

    Args:
        part: What X told.
        us: The brand's account.
        elsewhere: A direct message of ours is one that another app than ours sent.

    Raises:
        Unreadable: a field that it needs is missing or wrong.
    """
    if part.kind in POSTS:
        return _post(part, us)
    if part.kind in DIRECT:
        return _direct(part, us, elsewhere=elsewhere)
    if part.kind in READS:
        return _read_mark(part, us)
    if part.kind in DELETIONS:
        return _deletion(part, us)
    if part.kind in ENCRYPTED:
        return _encrypted(part, us)
    raise Unreadable(f"{part.kind}: is no kind we read")


def _parsed(model: type[Model], part: Part) -> Model:
    try:
        return model.model_validate(part.content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # The field alone, never its content: that is the customer's.
        field = ".".join(str(step)[:40] for step in first["loc"])
        raise Unreadable(f"{part.kind}: {field or 'event'}: {first['type']}"[:200]) from None


def _post(part: Part, us: Us) -> Read:
    people: Mapping[str, User] = people_in(part.users)
    media = media_in(part.media)
    called = part.kind in CALLED
    if part.kind == "tweet_create_events":
        classic = _parsed(ClassicPost, part)
        post, people = as_post(classic), {classic.user.id: classic.user}
        media = classic_media(part.content)
        quoted = classic.quoted_status.user if classic.quoted_status is not None else None
        called = quoted is not None and quoted.id == us.account
    else:
        post = _parsed(Post, part)
    event = read_post(post, people, media, us, called=called)
    answered = answered_by(post, us)
    return Read(
        event=event,
        event_id=f"post:{post.id}",
        key=None if isinstance(event, Ignored | AnsweredElsewhere) else key_of(post),
        answers=None
        if answered is None
        else Answered(event_id=f"post:{answered}", thread=post.conversation_id or answered),
        occurred_at=moment_of(post.id)
        if first_version(post) != post.id
        else post.created_at or moment_of(post.id),
    )


def _direct(part: Part, us: Us, *, elsewhere: bool) -> Read:
    message = _message(part, us)
    if isinstance(message, Ignored):
        return Read(event=message, event_id=_told(part))
    event = read_direct(message, people_in(part.users), us, elsewhere=elsewhere)
    return Read(
        event=event,
        event_id=f"dm:{message.id}",
        key=None if isinstance(event, Ignored) else message.key,
        surface=Surface.PRIVATE,
        occurred_at=message.occurred_at,
        app=message.app,
        own=message.id if message.sender_id == us.account else None,
    )


def _message(part: Part, us: Us) -> Direct | Ignored:
    if _is_classic(part.content):
        classic = of_classic(_parsed(ClassicMessage, part))
        return Ignored(what="direct_message_event") if classic is None else classic
    event = _parsed(DirectMessage, part)
    if event.event_type != "MessageCreate":
        return Ignored(what="participants")
    message = of_v2(event, media_in(part.media), us)
    if message is None:
        raise Unreadable(f"{part.kind}: names no sender or no conversation")
    return message


def _is_classic(content: Any) -> bool:
    return isinstance(content, dict) and ("message_create" in content or "type" in content)


def _read_mark(part: Part, us: Us) -> Read:
    """Read that our messages were read; of no consequence, so never a case for a person."""
    try:
        mark = ClassicRead.model_validate(part.content)
    except ValidationError:
        return Read(event=Ignored(what=part.kind), event_id=_told(part))
    event_id = f"read:{mark.sender_id}:{mark.last_read_event_id}"
    if mark.sender_id == us.account:
        return Read(event=Ignored(what="own_read"), event_id=event_id)
    at = moment_at(mark.created_timestamp)
    receipt = Receipt(message_id=mark.last_read_event_id, status=ReceiptStatus.READ, occurred_at=at)
    return Read(
        event=receipt,
        event_id=event_id,
        key=pair_key(mark.sender_id, mark.target.recipient_id),
        surface=Surface.PRIVATE,
        occurred_at=at,
    )


def _deletion(part: Part, us: Us) -> Read:
    """Read that a post is gone. X does not say from which thread: it was a thread's first."""
    if part.kind == "post.delete":
        gone = _parsed(Deleted, part)
    else:
        gone = _parsed(ClassicDeleted, part).status
    event_id = f"delete:{gone.id}"
    if gone.author_id == us.account:
        return Read(event=Ignored(what="own_post_deleted"), event_id=event_id)
    at = moment_of(gone.id)
    return Read(
        event=MessageDeleted(message_id=gone.id, occurred_at=at),
        event_id=event_id,
        key=f"{gone.id}:{gone.author_id}",
        occurred_at=at,
    )


def _encrypted(part: Part, us: Us) -> Read:
    """Read that something encrypted came, which a colleague has to open in X's own app."""
    chat = _parsed(Encrypted, part)
    message_id = chat.id or _told(part)
    if chat.sender_id == us.account:
        return Read(event=Ignored(what="own_message"), event_id=f"chat:{message_id}")
    at = None if chat.created_at_msec is None else moment_at(chat.created_at_msec)
    event = Unsupported(
        what="encrypted_message",
        message_id=message_id,
        sender=None if chat.sender_id is None else peer(chat.sender_id, people_in(part.users)),
        occurred_at=at or NEVER,
        for_person=True,
    )
    return Read(
        event=event,
        event_id=f"chat:{message_id}",
        key=CHAT + _of_pair(chat.conversation_id),
        surface=Surface.PRIVATE,
        occurred_at=at,
    )


def _of_pair(conversation_id: str) -> str:
    """Name a conversation of two the same, whoever X names first."""
    one, _, other = conversation_id.replace(":", "-").partition("-")
    plain = one.isascii() and other.isascii() and one.isdecimal() and other.isdecimal()
    return pair_key(one, other) if plain and len(conversation_id) < 64 else conversation_id


def _told(part: Part) -> str:
    """Name the telling where the thing itself has no id."""
    if part.uuid is not None:
        return f"event:{part.uuid}"
    raw = json.dumps(part.body, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"
