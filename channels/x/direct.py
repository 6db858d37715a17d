"""Direct messages, read into the domain's words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from channels.x.payloads import ClassicMessage, DirectMessage, Medium, User
from channels.x.people import Us, moment_at, moment_of, pair_key, peer
from channels.x.posts import TEXT_KEPT, attached, attachment, shown
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageReceived,
    Unsupported,
)
from conversation.model import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A direct message, whichever shape it came in."""

    id: str
    key: str
    sender_id: str
    occurred_at: datetime
    text: str
    attachments: tuple[Attachment, ...] = ()
    app: str | None = None
    """The app it was written with, where X tells."""
    group: bool = False
    """More than two read it."""


def of_v2(message: DirectMessage, media: Mapping[str, Medium], us: Us) -> Direct | None:
    """Read an event of v2; None: it names no sender or no conversation."""
    if message.sender_id is None:
        return None
    key = message.dm_conversation_id
    if key is None:
        others = [each for each in message.participant_ids if each != us.account]
        others = others or [message.sender_id]
        if others == [us.account]:
            return None
        key = pair_key(us.account, others[0])
    return Direct(
        id=message.id,
        key=key,
        sender_id=message.sender_id,
        occurred_at=message.created_at or moment_of(message.id),
        text=shown(message.text, ())[:TEXT_KEPT],
        attachments=tuple(attached(message.attachments, media)),
        group="-" not in key or len(message.participant_ids) > 2,
    )


def of_classic(event: ClassicMessage) -> Direct | None:
    """Read an event of the Account Activity API; None: it is no message."""
    create = event.message_create
    if event.type != "message_create" or create is None:
        return None
    words = create.message_data
    held = words.attachment
    medium = held.media if held is not None else None
    found: tuple[Attachment, ...] = ()
    if held is not None:
        found = (attachment(medium.media_key if medium else held.type, medium),)
    return Direct(
        id=event.id,
        key=pair_key(create.sender_id, create.target.recipient_id),
        sender_id=create.sender_id,
        occurred_at=moment_of(event.id)
        if event.created_timestamp is None
        else moment_at(event.created_timestamp),
        text=shown(words.text, words.entities.urls)[:TEXT_KEPT],
        attachments=found,
        app=create.source_app_id,
    )


def read_direct(message: Direct, people: Mapping[str, User], us: Us, *, elsewhere: bool) -> Inbound:
    """Read a direct message; ``elsewhere``: one of our own that another app than ours sent."""
    if message.sender_id == us.account:
        if not elsewhere:
            return Ignored(what="own_message")
        return AnsweredElsewhere(
            message_id=message.id,
            occurred_at=message.occurred_at,
            text=message.text,
            attachments=message.attachments,
        )
    if message.group:
        return Ignored(what="group")  # others read along, and nobody there asked us
    sender = peer(message.sender_id, people)
    if not message.text and not message.attachments:
        return Unsupported(
            what="direct_message",
            message_id=message.id,
            sender=sender,
            occurred_at=message.occurred_at,
        )
    return MessageReceived(
        message_id=message.id,
        sender=sender,
        occurred_at=message.occurred_at,
        text=message.text,
        attachments=message.attachments,
    )
