"""Socket Mode as Slack offers it: addresses for one connection each, envelopes, farewells.

https://docs.slack.dev/apis/events-api/using-socket-mode. An envelope goes to one of the open
sockets and counts as received when its id comes back within three seconds; else it is sent again,
to whichever is open then. `ask_to_renew` says farewell in time, `switch_off` and an
eleventh socket for good, `cut` not at all.
"""

import asyncio
import contextlib
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.slack_delivery import ANSWER_MAX_S, Answer
from socialcare.sandbox.slack_rules import SlackRefusalError
from socialcare.sandbox.watching import Changes

SOCKETS_MAX: Final = 10
TICKETS_MAX: Final = 1_000
PATH: Final = "/link"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An envelope that was sent, and whether it was acknowledged."""

    envelope_id: str
    kind: str
    attempt: int
    acknowledged: bool


@dataclass(slots=True, kw_only=True)
class Sockets:
    """The open sockets of one app."""

    clock: Clock
    changes: Changes
    app_id: str
    app_token: str
    base_url: str = ""
    sent: deque[Sent] = field(default_factory=lambda: deque(maxlen=10_000))
    connections: int = 0
    """How many were ever opened."""
    off: bool = False
    """Socket Mode is switched off in the app's settings."""
    _tickets: set[str] = field(default_factory=set)
    _open: list[web.WebSocketResponse] = field(default_factory=list)
    _leaving: set[web.WebSocketResponse] = field(default_factory=set)
    _answers: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _numbers: int = 0

    @property
    def used(self) -> bool:
        """Whether the app receives by sockets: it has asked for one."""
        return self._numbers > 0

    @property
    def open(self) -> int:
        """Count the sockets that serve now."""
        return len(self._open)

    def ticket(self, token: str) -> str:
        """Give the address of a new socket (`apps.connections.open`)."""
        if token != self.app_token:
            kinds = token.startswith("xoxb-")
            raise SlackRefusalError("not_allowed_token_type" if kinds else "invalid_auth")
        if len(self._tickets) >= TICKETS_MAX:
            raise SlackRefusalError("internal_error")
        ticket = f"ticket-{self._number()}"
        self._tickets.add(ticket)
        return f"{self.base_url.replace('http', 'ws', 1)}{PATH}/{ticket}"

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Serve one socket until it ends."""
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=404, text="no such link")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        if self.off or self.open >= SOCKETS_MAX:
            await self._part(socket, "link_disabled" if self.off else "too_many_websockets")
            return socket
        self.connections += 1
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": self.open + 1,
                "connection_info": {"app_id": self.app_id},
                "debug_info": {"host": "applink-1", "approximate_connection_time": 18060},
            }
        )
        self._open.append(socket)
        self.changes.tell()
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(message.data)
        finally:
            if socket in self._open:
                self._open.remove(socket)
            self._leaving.discard(socket)
            self.changes.tell()
        return socket

    def _hear(self, text: str) -> None:
        told = json.loads(text)
        answer = self._answers.get(str(told.get("envelope_id")))
        if answer is not None and not answer.done():
            answer.set_result(told)

    async def deliver(self, kind: str, payload: Json, *, attempt: int = 0, why: str = "") -> Answer:
        """Send an envelope to one socket; gives what came with the acknowledgement."""
        if not self._open:
            return Answer(status=None, body="no socket", why="connection_failed")
        envelope_id = f"00000000-0000-4000-9000-{self._number():012d}"
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": why}
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._answers[envelope_id] = answer
        told = None
        try:
            await self._open[-1].send_json(envelope)
            async with self.clock.timeout(ANSWER_MAX_S):
                told = await answer
        except TimeoutError:
            return Answer(status=None, body="", why="timeout")
        except (aiohttp.ClientError, ConnectionError) as error:
            return Answer(status=None, body=repr(error), why="connection_failed")
        finally:
            del self._answers[envelope_id]
            self.sent.append(
                Sent(
                    envelope_id=envelope_id,
                    kind=kind,
                    attempt=attempt,
                    acknowledged=told is not None,
                )
            )
            self.changes.tell()
        body = json.dumps(told["payload"]) if "payload" in told else ""
        return Answer(status=200, body=body)

    async def interact(self, form: bytes) -> Answer:
        """Send what HTTP would post as a form."""
        fields = dict(parse_qsl(form.decode(), keep_blank_values=True))
        if "payload" in fields:
            return await self.deliver("interactive", json.loads(fields["payload"]))
        return await self.deliver("slash_commands", fields)

    # --- what a test asks for

    async def opened(self, times: int, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until so many sockets were opened in all."""
        await self.changes.until(
            lambda: self.connections >= times or None,
            patience_s=timeout,
            expected=lambda: f"{times} sockets, so far {self.connections}",
        )

    async def ask_to_renew(self, reason: str = "refresh_requested") -> None:
        """Say that the sockets end soon; they go on until the app hangs up or `cut`."""
        for socket in list(self._open):
            self._leaving.add(socket)
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    async def switch_off(self) -> None:
        """Switch Socket Mode off in the app's settings."""
        self.off = True
        for socket in list(self._open):
            await self._part(socket, "link_disabled")

    async def cut(self, *, leaving: bool = False) -> None:
        """End the sockets without a word; only those that were asked to renew, if `leaving`."""
        for socket in list(self._leaving if leaving else self._open):
            with contextlib.suppress(ConnectionError):
                await socket.close(code=1001)

    async def _part(self, socket: web.WebSocketResponse, reason: str) -> None:
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        await socket.close()

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers
