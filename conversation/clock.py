"""Time, injected everywhere: nobody else asks the machine what time it is."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

from typing_extensions import override

BACK_MAX_S = 600.0
"""A clock set back further than this was wrong before: it is followed at once."""
CATCHING_UP = 0.5
"""How fast time goes for a process that is ahead of the machine's clock."""


class Clock(Protocol):
    """What the service needs of time; `SystemClock` in production, a hand-moved one in tests."""

    def now(self) -> datetime:
        """Say the wall clock's time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Say the seconds of a clock that never goes back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long on this clock."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Give up the body with `TimeoutError` after that long on this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Say the wall clock's time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Say the seconds of the machine's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Give up the body with `TimeoutError` after that long."""
        return asyncio.timeout(seconds)


class SteadyClock(SystemClock):
    """The machine's clock for a process that stays up: set back, it goes on, slower.

    A row that is due at a moment, written before the clock was set back, would otherwise wait as
    long as it was set back by: replies stuck in the outbox, timers late. So time never goes back
    by less than `BACK_MAX_S`; it runs at `CATCHING_UP` until the machine's clock has come as far.
    Set ahead, it is followed at once.
    """

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the machine's clocks, in seconds; the first one may be set, the other never is."""
        self._wall = wall
        self._steady = monotonic
        self._given_s = wall()
        self._seen_s = monotonic()

    @override
    def now(self) -> datetime:
        """Say the time, aware, in UTC."""
        wall_s, seen_s = self._wall(), self._steady()
        passed_s = seen_s - self._seen_s
        behind_s = self._given_s + passed_s - wall_s
        if 0 < behind_s <= BACK_MAX_S:
            wall_s = max(wall_s, self._given_s + passed_s * CATCHING_UP)
        self._given_s, self._seen_s = wall_s, seen_s
        return datetime.fromtimestamp(wall_s, UTC)
