"""C15: a channel that falls silent is told, once, on both stores; a quiet night is not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from conversation.care import Care
from socialcare.figures import Figures
from socialcare.sandbox.hand_clock import HandClock
from socialcare.silence import (
    HALF_LIFE,
    LEARN,
    LOOK_EVERY_S,
    QUIET_MIN,
    Rhythm,
    Silence,
    allowed,
    heard,
    strange,
)
from tests.conversation.store_world import NOW, care_at, store_at

HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "care.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def place(where: str) -> str:
    store = store_at(where)
    await store.open()
    await store.close()
    return where


@dataclass
class Watch:
    """One process that listens."""

    place: str
    clock: HandClock
    figures: Figures = field(default_factory=Figures)
    told: list[str] = field(default_factory=list)

    def care(self) -> Care:
        return care_at(self.place)

    async def tell(self, text: str) -> bool:
        self.told.append(text)
        return True

    def hears(self) -> None:
        self.figures.accepted.labels("telegram").inc()

    async def looks(self, after: timedelta) -> None:
        """Let time pass, then let it look once."""
        self.clock.advance(after.total_seconds() - LOOK_EVERY_S)
        await self.clock.skip()
        await self.clock.skip()


@contextlib.asynccontextmanager
async def listening(place: str, clock: HandClock) -> AsyncIterator[Watch]:
    watch = Watch(place=place, clock=clock)
    silence = Silence(
        channels=lambda: ("telegram",),
        figures=watch.figures,
        make_care=watch.care,
        tell=watch.tell,
        clock=clock,
    )
    work = asyncio.create_task(silence.run())
    try:
        yield watch
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def used_to(watch: Watch, hours: int) -> None:
    """Be heard every so many hours, for long enough to be known."""
    for _ in range(int(LEARN / HOUR) // hours + 1):
        watch.hears()
        await watch.looks(timedelta(hours=hours))


async def test_c15_a_silent_channel_is_told_once_and_its_end_too(place: str) -> None:
    async with listening(place, HandClock(NOW)) as watch:
        await used_to(watch, 2)
        assert watch.told == []
        for _ in range(4):
            await watch.looks(HOUR)
        assert len(watch.told) == 1
        assert "Nobody has written on telegram for" in watch.told[0]
        watch.hears()
        await watch.looks(HOUR)
        assert watch.told[1:] == ["telegram is heard again."]


async def test_c15_a_restart_forgets_no_rhythm_and_tells_nothing_twice(place: str) -> None:
    clock = HandClock(NOW)
    async with listening(place, clock) as first:
        await used_to(first, 2)
    async with listening(place, clock) as second:
        for _ in range(6):
            await second.looks(HOUR)
        assert len(second.told) == 1
    async with listening(place, clock) as third:
        for _ in range(6):
            await third.looks(HOUR)
        assert third.told == []


# --- what is strange


def test_nothing_is_strange_while_it_is_learnt() -> None:
    new = heard(None, NOW, up_since=LONG_AGO)
    assert strange(new, NOW + LEARN - HOUR, up_since=LONG_AGO) is None
    assert strange(new, NOW + LEARN, up_since=LONG_AGO) == LEARN


def test_a_quiet_as_long_as_every_night_is_no_alarm() -> None:
    nights = Rhythm(since=LONG_AGO, last=NOW, longest_s=9 * 3600)
    assert strange(nights, NOW + 18 * HOUR, up_since=LONG_AGO) is None
    assert strange(nights, NOW + 19 * HOUR, up_since=LONG_AGO) == 19 * HOUR


def test_a_busy_channel_may_still_be_quiet_for_a_while() -> None:
    busy = Rhythm(since=LONG_AGO, last=NOW, longest_s=60)
    assert allowed(busy) == QUIET_MIN


def test_while_nobody_listened_nothing_was_quiet() -> None:
    busy = Rhythm(since=LONG_AGO, last=NOW, longest_s=60)
    up = NOW + 10 * HOUR
    assert strange(busy, up + HOUR, up_since=up) is None
    assert heard(busy, up + HOUR, up_since=up).longest_s == 3600


def test_an_old_quiet_is_forgotten_and_an_alarm_is_none() -> None:
    once = Rhythm(since=LONG_AGO, last=NOW, longest_s=80_000)
    later = heard(once, NOW + HALF_LIFE, up_since=NOW + HALF_LIFE)
    assert later.longest_s == 40_000
    told = Rhythm(since=LONG_AGO, last=NOW, longest_s=60, told=True)
    after = heard(told, NOW + 50 * HOUR, up_since=LONG_AGO)
    assert after.longest_s < 60
    assert not after.told
