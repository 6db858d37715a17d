"""The store's alarm: colleagues hear once that nothing can be kept, and once that it can again.

The words go to the desk directly: an outbox that cannot be written carries nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from conversation.clock import Clock
from conversation.store import Store, StoreUnavailable

SURE_S = 10.0
"""A lock of a moment, or a server that restarts, is no alarm."""
LOOK_EVERY_S = 5.0

Tell = Callable[[str], Awaitable[bool]]
"""Says something at the desk; False where it could not be said now."""
_log = structlog.get_logger(__name__)


class StoreAlarm:
    """Sleeps until a write was refused, then looks until writes hold again."""

    def __init__(self, *, store: Store, tell: Tell, clock: Clock) -> None:
        """Take the store and a way to the desk."""
        self._store = store
        self._tell = tell
        self._clock = clock
        self._refused = asyncio.Event()

    def set(self) -> None:
        """Hear that something could not be kept."""
        self._refused.set()

    async def run(self) -> None:
        """Watch, for ever."""
        while True:
            await self._refused.wait()
            await self._clock.sleep(SURE_S)
            self._refused.clear()
            await self._sound()

    async def _sound(self) -> None:
        noted = told = False
        while (why := await self._trouble()) is not None:
            if not noted:
                _log.error("store takes nothing", why=why)
                noted = True
            if not told:
                told = await self._tell(
                    f"I cannot keep what customers write: {why}. Platforms are asked to come "
                    "again; what was acknowledged is safe. Somebody must make room or look after "
                    "the store."
                )
            await self._clock.sleep(LOOK_EVERY_S)
        while told and not await self._tell("The store takes messages again."):
            await self._clock.sleep(LOOK_EVERY_S)

    async def _trouble(self) -> str | None:
        try:
            await self._store.probe()
        except StoreUnavailable as error:
            return str(error)
        return None
