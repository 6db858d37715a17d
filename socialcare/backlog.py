"""Backpressure: accepting outruns thinking, so it stops where the backlog would only grow.

Platforms retry what is answered 503, for hours; a backlog that nobody can work off helps nobody.
"""

import structlog

from conversation.clock import Clock
from conversation.store import Store, StoreUnavailable

LOOK_EVERY_S = 1.0
FULL = 20_000
"""Arrivals that wait, of each conversation no more than a turn takes: minutes of work for one
process; above it, new ones are put off."""
CALM = FULL // 2
"""Below it, new ones are taken again; the distance keeps the door from swinging."""

_log = structlog.get_logger(__name__)


class Backlog:
    """Knows whether more may be accepted."""

    def __init__(self, *, store: Store, clock: Clock, full: int = FULL, calm: int = CALM) -> None:
        """Take the bounds: above ``full`` the door closes, below ``calm`` it opens."""
        self._store = store
        self._clock = clock
        self._full = full
        self._calm = calm
        self.closed = False
        """True: more waits than can be worked off soon."""

    async def run(self) -> None:
        """Look at the backlog, for ever."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Open or close the door by what waits now."""
        try:
            waiting = (await self._store.counts())["backlog"]
        except StoreUnavailable:
            return  # Accepting fails by itself while the store is away.
        closed = waiting > (self._calm if self.closed else self._full)
        if closed != self.closed:
            self.closed = closed
            _log.warning("backlog", waiting=waiting, accepting=not closed)
