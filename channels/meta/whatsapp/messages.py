"""WhatsApp's messages: what they hold, and what it means. Pure.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages
"""

from datetime import UTC, datetime
from typing import Final

from channels.meta.whatsapp.payloads import (
    Card,
    Content,
    Fault,
    Item,
    Location,
    Media,
    Message,
    Order,
    Status,
    System,
    UserIdUpdate,
)
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Moved,
    Pressed,
    Reacted,
    Receipt,
    ReceiptStatus,
    Undecodable,
    Unsupported,
)
from conversation.model import Attachment, AttachmentKind, Peer

TEXT_KEPT: Final = 8_192
"""Characters of a text that are kept: twice what WhatsApp sends of one."""
ATTACHMENT_NAME_LIMIT: Final = 200
"""Characters of a file's, a place's or a basket's name; file systems end at 255 bytes."""
WHY_LIMIT: Final = 200
"""Characters of the platform's reason for a failure."""

_READ: Final = frozenset(
    {"text", "image", "video", "audio", "voice", "document", "sticker", "location", "contacts"}
    | {"button", "order"}
)
"""Kinds whose content must be there."""
_MOVING: Final = frozenset({"user_changed_number", "user_changed_user_id"})
_STATUSES: Final = {
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "played": ReceiptStatus.READ,
    "failed": ReceiptStatus.FAILED,
}
"""`sent` only repeats that the message was accepted."""
NO_ANSWER: Final = frozenset({"edit", "reaction", "revoke", "system"})
"""Kinds by which a colleague in the Business app answers nothing."""


def at(seconds: int) -> datetime:
    """Give a moment."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def read_message(message: Message, sender: Peer) -> Inbound:
    """Read what a customer sent or did."""
    match message.type:
        case "reaction" if message.reaction is not None:
            return Reacted(
                message_id=message.reaction.message_id,
                sender=sender,
                occurred_at=at(message.timestamp),
                emoji=message.reaction.emoji or "",
            )
        case "edit" if message.edit is not None:
            return MessageEdited(
                message_id=message.edit.original_message_id,
                sender=sender,
                occurred_at=at(message.timestamp),
                text=_words(message.edit.message),
                attachments=_attachments(message.edit.message),
            )
        case "revoke" if message.revoke is not None:
            return MessageDeleted(
                message_id=message.revoke.original_message_id, occurred_at=at(message.timestamp)
            )
        case "system":
            return _system(message.system or System(), message.timestamp, sender)
        case "interactive" if message.interactive is not None:
            return _interactive(message, sender)
        case "reaction" | "edit" | "revoke" | "interactive":
            return Undecodable(why=f"{message.type}: is missing")
        case _:
            return _received(message, sender)


def _received(message: Message, sender: Peer) -> Inbound:
    text, attachments = _words(message), _attachments(message)
    if not text and not attachments:
        if message.type in _READ:
            return Undecodable(why=f"{message.type}: is missing")
        return Unsupported(
            what=(message.unsupported.type if message.unsupported else "")
            or message.type
            or "none",
            message_id=message.id,
            sender=sender,
            occurred_at=at(message.timestamp),
        )
    context = message.context
    return MessageReceived(
        message_id=message.id,
        sender=sender,
        occurred_at=at(message.timestamp),
        text=text,
        attachments=attachments,
        reply_to=context.id if context else None,
        forwarded=bool(context and (context.forwarded or context.frequently_forwarded)),
    )


def _interactive(message: Message, sender: Peer) -> Inbound:
    """Read a press on one of our buttons, or a choice of a list.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/interactive
    """
    interactive = message.interactive
    if interactive is None or interactive.type == "call_permission_reply":
        return Ignored(what="call_permission_reply")
    choice = interactive.button_reply or interactive.list_reply
    if choice is None:
        return Unsupported(
            what=interactive.type,
            message_id=message.id,
            sender=sender,
            occurred_at=at(message.timestamp),
        )
    return Pressed(
        press_id=message.id,
        message_id=message.context.id if message.context else None,
        sender=sender,
        occurred_at=at(message.timestamp),
        payload=choice.id,
    )


def _system(system: System, seconds: int, sender: Peer) -> Inbound:
    """Read what WhatsApp says of a customer: only another id of theirs matters.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/system
    """
    new = system.user_id or system.wa_id
    if system.type not in _MOVING or new is None or new == sender.user_id:
        return Ignored(what="system")
    return Moved(new_key=new, occurred_at=at(seconds), user_id=new)


def read_id_update(update: UserIdUpdate) -> Inbound:
    """Read that a customer is known by another id from now on: their number changed."""
    new = update.user_id.current
    return Moved(new_key=new, occurred_at=at(update.timestamp), user_id=new)


def read_echo(message: Message) -> Inbound:
    """Read what a colleague wrote in the WhatsApp Business app.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/smb_message_echoes
    What this service sends does not come back here.
    """
    if message.type in NO_ANSWER:
        return Ignored(what=f"echo_{message.type}")
    return AnsweredElsewhere(
        message_id=message.id,
        occurred_at=at(message.timestamp),
        text=_words(message),
        attachments=_attachments(message),
    )


def read_status(status: Status) -> Inbound:
    """Read what became of a message of ours: accepted was not delivered yet."""
    became = _STATUSES.get(status.status)
    if became is None:
        return Ignored(what="sent" if status.status == "sent" else "status")
    return Receipt(
        message_id=status.id,
        status=became,
        occurred_at=at(status.timestamp),
        why=_why(status.errors) if became is ReceiptStatus.FAILED else None,
    )


def _why(errors: tuple[Fault, ...]) -> str | None:
    if not errors:
        return None
    first = errors[0]
    said = first.title or first.message
    parts = (str(first.code) if first.code is not None else "", said, first.error_data.details)
    return " ".join(part for part in dict.fromkeys(parts) if part)[:WHY_LIMIT] or None


def _words(content: Content) -> str:
    """Give what was written: a text, a caption, the words of a template's button."""
    media = (content.image, content.video, content.document)
    found = (
        content.text.body if content.text else None,
        *(one.caption for one in media if one),
        content.button.text or content.button.payload if content.button else None,
        content.order.text if content.order else None,
    )
    return next((words for words in found if words), "")[:TEXT_KEPT]


def _attachments(content: Content) -> tuple[Attachment, ...]:
    found: list[Attachment | None] = [
        _file(AttachmentKind.IMAGE, content.image),
        _file(AttachmentKind.VIDEO, content.video),
        _file(AttachmentKind.AUDIO, content.audio),
        _file(AttachmentKind.AUDIO, content.voice),
        _file(AttachmentKind.FILE, content.document),
        _file(AttachmentKind.STICKER, content.sticker),
        _place(content.location),
        *map(_card, content.contacts),
        _basket(content.order),
        _origin(content),
    ]
    return tuple(attachment for attachment in found if attachment is not None)


def _file(kind: AttachmentKind, media: Media | None) -> Attachment | None:
    if media is None:
        return None
    return Attachment(
        kind=kind, media_id=media.id, name=_cut(media.filename), mime=_cut(media.mime_type)
    )


def _place(location: Location | None) -> Attachment | None:
    if location is None:
        return None
    named = ", ".join(part for part in (location.name, location.address) if part)
    name = named or f"{location.latitude:.5f}, {location.longitude:.5f}"  # about one metre
    return Attachment(kind=AttachmentKind.LOCATION, name=_cut(name))


def _card(card: Card) -> Attachment:
    numbers = (phone.phone for phone in card.phones)
    name = " ".join(part for part in (card.name.formatted_name, *numbers) if part)
    return Attachment(kind=AttachmentKind.CONTACT, name=_cut(name))


def _basket(order: Order | None) -> Attachment | None:
    """Name what is ordered: colleagues see it, the bot reads the words beside it."""
    if order is None:
        return None
    return Attachment(
        kind=AttachmentKind.OTHER, name=_cut(", ".join(map(_line, order.product_items)))
    )


def _line(item: Item) -> str:
    price = f" at {item.item_price} {item.currency}".rstrip() if item.item_price else ""
    return f"{item.quantity} x {item.product_retailer_id}{price}"


def _origin(content: Content) -> Attachment | None:
    """Name the advertisement or the product that the customer's words are about."""
    product = content.context.referred_product if content.context else None
    if content.referral is not None:
        parts = (content.referral.headline, content.referral.source_url)
        name = " ".join(part for part in parts if part)
    else:
        name = (product.product_retailer_id or "") if product else ""
    return Attachment(kind=AttachmentKind.OTHER, name=_cut(name)) if name else None


def _cut(name: str | None) -> str | None:
    return name[:ATTACHMENT_NAME_LIMIT] if name else None
