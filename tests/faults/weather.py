"""How crowded the machine was, and when: so that what was merely slow is not taken for wrong."""

import asyncio
from datetime import datetime, timedelta

from conversation.clock import SystemClock
from tests.faults.patience import CalmClock

SAMPLE_S = 0.25


class Weather:
    """Remembers how crowded the machine was, and when."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._calm = CalmClock()
        self._seen = [(clock.now(), 0.0)]
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        while True:
            await self._clock.sleep(SAMPLE_S)
            self._seen.append((self._clock.now(), self._calm.read()))

    def calm(self, since: datetime, until: datetime) -> timedelta:
        """Say how much of a time was calm, as far as looks tell."""
        # One look before it at least, and one after it: what happens between looks is not known.
        first = max((calm for at, calm in self._seen if at <= since), default=0.0)
        last = max((calm for at, calm in self._seen if at <= until), default=0.0)
        return timedelta(seconds=last - first)

    async def close(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
