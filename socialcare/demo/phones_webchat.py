"""The web chat on the sandbox page: its visitors hold sockets, as a browser's page does.

There is no platform between them and the service, and so no stand-in: what is written waits here
until the service has it on disk, goes again after a break, and is shown where the log has it. The
protocol is that of docs/howto/web-chat.md, written down a second time on purpose.
"""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp

from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address
from socialcare.demo.phones import Ability, Bubble, Phone, told_something
from socialcare.sandbox.watching import Changes

NAME: Final = "webchat"
TYPING_LASTS: Final = timedelta(seconds=6)
AGAIN_S: Final = 0.5
"""Pause before a socket that broke is opened again."""
TEXT_MAX: Final = 4_000

Json = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class WebchatPhone:
    """A visitor with the chat open in a browser."""

    id: str
    name: str
    """Ours alone: a visitor has none there."""
    url: str
    clock: Clock
    changes: Changes
    visitor: str = ""
    """Who the service says it is; empty until it was welcomed."""
    _token: str | None = None
    _seq: int = 0
    _lines: dict[str, Bubble] = field(default_factory=dict)
    _waiting: dict[str, Bubble] = field(default_factory=dict)
    """Written and not known to be on disk."""
    _typed_at: datetime | None = None
    _socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def conversations(self) -> frozenset[str]:
        """The one conversation that its token opens."""
        if not self.visitor:
            return frozenset()
        place = Address(channel=NAME, account="site", key=self.visitor, surface=Surface.PRIVATE)
        return frozenset({place.conversation})

    def bubbles(self) -> Sequence[Bubble]:
        """What the log told, then what waits."""
        waiting = (one for key, one in self._waiting.items() if key not in self._lines)
        return [*self._lines.values(), *waiting]

    def typing(self) -> bool:
        """Whether a sign came lately, and no line after it."""
        return self._typed_at is not None and self.clock.now() - self._typed_at < TYPING_LASTS

    async def write(self, text: str, *, public: bool = False) -> None:
        """Write; a chat on a site is private."""
        told_something(text)
        if public:
            raise ValueError("a chat on a site is private")
        if len(text) > TEXT_MAX:
            raise ValueError(f"the chat takes {TEXT_MAX} characters")
        key = secrets.token_hex(8)
        self._waiting[key] = Bubble(id=key, mine=True, text=text, at=self.clock.now())
        self.changes.tell()
        await self._send(key)

    async def press(self, value: str) -> None:
        """Refuse: there are no buttons."""
        raise LookupError(value)

    # --- the socket

    async def live(self, session: aiohttp.ClientSession) -> None:
        """Hold a socket, for ever; a break is begun again where it was."""
        headers = {"Origin": self.url}
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.ws_connect(
                    f"{self.url}/chat/{NAME}/ws", headers=headers
                ) as socket:
                    await self._talk(socket)
            self._socket = None
            await self.clock.sleep(AGAIN_S)

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        token = {} if self._token is None else {"token": self._token}
        await socket.send_json({"type": "hello", "seq": self._seq, "language": "en", **token})
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._hear(socket, json.loads(message.data))

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse, frame: Json) -> None:
        match frame["type"]:
            case "welcome":
                self._token = frame["token"]
                self.visitor = frame["token"].split(".")[2]
                self._socket = socket
                for key in list(self._waiting):
                    await self._send(key)
            case "ack":
                # On disk; it stays where it is until the log has it.
                pass
            case "later" if frame.get("id") in self._waiting:
                await self.clock.sleep(min(AGAIN_S, frame["after_s"]))
                await self._send(frame["id"])
            case "line":
                await self._line(socket, frame)
            case "typing" if frame.get("author") != "customer":
                self._typed_at = self.clock.now()
            case "beat":
                await socket.send_json({"type": "beat"})
            case _:
                pass
        self._seq = max(self._seq, frame.get("seq", 0))
        self.changes.tell()

    async def _line(self, socket: aiohttp.ClientWebSocketResponse, frame: Json) -> None:
        mine = frame["author"] == "customer"
        files = [f"[file] {one['name']}" for one in frame.get("files", ())]
        text = "\n".join(part for part in (frame["text"], *files) if part)
        at = datetime.fromisoformat(frame["at"])
        self._lines[frame["id"]] = Bubble(id=frame["id"], mine=mine, text=text, at=at)
        self._waiting.pop(frame["id"], None)
        if not mine:
            self._typed_at = None
            await socket.send_json({"type": "read", "id": frame["id"]})

    async def _send(self, key: str) -> None:
        """Send what waits, if there is a way; else it goes with the next welcome."""
        if self._socket is None or key not in self._waiting:
            return
        frame = {"type": "message", "id": key, "text": self._waiting[key].text, "language": "en"}
        with contextlib.suppress(aiohttp.ClientError, OSError):
            await self._socket.send_json(frame)


@dataclass(slots=True, kw_only=True)
class Webchat:
    """The chat's visitors."""

    url: str
    """Where the service is."""
    clock: Clock
    name: str = NAME
    title: str = "Web chat"
    abilities: frozenset[Ability] = frozenset({Ability.WRITE})
    message_kinds: frozenset[str] = frozenset({"message", "file"})
    changes: Changes = field(default_factory=Changes)
    _phones: dict[str, WebchatPhone] = field(default_factory=dict)
    _sockets: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    @property
    def phones(self) -> Mapping[str, Phone]:
        """Its visitors, oldest first."""
        return self._phones

    def enter(self, name: str) -> Phone:
        """Open the chat in a browser that has never been there."""
        if self._session is None:
            self._session = aiohttp.ClientSession()
        phone = WebchatPhone(
            id=str(len(self._phones) + 1),
            name=name,
            url=self.url,
            clock=self.clock,
            changes=self.changes,
        )
        self._phones[phone.id] = phone
        task = asyncio.create_task(phone.live(self._session), name=f"web chat of {phone.id}")
        self._sockets.add(task)
        return phone

    async def stop(self) -> None:
        """Close all sockets."""
        for task in self._sockets:
            task.cancel()
        await asyncio.gather(*self._sockets, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
