"""The timer worker: due rows become arrivals of their conversations, in the order they were due."""

import structlog

from conversation.clock import Clock
from conversation.store import Store, StoreUnavailable
from socialcare.fault_points import Passing, Point, unheard
from socialcare.waking import Wake

AT_ONCE = 200
"""Timers fired in one transaction; after a long downtime they come in batches, not as a storm."""

_log = structlog.get_logger(__name__)


class Timers:
    """The worker that keeps appointments."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        wake: Wake,
        turns: Wake,
        passing: Passing = unheard,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._turns = turns
        self._passing = passing

    async def run(self) -> None:
        """Fire what is due, for ever."""
        while True:
            try:
                fired = await self._store.fire(now=self._clock.now(), limit=AT_ONCE)
            except StoreUnavailable as error:
                _log.warning("store unavailable", worker="timers", why=str(error))
                await self._clock.sleep(1.0)
                continue
            if fired:
                self._passing(Point.FIRED)
                self._turns.set()
            if fired < AT_ONCE:
                await self._wake.wait()
