"""The lines to the platforms: each is reached for as long as it takes, then listened on."""

import random
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from brain.doubts import Backing
from channels.contract import Adapter
from channels.errors import SendError, SendFailure
from channels.registry import source_of, transport_of
from channels.slack.socket import SlackSocket, SocketAnswer, SocketRequest, Take
from channels.slack.transport import SlackTransport
from config.desk import Desk as DeskSettings
from config.schema import Settings
from conversation.clock import Clock
from conversation.store import Store, StoreUnavailable
from handoff.context import FileAddress, nowhere
from handoff.desk import Desk
from handoff.posting import Named
from socialcare.backlog import Backlog
from socialcare.channel_alarms import ChannelAlarms, Doing
from socialcare.fault_points import Point
from socialcare.intake import Intake
from socialcare.polling import Poller
from socialcare.waking import Wake

CONNECT_AGAIN_S = 5.0
"""Pause between tries to reach a platform that was not there at start."""
OK = 200

_log = structlog.get_logger(__name__)


def make_desk(
    section: DeskSettings,
    *,
    store: Store,
    clock: Clock,
    address_of: FileAddress = nowhere,
    named: Named | None = None,
    backing: Callable[[], Backing] = Backing,
) -> Desk:
    """Make the desk of a configuration, asking nothing yet; `address_of` leads to files."""
    app_token = section.slack.app_token
    transport = SlackTransport(
        bot_token=section.slack.bot_token.get_secret_value(),
        signing_secret=section.slack.signing_secret.get_secret_value(),
        api_base=str(section.slack.api_base),
        clock=clock,
        name="desk",
        app_token=None if app_token is None else app_token.get_secret_value(),
    )
    return Desk(
        settings=section,
        store=store,
        transport=transport,
        clock=clock,
        address_of=address_of,
        named=named,
        backing=backing,
    )


class Lines:
    """Every line of one process; no platform waits for another."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        intake: Intake,
        backlog: Backlog,
        deliveries: Wake,
        alarms: ChannelAlarms,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._settings = settings
        self._store = store
        self._intake = intake
        self._backlog = backlog
        self._deliveries = deliveries
        self._alarms = alarms
        self._clock = clock
        self._rng = rng
        self._unreached: dict[str, str] = {}
        self._pollers: dict[str, Poller] = {}
        self._sockets: dict[str, SlackSocket] = {}

    def missing(self) -> Mapping[str, str]:
        """Name the lines that are down, and why."""
        held: dict[str, Poller | SlackSocket] = {**self._pollers, **self._sockets}
        told = {name: line.trouble for name, line in held.items()}
        return {name: why for name, why in told.items() if why} | self._unreached

    async def channel(self, adapter: Adapter) -> None:
        """Reach a platform; then have it call us, or ask it for ever."""
        section = self._settings.channels[adapter.name]
        source = source_of(adapter, section)

        await self._reached(adapter.name, adapter.open)
        if source is None:
            await self._subscribed(adapter)
        else:
            poller = Poller(
                adapter=adapter,
                source=source,
                store=self._store,
                intake=self._intake,
                backlog=self._backlog,
                clock=self._clock,
                rng=self._rng,
                heard=partial(self._alarms.note, adapter.name, doing=Doing.READING),
            )
            self._pollers[adapter.name] = poller
            await poller.run()

        transport = transport_of(adapter)
        if transport is not None and transport.app_token is not None:
            await self._socket(adapter.name, transport, self._taking(adapter)).run()

    async def desk(self, desk: Desk) -> None:
        """Reach the desk; then have Slack call us, or hold a socket for ever."""
        await self._reached("desk", desk.open)

        async def take(request: SocketRequest) -> SocketAnswer | None:
            answer = await desk.take(request.body, content_type=request.content_type)
            self._intake.passing(Point.PRESSED)
            self._intake.turns.set()
            self._deliveries.set()
            return SocketAnswer(body=answer.body) if answer.status == OK else None

        if desk.transport.app_token is not None:
            await self._socket("desk", desk.transport, take).run()

    def _taking(self, adapter: Adapter) -> Take:
        async def take(request: SocketRequest) -> SocketAnswer | None:
            if self._backlog.closed:
                return None
            try:
                await self._intake.keep(adapter, request.body)
            except StoreUnavailable as error:
                _log.warning("not accepted", channel=adapter.name, why=str(error))
                return None
            return SocketAnswer()

        return take

    def _socket(self, name: str, transport: SlackTransport, take: Take) -> SlackSocket:
        self._sockets[name] = SlackSocket(
            name=name,
            app_token=transport.app_token or "",
            client=transport.client,
            take=take,
            clock=self._clock,
            rng=self._rng,
        )
        return self._sockets[name]

    async def _subscribed(self, adapter: Adapter) -> None:
        """Have a platform call us; one that asks us first may find us only once we are ready."""
        public_url = self._settings.server.public_url
        if public_url is None:
            return
        address = f"{str(public_url).rstrip('/')}/webhooks/{adapter.name}"

        async def subscribe() -> None:
            try:
                await adapter.subscribe(address)
            except SendError as error:
                if error.failure is not SendFailure.REFUSED:
                    raise
                self._unreached.pop(adapter.name, None)
                _log.warning("not subscribed", line=adapter.name, why=str(error))
                await self._clock.sleep(CONNECT_AGAIN_S)
                await subscribe()

        await self._reached(adapter.name, subscribe)

    async def _reached(self, name: str, reach: Callable[[], Awaitable[None]]) -> None:
        self._unreached[name] = "not reached yet"
        while True:
            try:
                await reach()
            except SendError as error:
                self._unreached[name] = f"{error.failure}: {error}"
                _log.warning("not reached", line=name, failure=error.failure)
                await self._heard(name, error)
                await self._clock.sleep(error.retry_after_s or CONNECT_AGAIN_S)
            else:
                self._unreached.pop(name, None)
                await self._heard(name, None)
                return

    async def _heard(self, name: str, error: SendError | None) -> None:
        """Have colleagues hear of a channel that is refused at the door; of the desk, who could?"""
        if name in self._settings.channels:
            await self._alarms.note(name, error)
