"""The lines to the platforms: each is reached for as long as it takes, then listened on."""

import random
from collections.abc import Awaitable, Callable, Mapping

import structlog

from channels.contract import Adapter
from channels.errors import SendError
from channels.registry import source_of
from config.schema import Settings
from conversation.clock import Clock
from conversation.store import Store
from handoff.desk import Desk
from socialcare.backlog import Backlog
from socialcare.intake import Intake
from socialcare.polling import Poller

CONNECT_AGAIN_S = 5.0
"""Pause between tries to reach a platform that was not there at start."""

_log = structlog.get_logger(__name__)


class Lines:
    """Every line of one process; no platform waits for another."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        intake: Intake,
        backlog: Backlog,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._settings = settings
        self._store = store
        self._intake = intake
        self._backlog = backlog
        self._clock = clock
        self._rng = rng
        self._unreached: dict[str, str] = {}
        self._pollers: dict[str, Poller] = {}

    def missing(self) -> Mapping[str, str]:
        """Name the lines that are down, and why."""
        told = {name: poller.trouble for name, poller in self._pollers.items()}
        return {name: why for name, why in told.items() if why} | self._unreached

    async def channel(self, adapter: Adapter) -> None:
        """Reach a platform; then have it call us, or ask it for ever."""
        section = self._settings.channels[adapter.name]
        source = source_of(adapter, section)

        async def reach() -> None:
            await adapter.open()
            public_url = self._settings.server.public_url
            if public_url is not None and source is None:
                address = f"{str(public_url).rstrip('/')}/webhooks/{adapter.name}"
                await adapter.subscribe(address)

        await self._reached(adapter.name, reach)
        if source is not None:
            poller = Poller(
                adapter=adapter,
                source=source,
                store=self._store,
                intake=self._intake,
                backlog=self._backlog,
                clock=self._clock,
                rng=self._rng,
            )
            self._pollers[adapter.name] = poller
            await poller.run()

    async def desk(self, desk: Desk) -> None:
        """Reach the desk."""
        await self._reached("desk", desk.open)

    async def _reached(self, name: str, reach: Callable[[], Awaitable[None]]) -> None:
        self._unreached[name] = "not reached yet"
        while True:
            try:
                await reach()
            except SendError as error:
                self._unreached[name] = f"{error.failure}: {error}"
                _log.warning("not reached", line=name, failure=error.failure)
                await self._clock.sleep(error.retry_after_s or CONNECT_AGAIN_S)
            else:
                self._unreached.pop(name, None)
                return
