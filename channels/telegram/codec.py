"""Telegram's updates, turned into arrivals and those into events. Pure.

https://core.telegram.org/bots/api#update
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Final, NoReturn

from pydantic import ValidationError

from channels.splitting import split_text, utf16_length
from channels.telegram.messages import (
    Us,
    peer,
    read_edit,
    read_message,
    surface_of,
)
from channels.telegram.payloads import (
    Chat,
    Dated,
    Envelope,
    Located,
    Membership,
    Press,
    PressLocated,
    Reaction,
    Update,
)
from config.stages import Surface
from conversation.events import Ignored, Inbound, Pressed, Reachable, Reacted, Undecodable
from conversation.model import Address, Arrival

TEXT_LIMIT: Final = 4_096
"""UTF-16 units after entities are parsed: https://core.telegram.org/bots/api#sendmessage."""

UNREADABLE: Final = "unreadable"
EMPTY: Final = "empty"
NOT_SAYABLE: Final = "holds half of a character"
OTHER: Final = "other"
"""A kind that Telegram added later: one word, so that counting stays bounded."""

READ_KINDS: Final = (
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
)
"""What we understand, and so what `setWebhook` and `getUpdates` ask for."""

LEFT_ALONE: Final = frozenset(
    {
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
    }
)
"""What asks nothing of a bot that serves customers in its own chats."""

# Their chats are not conversations with the bot: a business message carries the id of a private
# chat between two people, which would fall together with the customer's chat with the bot.
_ELSEWHERE: Final = frozenset(
    {
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "guest_message",
    }
)

NEVER: Final = datetime.fromtimestamp(0, tz=UTC)
"""Stands where Telegram tells no time at all: the press of a button under a vanished message."""


class TelegramCodec:
    """What Telegram's webhook bodies mean for one bot."""

    def __init__(self, *, channel: str, account: str, bot_username: str | None = None) -> None:
        self._channel = channel
        self._us = Us(account=account, username=bot_username)

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the update of a webhook body, or those of a list that `getUpdates` gave."""
        try:
            value = _json(body)
        except (ValueError, RecursionError) as error:
            return (self._unreadable(body, f"not JSON: {type(error).__name__}"),)
        if isinstance(value, list):
            return tuple(self._arrival(each, json.dumps(each).encode()) for each in value)
        return (self._arrival(value, body),)

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one update; never raises."""
        if arrival.kind == UNREADABLE:
            return (Undecodable(why=arrival.why or UNREADABLE),)
        try:
            value = _json(arrival.body)
            update = Update.model_validate(value)
        except ValidationError as error:
            return (Undecodable(why=_fault(error)),)
        except (ValueError, RecursionError) as error:
            return (Undecodable(why=f"not JSON: {type(error).__name__}"),)
        if not _sayable(value, arrival.body):
            return (Undecodable(why=NOT_SAYABLE),)
        return (self._read(update, arrival),)

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into messages; the limit is the same in private and in groups."""
        del surface
        return split_text(text, limit=TEXT_LIMIT, measure=utf16_length)

    def _arrival(self, value: object, body: bytes) -> Arrival:
        if not _sayable(value, body):
            return self._unreadable(body, NOT_SAYABLE)
        try:
            envelope = Envelope.model_validate(value)
        except ValidationError as error:
            return self._unreadable(body, _fault(error))
        name, content = next(iter((envelope.model_extra or {}).items()), (EMPTY, None))
        known = name in READ_KINDS or name in LEFT_ALONE or name == EMPTY
        address = self._address(name, content)
        homeless = address is None and name in READ_KINDS and name not in _ELSEWHERE
        return Arrival(
            channel=self._channel,
            account=self._us.account,
            event_id=str(envelope.update_id),
            address=address,
            why=f"{name}: its chat cannot be read" if homeless else None,
            kind=name if known else OTHER,
            occurred_at=_moment(content),
            body=body,
        )

    def _unreadable(self, body: bytes, why: str) -> Arrival:
        return Arrival(
            channel=self._channel,
            account=self._us.account,
            event_id="sha256:" + hashlib.sha256(body).hexdigest(),
            address=None,
            kind=UNREADABLE,
            occurred_at=None,
            body=body,
            why=why,
        )

    def _address(self, kind: str, content: object) -> Address | None:
        chat = None if kind in _ELSEWHERE else _chat(kind, content)
        if chat is None:
            return None
        return Address(
            channel=self._channel,
            account=self._us.account,
            key=str(chat.id),
            surface=surface_of(chat),
        )

    def _read(self, update: Update, arrival: Arrival) -> Inbound:
        if update.message is not None:
            return read_message(update.message, self._us)
        if update.edited_message is not None:
            return read_edit(update.edited_message, self._us)
        if update.callback_query is not None:
            return _press(update.callback_query)
        if update.message_reaction is not None:
            return _reaction(update.message_reaction)
        if update.my_chat_member is not None:
            return _membership(update.my_chat_member)
        if arrival.kind in READ_KINDS:
            return Undecodable(why=f"{arrival.kind}: is null")
        return Ignored(what=arrival.kind)


def _press(press: Press) -> Inbound:
    """Read a button press.

    Telegram dates the message that carries the button, not the press: `occurred_at` is only the
    earliest moment it can have happened.
    """
    if press.sender.is_bot:
        return Ignored(what="bot_press")
    if press.data is None:
        return Ignored(what="game_press")
    if press.message is None or press.message.chat is None:
        return Ignored(what="inline_press")
    return Pressed(
        press_id=press.id,
        message_id=str(press.message.message_id),
        sender=peer(press.sender),
        occurred_at=_at(press.message.date) if press.message.date else NEVER,
        payload=press.data,
    )


def _reaction(reaction: Reaction) -> Inbound:
    """Read what someone added to or took from a message's reactions."""
    if surface_of(reaction.chat) is Surface.PUBLIC:
        return Ignored(what="group_reaction")  # Telegram does not say whose message it is under
    if reaction.user is None or reaction.user.is_bot:
        return Ignored(what="anonymous_reaction")
    before = set(reaction.old_reaction)
    added = [each for each in reaction.new_reaction if each not in before]
    return Reacted(
        message_id=str(reaction.message_id),
        sender=peer(reaction.user),
        occurred_at=_at(reaction.date),
        # Custom and paid reactions have no character of their own: their type stands for them.
        emoji=(added[-1].emoji or added[-1].type) if added else "",
    )


def _membership(membership: Membership) -> Inbound:
    """Read whether we were let in or thrown out: blocking a bot is `kicked` in a private chat."""
    if membership.chat.type == "channel":
        return Ignored(what="channel_membership")
    before, now = membership.old_chat_member, membership.new_chat_member
    if before is not None and before.present == now.present:
        return Ignored(what="membership_unchanged")
    return Reachable(reachable=now.present, occurred_at=_at(membership.date))


def _chat(kind: str, content: object) -> Chat | None:
    try:
        if kind == "callback_query":
            return PressLocated.model_validate(content).message.chat
        return Located.model_validate(content).chat
    except ValidationError:
        return None


def _moment(content: object) -> datetime | None:
    try:
        dated = Dated.model_validate(content)
    except ValidationError:
        return None
    return _at(dated.date if dated.edit_date is None else dated.edit_date)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def _json(body: bytes) -> object:
    """Parse JSON as Telegram writes it: UTF-8, no NaN.

    Raises:
        ValueError: it is none (numbers of thousands of digits included).
        RecursionError: it is nested deeper than any update.
    """
    value: object = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    return value


def _sayable(value: object, body: bytes) -> bool:
    """Say whether an update holds no half of a surrogate pair: no text takes it."""
    if b"\\ud" not in body and b"\\uD" not in body:
        return True
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _fault(error: ValidationError) -> str:
    """Name the first field that is wrong, and never its content: that is the customer's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    return f"{field or 'update'}: {first['type']}"[:200]
