"""How X tells of what happened: webhooks with challenge and signature, and the activity stream.

https://docs.x.com/x-api/webhooks/introduction: an answer of 200 within 10 seconds, else again; X
names no numbers, so: after 1 s, doubling up to a minute, for 28 hours.
"""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.x_rules import XRefusalError, hmac_b64, invalid

Json = dict[str, Any]
ANSWER_MAX_S: Final = 10.0
GIVEN_UP_AFTER_S: Final = 28 * 3_600.0
HEARTBEAT_S: Final = 20.0
STREAMS_MAX: Final = 2
BACKFILL: Final = timedelta(minutes=5)
HISTORY_MAX: Final = 10_000
PATIENCE_S: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the brand's server said; no status means that it could not be reached in time."""

    status: int | None
    body: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether the event counts as delivered."""
        return self.status == 200


@dataclass(slots=True, kw_only=True)
class Webhook:
    """One of the app's webhooks."""

    webhook_id: str
    url: str
    valid: bool = True

    @property
    def told(self) -> Json:
        """As the API words it."""
        return {
            "id": self.webhook_id,
            "url": self.url,
            "valid": self.valid,
            "created_at": "2026-11-20T09:00:00.000Z",
        }


class Deliveries:
    """What waits to be told, and whom it is told."""

    def __init__(
        self, *, clock: Clock, faults: FaultPlan, changes: Changes, consumer_secret: str
    ) -> None:
        self.webhooks: dict[str, Webhook] = {}
        self.tries: deque[Answer] = deque(maxlen=10_000)
        self._clock = clock
        self._faults = faults
        self._changes = changes
        self._secret = consumer_secret
        self._waiting: deque[tuple[str, Json]] = deque()
        self._history: deque[tuple[datetime, Json]] = deque(maxlen=HISTORY_MAX)
        self._streams: list[asyncio.Queue[Json]] = []
        self._client: aiohttp.ClientSession | None = None
        self._worker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the connections to the brand."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        """Stop telling."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    @property
    def count(self) -> int:
        """Say how many events are on their way."""
        return len(self._waiting)

    def tell(self, body: Json, *, webhook_id: str | None) -> None:
        """Tell of something: the streams at once, the webhook in its turn."""
        self._history.append((self._clock.now(), body))
        for stream in self._streams:
            stream.put_nowait(body)
        if webhook_id is not None:
            self._waiting.append((webhook_id, body))
            if self._worker is None or self._worker.done():
                self._worker = asyncio.create_task(self._drain())
        self._changes.tell()

    # --- the webhook

    async def challenge(self, url: str) -> None:
        """Ask whether the address is the app's; raises `XRefusalError` without the proof."""
        token = secrets.token_urlsafe(24)
        answer = await self._answered("GET", url, params={"crc_token": token})
        try:
            proof = json.loads(answer.body).get("response_token")
        except (ValueError, AttributeError):
            proof = None
        if not answer.ok or proof != hmac_b64(self._secret, token.encode()):
            raise XRefusalError(
                400, "CrcValidationFailed", f"CRC GET request to {url} failed", "about:blank"
            )

    async def post(self, url: str, body: bytes, *, signature: str | None = None) -> Answer:
        """Send any bytes to a webhook, rightly signed unless a signature is given."""
        signed = hmac_b64(self._secret, body) if signature is None else signature
        headers = {"Content-Type": "application/json", "x-twitter-webhooks-signature": signed}
        answer = await self._answered("POST", url, data=body, headers=headers)
        self.tries.append(answer)
        self._changes.tell()
        return answer

    async def _answered(self, method: str, url: str, **more: Any) -> Answer:
        if self._client is None:
            raise invalid("the stand-in is not running")
        try:
            async with (
                self._clock.timeout(ANSWER_MAX_S),
                self._client.request(method, url, allow_redirects=False, **more) as response,
            ):
                return Answer(status=response.status, body=await response.text(errors="replace"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer(status=None, body=repr(error))

    async def _drain(self) -> None:
        while self._waiting:
            fault = self._faults.take("webhook", any_call=False)
            if fault is not None and fault.kind == "reorder":
                await self._changes.until(
                    lambda: len(self._waiting) > 1 or None,
                    patience_s=PATIENCE_S,
                    expected=lambda: "a second event to swap with",
                )
                self._waiting[0], self._waiting[1] = self._waiting[1], self._waiting[0]
            webhook_id, body = self._waiting[0]
            webhook = self.webhooks.get(webhook_id)
            if webhook is not None:
                await self._carry(webhook, json.dumps(body).encode(), fault)
            self._waiting.popleft()
            self._changes.tell()

    async def _carry(self, webhook: Webhook, body: bytes, fault: Fault | None) -> None:
        kind = fault.kind if fault is not None else None
        if fault is not None and kind == "slow":
            await self._clock.sleep(fault.seconds)
        if kind == "bad_signature":
            await self.post(webhook.url, body, signature="sha256=bm90IGl0")
        began, pause_s = self._clock.monotonic(), 1.0
        while not (await self.post(webhook.url, body)).ok:
            late = self._clock.monotonic() + pause_s - began > GIVEN_UP_AFTER_S
            if late or kind == "drop_retry":
                webhook.valid = not late
                return
            await self._clock.sleep(pause_s)
            pause_s = min(pause_s * 2, 60.0)
        if kind == "duplicate":
            await self.post(webhook.url, body)

    # --- the stream

    async def stream(self, request: web.Request, *, backfill: bool) -> web.StreamResponse:
        """Serve `GET /2/activity/stream`."""
        if len(self._streams) >= STREAMS_MAX:
            raise XRefusalError(
                429, "ConnectionException", "This stream is at the maximum allowed connection limit"
            )
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        queue: asyncio.Queue[Json] = asyncio.Queue()
        since = self._clock.now() - BACKFILL
        for at, body in self._history if backfill else ():
            if at >= since:
                queue.put_nowait(body)
        self._streams.append(queue)
        self._changes.tell()
        try:
            while True:
                await response.write(await self._line(queue))
        except ConnectionError:
            return response
        finally:
            self._streams.remove(queue)

    async def _line(self, queue: asyncio.Queue[Json]) -> bytes:
        try:
            async with self._clock.timeout(HEARTBEAT_S):
                return json.dumps(await queue.get()).encode() + b"\r\n"
        except TimeoutError:
            return b"\r\n"

    @property
    def streams(self) -> int:
        """Say how many streams are open."""
        return len(self._streams)


def spoiled(fault: Fault, *, now: datetime) -> web.Response:
    """Word a fault as the live server does."""
    if fault.kind == "error_inside":
        error: Mapping[str, Any] = {
            "title": "Internal Error",
            "detail": fault.error,
            "type": "https://api.x.com/2/problems/internal-error",
            "status": 503,
        }
        return web.json_response({"errors": [error]})
    headers = {}
    if fault.retry_after is not None:
        reset = int(now.timestamp()) + fault.retry_after
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
    body = {
        "title": "Too Many Requests",
        "detail": "Too Many Requests",
        "type": "about:blank",
        "status": 429,
    }
    return web.json_response(body, status=429, headers=headers)
