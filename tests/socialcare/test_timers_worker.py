"""The timer worker: in batches after a long downtime, patient with a store that is away."""

import asyncio
from datetime import datetime
from typing import cast

from conversation.store import Store, StoreUnavailable
from socialcare.sandbox.hand_clock import HandClock
from socialcare.timers import AT_ONCE, Timers
from socialcare.waking import Wake


class Due:
    """A store that has so many timers due, and is away at first."""

    def __init__(self, *, due: int, away: int = 0) -> None:
        self.due = due
        self.away = away
        self.batches: list[int] = []

    async def fire(self, *, now: datetime, limit: int) -> int:
        if self.away:
            self.away -= 1
            raise StoreUnavailable("locked")
        fired = min(self.due, limit)
        self.due -= fired
        self.batches.append(fired)
        return fired

    async def next_due(self) -> datetime | None:
        return None


def started(store: Due, clock: HandClock) -> tuple[asyncio.Task[None], Wake]:
    turns = Wake(clock=clock, next_due=store.next_due)
    wake = Wake(clock=clock, next_due=store.next_due)
    timers = Timers(store=cast("Store", store), clock=clock, wake=wake, turns=turns)
    return asyncio.create_task(timers.run()), turns


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_many_due_timers_fire_in_batches_and_ring_for_the_turns() -> None:
    clock, store = HandClock(), Due(due=AT_ONCE + 1)
    task, turns = started(store, clock)
    await turns.wait()
    await clock.waits()
    assert store.batches == [AT_ONCE, 1]
    assert clock.monotonic() == 0
    await ended(task)


async def test_a_store_that_is_away_is_asked_again() -> None:
    clock, store = HandClock(), Due(due=1, away=2)
    task, turns = started(store, clock)
    assert await clock.skip() == 1
    assert await clock.skip() == 1
    await turns.wait()
    assert store.batches == [1]
    await ended(task)
