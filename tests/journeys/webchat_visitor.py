"""A visitor of the web chat who speaks the protocol itself, without a browser."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp

from conversation.clock import SystemClock
from tests.journeys.house import PATIENCE_S, House

Frame = dict[str, Any]


class Socket:
    """One open socket, with all that was said on it."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.frames: list[Frame] = []
        self.closed_with: int | None = None
        self._heard = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.ws:
            self.frames.append(json.loads(message.data))
            self._heard.set()
        self.closed_with = self.ws.close_code
        self._heard.set()

    async def say(self, kind: str, **fields: Any) -> None:
        """Send a frame."""
        await self.ws.send_str(json.dumps({"type": kind, **fields}))

    async def writes(self, text: str, message_id: str | None = None) -> str:
        """Send a message and wait until it is acknowledged; gives its id."""
        message_id = message_id or new_id()
        await self.say("message", id=message_id, text=text)
        await self.hears("ack", id=message_id)
        return message_id

    async def until(self, fits: Callable[[Frame], bool], wanted: str = "") -> Frame:
        """Wait for a frame that fits."""
        real = SystemClock()
        deadline = real.monotonic() + PATIENCE_S
        while True:
            self._heard.clear()
            for frame in self.frames:
                if fits(frame):
                    return frame
            assert self.closed_with is None, f"closed ({self.closed_with}): {self.frames}"
            left = deadline - real.monotonic()
            assert left > 0, f"no {wanted} in {self.frames}"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._heard.wait()

    async def hears(self, kind: str, **fields: Any) -> Frame:
        """Wait for a frame of a kind with these fields."""
        wanted = {"type": kind, **fields}
        return await self.until(lambda frame: wanted.items() <= frame.items(), str(wanted))

    async def sees(self, words: str, author: str = "bot") -> Frame:
        """Wait for a line with these words."""
        return await self.until(
            lambda frame: (
                frame["type"] == "line" and frame["author"] == author and words in frame["text"]
            ),
            words,
        )

    async def ends(self) -> int:
        """Wait until the other side has closed it; gives the code."""
        async with asyncio.timeout(PATIENCE_S):
            await self._reader
        assert self.closed_with is not None
        return self.closed_with

    def lines(self) -> list[tuple[int, str, str]]:
        """Give the lines: place, author, text."""
        return [
            (one["seq"], one["author"], one["text"]) for one in self.frames if one["type"] == "line"
        ]

    @property
    def seq(self) -> int:
        """The last place of the log that was told."""
        return max((one.get("seq", 0) for one in self.frames), default=0)

    @property
    def token(self) -> str:
        """The token it was given."""
        return next(str(one["token"]) for one in self.frames if one["type"] == "welcome")


def new_id() -> str:
    """Make up the id of a message, as pages do."""
    return secrets.token_hex(8)


@contextlib.asynccontextmanager
async def raw_socket(
    url: str, *, channel: str = "webchat", origin: str | None = None, **headers: str
) -> AsyncIterator[Socket]:
    """Open a socket and say nothing."""
    given = {"Origin": url if origin is None else origin, **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/chat/{channel}/ws", headers=given) as ws,
    ):
        socket = Socket(ws)
        try:
            yield socket
        finally:
            await ws.close()
            await socket._reader


@contextlib.asynccontextmanager
async def visiting(
    home: House | str, *, token: str | None = None, seq: int = 0, language: str = "en"
) -> AsyncIterator[Socket]:
    """Open a socket and be welcomed."""
    url = home if isinstance(home, str) else home.world.url
    async with raw_socket(url) as socket:
        hello: dict[str, Any] = {"seq": seq, "language": language}
        await socket.say("hello", **hello, **({} if token is None else {"token": token}))
        await socket.hears("welcome")
        yield socket
