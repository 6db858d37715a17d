"""Retention and upkeep, on both stores, by a clock that is moved: daily, by itself, in bites."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest

from config.load import load
from conversation.care import Care
from conversation.events import Erased
from conversation.invitations import Invite
from conversation.spending import Budget, Spend
from conversation.store import Store, StoreUnavailable, StoreUnusable
from socialcare.sandbox.hand_clock import HandClock
from socialcare.upkeep import EVERY_S, FIRST_S, LAST, PAUSE_S, forget_everywhere, keep_up
from tests.conversation.store_world import (
    NOW,
    accept,
    arrival,
    care_at,
    finish,
    heard,
    store_at,
    waiting,
)

T = TypeVar("T")
DAY_S = 86_400.0
KEPT = timedelta(days=30)
SETTINGS = load("brand: {name: N}\nretention: {messages: 30d}", env={})


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "care.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(place: str) -> AsyncIterator[Store]:
    one = store_at(place)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
async def care(store: Store, place: str) -> AsyncIterator[Care]:
    one = care_at(place)
    await one.open()
    yield one
    await one.close()


async def spoke(store: Store, number: int, *, days_ago: float = 0) -> str:
    at = NOW - timedelta(days=days_ago)
    await accept(store, arrival(number, f"chat {number}", body=b"words"), at=at)
    (work,) = await store.claim(now=at, limit=1)
    await finish(store, work, at=at, log=(heard("words", str(number), user_id=str(number)),))
    return work.row.id


async def is_empty(store: Store, conversation: str) -> bool:
    return any(isinstance(event, Erased) for _, event in await store.log(conversation))


async def skipping(clock: HandClock, work: Coroutine[Any, Any, T]) -> T:
    """Let its pauses pass at once."""
    task = asyncio.create_task(work)
    while not task.done():
        skip = asyncio.create_task(clock.skip())
        await asyncio.wait({task, skip}, return_when=asyncio.FIRST_COMPLETED)
        if not skip.done():
            skip.cancel()
        await asyncio.wait({skip})
    return task.result()


async def test_what_is_older_goes_and_what_is_younger_stays(store: Store, care: Care) -> None:
    old = [await spoke(store, number, days_ago=31) for number in range(4)]
    young = await spoke(store, 9, days_ago=29)
    await accept(
        store,
        arrival("lost", address=None, why="no JSON", body=b"?"),
        at=NOW - timedelta(days=31),
    )
    clock = HandClock(NOW)
    total = await skipping(
        clock, forget_everywhere(care, before=NOW - KEPT, media_before=NOW - KEPT, clock=clock)
    )
    assert total.conversations == 4
    assert all([await is_empty(store, one) for one in old])
    assert not await is_empty(store, young)
    assert (await waiting(store))["quarantined"] == 0


async def test_a_round_leaves_room_for_webhooks(store: Store, care: Care) -> None:
    """Each conversation is a transaction of its own, with a pause behind it."""
    for number in range(3):
        await spoke(store, number, days_ago=31)
    clock = HandClock(NOW)
    rounds = asyncio.create_task(
        forget_everywhere(care, before=NOW - KEPT, media_before=NOW - KEPT, clock=clock)
    )
    for number in range(3):
        assert await clock.skip() == pytest.approx(PAUSE_S)
        assert (await accept(store, arrival(f"meanwhile {number}"))).new == (True,)
    await rounds


@pytest.fixture
async def kept_up(place: str, store: Store) -> AsyncIterator[HandClock]:
    """The upkeep of a running service, on a clock that is moved."""
    clock = HandClock(NOW)
    running = asyncio.create_task(
        keep_up(make_care=lambda: care_at(place), settings=lambda: SETTINGS, clock=clock)
    )
    yield clock
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])


async def next_round(clock: HandClock) -> float:
    """Let time pass until the upkeep sleeps for its hour; gives how long it slept before."""
    way = await clock.skip()
    while way == pytest.approx(PAUSE_S):
        way = await clock.skip()
    return way


async def test_it_happens_daily_by_itself(store: Store, kept_up: HandClock) -> None:
    first = await spoke(store, 1, days_ago=31)
    assert await next_round(kept_up) == FIRST_S
    assert await next_round(kept_up) == pytest.approx(EVERY_S)
    assert await is_empty(store, first)
    second = await spoke(store, 2, days_ago=31)
    for _ in range(20):
        assert await next_round(kept_up) == pytest.approx(EVERY_S)
    assert not await is_empty(store, second), "once a day, not each hour"
    for _ in range(5):
        await next_round(kept_up)
    assert await is_empty(store, second)


async def test_what_ended_days_ago_is_dropped(store: Store, kept_up: HandClock, care: Care) -> None:
    """Invitations that are over, and what was spent on days that no budget asks about."""
    one = await spoke(store, 1)
    for channel, days in (("x", 2), ("webchat", 0)):
        ends = NOW - timedelta(days=days)
        await store.invite(
            Invite(conversation=one, channel=channel, nonce=channel, expires_at=ends)
        )
        budget = Budget(scope=channel, limit_micros=9)
        day = (NOW - timedelta(days=2 * days)).date()
        await store.spend(Spend(day=day, micros=5, budgets=(budget,), need=5))
    await next_round(kept_up)
    await next_round(kept_up)
    for scope, left in (("x", 0), ("webchat", 5)):
        day = NOW.date() - timedelta(days=4 if scope == "x" else 0)
        budget = Budget(scope=scope, limit_micros=9)
        spent = await store.spend(Spend(day=day, micros=0, budgets=(budget,), need=0))
        assert spent.micros == (left,)
    async with care.writing() as session:
        rows = await session.all("invitations_of", one)
    assert [row["channel"] for row in rows] == ["webchat"]


async def test_time_makes_it_old(store: Store, kept_up: HandClock) -> None:
    """Nothing is too old today; in a month it is."""
    one = await spoke(store, 1)
    await next_round(kept_up)
    await next_round(kept_up)
    assert not await is_empty(store, one)
    kept_up.advance(KEPT.total_seconds() + DAY_S)
    await next_round(kept_up)
    await next_round(kept_up)
    assert await is_empty(store, one)


async def test_a_deploy_makes_no_second_round_of_a_day(place: str, store: Store) -> None:
    """F39, F40: the store remembers when it was."""
    clock = HandClock(NOW)

    async def lived(hours: float) -> None:
        running = asyncio.create_task(
            keep_up(make_care=lambda: care_at(place), settings=lambda: SETTINGS, clock=clock)
        )
        await next_round(clock)
        await next_round(clock)
        running.cancel()
        await asyncio.wait([running])
        clock.advance(hours * 3600)

    await lived(1)
    one = await spoke(store, 1, days_ago=31)
    for _ in range(5):
        await lived(1)
    assert not await is_empty(store, one)
    await lived(24)
    await lived(1)
    assert await is_empty(store, one)


async def test_f17_a_round_from_the_future_holds_up_none(
    store: Store, kept_up: HandClock, care: Care
) -> None:
    """The clock was a year ahead once; retention does not wait until that year is over."""
    async with care.writing() as session:
        await session.all("upkeep_put", LAST, (NOW + timedelta(days=365)).isoformat())
    one = await spoke(store, 1, days_ago=31)
    await next_round(kept_up)
    await next_round(kept_up)
    assert await is_empty(store, one)


class Away:
    """A store's second way in that is not there for a while."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.closed = 0

    async def open(self) -> None:
        raise self.error

    async def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("error", [StoreUnavailable("locked"), StoreUnusable("gone")])
async def test_a_store_that_is_away_is_looked_after_later(error: Exception) -> None:
    clock, away = HandClock(NOW), Away(error)
    make = cast("Callable[[], Care]", lambda: away)
    running = asyncio.create_task(keep_up(make_care=make, settings=lambda: SETTINGS, clock=clock))
    await clock.skip()
    assert await clock.skip() == pytest.approx(EVERY_S)
    assert await clock.skip() == pytest.approx(EVERY_S)
    assert away.closed >= 2
    running.cancel()
    await asyncio.wait([running])
