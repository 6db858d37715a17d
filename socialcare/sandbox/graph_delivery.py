r"""How events travel from Meta to the app.

One queue per subscribed object, whose head is tried again until a 2xx, later and later. The body
is signed as it is written: ASCII with `\uXXXX`, and `/` written as `\/`.
https://developers.facebook.com/docs/graph-api/webhooks/getting-started
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.graph_rules import Place
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
SIGNATURE: Final = "X-Hub-Signature-256"
ANSWER_MAX_S: Final = 20.0
PAUSE_MAX_S: Final = 3_600.0
WAITING_MAX: Final = 100_000
PATIENCE_S: Final = 3_600.0
"""Longer than any test lasts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the app's server said; no status: it could not be reached, or was too slow."""

    status: int | None
    body: str

    @property
    def ok(self) -> bool:
        """Tell whether the events count as delivered."""
        return self.status is not None and 200 <= self.status < 300


def as_meta_writes(value: Json) -> bytes:
    r"""Write JSON with `\uXXXX` for everything beyond ASCII and `\/` for slashes."""
    return json.dumps(value, separators=(",", ":")).replace("/", r"\/").encode("ascii")


class GraphDeliveries:
    """The bodies that wait, and the workers that carry them."""

    def __init__(self, *, clock: Clock, faults: FaultPlan, changes: Changes, secret: str) -> None:
        self.tries: deque[Answer] = deque(maxlen=10_000)
        self.secret = secret
        self._clock = clock
        self._faults = faults
        self._changes = changes
        self._urls: dict[Place, str] = {}
        self._open: set[Place] = set()
        self._queues: dict[Place, deque[Json]] = {"page": deque(), "instagram": deque()}
        self._workers: dict[Place, asyncio.Task[None]] = {}
        self._client: aiohttp.ClientSession | None = None
        self._gathered: list[tuple[Place, Json]] | None = None

    async def start(self) -> None:
        """Open the connections to the app."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        """Stop carrying."""
        workers = tuple(self._workers.values())
        self._workers.clear()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def connect(self, place: Place, url: str) -> None:
        """Name the callback of an object, as the app's dashboard does."""
        self._urls[place] = url

    async def verify(self, place: Place, verify_token: str) -> bool:
        """Ask whether the callback is the app's; events go there from then on."""
        if self._client is None or place not in self._urls:
            return False
        challenge = "1158201444"
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": verify_token,
            "hub.challenge": challenge,
        }
        try:
            async with self._client.get(self._urls[place], params=query) as response:
                known = response.status == 200 and await response.text() == challenge
        except aiohttp.ClientError:
            return False
        if known:
            self._open.add(place)
            self._carry(place)
        return known

    def add(self, place: Place, entry: Json) -> None:
        """Queue an entry."""
        if self._gathered is not None:
            self._gathered.append((place, entry))
            return
        self._queue(place, {"object": place, "entry": [entry]})

    def _queue(self, place: Place, body: Json) -> None:
        if self.count() >= WAITING_MAX:
            msg = f"{WAITING_MAX} events wait for the app"
            raise OverflowError(msg)
        self._queues[place].append(body)
        self._changes.tell()
        self._carry(place)

    @contextlib.asynccontextmanager
    async def gathered(self) -> AsyncIterator[None]:
        """Send all that happens meanwhile as one body per object, with an entry each."""
        self._gathered = []
        try:
            yield
        finally:
            found, self._gathered = self._gathered, None
            for place in self._queues:
                entries = [entry for there, entry in found if there == place]
                if entries:
                    self._queue(place, {"object": place, "entry": entries})

    def count(self) -> int:
        """Count what waits."""
        return sum(map(len, self._queues.values()))

    async def post(
        self, place: Place, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send any bytes, rightly signed unless headers are given."""
        if self._client is None:
            raise RuntimeError("the stand-in is not started")
        right = {"Content-Type": "application/json", SIGNATURE: self.signed(body)}
        try:
            async with (
                self._clock.timeout(ANSWER_MAX_S),
                self._client.post(
                    self._urls[place], data=body, headers=right if headers is None else headers
                ) as response,
            ):
                return Answer(status=response.status, body=await response.text(errors="replace"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer(status=None, body=repr(error))

    def signed(self, body: bytes) -> str:
        """Sign raw bytes."""
        return "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def _carry(self, place: Place) -> None:
        if place in self._open and self._client is not None and place not in self._workers:
            self._workers[place] = asyncio.create_task(self._drain(place))

    async def _drain(self, place: Place) -> None:
        queue = self._queues[place]
        while queue:
            fault = self._faults.take("webhook", any_call=False)
            if fault is not None and fault.kind == "reorder":
                await self._changes.until(
                    lambda: len(queue) > 1 or None,
                    patience_s=PATIENCE_S,
                    expected=lambda: "a second event to swap with",
                )
                queue[0], queue[1] = queue[1], queue[0]
            body = queue[0]
            await self._deliver(place, as_meta_writes(body), fault)
            queue.remove(body)
            self._changes.tell()
        self._workers.pop(place, None)

    async def _deliver(self, place: Place, body: bytes, fault: Fault | None) -> None:
        kind = fault.kind if fault is not None else None
        headers = {"Content-Type": "application/json", SIGNATURE: self.signed(body)}
        if kind == "bad_signature":
            headers[SIGNATURE] = "sha256=" + "0" * 64
        if fault is not None and kind == "slow":
            await self._clock.sleep(fault.seconds)
        pause_s = 1.0
        while True:
            answer = await self.post(place, body, headers)
            self.tries.append(answer)
            self._changes.tell()
            if answer.ok or kind == "drop_retry":
                break
            headers[SIGNATURE] = self.signed(body)
            await self._clock.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)
        if kind == "duplicate":
            self.tries.append(await self.post(place, body, headers))
