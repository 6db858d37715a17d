"""Waking: workers sleep until somebody has work for them, or until the store has something due."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from conversation.clock import Clock
from conversation.store import StoreUnavailable

LOOK_EVERY_S = 1.0
"""The safety net: what other processes write is seen this soon."""

Written = Callable[[str], None]
"""Hears of a conversation whose log has grown, by its id."""


def unfollowed(_: str) -> None:
    """Tell nobody: no socket follows a log."""


class Wake:
    """One worker's bell, with an eye on the store's next due moment."""

    def __init__(self, *, clock: Clock, next_due: Callable[[], Awaitable[datetime | None]]) -> None:
        self._clock = clock
        self._next_due = next_due
        self._bell = asyncio.Event()

    def set(self) -> None:
        """Wake the worker."""
        self._bell.set()

    async def wait(self) -> None:
        """Sleep until the bell rings, something is due, or a look is due anyway."""
        if not self._bell.is_set():
            due = None
            # A store that cannot be read is found out, and told, by who wants to work with it.
            with contextlib.suppress(StoreUnavailable):
                due = await self._next_due()
            await self._sleep(due)
        self._bell.clear()

    async def _sleep(self, due: datetime | None) -> None:
        pause_s = LOOK_EVERY_S
        if due is not None:
            pause_s = min(pause_s, max(0.0, (due - self._clock.now()).total_seconds()))
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(max(pause_s, 0.01)):
                await self._bell.wait()
