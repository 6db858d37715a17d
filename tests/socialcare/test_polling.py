"""Asking platforms: what was given is kept before the cursor moves, by one process at a time."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest

from channels.contract import Adapter, Polled
from channels.errors import SendError, SendFailure
from channels.telegram.codec import TelegramCodec
from conversation.clock import SystemClock
from conversation.feeds import FeedAsk, FeedHeld
from conversation.postgres import PostgresStore
from conversation.sqlite import SqliteStore
from conversation.store import Acceptance, Accepted, Store, StoreUnavailable
from socialcare.backlog import Backlog
from socialcare.figures import Figures
from socialcare.intake import Intake
from socialcare.polling import LOOK_EVERY_S, PAUSE_MAX_S, RENEW_EVERY_S, Poller
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.watching import Changes
from socialcare.waking import Wake

PATIENCE_S = 10.0
SOON_S = 0.005
CANNOT = SendError(SendFailure.UNAVAILABLE, "409 Conflict: another one asks")


class Asked:
    """A platform that holds numbered events per feed, and fails as it is told."""

    def __init__(self, *feeds: str) -> None:
        self.feeds = feeds or ("updates",)
        self.waiting: dict[str, list[int]] = {feed: [] for feed in self.feeds}
        self.polls: list[tuple[str, str | None]] = []
        self.prepared: list[str] = []
        self.rested: list[str] = []
        self.errors: list[SendError] = []
        self.pause_s = 0.0
        self.changes = Changes()

    def gives(self, number: int, feed: str = "updates") -> None:
        self.waiting[feed].append(number)
        self.changes.tell()

    async def prepare(self, feed: str) -> None:
        self.prepared.append(feed)

    async def rest(self, feed: str) -> None:
        self.rested.append(feed)

    async def poll(self, feed: str, cursor: str | None) -> Polled:
        self.polls.append((feed, cursor))
        self.changes.tell()
        if self.errors:
            raise self.errors.pop(0)
        after = int(cursor or 0)

        def look() -> list[int] | None:
            return [one for one in self.waiting[feed] if one > after] or None

        found = await self.changes.until(look, patience_s=60, expected=lambda: "events")
        body = json.dumps([_update(one) for one in found]).encode()
        return Polled(body=body, cursor=str(max(found)), pause_s=self.pause_s)

    def was_asked(self, times: int) -> bool:
        return len(self.polls) >= times

    async def polled(self, times: int) -> None:
        await self.changes.until(
            lambda: len(self.polls) >= times or None,
            patience_s=PATIENCE_S,
            expected=lambda: f"{times} polls, so far {self.polls}",
        )


class Shown:
    """An adapter as far as keeping needs one."""

    name = "telegram"
    codec = TelegramCodec(channel="telegram", account="42")


class Moody:
    """A store that is away for a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = 0
        self.frozen: asyncio.Event | None = None
        """Set once a cursor would have been moved; that never ends."""

    async def accept(self, acceptance: Acceptance) -> Accepted:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("disk full")
        return await self._store.accept(acceptance)

    async def feed(self, ask: FeedAsk) -> FeedHeld | None:
        if self.frozen is not None and ask.cursor is not None:
            self.frozen.set()
            await asyncio.Event().wait()
        return await self._store.feed(ask)


def _update(number: int) -> dict[str, Any]:
    chat = {"id": 7, "type": "private", "first_name": "Ana"}
    message = {"message_id": number, "date": 1_795_000_000, "chat": chat, "from": chat, "text": "x"}
    return {"update_id": number, "message": message}


class Town:
    """A store, a clock, a door, and pollers."""

    def __init__(self, store: Store) -> None:
        self.clock = HandClock()
        self.store = Moody(store)
        self.figures = Figures()
        self._real = cast("Store", cast("Any", self.store))
        self.backlog = Backlog(store=self._real, clock=self.clock)
        self._tasks: list[asyncio.Task[None]] = []

    def poller(self, source: Asked, store: Store | None = None) -> Poller:
        async def never() -> None:
            return None

        kept = store or self._real
        intake = Intake(
            store=kept,
            clock=self.clock,
            figures=self.figures,
            turns=Wake(clock=self.clock, next_due=never),
        )
        adapter = cast("Adapter", cast("Any", Shown()))
        return Poller(
            adapter=adapter,
            source=source,
            store=kept,
            intake=intake,
            backlog=self.backlog,
            clock=self.clock,
            rng=random.Random(1),  # noqa: S311 - jitter that repeats itself
        )

    @contextlib.asynccontextmanager
    async def running(self, poller: Poller) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(poller.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def skipped_until(self, look: Callable[[], bool]) -> float:
        """Go from sleeper to sleeper until something holds; gives the way, in seconds."""
        way_s = 0.0
        while not look():
            way_s += await self.clock.skip()
            for _ in range(20):
                if not look():
                    await SystemClock().sleep(SOON_S)
        return way_s

    def figures_say(self) -> float:
        told = self.figures.accepted.labels("telegram")._value.get()
        return float(told)


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not look():
            await SystemClock().sleep(SOON_S)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    store = SqliteStore(tmp_path / "care.db", clock=HandClock())
    await store.open()
    yield Town(store)
    await store.close()


async def test_what_came_is_committed_before_the_platform_may_forget_it(town: Town) -> None:
    source = Asked()
    async with town.running(town.poller(source)):
        source.gives(1)
        source.gives(2)
        await source.polled(2)
        await source.polled(2)
        assert town.figures_say() == 2
        assert source.polls == [("updates", None), ("updates", "2")]
        assert source.prepared == ["updates"]
    assert source.rested == ["updates"]


async def test_it_goes_on_where_the_one_before_it_ended(town: Town) -> None:
    source = Asked()
    source.gives(1)
    async with town.running(town.poller(source)):
        await source.polled(2)
    source.gives(2)
    async with town.running(town.poller(source)):
        await source.polled(4)
    assert source.polls[2:] == [("updates", "1"), ("updates", "2")]
    assert town.figures_say() == 2


async def test_a_death_before_the_cursor_moved_reads_twice_and_keeps_once(town: Town) -> None:
    source = Asked()
    source.gives(1)
    dying = town.poller(source)
    town.store.frozen = asyncio.Event()
    async with town.running(dying):
        await town.store.frozen.wait()
    town.store.frozen = None
    async with town.running(town.poller(source)):
        await source.polled(3)
    assert source.polls == [("updates", None), ("updates", None), ("updates", "1")]
    assert town.figures_say() == 1
    assert town.figures.duplicates.labels("telegram")._value.get() == 1


async def test_each_feed_has_a_cursor_of_its_own(town: Town) -> None:
    source = Asked("mentions", "messages")
    source.gives(5, "mentions")
    source.gives(3, "messages")
    async with town.running(town.poller(source)):
        await source.polled(4)
    assert sorted(source.polls, key=str)[2:] == [("messages", "3"), ("messages", None)]
    assert ("mentions", "5") in source.polls


async def test_a_platform_that_fails_is_asked_less_and_less_and_named(town: Town) -> None:
    source = Asked()
    source.errors = [CANNOT] * 12
    poller = town.poller(source)
    async with town.running(poller):
        pauses = []
        for number in range(1, 13):
            await source.polled(number)
            await until(lambda: poller.trouble is not None)
            pauses.append(await town.skipped_until(partial(source.was_asked, number + 1)))
            if number < 12:
                assert poller.trouble == "updates: unavailable: 409 Conflict: another one asks"
        source.gives(1)
        await source.polled(14)
        assert poller.trouble is None
    assert pauses[0] <= 1.0
    assert pauses[3] > pauses[0]
    assert max(pauses) <= PAUSE_MAX_S + RENEW_EVERY_S
    assert len(source.prepared) == 13


async def test_it_waits_as_long_as_the_platform_asks(town: Town) -> None:
    source = Asked()
    source.errors = [SendError(SendFailure.RATE_LIMITED, "slow down", retry_after_s=30.0)]
    async with town.running(town.poller(source)):
        await source.polled(1)
        await until(lambda: len(town.clock._sleepers) == 2)
        town.clock.advance(29.0)
        await until(lambda: len(town.clock._sleepers) == 2)
        assert len(source.polls) == 1
        town.clock.advance(1.0)
        await source.polled(2)


async def test_a_source_says_when_to_ask_again(town: Town) -> None:
    source = Asked()
    source.pause_s = 60.0
    source.gives(1)
    async with town.running(town.poller(source)):
        await until(lambda: len(town.clock._sleepers) == 2)
        assert len(source.polls) == 1
        town.clock.advance(60.0)
        await source.polled(2)


async def test_nothing_is_asked_while_the_backlog_is_closed(town: Town) -> None:
    source = Asked()
    town.backlog.closed = True
    async with town.running(town.poller(source)):
        await until(lambda: len(town.clock._sleepers) == 2)
        assert source.polls == []
        assert source.rested == ["updates"]
        town.backlog.closed = False
        town.clock.advance(1.0)
        await source.polled(1)


async def test_what_a_stream_gave_once_is_held_until_the_store_is_there(town: Town) -> None:
    source = Asked()
    source.gives(1)
    town.store.away = 2
    async with town.running(town.poller(source)):
        await until(lambda: town.store.away == 1)
        assert len(source.polls) == 1
        await town.skipped_until(lambda: len(source.polls) == 2)
    assert town.figures_say() == 1


async def test_of_two_processes_one_asks_and_the_other_takes_over(
    town: Town, postgres_url: str
) -> None:
    stores = [PostgresStore(postgres_url, clock=HandClock()) for _ in range(2)]
    for store in stores:
        await store.open()
    one, two = Asked(), Asked()
    async with contextlib.AsyncExitStack() as stack:
        first = await stack.enter_async_context(town.running(town.poller(one, stores[0])))
        one.gives(1)
        await one.polled(2)
        other = await stack.enter_async_context(town.running(town.poller(two, stores[1])))
        await until(lambda: len(town.clock._sleepers) == 2)
        assert two.polls == []
        # The first freezes: its lease runs out. The second asks from where it was.
        db = await asyncpg.connect(postgres_url)
        await db.execute("update feed set lease_us = 0")
        await db.close()
        town.clock.advance(LOOK_EVERY_S)
        await two.polled(1)
        assert two.polls == [("updates", "1")]
        town.clock.advance(RENEW_EVERY_S)
        await until(lambda: one.rested == ["updates"])
        asked = len(one.polls)
        one.gives(2)
        two.gives(2)
        await two.polled(2)
        assert len(one.polls) == asked
        assert not first.done()
        assert not other.done()
    for store in stores:
        await store.close()


async def test_a_process_that_ends_leaves_its_feed_to_the_others_at_once(
    town: Town, postgres_url: str
) -> None:
    stores = [PostgresStore(postgres_url, clock=HandClock()) for _ in range(2)]
    for store in stores:
        await store.open()
    one, two = Asked(), Asked()
    async with town.running(town.poller(one, stores[0])):
        await one.polled(1)
    async with town.running(town.poller(two, stores[1])):
        await two.polled(1)
    for store in stores:
        await store.close()
