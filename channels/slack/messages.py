"""Slack's messages: where they stand, who wrote them, what they hold. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from channels.slack.markup import to_plain
from channels.slack.payloads import Callback, File, Message, MessageEvent, Press, ReactionEvent
from config.stages import Surface
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Pressed,
    Reacted,
    Undecodable,
    Unsupported,
)
from conversation.model import NAME_LIMIT, Attachment, AttachmentKind, Peer

TEXT_KEPT: Final = 40_000
"""Characters of a text that are kept: what Slack lets anyone write."""
FILE_NAME_LIMIT: Final = 200
_KINDS: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
}


_STAMP: Final = re.compile(r"\d{1,11}(?:\.\d{1,9})?", re.ASCII)


class NoMoment(ValueError):
    """What should be a time stamp is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A direct message, or a thread of one or of a channel."""

    channel: str
    thread: str | None
    """The time stamp of its first message; None: outside of threads."""
    reply: bool = False
    """Whether what stands there is not the thread's first message."""

    @property
    def private(self) -> bool:
        """Say whether only the customer and our app read along: ids of such channels begin with D.

        Groups of several people and private channels have others in them.
        """
        return self.channel.startswith("D")

    @property
    def surface(self) -> Surface:
        """Who reads along."""
        return Surface.PRIVATE if self.private else Surface.PUBLIC

    @property
    def key(self) -> str:
        """The conversation's key, which `channels.slack.sending` takes apart again."""
        return self.channel if self.thread is None else f"{self.channel}:{self.thread}"


def place_of(event: MessageEvent) -> Place:
    """Say where a message stands, or the one that was changed; in a channel it opens a thread."""
    now = event.message or event.previous_message
    thread = event.thread_ts or (now.thread_ts if now is not None else None)
    before = event.previous_message
    ts = (now.ts if now is not None else None) or event.deleted_ts
    ts = ts or (before.ts if before is not None else None) or event.ts
    if thread is None and not event.channel.startswith("D"):
        thread = ts or None
    return Place(channel=event.channel, thread=thread, reply=thread not in {None, ts})


def read_event(callback: Callback, *, us: frozenset[str], elsewhere: bool) -> Inbound:
    """Read an event of the kinds that concern a conversation.

    Args:
        callback: The event in its envelope.
        us: Our app's own user ids.
        elsewhere: A colleague wrote it in Slack itself.

    Raises:
        ValidationError: it cannot be read.
        NoMoment: it says no time.
    """
    kind = callback.event.get("type")
    if kind in {"reaction_added", "reaction_removed"}:
        return _reaction(
            ReactionEvent.model_validate(callback.event), us, added=kind[-5:] == "added"
        )
    event = MessageEvent.model_validate(callback.event)
    match event.subtype:
        case "message_changed":
            return _changed(event, us)
        case "message_deleted":
            return _deleted(event, us)
        case _:
            return _written(event, us, elsewhere=elsewhere)


def read_press(press: Press) -> Inbound:
    """Read a button press; Slack's request is acknowledged by its answer."""
    action = press.actions[0]
    return Pressed(
        press_id="",
        message_id=press.container.message_ts,
        sender=Peer(user_id=press.user.id, name=_name(press.user.name or press.user.username)),
        occurred_at=moment(action.action_ts),
        payload=action.value,
    )


def _written(event: MessageEvent, us: frozenset[str], *, elsewhere: bool) -> Inbound:
    sender = _sender(event, us)
    if isinstance(sender, Ignored):
        return sender
    text, attachments = _words(event, us), _attachments(event.files)
    passed_on = "" if text else _passed_on(event, us)
    at = moment(event.ts)
    if elsewhere:
        return AnsweredElsewhere(
            message_id=event.ts, occurred_at=at, text=text, attachments=attachments
        )
    if not text and not passed_on and not attachments:
        return Unsupported(
            what=event.subtype or "empty", message_id=event.ts, sender=sender, occurred_at=at
        )
    replied = event.thread_ts if event.thread_ts != event.ts else None
    return MessageReceived(
        message_id=event.ts,
        sender=sender,
        occurred_at=at,
        text=text or passed_on,
        attachments=attachments,
        reply_to=replied,
        forwarded=bool(passed_on),
    )


def _changed(event: MessageEvent, us: frozenset[str]) -> Inbound:
    now, before = event.message, event.previous_message
    ts = (now.ts if now is not None else "") or (before.ts if before is not None else "")
    if now is None or not ts:
        return Undecodable(why="message_changed: without a message")
    if now.subtype == "tombstone":
        # A message with replies leaves its thread behind when it is deleted.
        return MessageDeleted(message_id=ts, occurred_at=moment(event.event_ts or event.ts))
    sender = _sender(now, us)
    if isinstance(sender, Ignored):
        return sender
    if before is not None and before.text == now.text:
        return Ignored(what="unfurled")
    text, attachments = _words(now, us), _attachments(now.files)
    if not text and not attachments:
        return Ignored(what="edit_without_words")
    return MessageEdited(
        message_id=ts,
        sender=sender,
        occurred_at=moment(event.event_ts or event.ts),
        text=text,
        attachments=attachments,
    )


def _deleted(event: MessageEvent, us: frozenset[str]) -> Inbound:
    before = event.previous_message
    ts = event.deleted_ts or (before.ts if before is not None else "")
    if not ts:
        return Undecodable(why="message_deleted: without a time stamp")
    if before is not None and isinstance(ignored := _sender(before, us), Ignored):
        return ignored
    return MessageDeleted(message_id=ts, occurred_at=moment(event.event_ts or event.ts))


def _reaction(event: ReactionEvent, us: frozenset[str], *, added: bool) -> Inbound:
    if event.user in us:
        return Ignored(what="own_reaction")
    if event.item.type != "message" or not event.item.channel.startswith("D"):
        return Ignored(what="public_reaction")
    return Reacted(
        message_id=event.item.ts,
        sender=Peer(user_id=event.user),
        occurred_at=moment(event.event_ts),
        emoji=f":{event.reaction}:" if added else "",
    )


def _sender(message: Message, us: frozenset[str]) -> Peer | Ignored:
    """Find the person who wrote it, or why nobody is to be answered."""
    if message.user in us:
        return Ignored(what="own_message")
    if message.bot_id is not None or message.subtype == "bot_message":
        return Ignored(what="bot_message")  # two bots that answer each other never stop
    if not message.user or message.user == "USLACKBOT":
        return Ignored(what="no_sender")
    return Peer(user_id=message.user)


def _words(message: Message, us: frozenset[str]) -> str:
    return to_plain((message.text or "")[:TEXT_KEPT], us=us)


def _passed_on(message: Message, us: frozenset[str]) -> str:
    """Give the words of messages that were passed on without any of the customer's own."""
    told = [one.text or one.fallback or "" for one in message.attachments]
    return to_plain("\n".join(filter(None, told))[:TEXT_KEPT], us=us)


def _attachments(files: tuple[File, ...]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            kind=_KINDS.get((one.mimetype or "").partition("/")[0], AttachmentKind.FILE),
            media_id=one.id,
            name=(one.name or one.title or "")[:FILE_NAME_LIMIT] or None,
            mime=one.mimetype[:FILE_NAME_LIMIT] if one.mimetype else None,
            size=one.size,
        )
        for one in files
    )


def _name(name: str | None) -> str | None:
    return name[:NAME_LIMIT] if name else None


def moment(stamp: str) -> datetime:
    """Read a time stamp: seconds since 1970, six digits behind the point.

    Raises:
        NoMoment: it is none.
    """
    if _STAMP.fullmatch(stamp) is None:
        raise NoMoment
    return datetime.fromtimestamp(float(stamp), tz=UTC)
