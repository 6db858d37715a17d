"""The driver's patience: a crowded machine is no fault, a hang is one."""

import asyncio
from dataclasses import dataclass

import pytest

from tests.faults.patience import LEAST, SIGNS_MOST, CalmClock, HungError, Patience, patient


@dataclass
class Machine:
    """A machine whose time is moved by hand."""

    wall_s: float = 0.0
    crowded_s: float = 0.0

    def passes(self, seconds: float, *, crowded: float = 0.0) -> None:
        """Let time pass, of which a share was crowded."""
        self.wall_s += seconds
        self.crowded_s += seconds * crowded

    def patience(self, calm_s: float) -> Patience:
        """Be patient on this machine."""
        clock = CalmClock(wall=lambda: self.wall_s, crowded=lambda: self.crowded_s)
        return Patience(calm_s, clock=clock)


def test_a_hang_on_a_machine_at_rest_is_found_in_time() -> None:
    """Nothing is excused where nothing is in the way."""
    machine = Machine()
    patience = machine.patience(30)
    machine.passes(30)
    assert not patience.lost()
    machine.passes(1)
    assert patience.lost()


def test_crowded_time_counts_little_but_counts() -> None:
    """A wait of minutes is no fault on a crowded machine; one without end still is."""
    machine = Machine()
    patience = machine.patience(30)
    machine.passes(200, crowded=0.95)
    assert not patience.lost()
    machine.passes(30 / LEAST, crowded=1.0)
    assert patience.lost()


def test_a_sign_begins_it_anew() -> None:
    """Who moves is waited for."""
    machine = Machine()
    patience = machine.patience(30)
    for step in range(10):
        machine.passes(25)
        assert not patience.lost(step)
    machine.passes(31)
    assert patience.lost(9)


def test_what_moves_for_ever_hangs() -> None:
    """A wheel that turns and gets nowhere."""
    machine = Machine()
    patience = machine.patience(30)
    for step in range(SIGNS_MOST):
        machine.passes(30)
        assert not patience.lost(step)
    machine.passes(1)
    assert patience.lost("another")


def test_without_the_kernels_word_the_load_decides() -> None:
    """Not every kernel says who had to wait."""
    machine = Machine()

    def unknown() -> float:
        raise FileNotFoundError

    clock = CalmClock(wall=lambda: machine.wall_s, crowded=unknown)
    machine.passes(10)
    assert 0 < clock.read() <= 10


async def test_what_ends_is_given_back() -> None:
    """No look is waited for by what is done."""

    async def done() -> int:
        return 7

    assert await patient(done(), calm_s=30, waiting=str) == 7


async def test_what_hangs_is_ended_and_named() -> None:
    """It does not go on behind the back of who gave up."""
    ended = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(HungError, match="the door"):
        await patient(hang(), calm_s=0.0, waiting=lambda: "the door")
    assert ended.is_set()
