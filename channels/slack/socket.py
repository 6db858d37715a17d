"""Slack without a public address: Socket Mode, each envelope acknowledged after it is kept.

https://docs.slack.dev/apis/events-api/using-socket-mode. slack_sdk's own socket client is not
used for the socket: it puts what it receives into a queue without a bound, hides failures in
reconnecting tasks of its own and waits on the machine's time. Asking for the address and wording
the answers is left to the library.

Whatever comes is turned back into the request that HTTP would have carried, so that there is one
way in for both. Several sockets may be open at once (other processes, the old one while the new
one opens): Slack gives each envelope to one of them, and again to any when nobody acknowledges it.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlencode

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from channels.errors import SendError, SendFailure
from channels.slack.transport import CONNECT_TIMEOUT_S, map_slack_error
from conversation.clock import Clock

AT_ONCE: Final = 64
"""Envelopes under way; more wait in the socket, where Slack sees that we are slow."""
HEARTBEAT_S: Final = 10.0
"""A socket that answers no ping for so long is dead: shorter than Slack's own 30 s."""
MESSAGE_MAX: Final = 4 * 1024 * 1024
"""Bytes of one envelope; events have a few kilobytes."""
HELLO_S: Final = 10.0
"""Seconds until a socket that says nothing is given up."""
DRAIN_S: Final = 15.0
"""Seconds that an old socket keeps serving after Slack asked for a new one."""
PAUSE_MAX_S: Final = 60.0

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketRequest:
    """An envelope, as HTTP would have brought it."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketAnswer:
    """What is answered with the acknowledgement; an empty body is only that."""

    body: str = ""


Take = Callable[[SocketRequest], Awaitable[SocketAnswer | None]]
"""Keeps an envelope; None: it is not kept, Slack shall send it again. Never raises."""


class _Envelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)

    type: Literal["events_api", "interactive", "slash_commands"]
    envelope_id: str = Field(min_length=1)
    payload: dict[str, JsonValue]
    accepts_response_payload: bool = False


class _Farewell(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)

    type: Literal["disconnect"]
    reason: str = ""


class _Hello(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)

    type: Literal["hello"]


def as_request(kind: str, payload: dict[str, JsonValue]) -> SocketRequest:
    """Word an envelope's payload as the request that HTTP would have brought."""
    if kind == "events_api":
        return SocketRequest(body=json.dumps(payload).encode(), content_type=JSON_TYPE)
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return SocketRequest(body=urlencode(fields).encode(), content_type=FORM_TYPE)


@dataclass(slots=True, kw_only=True)
class SlackSocket:
    """One app's line to Slack, held for ever."""

    name: str
    """The channel's name, or `desk`."""
    app_token: str
    client: AsyncWebClient
    take: Take
    clock: Clock
    rng: random.Random
    trouble: str | None = "no socket yet"
    """Why nothing can come in now; None while a socket is open."""
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _old: set[asyncio.Task[None]] = field(default_factory=set)
    _taking: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Hold a socket, for ever: a new one before the old one ends, where Slack asks in time."""
        failures = 0
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S)
        ) as session:
            try:
                while True:
                    line = _Line()
                    held = asyncio.create_task(self._hold(session, line))
                    try:
                        await line.over.wait()
                    except asyncio.CancelledError:
                        held.cancel()
                        await asyncio.gather(held, return_exceptions=True)
                        raise
                    if line.trouble is None:
                        failures = 0
                        self._leave(held)
                        continue
                    await held
                    failures = 1 if line.opened else failures + 1
                    self._tell(line.trouble)
                    await self.clock.sleep(self._pause_s(line, failures))
            finally:
                await _ended(self._old | self._taking)

    def _leave(self, held: asyncio.Task[None]) -> None:
        """Let an old socket serve what it still brings, while a new one is opened."""
        self._old.add(held)
        held.add_done_callback(self._old.discard)

    def _tell(self, why: str) -> None:
        self.trouble = why
        _log.warning("socket lost", line=self.name, why=why)

    def _pause_s(self, line: "_Line", failures: int) -> float:
        grown = min(PAUSE_MAX_S, 2.0 ** min(failures - 1, 16)) * (0.5 + self.rng.random() / 2)
        return max(grown, line.retry_after_s)

    # --- one socket

    async def _hold(self, session: aiohttp.ClientSession, line: "_Line") -> None:
        """Open a socket and serve it until it ends; `line` says how it went."""
        try:
            url = await self._address()
            async with session.ws_connect(
                url, heartbeat=HEARTBEAT_S, max_msg_size=MESSAGE_MAX, compress=0
            ) as socket:
                await self._serve(socket, line)
            line.end("the socket was closed")
        except SendError as error:
            line.retry_after_s = error.retry_after_s or 0.0
            line.end(f"{error.failure}: {error}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            line.end(f"{SendFailure.UNAVAILABLE}: {type(error).__name__}")
        finally:
            # Whatever else it was comes up where this task is awaited.
            line.end("the socket failed")

    async def _address(self) -> str:
        """Ask for a socket's address, good for one connection; raises `SendError`."""
        try:
            told = await self.client.apps_connections_open(app_token=self.app_token)
        except Exception as error:
            raise map_slack_error(error) from error
        url = told.get("url")
        if not isinstance(url, str) or not url.startswith(("wss://", "ws://")):
            raise SendError(SendFailure.UNAVAILABLE, "Slack gave no address for a socket")
        return url

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse, line: "_Line") -> None:
        async with self.clock.timeout(HELLO_S):
            first = await socket.receive()
        while first.type is aiohttp.WSMsgType.TEXT:
            match _read(first.data):
                case _Hello():
                    line.opened = True
                    self.trouble = None
                case _Farewell(reason=reason):
                    return await self._parted(socket, line, reason)
                case _Envelope() as envelope:
                    await self._begin(socket, envelope)
                case None:
                    _log.warning("socket_unreadable", line=self.name)
            first = await socket.receive()
        return None

    async def _parted(
        self, socket: aiohttp.ClientWebSocketResponse, line: "_Line", reason: str
    ) -> None:
        """Obey a farewell: Slack closes this socket soon, for a reason that says what to do."""
        if reason not in {"warning", "refresh_requested"} or not line.opened:
            # Too many sockets, or Socket Mode was switched off: another one at once is no help.
            line.end(f"Slack ended the socket: {reason[:80]}")
            return
        line.moved()
        try:
            async with self.clock.timeout(DRAIN_S):
                while (more := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    envelope = _read(more.data)
                    if isinstance(envelope, _Envelope):
                        await self._begin(socket, envelope)
        except TimeoutError:
            return

    # --- one envelope

    async def _begin(self, socket: aiohttp.ClientWebSocketResponse, envelope: _Envelope) -> None:
        """Take an envelope beside the others: a modal's answer has three seconds."""
        await self._room.acquire()
        task = asyncio.create_task(self._taken(socket, envelope))
        self._taking.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._taking.discard(task)
        self._room.release()

    async def _taken(self, socket: aiohttp.ClientWebSocketResponse, envelope: _Envelope) -> None:
        answer = await self.take(as_request(envelope.type, envelope.payload))
        if answer is None:
            return
        told = SocketModeResponse(
            envelope_id=envelope.envelope_id,
            payload=_payload(answer.body) if envelope.accepts_response_payload else None,
        )
        try:
            await socket.send_json(told.to_dict())
        except (aiohttp.ClientError, ConnectionError):
            # It is kept; Slack sends it again, and it is known.
            _log.info("socket_ack_lost", line=self.name)


@dataclass(slots=True, kw_only=True)
class _Line:
    """How one socket went."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when another one is wanted."""
    opened: bool = False
    trouble: str | None = None
    retry_after_s: float = 0.0

    def moved(self) -> None:
        """Want another one now, with nothing wrong."""
        self.over.set()

    def end(self, why: str) -> None:
        """Want another one after a pause."""
        if not self.over.is_set():
            self.trouble = why
            self.over.set()


def _read(text: object) -> _Envelope | _Farewell | _Hello | None:
    """Read one message of the socket; None: nobody can."""
    for kind in (_Envelope, _Farewell, _Hello):
        try:
            return kind.model_validate_json(str(text))
        except (ValidationError, RecursionError):
            continue
    return None


def _payload(body: str) -> dict[str, Any] | None:
    """Word an HTTP answer's body as the acknowledgement's payload."""
    if not body:
        return None
    try:
        told = json.loads(body)
    except ValueError:
        return {"text": body}
    return told if isinstance(told, dict) else {"text": body}


async def _ended(tasks: set[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
