"""Asking platforms for events, where they do not call us: kept first, then moved on.

Theory of operation. A feed is asked from where it was read to; what it gives is committed, and
only then its cursor is moved. A process that dies in between reads the same once more, and the
store keeps it once. One process at a time asks: it holds the feed by a lease (`conversation.feeds`)
and renews it; the others look now and then whether it lapsed. While the backlog is closed nothing
is asked, so the platform holds it for us.
"""

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from channels.contract import Adapter, Polled, Source
from channels.errors import SendError
from conversation.clock import Clock
from conversation.feeds import FeedAsk, FeedHeld, FeedStep
from conversation.store import Store, StoreUnavailable
from socialcare.backlog import Backlog
from socialcare.intake import Intake

RENEW_EVERY_S = 8.0
"""A third of a lease: two renewals may fail before another process asks."""
LOOK_EVERY_S = 5.0
"""How soon another process takes over a feed that was let, or whose lease has lapsed."""
BACKLOG_LOOK_S = 1.0
PAUSE_MAX_S = 60.0
"""A platform that fails is asked again at least this often."""
STORE_PAUSE_S = 1.0
CLOSE_S = 2.0
"""Seconds that letting go of a feed may take when the service stops."""

Heard = Callable[[SendError | None], Awaitable[None]]
_log = structlog.get_logger(__name__)


async def _unheard(_: SendError | None) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class Poller:
    """Asks one channel for its events."""

    adapter: Adapter
    source: Source
    store: Store
    intake: Intake
    backlog: Backlog
    clock: Clock
    rng: random.Random
    heard: Heard = _unheard
    """Hears of each refusal, and of None when all feeds are read."""
    _holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _troubles: dict[str, str] = field(default_factory=dict)

    @property
    def trouble(self) -> str | None:
        """Why it gets no events now, in the platform's own words; None while it does."""
        told = [f"{feed}: {why}" for feed, why in sorted(self._troubles.items())]
        return "; ".join(told) or None

    async def run(self) -> None:
        """Ask for ever."""
        async with asyncio.TaskGroup() as group:
            for feed in self.source.feeds:
                group.create_task(self._follow(feed), name=f"{self.adapter.name} {feed}")

    # --- one process at a time

    async def _follow(self, feed: str) -> None:
        while True:
            held = await self._step(FeedStep.TAKE, feed)
            if held is None:
                await self.clock.sleep(LOOK_EVERY_S)
                continue
            asking = asyncio.create_task(self._ask(feed, held.cursor))
            renewing = asyncio.create_task(self._renew(feed))
            try:
                await asyncio.wait({asking, renewing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await _ended(asking, renewing)
                self._troubles.pop(feed, None)
                await self._let(feed)
            if not asking.cancelled():
                await asking

    async def _step(
        self, step: FeedStep, feed: str, *, cursor: str | None = None
    ) -> FeedHeld | None:
        """Take a step with the feed, for as long as the store needs to be there."""
        ask = FeedAsk(
            step=step, channel=self.adapter.name, name=feed, holder=self._holder, cursor=cursor
        )
        while True:
            try:
                return await self.store.feed(ask)
            except StoreUnavailable as error:
                self._tell(feed, "store unavailable", str(error))
                await self.clock.sleep(STORE_PAUSE_S)

    async def _renew(self, feed: str) -> None:
        """Keep the feed; returns once somebody else has it."""
        while await self._step(FeedStep.KEEP, feed) is not None:
            await self.clock.sleep(RENEW_EVERY_S)
        self._tell(feed, "feed lost to another process", "")

    async def _let(self, feed: str) -> None:
        await self.source.rest(feed)
        with contextlib.suppress(TimeoutError):
            async with self.clock.timeout(CLOSE_S):
                await self._step(FeedStep.LET, feed)

    # --- asking

    async def _ask(self, feed: str, cursor: str | None) -> None:
        """Ask, keep, move on; returns once somebody else has the feed."""
        failures, ready = 0, False
        while True:
            await self._while_full(feed)
            try:
                if not ready:
                    await self.source.prepare(feed)
                    ready = True
                polled = await self.source.poll(feed, cursor)
            except SendError as error:
                await self.heard(error)
                failures, ready = failures + 1, False
                self._troubles[feed] = f"{error.failure}: {error}"
                self._tell(feed, "feed not read", self._troubles[feed])
                await self.clock.sleep(self._pause_s(error, failures))
                continue
            failures = 0
            self._troubles.pop(feed, None)
            if not self._troubles:
                await self.heard(None)
            await self._keep(feed, polled)
            if polled.cursor not in (None, cursor):
                if await self._step(FeedStep.KEEP, feed, cursor=polled.cursor) is None:
                    return
                cursor = polled.cursor
            if polled.pause_s > 0:
                await self.clock.sleep(polled.pause_s)

    async def _while_full(self, feed: str) -> None:
        if self.backlog.closed:
            await self.source.rest(feed)
        while self.backlog.closed:
            await self.clock.sleep(BACKLOG_LOOK_S)

    async def _keep(self, feed: str, polled: Polled) -> None:
        """Keep what came; a stream gives it once only, so it is held until the store is there."""
        while True:
            try:
                await self.intake.keep(self.adapter, polled.body)
            except StoreUnavailable as error:
                self._tell(feed, "not accepted", str(error))
                await self.clock.sleep(STORE_PAUSE_S)
            else:
                return

    def _pause_s(self, error: SendError, failures: int) -> float:
        grown = min(PAUSE_MAX_S, 2.0 ** min(failures - 1, 16)) * (0.5 + self.rng.random() / 2)
        return max(grown, error.retry_after_s or 0.0)

    def _tell(self, feed: str, what: str, why: str) -> None:
        _log.warning(what, channel=self.adapter.name, feed=feed, why=why)


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
