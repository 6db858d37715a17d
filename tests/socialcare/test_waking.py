"""Workers sleep until there is something to do."""

import asyncio
from datetime import datetime, timedelta

from socialcare.sandbox.hand_clock import HandClock
from socialcare.waking import LOOK_EVERY_S, Wake


def made(clock: HandClock, due_in_s: float | None) -> Wake:
    due = None if due_in_s is None else clock.now() + timedelta(seconds=due_in_s)

    async def next_due() -> datetime | None:
        return due

    return Wake(clock=clock, next_due=next_due)


async def test_a_ring_wakes_at_once() -> None:
    clock = HandClock()
    wake = made(clock, None)
    waiting = asyncio.create_task(wake.wait())
    await clock.waits()
    wake.set()
    await waiting
    assert clock.monotonic() == 0


async def test_a_ring_before_the_sleep_is_not_lost() -> None:
    wake = made(HandClock(), None)
    wake.set()
    async with asyncio.timeout(5):
        await wake.wait()


async def test_it_looks_again_by_itself() -> None:
    clock = HandClock()
    waiting = asyncio.create_task(made(clock, None).wait())
    await clock.waits()
    clock.advance(LOOK_EVERY_S * 0.9)
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    clock.advance(LOOK_EVERY_S * 0.2)
    await waiting


async def test_it_wakes_for_what_is_due() -> None:
    clock = HandClock()
    waiting = asyncio.create_task(made(clock, 0.3).wait())
    await clock.waits()
    clock.advance(0.31)
    await waiting


async def test_what_is_overdue_does_not_spin() -> None:
    clock = HandClock()
    waiting = asyncio.create_task(made(clock, -100).wait())
    await clock.waits()
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    clock.advance(0.011)
    await waiting
