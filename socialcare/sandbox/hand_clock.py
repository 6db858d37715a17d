"""Time that stands still until it is moved: the clock of tests and of replayed stories."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from socialcare.sandbox.watching import Changes

DEFAULT_START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""A Friday morning."""


class HandClock:
    """A `Clock` moved by `advance` and `skip`; who sleeps or waits on it wakes in passing."""

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        self._start = start
        self._passed_s = 0.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []
        self._timeouts: list[tuple[float, asyncio.Timeout]] = []
        self._changes = Changes()

    def now(self) -> datetime:
        """Say the time this clock was moved to."""
        return self._start + timedelta(seconds=self._passed_s)

    def monotonic(self) -> float:
        """Say the seconds it was moved by."""
        return self._passed_s

    async def sleep(self, seconds: float) -> None:
        """Wait until it was moved that far."""
        if seconds <= 0:
            return
        woken = asyncio.Event()
        entry = (self._passed_s + seconds, woken)
        self._sleepers.append(entry)
        self._changes.tell()
        try:
            await woken.wait()
        finally:
            self._sleepers.remove(entry)

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """Give up the body with `TimeoutError` once it was moved that far."""
        async with asyncio.timeout(None) as limit:
            entry = (self._passed_s + seconds, limit)
            self._timeouts.append(entry)
            self._changes.tell()
            try:
                yield
            finally:
                self._timeouts.remove(entry)

    def advance(self, seconds: float) -> None:
        """Move it, and wake whoever is due."""
        self._passed_s += seconds
        for due_s, woken in self._sleepers:
            if due_s <= self._passed_s:
                woken.set()
        for due_s, limit in self._timeouts:
            if due_s <= self._passed_s and not limit.expired():
                limit.reschedule(asyncio.get_running_loop().time())

    async def waits(self, *, least: int = 1, patience_s: float = 5.0) -> None:
        """Wait until so much is under way that this clock would give up in time."""
        await self._changes.until(
            lambda: len(self._timeouts) >= least or None,
            patience_s=patience_s,
            expected=lambda: "something with a time limit on this clock",
        )

    async def skip(self, *, patience_s: float = 5.0) -> float:
        """Wait until somebody sleeps, go to the moment the first of them wakes; gives the way."""
        due_s = await self._changes.until(
            lambda: min(
                (due_s for due_s, woken in self._sleepers if not woken.is_set()), default=None
            ),
            patience_s=patience_s,
            expected=lambda: "somebody who sleeps on this clock",
        )
        way_s = due_s - self._passed_s
        self.advance(way_s)
        return way_s
