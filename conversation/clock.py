"""Time, injected everywhere: nobody else asks the machine what time it is."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol


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
