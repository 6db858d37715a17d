"""Customers on Telegram: what they do, and what they see."""

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from socialcare.sandbox.telegram_html import utf16_length
from socialcare.sandbox.telegram_rules import (
    CALLBACK_EXPIRY_S,
    TEXT_MAX,
    TRY_EXPIRY_S,
    Button,
    Keyboard,
)
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
CHAT_MAX = 5_000
_LINK = re.compile(r"https://t\.me/(\w{5,32})\?start=([A-Za-z0-9_-]{1,64})", re.ASCII)
"""https://core.telegram.org/bots/features#deep-linking"""
_MENTION = re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}\b", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A message of the bot as its reader sees it."""

    message_id: int
    text: str
    """After the markup was read."""
    html: str
    """As the bot sent it."""
    entities: tuple[Json, ...]
    keyboard: Keyboard
    edited: bool
    at: datetime
    reply_to: int | None

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Its inline buttons, row after row."""
        return self.keyboard.buttons(self.message_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message somebody wrote to the bot."""

    chat_id: int
    message_id: int
    update_id: int | None
    """None when the bot did not ask for this kind of update."""
    payload: Json


Wanted = str | Callable[[SeenMessage], bool]


@dataclass(slots=True, kw_only=True)
class Chat:
    """A private chat or a group, with what was said in it by the bot and to it."""

    chat_id: int
    head: Json
    """The Bot API's `chat` object."""
    is_group: bool = False
    open_to_bot: bool = False
    """Somebody wrote here, so that the bot may answer."""
    blocked: bool = False
    migrated_to: int | None = None
    seen: dict[int, SeenMessage] = field(default_factory=dict)
    received: dict[int, Json] = field(default_factory=dict)
    actions: deque[str] = field(default_factory=lambda: deque(maxlen=100))
    last_id: int = 0

    def next_id(self) -> int:
        """Number the next message."""
        if self.last_id >= CHAT_MAX:
            msg = f"more than {CHAT_MAX} messages in chat {self.chat_id}"
            raise OverflowError(msg)
        self.last_id += 1
        return self.last_id


class World(Protocol):
    """What a customer needs of the stand-in."""

    changes: Changes
    bot: Json

    def now(self) -> datetime:
        """Say the time."""
        ...

    def chat(self, chat_id: int) -> Chat:
        """Give a chat that exists."""
        ...

    def tell_bot(
        self, kind: str, payload: Json, *, queue: tuple[str, int], lasts_s: float
    ) -> int | None:
        """Queue an update for the bot; gives its id, None when the bot wants no such kind."""
        ...

    def waiting(self, *queues: tuple[str, int]) -> int:
        """Count the updates on their way."""
        ...

    def bot_message(self, chat: Chat, seen: SeenMessage) -> Json:
        """Give the Bot API's object for a message of the bot."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group chat the bot is in."""

    chat: Chat

    @property
    def messages(self) -> tuple[SeenMessage, ...]:
        """What the bot said there."""
        return tuple(self.chat.seen.values())

    def migrate(self, new_chat_id: int) -> None:
        """Become a supergroup: the old id is refused and names the new one."""
        self.chat.migrated_to = new_chat_id


def _as_predicate(wanted: Wanted) -> Callable[[SeenMessage], bool]:
    if isinstance(wanted, str):
        return lambda message: wanted in message.text
    return wanted


def _entities(text: str) -> list[Json]:
    """Find the command and the @names, counted in UTF-16 units as the live server does."""
    found: list[Json] = []
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        found.append({"type": "bot_command", "offset": 0, "length": utf16_length(command)})
    return found + [
        {
            "type": "mention",
            "offset": utf16_length(text[: name.start()]),
            "length": utf16_length(name.group()),
        }
        for name in _MENTION.finditer(text)
    ]


class Customer:
    """Somebody with a Telegram account and something to say."""

    def __init__(self, *, world: World, person: Json) -> None:
        self.person = person
        """The Bot API's `user` object."""
        self.user_id: int = person["id"]
        self.alerts: deque[str] = deque(maxlen=100)
        """Texts of answered button presses."""
        self.reactions: dict[int, str] = {}
        self._world = world

    @property
    def private(self) -> Chat:
        """The chat with the bot."""
        return self._world.chat(self.user_id)

    @property
    def chat(self) -> tuple[SeenMessage, ...]:
        """What the bot said, oldest first, each as it reads now."""
        return tuple(self.private.seen.values())

    async def write(
        self, text: str, *, reply_to: SeenMessage | SentMessage | None = None
    ) -> SentMessage:
        """Write to the bot."""
        return self._say(self.private, {"text": self._fitting(text)}, reply_to)

    async def follow(self, link: str) -> SentMessage:
        """Open the bot by a deep link and press Start.

        Raises:
            LookupError: the link is none, or leads to another bot.
        """
        found = _LINK.fullmatch(link)
        if found is None or found[1] != self._world.bot["username"]:
            msg = f"{link!r} opens no chat with this bot"
            raise LookupError(msg)
        return await self.write(f"/start {found[2]}")

    async def write_in_group(self, group: Group, text: str) -> SentMessage:
        """Write in a group the bot is in."""
        return self._say(group.chat, {"text": self._fitting(text)}, None)

    async def photo(self, caption: str = "") -> SentMessage:
        """Send a photo."""
        sizes = [
            {
                "file_id": f"photo-{self.user_id}-{width}",
                "file_unique_id": f"u{self.user_id}{width}",
                "width": width,
                "height": width * 3 // 4,
                "file_size": width * 90,
            }
            for width in (90, 320, 800)
        ]
        content: Json = {"photo": sizes}
        return self._say(self.private, content | ({"caption": caption} if caption else {}), None)

    async def sticker(self, emoji: str = "👍") -> SentMessage:
        """Send a sticker."""
        sticker = {
            "file_id": "sticker-1",
            "file_unique_id": "us1",
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
            "set_name": "northwind",
        }
        return self._say(self.private, {"sticker": sticker}, None)

    async def send(self, content: Json) -> SentMessage:
        """Send a message with any other content, as the Bot API would word it."""
        return self._say(self.private, content, None)

    async def edit(self, message: SentMessage, text: str) -> SentMessage:
        """Change what was written."""
        chat = self._world.chat(message.chat_id)
        payload = message.payload | {
            "edit_date": int(self._world.now().timestamp()),
            "text": self._fitting(text),
        }
        chat.received[message.message_id] = payload
        return self._sent(chat, "edited_message", payload)

    async def press(self, button: Button | str) -> int | None:
        """Press a button by itself, its label or its data; gives the update's id.

        Raises:
            LookupError: no message shows such a button now.
        """
        seen, data = self._button(button)
        message = self._world.bot_message(self.private, seen)
        query = {
            "id": str(self.user_id << 20 | self.private.next_id()),
            "from": self.person,
            "message": message,
            "chat_instance": str(-self.user_id * 7919),
            "data": data,
        }
        return self._world.tell_bot(
            "callback_query",
            query,
            queue=("callback", self.user_id),
            lasts_s=CALLBACK_EXPIRY_S,
        )

    async def react(self, message: SeenMessage | None = None, emoji: str = "👍") -> int | None:
        """React to a message, the last one by default; the bot learns of it if it asked to."""
        message = message or self.chat[-1]
        old = self.reactions.get(message.message_id)
        self.reactions[message.message_id] = emoji
        payload = {
            "chat": self.private.head,
            "message_id": message.message_id,
            "user": self.person,
            "date": int(self._world.now().timestamp()),
            "old_reaction": [{"type": "emoji", "emoji": old}] if old else [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}],
        }
        return self._tell("message_reaction", payload)

    async def block(self) -> int | None:
        """Block the bot."""
        return self._membership("member", "kicked")

    async def unblock(self) -> int | None:
        """Let the bot write again."""
        return self._membership("kicked", "member")

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until nothing this customer did is on its way to the bot."""
        queues = (("chat", self.user_id), ("callback", self.user_id))
        await self._world.changes.until(
            lambda: self._world.waiting(*queues) == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self._world.waiting(*queues)} updates still wait for the bot",
        )

    async def sees(
        self,
        wanted: Wanted,
        *,
        after: SeenMessage | None = None,
        timeout: float = 10.0,  # noqa: ASYNC109 - the watcher's patience
    ) -> SeenMessage:
        """Wait for a message with this in its text, or of which this is true; the newest first.

        Args:
            wanted: words, or a question about a message.
            after: only messages that came after this one.
            timeout: how long to look, in the machine's seconds.
        """
        matches = _as_predicate(wanted)
        last_id = after.message_id if after is not None else 0
        return await self._world.changes.until(
            lambda: next(
                (
                    each
                    for each in reversed(self.chat)
                    if each.message_id > last_id and matches(each)
                ),
                None,
            ),
            patience_s=timeout,
            expected=lambda: f"{wanted!r} among {[message.text for message in self.chat]}",
        )

    def _button(self, button: Button | str) -> tuple[SeenMessage, str]:
        seen = self.private.seen
        wanted = {button} if isinstance(button, str) else {button.text, button.callback_data}
        messages: Iterable[SeenMessage] = reversed(seen.values())
        if isinstance(button, Button):
            messages = [seen[button.message_id]] if button.message_id in seen else []
        for message in messages:
            for each in message.buttons:
                shown = {each.text, each.callback_data}
                fits = shown & wanted if isinstance(button, str) else each == button
                if fits and each.callback_data is not None:
                    return message, each.callback_data
        msg = f"no message shows the button {button!r}"
        raise LookupError(msg)

    def _fitting(self, text: str) -> str:
        if not text.strip() or utf16_length(text) > TEXT_MAX:
            raise ValueError("Telegram's apps send 1 to 4096 characters in a message")
        return text

    def _say(
        self, chat: Chat, content: Json, reply_to: SeenMessage | SentMessage | None
    ) -> SentMessage:
        payload: Json = {
            "message_id": chat.next_id(),
            "from": self.person,
            "chat": chat.head,
            "date": int(self._world.now().timestamp()),
            **content,
        }
        if entities := _entities(content.get("text", "")):
            payload["entities"] = entities
        if isinstance(reply_to, SentMessage):
            payload["reply_to_message"] = reply_to.payload
        elif reply_to is not None:
            payload["reply_to_message"] = self._world.bot_message(chat, reply_to)
        chat.received[payload["message_id"]] = payload
        if not chat.blocked:
            chat.open_to_bot = True
        return self._sent(chat, "message", payload)

    def _sent(self, chat: Chat, kind: str, payload: Json) -> SentMessage:
        update_id = self._world.tell_bot(
            kind, payload, queue=("chat", chat.chat_id), lasts_s=TRY_EXPIRY_S
        )
        return SentMessage(
            chat_id=chat.chat_id,
            message_id=payload["message_id"],
            update_id=update_id,
            payload=payload,
        )

    def _tell(self, kind: str, payload: Json) -> int | None:
        return self._world.tell_bot(
            kind, payload, queue=("chat", self.user_id), lasts_s=TRY_EXPIRY_S
        )

    def _membership(self, old: str, new: str) -> int | None:
        self.private.blocked = new == "kicked"
        kicked: Json = {"until_date": 0}
        payload = {
            "chat": self.private.head,
            "from": self.person,
            "date": int(self._world.now().timestamp()),
            "old_chat_member": {"user": self._world.bot, "status": old}
            | (kicked if old == "kicked" else {}),
            "new_chat_member": {"user": self._world.bot, "status": new}
            | (kicked if new == "kicked" else {}),
        }
        return self._tell("my_chat_member", payload)
