"""Rows of `brain/deadlines.py` that a whole service keeps: understanding, actions, the turn."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

import pytest

from actions.action import Call, Outcome
from brain.deadlines import UNDERSTANDING
from brain.decision import Decision, Turn, Understood
from config.stages import Stage
from conversation.ledger import CallState
from conversation.store import Commit, CommitResult, Store
from socialcare.sandbox.faults import Fault
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import House, hears, never
from tests.journeys.test_a_hostile_brain import possess

PATIENT = {"timeout: 2s": "timeout: 50s", "answer: 60s": "answer: 20s"}
"""The shop may take longer than the turn."""
PROOF = Call(action="charges", args={"order_id": "A-10388", "email": "ella@northwind.example"})
REFUND = Call(
    action="refund",
    args={
        "order_id": "A-10388",
        "charge_id": "ch_10388_1",
        "amount": "42.00",
        "currency": "GBP",
        "reason": "asked for it",
    },
)


@dataclass(slots=True)
class Stuck:
    """A brain that finds no end somewhere."""

    where: Literal["topics", "decide"]
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ready(self) -> bool:
        return True

    async def topics(self, turn: Turn) -> Understood:
        if self.where == "topics":
            self.reached.set()
            await asyncio.Event().wait()
        return Understood(language="en")

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError("never reached")


@pytest.mark.parametrize(
    ("where", "seconds"), [("topics", UNDERSTANDING.total_seconds()), ("decide", 60.0)]
)
async def test_rows_1_and_9_what_finds_no_end_is_a_colleagues_and_the_customer_is_told(
    open_house: OpenHouse, where: Literal["topics", "decide"], seconds: float
) -> None:
    house = await open_house()
    brain = Stuck(where)
    possess(house, brain)
    ana = house.customer()
    await ana.write("where is my parcel?")
    await brain.reached.wait()
    house.clock.leap(seconds + 1)
    await hears(ana, "takes longer than it should")
    await house.settled()
    assert house.owner(ana) == "desk"
    await house.counted(1, "target_missed_total", channel="telegram", target="answer")
    await house.with_button("case.claim", "too long" if where == "topics" else "longer")


@dataclass(slots=True)
class Asks:
    """A brain that wants money back, and then something more."""

    steps: list[tuple[Call, ...]]

    @property
    def ready(self) -> bool:
        return True

    async def topics(self, turn: Turn) -> Understood:
        return Understood(language="en")

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        understood = Understood(language="en")
        if self.steps:
            return Decision(understood=understood, calls=self.steps.pop(0))
        return Decision(understood=understood, words="Anything else?")


async def late_at(house: House, operation: str, brain: Asks) -> None:
    """Let the turn's time run out while the shop is asked for something."""
    possess(house, brain)
    ella = house.customer("Ella")
    house.world.shop.faults.next(operation, Fault(kind="hang"))
    await ella.write("hello")
    await house.world.shop.faults.met(operation)
    house.clock.leap(21)
    house.world.shop.faults.release()
    await hears(ella, "takes longer than it should")
    await house.settled()
    assert house.owner(ella) == "desk"
    never(ella, "Anything else?")


async def test_row_7_an_action_that_was_begun_is_brought_to_its_end(open_house: OpenHouse) -> None:
    house = await open_house(changes=PATIENT)
    await late_at(house, "refund", Asks([(PROOF,), (REFUND,)]))
    assert await house.refunds("A-10388") == [4200]
    assert house.calls() == ["done"]
    assert "42.00" in house.desk(), "the colleague reads what was done"


async def test_row_8_an_action_that_was_not_begun_is_not_begun(open_house: OpenHouse) -> None:
    house = await open_house(changes=PATIENT)
    await late_at(house, "charges", Asks([(PROOF, REFUND)]))
    assert await house.refunds("A-10388") == []
    assert house.calls() == []


class SlowDisk:
    """The house's store; it takes its time to say that an intent is written."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.written = asyncio.Event()
        self.told = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, commit: Commit) -> CommitResult:
        result = await self._store.commit(commit)
        if any(one.record.state is CallState.EXECUTING for one in commit.calls):
            self.written.set()
            await self.told.wait()
        return result


async def test_row_7_an_action_whose_intent_is_written_is_brought_to_its_end(
    open_house: OpenHouse,
) -> None:
    """F13, F16: the time runs out while the disk writes: no call lies there begun and forgotten."""
    house = await open_house(changes=PATIENT)
    possess(house, Asks([(PROOF,), (REFUND,)]))
    service = house.service
    assert service is not None
    assert service._thinker is not None
    disk = SlowDisk(service._thinker.store)
    service._thinker = replace(service._thinker, store=cast("Store", disk))
    ella = house.customer("Ella")
    await ella.write("hello")
    await disk.written.wait()
    house.clock.leap(21)
    disk.told.set()
    await hears(ella, "takes longer than it should")
    await house.settled()
    assert house.calls() == ["done"]
    assert await house.refunds("A-10388") == [4200]
    assert "42.00" in house.desk(), "the colleague reads what was done"
