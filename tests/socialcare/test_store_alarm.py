"""The store's alarm: once when nothing can be kept, once when it can again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from conversation.store import Store, StoreUnavailable
from socialcare.sandbox.hand_clock import HandClock
from socialcare.store_alarm import LOOK_EVERY_S, SURE_S, StoreAlarm

AGAIN = "The store takes messages again."


@dataclass
class Moody:
    """A store that takes a write or does not, as the test says."""

    why: str | None = None
    probed: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def probe(self) -> None:
        self.probed.release()
        if self.why is not None:
            raise StoreUnavailable(self.why)


@dataclass
class Desk:
    """Hears what is told, while it can be reached."""

    words: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)
    away: bool = False

    async def tell(self, text: str) -> bool:
        if not self.away:
            self.words.put_nowait(text)
        return not self.away


@dataclass
class Watch:
    """Everybody around one alarm."""

    store: Moody
    desk: Desk
    alarm: StoreAlarm
    clock: HandClock

    async def look(self) -> float:
        """Let the time of its next look come; gives how long that was."""
        way = await self.clock.skip()
        await self.store.probed.acquire()
        return way

    async def hears(self) -> str:
        """Let it look until the desk hears something."""
        hearing = asyncio.create_task(self.desk.words.get())
        while not hearing.done():
            looking = asyncio.create_task(self.look())
            await asyncio.wait({hearing, looking}, return_when=asyncio.FIRST_COMPLETED)
            if not looking.done():
                looking.cancel()
            await asyncio.wait({looking})
        return hearing.result()


@asynccontextmanager
async def watched() -> AsyncIterator[Watch]:
    store, desk, clock = Moody(), Desk(), HandClock()
    alarm = StoreAlarm(store=cast("Store", store), tell=desk.tell, clock=clock)
    running = asyncio.create_task(alarm.run())
    yield Watch(store, desk, alarm, clock)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])


async def test_a_full_disk_is_told_once_and_its_end_once() -> None:
    async with watched() as watch:
        watch.store.why = "database or disk is full"
        for _ in range(500):
            watch.alarm.set()
        assert await watch.look() == SURE_S
        assert "database or disk is full" in await watch.desk.words.get()
        for _ in range(20):
            assert await watch.look() == LOOK_EVERY_S
            watch.alarm.set()
        assert watch.desk.words.empty()
        watch.store.why = None
        assert await watch.hears() == AGAIN
        assert await watch.look() == SURE_S, "refused meanwhile: looked at once more, and well"
        assert watch.desk.words.empty()


async def test_a_lock_of_a_moment_is_no_alarm() -> None:
    async with watched() as watch:
        for _ in range(2):
            watch.alarm.set()
            assert await watch.look() == SURE_S
        assert watch.desk.words.empty()


async def test_a_desk_that_is_away_is_told_when_it_is_back() -> None:
    async with watched() as watch:
        watch.store.why, watch.desk.away = "full", True
        watch.alarm.set()
        for _ in range(3):
            await watch.look()
        watch.desk.away = False
        assert "full" in await watch.hears()
        watch.desk.away, watch.store.why = True, None
        await watch.look()
        assert await watch.clock.skip() == LOOK_EVERY_S
        watch.desk.away = False
        assert await watch.desk.words.get() == AGAIN


async def test_a_second_trouble_is_told_anew() -> None:
    async with watched() as watch:
        for _ in range(2):
            watch.store.why = "full"
            watch.alarm.set()
            assert "full" in await watch.hears()
            watch.store.why = None
            assert await watch.hears() == AGAIN
