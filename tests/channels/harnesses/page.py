"""A visitor's page, as a browser holds it, and what may go wrong there.

It comes again by itself with the place that it knows, shows each line once, and says which of ours
arrived. `FaultPlan` spoils what it does with a line (`LINE`): nothing of it is the service's doing.
"""

import contextlib
import json
import secrets
import socket
from collections.abc import Callable
from typing import Any, Final, NoReturn

import aiohttp

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.watching import Changes

LINE: Final = "line"
"""The page is given a line."""
PATIENCE_S: Final = 20.0
SMALL_BYTES: Final = 4_096
"""What the network keeps for a page: a reader who stands still is soon noticed."""

Frame = dict[str, Any]


def small_socket(info: Any) -> socket.socket:
    """Make a socket that keeps little for its reader."""
    made = socket.socket(info[0], info[1], info[2])
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
    return made


class Page:
    """A visitor with the chat open."""

    def __init__(self, url: str, *, faults: FaultPlan, clock: Clock) -> None:
        self._url = url
        self._faults = faults
        self._clock = clock
        self._changes = Changes()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._waiting: dict[str, Frame] = {}
        """Said and not acknowledged: said again with each welcome."""
        self.lines: list[Frame] = []
        """What is shown, oldest first."""
        self.seq = 0
        """The last place of the log that it was told."""
        self.typed = 0
        """How often it showed that somebody writes."""
        self.token: str | None = None
        self.is_open = True
        """A closed page has no socket and opens none."""
        self.stands_still = False

    @property
    def visitor(self) -> str:
        """Who the service says it is."""
        assert self.token is not None
        return self.token.split(".")[2]

    async def live(self) -> None:
        """Hold a socket while the page is open, for ever."""
        connector = aiohttp.TCPConnector(socket_factory=small_socket)
        async with aiohttp.ClientSession(connector=connector) as session:
            while True:
                await self._until(lambda: self.is_open, "the page is opened")
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.ws_connect(
                        f"{self._url}/ws", headers={"Origin": self._url.partition("/chat")[0]}
                    ) as ws:
                        await self._talk(ws)
                self._socket = None

    async def close(self) -> None:
        """Close it, as visitors do: no word of goodbye is waited for."""
        self.is_open = False
        if self._socket is not None:
            await self._socket.close()

    def open(self) -> None:
        """Open it again; it knows what it knew."""
        self.is_open = True
        self._changes.tell()

    async def writes(self, text: str) -> str:
        """Write, and wait until it is acknowledged; gives the message's id."""
        return await self._say("message", text=text)

    async def caught_up(self) -> None:
        """Wait until what was said to it before has come: our answer comes after it.

        Lines may yet wait for room behind it.
        """
        await self._say("no frame that there is")

    async def shows(self, message_id: str) -> None:
        """Wait until a line is shown."""
        await self._until(lambda: self._has(message_id), f"line {message_id}")

    async def shows_or_rests(self, message_id: str) -> None:
        """Wait until a line is shown, or the page takes nothing."""
        await self._until(
            lambda: self.stands_still or not self.is_open or self._has(message_id),
            f"line {message_id}",
        )

    def _has(self, message_id: str) -> bool:
        return any(one["id"] == message_id for one in self.lines)

    # --- the socket

    async def _talk(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        known = {} if self.token is None else {"token": self.token}
        await ws.send_json({"type": "hello", "seq": self.seq, "language": "en", **known})
        async for message in ws:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._hear(ws, json.loads(message.data))

    async def _hear(self, ws: aiohttp.ClientWebSocketResponse, frame: Frame) -> None:
        match frame["type"]:
            case "welcome":
                self.token, self._socket = frame["token"], ws
                for waiting in self._waiting.values():
                    await ws.send_json(waiting)
            case "ack" | "refused":
                self._waiting.pop(frame["id"], None)
            case "typing":
                self.typed += 1
            case "beat":
                await ws.send_json({"type": "beat"})
            case "line":
                await self._line(ws, frame)
            case _:
                pass
        self._changes.tell()

    async def _line(self, ws: aiohttp.ClientWebSocketResponse, frame: Frame) -> None:
        fault = self._faults.take(LINE)
        kind = None if fault is None else fault.kind
        if kind == "reset":
            _drop(ws)
        await self._linger(fault)
        self.lines.append(frame)
        self.seq = frame["seq"]
        if kind == "answer_lost":
            _drop(ws)
        elif kind != "twist" and frame["author"] != "customer":
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await ws.send_json({"type": "delivered", "id": frame["id"]})

    async def _linger(self, fault: Fault | None) -> None:
        """Read nothing for a while."""
        if fault is None or fault.kind not in {"hang", "slow"}:
            return
        self.stands_still = True
        self._changes.tell()
        await (self._clock.sleep(fault.seconds) if fault.kind == "slow" else self._faults.held())
        self.stands_still = False

    async def _say(self, kind: str, **fields: str) -> str:
        """Say something until it is acknowledged; gives its id."""
        said = secrets.token_hex(8)
        self._waiting[said] = {"type": kind, "id": said, **fields}
        if self._socket is not None:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._socket.send_json(self._waiting[said])
        await self._until(lambda: said not in self._waiting, f"an answer to {kind}")
        return said

    async def _until(self, is_so: Callable[[], bool], wanted: str) -> None:
        await self._changes.until(
            lambda: is_so() or None, patience_s=PATIENCE_S, expected=lambda: wanted
        )


def _drop(ws: aiohttp.ClientWebSocketResponse) -> NoReturn:
    """Cut the line under the page; neither side says goodbye."""
    line = ws.get_extra_info("socket")
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("the line was cut")
