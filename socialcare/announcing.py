"""Telling the desk what belongs to no case, beside whoever has learned it.

A platform's webhook is acknowledged once it is kept, and may not wait for Slack. What is told here
was kept with it (`conversation.notices`): a process that dies before it was told leaves it to the
next one, and where several share a store, one of them tells it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from conversation.clock import Clock
from conversation.notices import NoticeAsk, NoticeStep
from conversation.store import Store, StoreUnavailable

AGAIN_S: Final = 15.0
"""When the desk is tried again, and the store."""
LOOK_EVERY_S: Final = 60.0
"""When it is looked for what others have learned and did not live to tell."""

Tell = Callable[[str], Awaitable[bool]]
"""Says something at the desk; False where it could not be said now."""
_log = structlog.get_logger(__name__)


class Announcer:
    """Says things at the desk, one after the other, again where Slack is away."""

    def __init__(self, *, store: Store, tell: Tell, clock: Clock) -> None:
        self._store = store
        self._tell = tell
        self._clock = clock
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Hear that there is something to be said."""
        self._bell.set()

    async def run(self) -> None:
        """Say what is kept, for ever."""
        while True:
            self._bell.clear()
            try:
                pause_s = LOOK_EVERY_S if await self._round() else AGAIN_S
            except StoreUnavailable as error:
                _log.warning("store unavailable", worker="announcements", why=str(error))
                pause_s = AGAIN_S
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(pause_s):
                    await self._bell.wait()

    async def _round(self) -> bool:
        """Say what nobody has said; False where something is left.

        One that the desk refuses stands in the way of no other.
        """
        notices = await self._store.notice(NoticeAsk(step=NoticeStep.TAKE))
        told = [one.key for one in notices if await self._tell(one.text)]
        if told:
            await self._store.notice(NoticeAsk(step=NoticeStep.TOLD, keys=tuple(told)))
        return not notices
