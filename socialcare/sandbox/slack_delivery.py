"""How Slack reaches an app: signed, three seconds to answer, events again after 0, 60 and 300 s.

https://docs.slack.dev/apis/events-api and /authentication/verifying-requests-from-slack.
Interactivity is sent once: the colleague sees that it failed and presses again.
"""

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp

from conversation.clock import Clock
from socialcare.sandbox.faults import FaultPlan
from socialcare.sandbox.watching import Changes

ANSWER_MAX_S: Final = 3.0
RETRIES_S: Final = (0.0, 60.0, 300.0)
OLD_S: Final = 600
PATIENCE_S: Final = 3_600.0
"""How long an event waits for another that is to come first."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app said; no status means that it was not reached or too slow."""

    status: int | None
    body: str
    why: str = ""
    """Slack's reason for a failure: `http_timeout`, `connection_failed`, `http_error`."""
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        """Tell whether Slack counts it as received."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt at delivering an event."""

    event_id: str
    retry_num: int
    status: int | None
    at: float
    """Seconds since 1970."""


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Sign a body the way Slack does."""
    base = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, "sha256").hexdigest()


class BySocket(Protocol):
    """The other way to an app: `socialcare.sandbox.slack_sockets`."""

    @property
    def used(self) -> bool:
        """Whether the app receives this way."""
        ...

    async def deliver(self, kind: str, payload: Json, *, attempt: int, why: str) -> Answer:
        """Send an envelope."""
        ...

    async def interact(self, form: bytes) -> Answer:
        """Send an interaction or a slash command."""
        ...


class Delivery:
    """The way to one app's request URL."""

    def __init__(
        self, *, clock: Clock, faults: FaultPlan, changes: Changes, signing_secret: str
    ) -> None:
        self.url = ""
        """Where events and interactivity go; empty: nowhere."""
        self.by_socket: BySocket | None = None
        """Where envelopes go instead, once the app has asked for a socket."""
        self.tries: deque[Try] = deque(maxlen=10_000)
        self._clock = clock
        self._faults = faults
        self._changes = changes
        self._signing_secret = signing_secret
        self._client: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        """Count the events not yet delivered nor given up."""
        return len(self._under_way)

    async def start(self) -> None:
        """Open the connections to the app."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        """Give up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def headers(self, body: bytes, *, content_type: str, kind: str | None = None) -> dict[str, str]:
        """Give the headers of a request, signed rightly unless a fault says otherwise."""
        timestamp = int(self._clock.now().timestamp())
        if kind == "old_signature":
            timestamp -= OLD_S
        secret = "another-secret" if kind == "bad_signature" else self._signing_secret
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": sign(secret, timestamp, body),
        }

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send any bytes to the app, and wait three seconds at most."""
        if self._client is None or not self.url:
            return Answer(status=None, body="no request URL", why="connection_failed")
        try:
            async with (
                self._clock.timeout(ANSWER_MAX_S),
                self._client.post(self.url, data=body, headers=headers) as response,
            ):
                text = await response.text(errors="replace")
                no_retry = response.headers.get("X-Slack-No-Retry") == "1"
                why = "" if response.ok else "http_error"
                return Answer(status=response.status, body=text, why=why, no_retry=no_retry)
        except TimeoutError:
            return Answer(status=None, body="", why="http_timeout")
        except (aiohttp.ClientError, OSError) as error:
            return Answer(status=None, body=repr(error), why="connection_failed")

    async def interact(self, form: bytes) -> Answer:
        """Send an interaction or a slash command, once."""
        fault = self._faults.take("interactivity", any_call=False)
        kind = fault.kind if fault is not None else None
        if fault is not None and fault.kind == "slow":
            await self._clock.sleep(fault.seconds)
        if self.by_socket is not None and self.by_socket.used:
            return await self.by_socket.interact(form)
        content_type = "application/x-www-form-urlencoded"
        answer = await self.post(form, self.headers(form, content_type=content_type, kind=kind))
        if kind == "duplicate":
            await self.post(form, self.headers(form, content_type=content_type))
        return answer

    def send_event(self, envelope: Json) -> None:
        """Start delivering an event; each goes its own way, in no order."""
        if self.url or (self.by_socket is not None and self.by_socket.used):
            task = asyncio.create_task(self._deliver(envelope))
            self._under_way.add(task)
            task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._changes.tell()

    async def _deliver(self, envelope: Json) -> None:
        fault = self._faults.take("event", any_call=False)
        kind = fault.kind if fault is not None else None
        body = json.dumps(envelope).encode()
        if fault is not None and fault.kind == "slow":
            await self._clock.sleep(fault.seconds)
        if kind == "reorder":
            before = len(self.tries)
            await self._changes.until(
                lambda: len(self.tries) > before or None,
                patience_s=PATIENCE_S,
                expected=lambda: "a second event, to come first",
            )
        if kind == "only_retry":
            answer = Answer(status=None, body="", why="http_timeout")
        else:
            answer = await self._try(envelope, body, number=0, why="", kind=kind)
        for number, wait_s in enumerate(RETRIES_S, start=1):
            if answer.ok or answer.no_retry or kind == "drop_retry":
                break
            await self._clock.sleep(wait_s)
            answer = await self._try(envelope, body, number=number, why=answer.why)
        if kind == "duplicate":
            await self._try(envelope, body, number=0, why="")

    async def _try(
        self, envelope: Json, body: bytes, *, number: int, why: str, kind: str | None = None
    ) -> Answer:
        if self.by_socket is not None and self.by_socket.used:
            answer = await self.by_socket.deliver("events_api", envelope, attempt=number, why=why)
        else:
            headers = self.headers(body, content_type="application/json", kind=kind)
            if number:
                headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": why}
            answer = await self.post(body, headers)
        self.tries.append(
            Try(
                event_id=envelope["event_id"],
                retry_num=number,
                status=answer.status,
                at=self._clock.now().timestamp(),
            )
        )
        self._changes.tell()
        return answer
