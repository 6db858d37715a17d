r"""How Meta's webhooks travel to the brand: signed, in batches, again until they are taken.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started. Meta signs what it writes,
which has `\uXXXX` for every letter beyond ASCII and `\/` for every slash. Order is not promised;
here it is kept per customer unless a fault says otherwise. 20 s to answer; any 2xx will do; else
again with growing pauses, for seven days.
"""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
SIGNATURE_HEADER: Final = "X-Hub-Signature-256"
ANSWER_MAX_S = 20.0
PAUSE_MAX_S = 3600.0
LASTS_S = 7 * 86_400.0
# A stand-in that holds more than this is a test gone wrong.
WAITING_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a webhook's entry."""

    field: str
    value: Json
    key: str
    """Whose: changes of one customer keep their order."""
    expires_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the brand said; no status means that it could not be reached or was too slow."""

    status: int | None
    body: str

    @property
    def ok(self) -> bool:
        """Tell whether it counts as delivered."""
        return self.status is not None and 200 <= self.status < 300


def written(value: Json) -> bytes:
    """Write JSON as Meta does."""
    return json.dumps(value).replace("/", "\\/").encode()


class Deliveries:
    """The changes that wait, and the workers that carry them to the brand."""

    def __init__(
        self, *, account: str, app_secret: str, clock: Clock, faults: FaultPlan, changes: Changes
    ) -> None:
        self.url = ""
        self.answers: deque[Answer] = deque(maxlen=10_000)
        self.dropped: deque[Change] = deque(maxlen=1_000)
        self._account = account
        self._app_secret = app_secret
        self._clock = clock
        self._faults = faults
        self._changes = changes
        self._queues: dict[str, deque[Change]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._client: aiohttp.ClientSession | None = None
        self._gathered: list[Change] | None = None

    async def start(self) -> None:
        """Open the connections to the brand."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        """Stop carrying; what waits stays."""
        workers = tuple(self._workers.values())
        self._workers.clear()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def add(self, change: Change) -> None:
        """Queue a change behind the others of its customer."""
        if self._gathered is not None:
            self._gathered.append(change)
            return
        if self.count() >= WAITING_MAX:
            msg = f"{WAITING_MAX} changes wait for the brand"
            raise OverflowError(msg)
        self._queues.setdefault(change.key, deque()).append(change)
        self._changes.tell()
        self.carry()

    def count(self, *keys: str) -> int:
        """Count what waits, of these customers or of all."""
        return sum(len(self._queues.get(key, ())) for key in keys or tuple(self._queues))

    def carry(self) -> None:
        """Go on with what waits."""
        for key, queue in self._queues.items():
            if queue and self.url and self._client is not None and key not in self._workers:
                self._workers[key] = asyncio.create_task(self._drain(key))

    def gather(self) -> None:
        """Hold changes back, so that they travel together."""
        self._gathered = []

    async def together(self) -> Answer:
        """Send what was held back in one body: every change in an entry of its own."""
        held, self._gathered = self._gathered or [], None
        return await self.post(self._body(held))

    async def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Send any bytes to the webhook, rightly signed unless headers are given."""
        if self._client is None or not self.url:
            raise RuntimeError("no webhook is set")
        right = {"Content-Type": "application/json", SIGNATURE_HEADER: self.signature(body)}
        try:
            async with (
                self._clock.timeout(ANSWER_MAX_S),
                self._client.post(
                    self.url, data=body, headers=right if headers is None else headers
                ) as response,
            ):
                answer = Answer(status=response.status, body=await response.text(errors="replace"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            answer = Answer(status=None, body=repr(error))
        self.answers.append(answer)
        self._changes.tell()
        return answer

    async def ask(self, url: str, word: str) -> bool:
        """Ask whether an address is the brand's, as Meta does before it sends anything there."""
        if self._client is None:
            return False
        challenge = "1158201444"
        query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": challenge}
        try:
            async with self._client.get(url, params=query) as response:
                return response.status == 200 and await response.text() == challenge
        except (aiohttp.ClientError, OSError):
            return False

    def signature(self, body: bytes) -> str:
        """Sign bytes with the app's secret."""
        digest = hmac.new(self._app_secret.encode(), body, hashlib.sha256).hexdigest()
        return f"sha256={digest}"

    def _body(self, changes: Sequence[Change]) -> bytes:
        entries = [
            {"id": self._account, "changes": [{"field": one.field, "value": one.value}]}
            for one in changes
        ]
        return written({"object": "whatsapp_business_account", "entry": entries})

    async def _drain(self, key: str) -> None:
        queue = self._queues[key]
        while queue:
            fault = self._faults.take("webhook", any_call=False)
            if fault is not None and fault.kind == "reorder":
                await self._changes.until(
                    lambda: len(queue) > 1 or None,
                    patience_s=10.0,
                    expected=lambda: "a second change to bring in the wrong order",
                )
                queue[0], queue[1] = queue[1], queue[0]
                fault = None
            await self._bring(queue[0], fault)
            queue.popleft()
            self._changes.tell()
        self._workers.pop(key, None)

    async def _bring(self, change: Change, fault: Fault | None) -> None:
        """Send a change until it is taken or too old."""
        kind = fault.kind if fault is not None else None
        body = self._body([change])
        bad = {"Content-Type": "application/json", SIGNATURE_HEADER: "sha256=" + "0" * 64}
        headers = bad if kind in {"bad_signature", "wrong_secret"} else None
        if fault is not None and fault.kind == "slow":
            await self._clock.sleep(fault.seconds)
        pause_s = 1.0
        while not (await self.post(body, headers)).ok:
            late = self._clock.now().timestamp() + pause_s > change.expires_at
            if late or kind == "drop_retry":
                self.dropped.append(change)
                return
            await self._clock.sleep(pause_s)
            headers = None
            pause_s = min(pause_s * 2, PAUSE_MAX_S)
        if kind == "duplicate":
            await self.post(body)
