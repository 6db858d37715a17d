"""Telling the desk what belongs to no case, beside whoever has learned it.

A platform's webhook is acknowledged once it is kept, and may not wait for Slack. What is told here
stands in the inbox too; a process that dies before it was told leaves it to who looks there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from conversation.clock import Clock

WAITING_MAX: Final = 100
TRIES_MAX: Final = 20
AGAIN_S: Final = 15.0

Tell = Callable[[str], Awaitable[bool]]
"""Says something at the desk; False where it could not be said now."""
_log = structlog.get_logger(__name__)


class Announcer:
    """Says things at the desk, one after the other, again where Slack is away."""

    def __init__(self, *, tell: Tell, clock: Clock) -> None:
        self._tell = tell
        self._clock = clock
        self._waiting: asyncio.Queue[str] = asyncio.Queue(WAITING_MAX)

    def announce(self, text: str) -> None:
        """Have it said; more than a hundred at once are not."""
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            _log.warning("not announced", waiting=WAITING_MAX)

    async def run(self) -> None:
        """Say what comes, for ever."""
        while True:
            text = await self._waiting.get()
            for _ in range(TRIES_MAX):
                if await self._tell(text):
                    break
                await self._clock.sleep(AGAIN_S)
