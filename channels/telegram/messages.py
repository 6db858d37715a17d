"""Telegram's messages: who wrote them, whether they are meant for the bot, what they hold. Pure.

https://core.telegram.org/bots/api#message
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from channels.telegram.payloads import (
    Chat,
    Contact,
    EarlierMessage,
    Entity,
    File,
    Location,
    Message,
    Photo,
    User,
    Venue,
)
from config.stages import Surface
from conversation.events import (
    Ignored,
    Inbound,
    MessageEdited,
    MessageReceived,
    Moved,
    Unsupported,
)
from conversation.model import NAME_LIMIT, Attachment, AttachmentKind, Peer

TEXT_KEPT: Final = 8_192
"""Characters of a text that are kept: twice what Telegram lets anyone write."""

ATTACHMENT_NAME_LIMIT: Final = 200
"""Characters of a file's or place's name; file systems end at 255 bytes."""

LANGUAGE_LIMIT: Final = 16
"""Characters of an IETF language tag; Telegram's have at most 10."""

UNSUPPORTED: Final = (
    "poll",
    "dice",
    "game",
    "story",
    "checklist",
    "rich_message",
    "paid_media",
    "invoice",
    "successful_payment",
    "refunded_payment",
    "web_app_data",
    "users_shared",
    "chat_shared",
    "passport_data",
    "giveaway",
    "giveaway_winners",
    "giveaway_completed",
)
"""Content that someone sent on purpose and nobody here can answer."""

SERVICE: Final = (
    "new_chat_members",
    "left_chat_member",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_from_chat_id",
    "pinned_message",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "managed_bot_created",
    "paid_message_price_changed",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
)
"""What Telegram itself writes into a chat."""

_FORWARDED: Final = ("forward_origin", "forward_date", "forward_from", "forward_from_chat")
_AFTER_MENTION: Final = " \t\n\r,:;-–—"  # noqa: RUF001 (the en dash is meant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """Who the bot is."""

    account: str
    username: str | None
    """Without the @; None until Telegram has told."""

    def named_by(self, mention: str) -> bool:
        """Say whether an @name means us.

        While our own name is unknown, every bot's name may be ours (they all end in `bot`,
        https://core.telegram.org/bots/features#botfather): better to answer one message too many
        than to lose one.
        """
        name = mention.removeprefix("@").casefold()
        if self.username is None:
            return name.endswith("bot")
        return name == self.username.casefold()

    def wrote(self, message: EarlierMessage) -> bool:
        """Say whether a message is ours."""
        return message.sender is not None and str(message.sender.id) == self.account


def surface_of(chat: Chat) -> Surface:
    """Say who reads along; a kind of chat that we do not know counts as public."""
    return Surface.PRIVATE if chat.type == "private" else Surface.PUBLIC


def peer(user: User) -> Peer:
    """Give the customer's own words about themselves, cut to a sane length."""
    name = f"{user.first_name} {user.last_name}".strip()
    return Peer(
        user_id=str(user.id),
        name=name[:NAME_LIMIT] or None,
        username=user.username[:NAME_LIMIT] if user.username else None,
        language=user.language_code[:LANGUAGE_LIMIT] if user.language_code else None,
    )


def read_message(message: Message, us: Us) -> Inbound:
    """Read a new message."""
    if message.migrate_to_chat_id is not None:
        return Moved(new_key=str(message.migrate_to_chat_id), occurred_at=_at(message.date))
    sender = _customer(message)
    if isinstance(sender, Ignored):
        return sender
    if service := _named(message, SERVICE):
        return Ignored(what=service)
    if not _addressed(message, us):
        return Ignored(what="not_addressed")
    text, attachments = _words(message, us), _attachments(message)
    if not text and not attachments:
        return Unsupported(
            what=_named(message, UNSUPPORTED) or "unknown",
            message_id=str(message.message_id),
            sender=sender,
            occurred_at=_at(message.date),
        )
    return MessageReceived(
        message_id=str(message.message_id),
        sender=sender,
        occurred_at=_at(message.date),
        text=text,
        attachments=attachments,
        reply_to=_reply_to(message),
        forwarded=_named(message, _FORWARDED) is not None,
    )


def read_edit(message: Message, us: Us) -> Inbound:
    """Read a message as it is after a change."""
    sender = _customer(message)
    if isinstance(sender, Ignored):
        return sender
    if message.location is not None and message.venue is None:
        return Ignored(what="live_location")  # every step of someone who shares their way
    if not _addressed(message, us):
        return Ignored(what="not_addressed")
    text, attachments = _words(message, us), _attachments(message)
    if not text and not attachments:
        return Ignored(what="edit_without_words")
    return MessageEdited(
        message_id=str(message.message_id),
        sender=sender,
        occurred_at=_at(message.date if message.edit_date is None else message.edit_date),
        text=text,
        attachments=attachments,
    )


def _customer(message: Message) -> Peer | Ignored:
    """Find the person who wrote it, or why nobody is to be answered.

    Anonymous administrators and channels that write in groups come from Telegram's own bots
    (GroupAnonymousBot, Channel_Bot).
    """
    if message.chat.type == "channel":
        return Ignored(what="channel_post")
    if message.sender is None:
        return Ignored(what="no_sender")
    if message.sender.is_bot:
        return Ignored(what="bot_message")  # two bots that answer each other never stop
    if message.is_automatic_forward:
        return Ignored(what="automatic_forward")
    return peer(message.sender)


def _named(message: Message, names: tuple[str, ...]) -> str | None:
    """Give the first of these fields that the message has; Telegram leaves out what is not so."""
    extra = message.model_extra or {}
    return next((name for name in names if extra.get(name) is not None), None)


def _addressed(message: Message, us: Us) -> bool:
    if surface_of(message.chat) is Surface.PRIVATE:
        return True
    replied = message.reply_to_message
    if replied is not None and us.wrote(replied):
        return True
    return next(_calls(message, us), None) is not None


def _calls(message: Message, us: Us) -> Iterator[Entity]:
    """Give the entities by which the text calls the bot."""
    text, entities = _text(message)
    for entity in entities:
        if entity.type == "text_mention":
            called = entity.user is not None and str(entity.user.id) == us.account
        elif entity.type == "mention":
            called = us.named_by(_covered(text, entity))
        elif entity.type == "bot_command":
            _, at, name = _covered(text, entity).partition("@")
            called = bool(at) and us.named_by(name)
        else:
            called = False
        if called:
            yield entity


def _words(message: Message, us: Us) -> str:
    """Give what was written, in groups without the call at its beginning."""
    text, _ = _text(message)
    if surface_of(message.chat) is Surface.PUBLIC:
        first = next((call for call in _calls(message, us) if call.offset == 0), None)
        if first is not None:
            call, rest = _covered(text, first), _after(text, first)
            command = call.partition("@")[0] if first.type == "bot_command" else ""
            text = (command + rest if command else rest.lstrip(_AFTER_MENTION)) or text
    return text[:TEXT_KEPT]


def _text(message: Message) -> tuple[str, tuple[Entity, ...]]:
    if message.text:
        return message.text, message.entities
    return message.caption or "", message.caption_entities


def _covered(text: str, entity: Entity) -> str:
    units = text.encode("utf-16-le")[entity.offset * 2 : (entity.offset + entity.length) * 2]
    return units.decode("utf-16-le", "replace")


def _after(text: str, entity: Entity) -> str:
    units = text.encode("utf-16-le")[(entity.offset + entity.length) * 2 :]
    return units.decode("utf-16-le", "replace")


def _reply_to(message: Message) -> str | None:
    replied = message.reply_to_message
    if replied is None:
        return None
    if message.is_topic_message and replied.message_id == message.message_thread_id:
        return None  # a forum's way to say which topic, not a reply
    return str(replied.message_id)


def _attachments(message: Message) -> tuple[Attachment, ...]:
    """Give what came along. Backwards compatible doubles are left out.

    An animation comes as a document too, a venue as a location too
    (https://core.telegram.org/bots/api#message).
    """
    found: list[Attachment | None] = [
        _photo(message.photo),
        _file(AttachmentKind.IMAGE, message.live_photo),
        _file(AttachmentKind.VIDEO, message.video),
        _file(AttachmentKind.VIDEO, message.video_note),
        _file(AttachmentKind.VIDEO, message.animation),
        _file(AttachmentKind.AUDIO, message.voice),
        _file(AttachmentKind.AUDIO, message.audio),
        _file(AttachmentKind.FILE, None if message.animation else message.document),
        _place(message.location, message.venue),
        _contact(message.contact),
    ]
    if message.sticker is not None:
        found.append(
            Attachment(
                kind=AttachmentKind.STICKER,
                media_id=message.sticker.file_id,
                name=_cut(message.sticker.emoji),
                size=message.sticker.file_size,
            )
        )
    return tuple(attachment for attachment in found if attachment is not None)


def _photo(sizes: tuple[Photo, ...]) -> Attachment | None:
    if not sizes:
        return None
    largest = max(sizes, key=lambda size: (size.width * size.height, size.file_size or 0))
    return Attachment(kind=AttachmentKind.IMAGE, media_id=largest.file_id, size=largest.file_size)


def _file(kind: AttachmentKind, file: File | None) -> Attachment | None:
    if file is None:
        return None
    return Attachment(
        kind=kind,
        media_id=file.file_id,
        name=_cut(file.file_name),
        mime=_cut(file.mime_type),
        size=file.file_size,
    )


def _place(location: Location | None, venue: Venue | None) -> Attachment | None:
    if venue is not None and (venue.title or venue.address):
        name = ", ".join(part for part in (venue.title, venue.address) if part)
    elif location is not None:
        name = f"{location.latitude:.5f}, {location.longitude:.5f}"  # about one metre
    else:
        return None
    return Attachment(kind=AttachmentKind.LOCATION, name=_cut(name))


def _contact(contact: Contact | None) -> Attachment | None:
    if contact is None:
        return None
    parts = (contact.first_name, contact.last_name, contact.phone_number)
    name = " ".join(part for part in parts if part)
    return Attachment(kind=AttachmentKind.CONTACT, name=_cut(name))


def _cut(name: str | None) -> str | None:
    return name[:ATTACHMENT_NAME_LIMIT] if name else None


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
