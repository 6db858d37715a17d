"""Somebody sets the machine's clock while the service runs: nothing is stuck, nothing doubled."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial

from conversation.clock import SteadyClock
from socialcare.sandbox.faults import Fault
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import BIG_REFUND, HOURS, OPEN, House, hears, running
from tests.journeys.leap_clock import LeapClock
from tests.journeys.test_telegram import waits_again


class SetClock:
    """The service's own clock, on a machine whose wall clock can be set."""

    def __init__(self, machine: LeapClock) -> None:
        self._machine = machine
        self.set_s = 0.0
        self._steady = SteadyClock(wall=self._wall_s, monotonic=machine.monotonic)

    def _wall_s(self) -> float:
        return self._machine.now().timestamp() + self.set_s

    def now(self) -> datetime:
        """Say the time."""
        return self._steady.now()

    def monotonic(self) -> float:
        """Say the seconds, which nobody sets."""
        return self._machine.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        await self._machine.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Give up the body after that long."""
        return self._machine.timeout(seconds)


def _is_sent(house: House) -> bool | None:
    return bool(house.rows("select 1 from outbox where state = 'sent'")) or None


async def _open(open_house: OpenHouse) -> tuple[House, SetClock]:
    house = await open_house(serve=False)
    clock = SetClock(house.clock)
    house.world = replace(house.world, clock=clock)
    return house, clock


async def test_f17_set_back_no_reply_is_stuck(open_house: OpenHouse) -> None:
    """A retry that was due in a second is not due in two hundred; who writes then is answered."""
    house, clock = await _open(open_house)
    async with running(house):
        ana, ben = house.customer("Ana"), house.customer("Benno")
        house.world.telegram.faults.next("sendMessage", Fault(kind="status", status=502))
        await ana.write(HOURS)
        await house.until(partial(waits_again, house, 1))
        clock.set_s = -200
        await ben.write(HOURS)
        await hears(ben, OPEN)
        await house.until(partial(_is_sent, house))
        house.clock.leap(20)
        await hears(ana, OPEN)
        await house.settled()
    assert [len(one.chat) for one in (ana, ben)] == [1, 1]


async def test_f17_set_ahead_timers_fire_once(open_house: OpenHouse) -> None:
    """A sign-off whose time is over by the new clock is refused, once, and nothing is repeated."""
    house, clock = await _open(open_house)
    async with running(house):
        chloe = house.customer("Chloe")
        await chloe.write(BIG_REFUND)
        first = await hears(chloe, "needs a colleague's approval")
        await house.settled()
        clock.set_s = 7_200
        house.clock.leap(2)
        await chloe.sees(lambda _: True, after=first)
        clock.set_s = 7_000
        house.clock.leap(2)
        await house.settled()
    assert house.calls() == ["refused"]
    assert len(chloe.chat) == 2
    assert await house.refunds("A-10502") == []
