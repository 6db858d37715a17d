"""How updates travel to the bot: by webhook in order per chat, or by long poll.

After WebhookActor.cpp of the Bot API server: one queue per chat (another per customer for button
presses), whose head blocks it; any 2xx will do; otherwise again after 1 s, doubling up to 60-120 s,
or when `Retry-After` says; given up when the update would be too old.
"""

import asyncio
import json
import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from conversation.clock import Clock
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.telegram_rules import BotApiRefusalError, Webhook, bad_request
from socialcare.sandbox.watching import Changes

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
ANSWER_MAX_S = 60.0
RETRY_AFTER_MAX_S = 3600.0
UPDATES_MAX = 100
# Longer than any poll or test lasts; whoever waits this long waits for nothing.
POLL_PATIENCE_S = 3600.0
# The live server keeps 24 hours; a stand-in that holds more than this is a test gone wrong.
WAITING_MAX = 100_000

QueueKey = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update and how long it is worth sending."""

    update_id: int
    key: QueueKey
    body: dict[str, Any]
    expires_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the bot's server said; no status means that it could not be reached or was too slow."""

    status: int | None
    body: str
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Tell whether the update counts as delivered."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt at the webhook."""

    update_id: int
    status: int | None
    at: float
    """Seconds since 1970."""


class Deliveries:
    """The updates that wait, and the workers that carry them to the webhook."""

    def __init__(self, *, clock: Clock, faults: FaultPlan, changes: Changes) -> None:
        self.webhook = Webhook()
        self.tries: deque[Try] = deque(maxlen=10_000)
        self.dropped: deque[Update] = deque(maxlen=1_000)
        self.last_error: tuple[int, str] | None = None
        self._clock = clock
        self._faults = faults
        self._changes = changes
        self._queues: dict[QueueKey, deque[Update]] = {}
        self._workers: dict[QueueKey, asyncio.Task[None]] = {}
        self._client: aiohttp.ClientSession | None = None
        self._held = 0
        self._poll_number = 0
        # Fixed, so that a run repeats itself.
        self._dice = random.Random(10)  # noqa: S311 - spreads retries, guards nothing

    async def start(self) -> None:
        """Open the connections to the bot."""
        self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))

    async def stop(self) -> None:
        """Stop carrying; what waits stays."""
        await self._rest()
        if self._client is not None:
            await self._client.close()

    def add(self, update: Update) -> None:
        """Queue an update behind the others of its chat."""
        if self._held >= WAITING_MAX:
            msg = f"{WAITING_MAX} updates wait for the bot"
            raise OverflowError(msg)
        self._queues.setdefault(update.key, deque()).append(update)
        self._held += 1
        self._changes.tell()
        self._carry(update.key)

    def count(self, *keys: QueueKey) -> int:
        """Count what waits, in these queues or in all."""
        return sum(len(self._queues.get(key, ())) for key in keys) if keys else self._held

    async def point(self, webhook: Webhook, *, forget: bool) -> None:
        """Send updates there from now on (nowhere for an empty URL)."""
        await self._rest()
        self.webhook = webhook
        if forget:
            self._queues.clear()
            self._held = 0
        for key in tuple(self._queues):
            self._carry(key)
        self._changes.tell()

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send any bytes to the webhook, as they are."""
        if self._client is None or not self.webhook.url:
            raise bad_request("no webhook is set")
        try:
            async with (
                self._clock.timeout(ANSWER_MAX_S),
                self._client.post(self.webhook.url, data=body, headers=headers) as response,
            ):
                text = await response.text(errors="replace")
                return Answer(status=response.status, body=text, headers=response.headers)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Answer(status=None, body=repr(error), headers={})

    async def poll(
        self, *, offset: int, limit: int, timeout_s: float, kinds: Webhook
    ) -> list[dict[str, Any]]:
        """Confirm what came before `offset` and give what waits, after at most `timeout_s`."""
        self._poll_number += 1
        number = self._poll_number
        self.webhook = Webhook(allowed=kinds.allowed)
        self._confirm(offset)

        def look() -> list[dict[str, Any]] | None:
            if number != self._poll_number:
                raise BotApiRefusalError(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
            return self._ready(limit) or None

        ready = look()
        if ready is not None or timeout_s <= 0:
            return ready or []
        try:
            async with self._clock.timeout(timeout_s):
                return await self._changes.until(
                    look, patience_s=POLL_PATIENCE_S, expected=lambda: "updates"
                )
        except TimeoutError:
            return []

    def _ready(self, limit: int) -> list[dict[str, Any]]:
        waiting = sorted(
            (update for queue in self._queues.values() for update in queue),
            key=lambda update: update.update_id,
        )
        return [update.body for update in waiting[: max(1, min(limit, UPDATES_MAX))]]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            ids = sorted(each.update_id for queue in self._queues.values() for each in queue)
            offset = ids[offset] if len(ids) >= -offset else 0
        for key, queue in tuple(self._queues.items()):
            self._queues[key] = deque(each for each in queue if each.update_id >= offset)
        self._held = sum(map(len, self._queues.values()))
        self._changes.tell()

    async def _rest(self) -> None:
        workers = tuple(self._workers.values())
        self._workers.clear()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _carry(self, key: QueueKey) -> None:
        if self.webhook.url and self._client is not None and key not in self._workers:
            self._workers[key] = asyncio.create_task(self._drain(key))

    async def _drain(self, key: QueueKey) -> None:
        queue = self._queues[key]
        while queue:
            fault = self._faults.take("webhook", any_call=False)
            if fault is not None and fault.kind == "reorder":
                await self._changes.until(
                    lambda: len(queue) > 1 or None,
                    patience_s=POLL_PATIENCE_S,
                    expected=lambda: "a second update to swap with",
                )
                queue[0], queue[1] = queue[1], queue[0]
            update = queue[0]
            await self._deliver(update, fault)
            queue.remove(update)
            self._held -= 1
            self._changes.tell()
        self._workers.pop(key, None)

    async def _deliver(self, update: Update, fault: Fault | None) -> None:
        body = json.dumps(update.body).encode()
        kind = fault.kind if fault is not None else None
        forged = kind in {"wrong_secret", "bad_signature"}  # Telegram's only proof is the secret
        secret = "not-the-secret" if forged else self.webhook.secret
        if fault is not None and fault.kind == "slow":
            await self._clock.sleep(fault.seconds)
        delay_s = 1.0
        while not (answer := await self._try(update, body, secret)).ok:
            hint = answer.headers.get("Retry-After", "")
            wait_s = min(float(hint), RETRY_AFTER_MAX_S) if hint.isdecimal() else delay_s
            late = self._clock.now().timestamp() + wait_s > update.expires_at
            if late or kind == "drop_retry":
                self.dropped.append(update)
                return
            await self._clock.sleep(wait_s)
            secret = self.webhook.secret
            delay_s = min(delay_s * 2, self._dice.uniform(60.0, 120.0))
        if kind == "duplicate":
            await self._try(update, body, secret)

    async def _try(self, update: Update, body: bytes, secret: str) -> Answer:
        headers = {"Content-Type": "application/json"}
        if secret:
            headers[SECRET_HEADER] = secret
        answer = await self.post(body, headers)
        now = self._clock.now().timestamp()
        self.tries.append(Try(update_id=update.update_id, status=answer.status, at=now))
        if not answer.ok:
            said = "Connection failed" if answer.status is None else f"status {answer.status}"
            self.last_error = (int(now), f"Wrong response from the webhook: {said}")
        self._changes.tell()
        return answer
