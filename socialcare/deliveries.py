"""Deliveries: outbox rows become messages, in order per destination, retried by what went wrong.

A worker takes the first due row of every destination, sends it, and settles it. What a failure
means is the adapter's word (`SendError`); what follows from it stands in `socialcare.retrying`.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from channels.contract import Adapter, OutboundMessage, Rate, Sent
from channels.errors import SendError, SendFailure
from config.schema import Settings
from conversation.clock import Clock
from conversation.delivery import DeliveryState
from conversation.events import Delivered, NotDelivered
from conversation.model import Address, Arrival, Author
from conversation.store import (
    Delivery,
    DeskPosted,
    OutboxKind,
    Settlement,
    Store,
    StoreUnavailable,
)
from socialcare.channel_alarms import ChannelAlarms
from socialcare.crowding import Places
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.pacing import PacedError, Pacer
from socialcare.pile_on import PileOn, SilencedError
from socialcare.reopened import REOPENED, ReopenedError
from socialcare.reply_payload import ReplyPayload
from socialcare.retrying import (
    DESK_AGE_MAX,
    REPLY_AGE_MAX,
    Breaker,
    InDoubtError,
    Tries,
    after_failure,
)
from socialcare.unsent import silenced, told
from socialcare.waking import Wake, Written, unfollowed
from socialcare.windows import Closed, Lawful, Reopen, judge

AT_ONCE = 128
"""Messages under way at the same time."""
CHANNEL_AT_ONCE = AT_ONCE * 3 // 4
"""Of one channel: a platform that hangs leaves room for the others."""

DeskSender = Callable[[Delivery], Awaitable[tuple[Sent, DeskPosted | None]]]
_log = structlog.get_logger(__name__)


async def _send(adapter: Adapter, address: Address, message: OutboundMessage) -> Sent:
    """Send, and once more to where the chat has moved."""
    try:
        return await adapter.send(address, message)
    except SendError as error:
        if error.failure is not SendFailure.MOVED or error.new_key is None:
            raise
        return await adapter.send(replace(address, key=error.new_key), message)


class Deliveries:
    """The worker that sends."""

    def __init__(
        self,
        *,
        store: Store,
        settings: Callable[[], Settings],
        adapters: Mapping[str, Adapter],
        desk: DeskSender | None,
        clock: Clock,
        figures: Figures,
        wake: Wake,
        turns: Wake,
        rng: random.Random,
        alarms: ChannelAlarms,
        written: Written = unfollowed,
        passing: Passing = unheard,
    ) -> None:
        self._alarms = alarms
        self._store = store
        self._settings = settings
        self._adapters = adapters
        self._desk = desk
        self._clock = clock
        self._figures = figures
        self._wake = wake
        self._turns = turns
        self._rng = rng
        self._written = written
        self._passing = passing
        self._running: dict[asyncio.Task[None], Delivery] = {}
        self._finishing = False
        self._breakers: dict[str, Breaker] = {}
        self._places = Places(clock, each=CHANNEL_AT_ONCE)
        self._pacers: dict[str, Pacer] = {}
        self._tries = Tries()
        self.stopped: frozenset[str] = frozenset()
        """Channels whose credentials the platform refuses."""

    async def run(self) -> None:
        """Send what is due, until told to finish."""
        while not self._finishing:
            room = AT_ONCE - len(self._running)
            try:
                await self._take(room)
            except StoreUnavailable as error:
                _log.warning("store unavailable", worker="deliveries", why=str(error))
                await self._clock.sleep(1.0)
                continue
            # What was committed since has rung the bell; nothing else needs another look.
            await self._wake.wait()

    async def _take(self, room: int) -> int:
        """Begin to send what is due; gives how many messages that are."""
        if room <= 0:
            return 0
        due = await self._store.take(now=self._clock.now(), limit=room)
        if due:
            self._passing(Point.DELIVERY_TAKEN)
        for delivery in due:
            task = asyncio.create_task(self._deliver(delivery))
            self._running[task] = delivery
            task.add_done_callback(self._done)
        return len(due)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("delivery worker failed", exc_info=task.exception())

    def under_way(self) -> tuple[Delivery, ...]:
        """Give what is being sent."""
        return tuple(self._running.values())

    def finish(self) -> None:
        """End `run` once it has begun what it took; nothing may stay taken and unsent."""
        self._finishing = True
        self._wake.set()

    async def drain(self) -> None:
        """Send what is due now, the words of the last turns too, and wait until it is settled."""
        with contextlib.suppress(StoreUnavailable):
            while await self._take(AT_ONCE - len(self._running)) or self._running:
                if self._running:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, delivery: Delivery) -> None:
        channel = self._channel(delivery)
        breaker = self._breakers.setdefault(channel, Breaker(self._clock))
        pacer = self._pacers.setdefault(channel, Pacer(self._clock))
        failed: SendError | None = None
        try:
            sent, posted = await self._try(delivery, breaker, pacer)
        except SilencedError:
            settlement = silenced(delivery, at=self._clock.now())
        except SendError as error:
            failed = error
            breaker.note(error)
            pacer.note(delivery.destination, error, surface=delivery.address.surface)
            settlement = self._failed(delivery, error)
        except StoreUnavailable as error:
            later = SendError(SendFailure.UNAVAILABLE, f"the store cannot be read: {error}")
            settlement = self._failed(delivery, later)
        except Exception as error:  # noqa: BLE001 - one message must never stop the others
            _log.error("delivery failed", conversation=delivery.conversation, exc_info=error)
            broken = SendError(SendFailure.REFUSED, f"{type(error).__name__} in our own code")
            settlement = self._failed(delivery, broken)
        else:
            breaker.note(None)
            settlement = self._sent(delivery, sent, posted)
        await self._settle(settlement)
        if settlement.log:
            self._written(delivery.conversation)
        self._passing(Point.SETTLED)
        if channel != "desk":
            await self._alarms.note(channel, failed)
        if settlement.why is not None or settlement.state is not DeliveryState.WAITING:
            self._figures.deliveries.labels(channel, settlement.state).inc()
        if settlement.wake is not None:
            self._turns.set()

    async def _try(
        self, delivery: Delivery, breaker: Breaker, pacer: Pacer
    ) -> tuple[Sent, DeskPosted | None]:
        """Send where nothing stands against it now; raises `SendError`."""
        if delivery.interrupted and not self._resends(delivery):
            # Before anything that makes it wait: what has waited is in doubt no more.
            raise InDoubtError
        async with self._places.one_of(self._channel(delivery)):
            breaker.ask()
            pacer.ask(delivery.destination, self._rates(delivery), surface=delivery.address.surface)
            self._passing(Point.BEFORE_SEND)
            sent = await self._send(delivery)
            self._passing(Point.AFTER_SEND)
        return sent

    def resting(self) -> frozenset[str]:
        """Name the channels whose platform is taken to be down."""
        return frozenset(name for name, each in self._breakers.items() if each.resting)

    def forgotten(self) -> frozenset[str]:
        """Name the stopped channels that no message tries any more."""
        return frozenset(name for name in self.stopped if self._breakers[name].forgotten)

    def go_on(self, channel: str) -> None:
        """Learn that a platform lets us in again."""
        self._breakers[channel].note(None)
        self.stopped -= {channel}

    async def _settle(self, settlement: Settlement) -> None:
        """Note the outcome; a store that cannot write now is asked until it can."""
        if settlement.state is not DeliveryState.WAITING:
            self._tries.forget(settlement.delivery)
        while True:
            try:
                await self._store.settle(settlement)
            except StoreUnavailable:
                await self._clock.sleep(0.5)
            else:
                return

    async def _send(self, delivery: Delivery) -> tuple[Sent, DeskPosted | None]:
        if delivery.kind is OutboxKind.DESK:
            if self._desk is None:
                raise SendError(SendFailure.REFUSED, "no desk is configured")
            return await self._desk(delivery)
        adapter = self._adapters.get(delivery.address.channel)
        if adapter is None:
            raise SendError(SendFailure.REFUSED, "the channel is not configured any more")
        payload = ReplyPayload.model_validate_json(delivery.payload)
        if payload.author is Author.BOT and await self._silent(delivery.address):
            raise SilencedError
        message = OutboundMessage(
            text=payload.text,
            reply_to=payload.reply_to,
            author=payload.author,
            drafted=payload.drafted,
            private=payload.private,
            language=payload.language,
        )
        match await self._within_window(delivery, adapter, payload, message):
            case Lawful(message=message):
                return await _send(adapter, delivery.address, message), None
            case Reopen(message=template) if not payload.part:
                raise ReopenedError(await _send(adapter, delivery.address, template))
            case _:
                raise SendError(SendFailure.WINDOW_CLOSED, "the reply window is over")

    async def _silent(self, address: Address) -> bool:
        """Say whether the bot has fallen silent there since the words were kept."""
        brake = PileOn(store=self._store, settings=self._settings(), clock=self._clock)
        return await brake.is_silent(address.channel, address.surface)

    async def _within_window(
        self, delivery: Delivery, adapter: Adapter, payload: ReplyPayload, message: OutboundMessage
    ) -> Lawful | Reopen | Closed:
        """Judge the reply window now; the customer may have written since the words were kept."""
        section = self._settings().channels.get(delivery.address.channel)
        templates = frozenset(getattr(section, "templates", ()))
        capabilities = adapter.capabilities(delivery.address.surface)
        now = self._clock.now()

        def judged(at: datetime | None) -> Lawful | Reopen | Closed:
            return judge(message, capabilities, last_customer_at=at, now=now, templates=templates)

        verdict = judged(payload.heard_at)
        if payload.private or (isinstance(verdict, Lawful) and not verdict.message.late):
            return verdict
        found = await self._store.conversation(delivery.conversation)
        heard_at = None if found is None else found[1].last_customer_at
        verdict = judged(heard_at)
        if isinstance(verdict, Reopen) and await self._reopened(delivery, heard_at):
            return Closed()
        return verdict

    async def _reopened(self, delivery: Delivery, heard_at: datetime | None) -> bool:
        """Say whether the customer was asked to write again since they last wrote."""
        log = await self._store.log(delivery.conversation)
        return any(
            isinstance(event, Delivered)
            and event.outbox_key.endswith(REOPENED)
            and (heard_at is None or at > heard_at)
            for at, event in log
        )

    def _rates(self, delivery: Delivery) -> tuple[Rate, ...]:
        adapter = self._adapters.get(delivery.address.channel)
        if delivery.kind is OutboxKind.DESK or adapter is None:
            return ()
        return adapter.capabilities(delivery.address.surface).rates

    def _followed(self, delivery: Delivery) -> bool:
        adapter = self._adapters.get(delivery.address.channel)
        return adapter is not None and adapter.capabilities(delivery.address.surface).followed

    # --- what becomes of it

    def _sent(self, delivery: Delivery, sent: Sent, posted: DeskPosted | None) -> Settlement:
        now = self._clock.now()
        channel = self._channel(delivery)
        self.stopped -= {channel}
        waited = (now - delivery.created_at).total_seconds()
        self._figures.delivery_seconds.labels(channel).observe(max(0.0, waited))
        log: tuple[Delivered, ...] = ()
        if delivery.kind is OutboxKind.REPLY:
            payload = ReplyPayload.model_validate_json(delivery.payload)
            if payload.waiting_since is not None:
                first_s = (now - payload.waiting_since).total_seconds()
                self._figures.first_reply_seconds.labels(channel).observe(max(0.0, first_s))
            log = (
                Delivered(
                    outbox_key=payload.key,
                    message_id=sent.message_id,
                    part=payload.part,
                    text=payload.text,
                    author=payload.author,
                ),
            )
        return Settlement(
            delivery=delivery,
            state=DeliveryState.SENT,
            at=now,
            posted=posted,
            log=log,
            followed=bool(log) and self._followed(delivery),
        )

    def _failed(self, delivery: Delivery, error: SendError) -> Settlement:
        now = self._clock.now()
        tries, doubts = self._tries.note(delivery, error)
        following = after_failure(
            error,
            tries=tries,
            doubts=doubts,
            age=now - delivery.created_at,
            age_max=DESK_AGE_MAX if delivery.kind is OutboxKind.DESK else REPLY_AGE_MAX,
            resend_unknown=self._resends(delivery),
            jitter=self._rng.random(),
        )
        why = f"{error.failure}: {error}"
        if isinstance(error, PacedError):
            due = now + timedelta(seconds=error.wait_s)
            return Settlement(delivery=delivery, state=DeliveryState.WAITING, at=now, due_at=due)
        _log.warning(
            "not delivered",
            conversation=delivery.conversation,
            channel=self._channel(delivery),
            failure=error.failure,
            tries=delivery.tries,
            then=following.state,
        )
        if error.failure is SendFailure.REVOKED:
            self.stopped |= {self._channel(delivery)}
        if following.state is DeliveryState.WAITING:
            due = now + timedelta(seconds=following.pause_s)
            return Settlement(delivery=delivery, state=following.state, at=now, due_at=due, why=why)
        return Settlement(
            delivery=delivery,
            state=following.state,
            at=now,
            why=why,
            log=error.noted(delivery) if isinstance(error, ReopenedError) else (),
            wake=self._news(delivery, error, now),
        )

    def _news(self, delivery: Delivery, error: SendError, now: datetime) -> Arrival | None:
        """Tell the conversation that a reply will not arrive; the desk hears of it from there."""
        if delivery.kind is OutboxKind.DESK:
            return None
        key = ReplyPayload.model_validate_json(delivery.payload).key
        return told(delivery, NotDelivered(outbox_key=key, why=str(error.failure)), at=now)

    def _resends(self, delivery: Delivery) -> bool:
        if delivery.kind is OutboxKind.DESK:
            return True
        section = self._settings().channels.get(delivery.address.channel)
        return section is None or section.on_unknown == "resend"

    @staticmethod
    def _channel(delivery: Delivery) -> str:
        return "desk" if delivery.kind is OutboxKind.DESK else delivery.address.channel
