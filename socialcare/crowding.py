"""Places for what is under way at the same time, so many for each channel."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator

from conversation.clock import Clock
from socialcare.retrying import RestingError

CROWDED_S = 0.5
"""How long a message waits for room, and when it is looked at again if it found none."""


class Places:
    """The places of all channels."""

    def __init__(self, clock: Clock, *, each: int) -> None:
        self._clock = clock
        self._places = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(each))

    @contextlib.asynccontextmanager
    async def one_of(self, channel: str) -> AsyncIterator[None]:
        """Take one of the channel's places; a burst has one in a moment, a hanging platform not.

        Raises:
            RestingError: none became free in time.
        """
        places = self._places[channel]
        patience = self._clock.timeout(CROWDED_S) if places.locked() else contextlib.nullcontext()
        try:
            async with patience:
                await places.acquire()
        except TimeoutError:
            raise RestingError(CROWDED_S) from None
        try:
            yield
        finally:
            places.release()
