"""What a customer wrote stays in the store, where it can be erased, and nowhere in the process."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from conversation.store import Store
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.language_model import ModelStandIn, says
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import House, hears
from tests.journeys.test_a_turn_taken_anew import FullDisk
from tests.reachable import holds

ROAD = "Elmquaver Road"
WROTE = f"Where is my parcel? I live in {ROAD}."


def remembers(house: House) -> bool:
    """Say whether the brain still holds what was written.

    What it only speaks to is not searched: a model's client leads to the stand-in of its server,
    and whoever reaches the store reaches everything.
    """
    assert house.service is not None
    brain = house.service._brain
    assert brain is not None
    spoken_to = ("_model", "_spending", "_clock", "_breaker")
    return holds(brain, ROAD, beside=[getattr(brain, name, None) for name in spoken_to])


async def test_a_turn_that_is_over_is_let_go(open_house: OpenHouse) -> None:
    house = await open_house()
    ana = house.customer()
    await ana.write(WROTE)
    await hears(ana, "order number")
    await house.settled()
    assert not remembers(house)


async def test_what_a_model_was_told_is_let_go(
    model_house: Callable[..., Any], server: ModelStandIn
) -> None:
    house = await model_house()
    server.script = says("Let me see.")
    ana = house.customer()
    await ana.write(WROTE)
    await hears(ana, "Let me see.")
    await house.settled()
    assert not remembers(house)


async def test_a_turn_that_fails_is_let_go_and_taken_anew(open_house: OpenHouse) -> None:
    """F07: its end is lost, since the disk is full."""
    house = await open_house()
    service = house.service
    assert service is not None
    assert service._thinker is not None
    disk = FullDisk(service._thinker.store)
    service._thinker = replace(service._thinker, store=cast("Store", disk))
    ana = house.customer()
    await ana.write(WROTE)
    await house.until(lambda: disk.refused or None, "the disk was never full")
    await house.until(lambda: not remembers(house) or None, "its words are still held")
    house.clock.leap(5)
    await hears(ana, "order number")
    await house.settled()
    assert not remembers(house)


async def test_a_turn_whose_time_is_up_is_let_go(
    model_house: Callable[..., Any], server: ModelStandIn
) -> None:
    house = await model_house()
    server.faults.next("completions", Fault(kind="hang"))
    ana = house.customer()
    await ana.write(WROTE)
    await server.faults.met("completions")
    house.clock.leap(61)
    await hears(ana, "takes longer than it should")
    server.faults.release()
    await house.settled()
    assert not remembers(house)
