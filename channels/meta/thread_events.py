"""Events of private threads on Messenger and Instagram, in the domain's words. Pure.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from channels.meta.thread_payloads import (
    Attached,
    Edit,
    Event,
    Message,
    Postback,
    Reaction,
    Referral,
)
from channels.meta.threads import (
    DELETED,
    ECHO,
    ECHO_ELSEWHERE,
    NEVER,
    READ_KINDS,
    REFERRAL,
    STANDBY,
    TAKEN,
    Us,
    by_us,
    name_of,
    taken_from,
)
from channels.meta.webhooks import fault
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Pressed,
    Reacted,
    Receipt,
    ReceiptStatus,
    ReceiptUpTo,
    Referred,
    Undecodable,
    Unsupported,
)
from conversation.invitations import tokens_in
from conversation.model import Arrival, Attachment, AttachmentKind, Peer

TEXT_KEPT: Final = 20_000
"""Characters of a text that are kept: ten times what Messenger's own apps send."""
NAME_LIMIT: Final = 200
"""Characters of an attachment's name."""
MEDIA_LIMIT: Final = 4_096
"""Characters of a media address; a longer one fetches nothing."""
ATTACHMENTS_KEPT: Final = 30
"""Attachments of one message; Messenger's apps send at most that many photos at once."""

PAYLOAD_MARK: Final = "care:"
"""Begins the payload of a choice that we offered; those of other apps go by their label."""

_KINDS: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
    "file": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
    "location": AttachmentKind.LOCATION,
}

MEDIA: Final = frozenset({*_KINDS.values(), AttachmentKind.OTHER})
"""What a customer may send that is read."""


def read_thread(us: Us, arrival: Arrival, value: object) -> tuple[Inbound, ...]:
    """Read an event of a thread; never raises."""
    name = name_of(value)
    if arrival.kind == ECHO:
        return (Ignored(what=ECHO),)
    if name == TAKEN and arrival.address is not None and taken_from(us, value):
        return (_silence(arrival, NEVER),)
    if name not in READ_KINDS or name == TAKEN:
        return (Ignored(what=name),)
    try:
        event = Event.model_validate(value)
    except ValidationError as error:
        return (Undecodable(why=fault(error)),)
    if arrival.address is None:
        why = arrival.why
        return (Undecodable(why=why) if why else Ignored(what=f"{name}_of_nobody"),)
    at = arrival.occurred_at or NEVER
    sender = Peer(user_id=arrival.address.key)
    if arrival.kind == ECHO_ELSEWHERE:
        return (_elsewhere(event.message, at),) if event.message else (Ignored(what=ECHO),)
    if arrival.kind != DELETED and by_us(us, value):
        return (Ignored(what=f"own_{name}"),)
    found = _read(event, name, sender, at)
    return (*found, _silence(arrival, at)) if arrival.kind == STANDBY else found


def _read(event: Event, name: str, sender: Peer, at: datetime) -> tuple[Inbound, ...]:
    if event.message is not None:
        return (_message(event.message, sender, at),)
    if event.postback is not None:
        came = _referred(event.postback.referral, sender, at)
        return (_press(event.postback, sender, at), *came)
    if event.reaction is not None:
        return (_reaction(event.reaction, sender, at),)
    if event.message_edit is not None:
        return (_edit(event.message_edit, sender, at),)
    if event.referral is not None:
        return _referred(event.referral, sender, at) or (Ignored(what=REFERRAL),)
    if event.read is not None:
        read = event.read
        return _receipts((read.mid,), ReceiptStatus.READ, at, up_to=read.watermark)
    if event.delivery is not None:
        arrived = event.delivery
        return _receipts(arrived.mids, ReceiptStatus.DELIVERED, at, up_to=arrived.watermark)
    return (Undecodable(why=f"{name}: is null"),)


def _silence(arrival: Arrival, at: datetime) -> AnsweredElsewhere:
    """Say without words that another app, or a colleague in it, has the thread."""
    moment = arrival.occurred_at or at
    return AnsweredElsewhere(message_id=f"silence:{arrival.event_id}", occurred_at=moment)


def _elsewhere(message: Message, at: datetime) -> AnsweredElsewhere:
    return AnsweredElsewhere(
        message_id=message.mid,
        occurred_at=at,
        text=message.text[:TEXT_KEPT],
        attachments=_attachments(message),
        named=message.app_id is not None,
    )


def own_comment(
    comment_id: str,
    at: datetime,
    *,
    text: str,
    answers: bool,
    attachments: Sequence[Attachment] = (),
) -> Inbound:
    """Read a comment in the account's own name; Meta does not say which app it came from."""
    if not answers:
        return Ignored(what="own_comment")
    return AnsweredElsewhere(
        message_id=comment_id,
        occurred_at=at,
        text=text[:TEXT_KEPT],
        attachments=tuple(attachments),
        named=False,
    )


def _message(message: Message, sender: Peer, at: datetime) -> Inbound:
    if message.is_deleted:
        return MessageDeleted(message_id=message.mid, occurred_at=at)
    attachments = _attachments(message)
    if message.quick_reply is not None and message.quick_reply.payload.startswith(PAYLOAD_MARK):
        return Pressed(
            press_id=message.mid,
            message_id=_reply_to(message),
            sender=sender,
            occurred_at=at,
            payload=message.quick_reply.payload.removeprefix(PAYLOAD_MARK),
        )
    if not message.text and not attachments:
        return Unsupported(
            what="unsupported" if message.is_unsupported else "empty",
            message_id=message.mid,
            sender=sender,
            occurred_at=at,
        )
    return MessageReceived(
        message_id=message.mid,
        sender=sender,
        occurred_at=at,
        text=message.text[:TEXT_KEPT],
        attachments=attachments,
        reply_to=_reply_to(message),
    )


def _reply_to(message: Message) -> str | None:
    answered = message.reply_to
    if answered is None:
        return None
    return answered.mid or (answered.story.id if answered.story else None)


def _press(postback: Postback, sender: Peer, at: datetime) -> Inbound:
    """Read a press of the account's own menu; the label is what the customer chose to say."""
    said = postback.title or postback.payload
    if not said:
        return Ignored(what="empty_postback")
    return Pressed(
        press_id=postback.mid or f"{sender.user_id}:{at.isoformat()}",
        message_id=None,
        sender=sender,
        occurred_at=at,
        payload=said[:TEXT_KEPT],
    )


def _referred(referral: Referral | None, sender: Peer, at: datetime) -> tuple[Referred, ...]:
    """Read the word that a link carried, if it is one of ours; advertisements have their own."""
    found = tokens_in(referral.ref) if referral is not None else ()
    return tuple(Referred(ref=one, sender=sender, occurred_at=at) for one in found[:1])


def _reaction(reaction: Reaction, sender: Peer, at: datetime) -> Reacted:
    taken_back = reaction.action == "unreact"
    return Reacted(
        message_id=reaction.mid,
        sender=sender,
        occurred_at=at,
        emoji="" if taken_back else reaction.emoji or reaction.reaction or "?",
    )


def _edit(edit: Edit, sender: Peer, at: datetime) -> Inbound:
    if not edit.text:
        return Ignored(what="edit_without_words")
    return MessageEdited(
        message_id=edit.mid, sender=sender, occurred_at=at, text=edit.text[:TEXT_KEPT]
    )


def _receipts(
    mids: tuple[str | None, ...], status: ReceiptStatus, at: datetime, *, up_to: datetime | None
) -> tuple[Inbound, ...]:
    """Say what became of messages of ours: of those named, or of all up to a time."""
    receipts = tuple(
        Receipt(message_id=mid, status=status, occurred_at=at) for mid in mids if mid is not None
    )
    if receipts:
        return receipts
    if up_to is not None:
        return (ReceiptUpTo(status=status, up_to=up_to, occurred_at=at),)
    return (Ignored(what=f"{status}_of_nothing"),)


def _attachments(message: Message) -> tuple[Attachment, ...]:
    found = [_attachment(one, message) for one in message.attachments[:ATTACHMENTS_KEPT]]
    if message.reply_to is not None and message.reply_to.story is not None:
        url = message.reply_to.story.url
        found.append(Attachment(kind=AttachmentKind.OTHER, name="story", media_id=_fetched_by(url)))
    if message.sticker_id is not None and not found:
        found.append(Attachment(kind=AttachmentKind.STICKER, media_id=message.sticker_id))
    return tuple(found)


def _attachment(attached: Attached, message: Message) -> Attachment:
    """Read an attachment; a type that came later is something, named by its type."""
    payload = attached.payload
    kind = _KINDS.get(attached.type, AttachmentKind.OTHER)
    if message.sticker_id is not None or (payload is not None and payload.sticker_id is not None):
        kind = AttachmentKind.STICKER
    name = attached.title or (payload.title if payload else None)
    if payload is not None and payload.coordinates is not None:
        place = payload.coordinates
        name = name or f"{place.latitude:.5f}, {place.longitude:.5f}"  # about one metre
    if kind is AttachmentKind.OTHER:
        name = name or attached.type
    return Attachment(
        kind=kind,
        media_id=_fetched_by(payload.url if payload else None),
        name=name[:NAME_LIMIT] if name else None,
    )


def _fetched_by(url: str | None) -> str | None:
    return url if url and len(url) <= MEDIA_LIMIT else None
