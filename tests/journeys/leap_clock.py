"""Time that runs as the machine's does and can be moved ahead: an hour passes at one word."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from conversation.clock import SystemClock


class LeapClock:
    """A `Clock` for journeys over real servers; `leap` wakes whoever is due by then."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._ahead_s = 0.0
        self._leapt = asyncio.Event()
        self._limits: list[asyncio.Timeout] = []

    def now(self) -> datetime:
        """Say the time, as far ahead as was leapt."""
        return self._real.now() + timedelta(seconds=self._ahead_s)

    def monotonic(self) -> float:
        """Say the seconds, leaps included."""
        return self._real.monotonic() + self._ahead_s

    async def sleep(self, seconds: float) -> None:
        """Wait that long, or until a leap has passed it."""
        due = self.monotonic() + seconds
        while (left := due - self.monotonic()) > 0:
            leapt = self._leapt
            with contextlib.suppress(TimeoutError):
                async with self._real.timeout(left):
                    await leapt.wait()

    @contextlib.asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """Give up the body after that long, leaps included."""
        async with asyncio.timeout(seconds) as limit:
            self._limits.append(limit)
            try:
                yield
            finally:
                self._limits.remove(limit)

    def leap(self, seconds: float) -> None:
        """Move it ahead."""
        self._ahead_s += seconds
        self._leapt.set()
        self._leapt = asyncio.Event()
        for limit in self._limits:
            due = limit.when()
            if due is not None and not limit.expired():
                limit.reschedule(due - seconds)
