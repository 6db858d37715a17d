"""What a process may have died over is taken up alone, so that it takes nobody along."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import cast

from brain.decision import Brain
from conversation.store import CommitResult, Store, Work
from socialcare.figures import Figures
from socialcare.sandbox.hand_clock import HandClock
from socialcare.thinking import Thinker
from socialcare.turns import SUSPECT_TRIES, Turns
from socialcare.waking import Wake
from tests.conversation.store_world import NOW, accept, arrival, later, store_at

CUSTOMERS = ("ada", "bea", "cem")


class Ready:
    """A brain that has learnt."""

    ready = True


class Crowd:
    """Takes turns, and notes how many were under way together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._now = 0
        self.taken = asyncio.Semaphore(0)
        self.together: list[int] = []

    async def take(self, work: Work, *, patient: bool) -> CommitResult:
        self._now += 1
        for _ in range(5):
            await self._store.conversation(work.row.id)  # time in which others could begin
        self.together.append(self._now)
        self._now -= 1
        self.taken.release()
        return CommitResult.COMMITTED


async def most_together(file: Path, *, deaths: int) -> int:
    """Let a process die over all customers so often; gives the next one's turns at once."""
    for _ in range(deaths):
        store = store_at(str(file))
        await store.open()
        for customer in CUSTOMERS:
            await accept(store, arrival(customer, customer))
        assert len(await store.claim(now=later(), limit=len(CUSTOMERS))) == len(CUSTOMERS)
        await store.close()
    store = store_at(str(file))
    await store.open()
    crowd, clock = Crowd(store), HandClock(later())

    async def nothing_due() -> datetime | None:
        return None

    turns = Turns(
        store=store,
        brain=cast("Brain", Ready()),
        thinker=lambda: cast("Thinker", crowd),
        clock=clock,
        figures=Figures(),
        wake=Wake(clock=clock, next_due=nothing_due),
        deliveries=Wake(clock=clock, next_due=nothing_due),
    )
    if not deaths:
        for customer in CUSTOMERS:
            await accept(store, arrival(customer, customer), at=NOW)
    running = asyncio.create_task(turns.run())
    for _ in CUSTOMERS:
        await crowd.taken.acquire()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await turns.drain()
    await store.close()
    return max(crowd.together)


async def test_suspects_are_taken_one_by_one(tmp_path: Path) -> None:
    """F32: one message that ends the process puts aside itself, not those who wrote beside it."""
    assert await most_together(tmp_path / "s.db", deaths=SUSPECT_TRIES - 1) == 1


async def test_a_death_or_two_slow_nobody_down(tmp_path: Path) -> None:
    """A deploy that went wrong once makes nobody a suspect."""
    assert await most_together(tmp_path / "s.db", deaths=1) > 1
