"""Take-overs in the middle of everything: who may still speak, over thousands of interleavings.

Each conversation has a customer who writes, a bot that answers (the real workers on a real store,
with a brain that answers at once), and a colleague who takes it over at a moment that the seed
says: as the workers pass a named point, a few steps of the loop later. The rule: what the outbox
gives out after the take-over was committed holds no word of the bot, and nothing that was taken
from it later is sent. Words that had left the outbox before may still arrive: no commit can call
them back.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp
from pydantic import SecretStr
from typing_extensions import override

from bench.core_load import SECRET, TOKEN, Messages
from bench.core_service import CONFIGURATION, Core, Unpaced, make_core, working
from channels.contract import OutboundMessage, Sent
from config.load import load
from conversation.clock import SystemClock
from conversation.events import Claimed, Colleague, encode
from conversation.model import Address, Arrival, Owner
from conversation.store import Acceptance, Accepted, Delivery, OutboxKind, OwnerChange, Store
from socialcare.fault_points import Point
from socialcare.stores import make_store
from tests.faults.patience import patient

MOMENTS = (
    Point.CLAIMED,
    Point.BEFORE_TURN_COMMIT,
    Point.TURN_COMMITTED,
    Point.DELIVERY_TAKEN,
    Point.BEFORE_SEND,
    Point.AFTER_SEND,
    Point.SETTLED,
)
AT_ONCE = 50
"""Conversations under way together, so that they share transactions."""
STEPS_MOST = 12
BEN = Colleague(user_id="U0BEN", name="Ben")
CLOCK = SystemClock()


@dataclass(slots=True, kw_only=True)
class Found:
    """What some interleavings showed."""

    played: int = 0
    spoke: int = 0
    """Conversations in which the bot had spoken before it was taken over."""
    in_flight: int = 0
    """Words that had left the outbox before, and arrived after."""
    moments: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


class Silenced(Unpaced):
    """The real channel, whose messages go nowhere and are looked at."""

    def begin(self, stage: "Stage") -> None:
        """Serve another batch."""
        self.sent: list[str] = []
        self._stage = stage

    @override
    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Note who is spoken to."""
        del message
        self.sent.append(address.conversation)
        if address.conversation in self._stage.store.owned:
            self._stage.found.in_flight += 1
        await CLOCK.sleep(0)
        return Sent(message_id=str(len(self.sent)))

    @override
    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show nothing."""


class Watched:
    """A store whose outbox is watched: what it gives out to a request that was made after."""

    def __init__(self, store: Store, found: Found, rng: random.Random) -> None:
        self._store = store
        self._found = found
        self._rng = rng
        self.owned: set[str] = set()
        """Conversations whose take-over is committed and known."""

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def take(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due messages, sooner or later, and look at them."""
        for _ in range(self._rng.choice((0, 0, STEPS_MOST, 10 * STEPS_MOST))):
            await CLOCK.sleep(0)
        owned = frozenset(self.owned)
        taken = await self._store.take(now=now, limit=limit)
        for one in taken:
            if one.kind is OutboxKind.REPLY and one.conversation in owned:
                self._found.violations.append(f"{one.key} was given out after the take-over")
        return taken


class Stage:
    """One batch of conversations, moved by one seed."""

    def __init__(self, store: Store, found: Found, rng: random.Random) -> None:
        self.found = found
        self._rng = rng
        self._real = store
        self.store = Watched(store, found, rng)
        self._waiting: dict[Point, list[str]] = {point: [] for point in MOMENTS}
        self._tasks: list[asyncio.Task[None]] = []

    def casts(self, conversation: str) -> None:
        """Choose when a conversation is taken over."""
        self._waiting[self._rng.choice(MOMENTS)].append(conversation)

    def passing(self, point: Point) -> None:
        """Hear of a moment; some take-over may begin in it."""
        waiting = self._waiting.get(point)
        if waiting:
            conversation = waiting.pop(self._rng.randrange(len(waiting)))
            self.found.moments[point] += 1
            self._begin(conversation)

    def rest(self) -> None:
        """Take over whoever was left."""
        for waiting in self._waiting.values():
            while waiting:
                self._begin(waiting.pop())

    async def over(self) -> None:
        """Wait until all are taken over."""
        await asyncio.gather(*self._tasks)

    def _begin(self, conversation: str) -> None:
        steps = self._rng.randrange(STEPS_MOST)
        self._tasks.append(asyncio.create_task(self._take_over(conversation, steps)))

    async def _take_over(self, conversation: str, steps: int) -> None:
        for _ in range(steps):
            await CLOCK.sleep(0)
        now = CLOCK.now()
        claimed = Arrival(
            channel="desk",
            account="T1",
            event_id=f"claim:{conversation}",
            address=None,
            kind="claimed",
            occurred_at=now,
            body=encode(Claimed(by=BEN)).encode(),
            to=conversation,
        )
        change = OwnerChange(
            conversation=conversation,
            to=Owner.COLLEAGUE,
            only_from=frozenset({Owner.BOT, Owner.DESK}),
            claimed_by=BEN.user_id,
            told=Claimed(by=BEN),
        )
        told: Accepted = await self._real.accept(
            Acceptance(arrivals=(claimed,), received_at=now, owner=change)
        )
        if not told.applied:
            self.found.violations.append(f"{conversation} could not be taken over")
        self.store.owned.add(conversation)


async def interleave(url: str, folder: Path, *, seed: int, conversations: int) -> Found:
    """Play so many conversations, each taken over once, on an empty store.

    Args:
        url: The store's.
        folder: Where a SQLite file goes.
        seed: What chooses the moments.
        conversations: How many.
    """
    found = Found()
    rng = random.Random(seed)  # noqa: S311 - moments are no secrets
    said = {"TOKEN": TOKEN, "SECRET": SECRET, "SINK": "http://127.0.0.1:1", "STORE": url}
    settings = load(CONFIGURATION, env=said, source="takeovers")
    store = make_store(settings, folder=folder, clock=CLOCK, migrate=True)
    await store.open()
    try:
        async with aiohttp.ClientSession() as session:
            adapter = Silenced(
                name="telegram",
                token=SecretStr(TOKEN),
                webhook_secret=SecretStr(SECRET),
                api_base="http://127.0.0.1:1",
                session=session,
                clock=CLOCK,
            )
            updates = Messages()
            while found.played < conversations:
                stage = Stage(store, found, rng)
                adapter.begin(stage)
                core = make_core(stage.store, adapter, settings, passing=stage.passing)  # type: ignore[arg-type]  # it stands before the store
                count = min(AT_ONCE, conversations - found.played)
                await _batch(stage, core, adapter, updates, count)
                found.played += count
    finally:
        await store.close()
    return found


async def _batch(
    stage: Stage, core: Core, adapter: Silenced, updates: Messages, count: int
) -> None:
    chats = [updates.new_chat() for _ in range(count)]

    async def write() -> list[str]:
        conversations = []
        for chat in chats:
            body = updates.request(chat).partition(b"\r\n\r\n")[2]
            arrivals = adapter.codec.split(body)
            await core.store.accept(Acceptance(arrivals=arrivals, received_at=CLOCK.now()))
            conversations += [one.conversation for one in arrivals if one.conversation]
        return conversations

    for conversation in await write():
        stage.casts(conversation)
    async with working(core):
        await _calm(core)
        stage.found.spoke += len(set(adapter.sent))
        stage.rest()
        await stage.over()
        # Whoever writes now writes to a colleague.
        await write()
        await _calm(core)


async def _calm(core: Core) -> None:
    """Wait until nothing waits and nothing is under way."""

    async def waits() -> None:
        while True:
            counts = await core.store.counts()
            if (
                not any(counts.values())
                and not core.turns.works()
                and not core.deliveries.under_way()
            ):
                return
            await CLOCK.sleep(0.005)

    await patient(waits(), calm_s=30, waiting=lambda: "work is left")
