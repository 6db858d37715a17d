"""Customers on WhatsApp: what they do, and what they see."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from socialcare.sandbox.watching import Changes
from socialcare.sandbox.whatsapp_rules import TEXT_MAX, Button

Json = dict[str, Any]
CHAT_MAX = 5_000
DIALLED = "15550100999"
"""The brand's number as it is dialled from abroad."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenMessage:
    """A message of the brand as its reader sees it."""

    number: int
    """Counts the chat's messages of the brand."""
    message_id: str
    text: str
    """After the marks were read."""
    raw: str
    """As the brand sent it."""
    formatted: tuple[str, ...]
    """The words that look other than they were written."""
    buttons: tuple[Button, ...]
    template: str | None
    language: str | None
    at: datetime
    reply_to: str | None
    by_app: bool = False
    """A colleague wrote it in the Business app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message somebody wrote to the brand."""

    message_id: str
    payload: Json


Wanted = str | Callable[[SeenMessage], bool]


@dataclass(slots=True, kw_only=True)
class Chat:
    """What the platform knows of a customer and the brand."""

    number: str
    user_id: str
    name: str
    username: str | None = None
    number_hidden: bool = False
    """They took a user name: the brand is told the id alone."""
    known_by_number: bool = False
    """No id of theirs is told yet, as before June 2026."""
    last_wrote_at: float | None = None
    """Seconds since 1970: the reply window begins there."""
    blocked: bool = False
    failing: deque[int] = field(default_factory=deque)
    """Error codes with which the next accepted messages fail."""
    seen: dict[str, SeenMessage] = field(default_factory=dict)
    received: dict[str, Json] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    """Messages of theirs that the brand has read."""
    typing: deque[str] = field(default_factory=lambda: deque(maxlen=100))
    """Messages of theirs under which the brand showed that it writes."""

    @property
    def key(self) -> str:
        """Name its queue."""
        return self.user_id


class World(Protocol):
    """What a customer needs of the stand-in."""

    changes: Changes

    def now(self) -> datetime:
        """Say the time."""
        ...

    def next_id(self) -> str:
        """Name the next message."""
        ...

    def tell(self, chat: Chat, field: str, value: Json) -> None:
        """Queue a change for the brand."""
        ...

    def status(self, chat: Chat, message_id: str, word: str, *errors: Json) -> None:
        """Tell the brand what became of a message."""
        ...

    def waiting(self, *keys: str) -> int:
        """Count the changes on their way."""
        ...

    def renamed(self, chat: Chat, *, number: str, user_id: str) -> None:
        """Know somebody by another number and id."""
        ...


class Customer:
    """Somebody with WhatsApp and something to say."""

    def __init__(self, *, world: World, chat: Chat) -> None:
        self.private = chat
        self._world = world

    @property
    def user_id(self) -> str:
        """The id that this business alone knows them by."""
        return self.private.user_id

    @property
    def chat(self) -> tuple[SeenMessage, ...]:
        """What the brand said, oldest first."""
        return tuple(self.private.seen.values())

    async def write(
        self, text: str, *, reply_to: SeenMessage | SentMessage | None = None
    ) -> SentMessage:
        """Write to the brand."""
        content: Json = {"type": "text", "text": {"body": self._fitting(text)}}
        if reply_to is not None:
            content["context"] = {"from": self.private.number, "id": reply_to.message_id}
        return await self.send(content)

    async def follow(self, link: str) -> SentMessage:
        """Open the chat by a click-to-chat link and send the words that stand there already.

        https://faq.whatsapp.com/5913398998672934
        """
        parts = urlsplit(link)
        if (parts.netloc, parts.path) != ("wa.me", f"/{DIALLED}"):
            msg = f"{link!r} opens no chat with this number"
            raise LookupError(msg)
        return await self.write(parse_qs(parts.query)["text"][0])

    async def photo(self, caption: str = "") -> SentMessage:
        """Send a photo."""
        image = {"id": f"media-{self.private.number}", "mime_type": "image/jpeg", "sha256": "c2Ft"}
        return await self.send(
            {"type": "image", "image": image | ({"caption": caption} if caption else {})}
        )

    async def sticker(self) -> SentMessage:
        """Send a sticker."""
        sticker = {"id": "sticker-1", "mime_type": "image/webp", "animated": False}
        return await self.send({"type": "sticker", "sticker": sticker})

    async def send(self, content: Json) -> SentMessage:
        """Send a message with any content, as the Cloud API would word it."""
        chat, message_id = self.private, self._world.next_id()
        if len(chat.received) >= CHAT_MAX:
            msg = f"more than {CHAT_MAX} messages of {chat.user_id}"
            raise OverflowError(msg)
        if content.get("type") not in {"reaction", "edit", "revoke", "system"}:
            chat.last_wrote_at = self._world.now().timestamp()
        payload = {**self._sender(), "id": message_id, "timestamp": self._stamp(), **content}
        chat.received[message_id] = payload
        self._world.tell(chat, "messages", {"contacts": [self._contact()], "messages": [payload]})
        return SentMessage(message_id=message_id, payload=payload)

    async def edit(self, message: SentMessage, text: str) -> SentMessage:
        """Change what was written."""
        changed = {"type": "text", "text": {"body": self._fitting(text)}}
        return await self.send(
            {
                "type": "edit",
                "edit": {"original_message_id": message.message_id, "message": changed},
            }
        )

    async def revoke(self, message: SentMessage) -> SentMessage:
        """Take a message back."""
        return await self.send(
            {"type": "revoke", "revoke": {"original_message_id": message.message_id}}
        )

    async def press(self, button: Button | str) -> SentMessage:
        """Press a button by itself, its title or its id.

        Raises:
            LookupError: no message shows such a button.
        """
        for message in reversed(self.chat):
            for each in message.buttons:
                if button in (each, each.title, each.id):
                    reply = {"id": each.id, "title": each.title}
                    return await self.send(
                        {
                            "type": "interactive",
                            "context": {"from": self.private.number, "id": message.message_id},
                            "interactive": {"type": "button_reply", "button_reply": reply},
                        }
                    )
        msg = f"no message shows the button {button!r}"
        raise LookupError(msg)

    async def react(self, message: SeenMessage | None = None, emoji: str = "👍") -> SentMessage:
        """React to a message, the last one by default; no emoji takes it back."""
        target = message or self.chat[-1]
        reaction = {"message_id": target.message_id} | ({"emoji": emoji} if emoji else {})
        return await self.send({"type": "reaction", "reaction": reaction})

    async def read(self) -> None:
        """Look at what the brand said last."""
        self._world.status(self.private, self.chat[-1].message_id, "read")

    def block(self) -> None:
        """Block the brand; it is not told, its messages just fail."""
        self.private.blocked = True

    def fail_next(self, code: int = 131026) -> None:
        """Let the next message be accepted, and fail afterwards."""
        self.private.failing.append(code)

    def hide_number(self, username: str) -> None:
        """Take a user name: the brand is told no number from now on."""
        self.private.username = username
        self.private.number_hidden = True

    def change_number(self, number: str, user_id: str) -> None:
        """Move to another number, and so to another id."""
        self._world.renamed(self.private, number=number, user_id=user_id)

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until nothing of this customer's is on its way to the brand."""
        key = self.private.key
        await self._world.changes.until(
            lambda: self._world.waiting(key) == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self._world.waiting(key)} changes still wait for the brand",
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
        last = after.number if after is not None else 0

        def fits(message: SeenMessage) -> bool:
            return wanted in message.text if isinstance(wanted, str) else wanted(message)

        return await self._world.changes.until(
            lambda: next(
                (each for each in reversed(self.chat) if each.number > last and fits(each)), None
            ),
            patience_s=timeout,
            expected=lambda: f"{wanted!r} among {[message.text for message in self.chat]}",
        )

    def _fitting(self, text: str) -> str:
        if not text.strip() or len(text) > TEXT_MAX:
            raise ValueError("WhatsApp sends 1 to 4096 characters in a message")
        return text

    def _stamp(self) -> str:
        return str(int(self._world.now().timestamp()))

    def _sender(self) -> Json:
        number = {} if self.private.number_hidden else {"from": self.private.number}
        return number | self._id("from_user_id")

    def _contact(self) -> Json:
        chat = self.private
        profile = {"name": chat.name} | ({"username": chat.username} if chat.username else {})
        number = {} if chat.number_hidden else {"wa_id": chat.number}
        return {"profile": profile, **self._id("user_id"), **number}

    def _id(self, name: str) -> Json:
        return {} if self.private.known_by_number else {name: self.private.user_id}
