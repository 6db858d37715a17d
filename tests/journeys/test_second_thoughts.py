"""The customer's yes and no: asked where the brand wants it, obeyed whichever brain proposes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from actions.action import Call, Outcome
from brain.decision import Brain, Decision, Turn, Understood
from brain.embedded import Mind
from config.load import load
from config.stages import Stage
from conversation.clock import SystemClock
from socialcare.demo.world import CARE
from socialcare.rehearsal.playing import rehearse, stage
from socialcare.rehearsal.script import read_rehearsal
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    BIG_REFUND,
    PATIENCE_S,
    REFUND,
    House,
    changed,
    hears,
    never,
    northwind,
)

CONFIRM = {
    "refund: {autonomous_up_to: 50 GBP,": "refund: {confirm: true, autonomous_up_to: 50 GBP,",
    "replacement: {autonomous_up_to: 50 GBP,": (
        "replacement: {confirm: true, autonomous_up_to: 50 GBP,"
    ),
}
CHARGES = Call(action="charges", args={"order_id": "A-10388", "email": "ella@northwind.example"})


def refund_of(amount: str) -> Call:
    return Call(
        action="refund",
        args={
            "order_id": "A-10388",
            "charge_id": "ch_10388_1",
            "amount": amount,
            "currency": "GBP",
            "reason": "asked for",
        },
    )


@dataclass(slots=True)
class Eager:
    """A brain that understands as ours does and then does what it likes, every turn anew."""

    ears: Brain
    calls: Sequence[Call] = ()
    words: str = "Anything else?"
    turns: set[str] = field(default_factory=set)

    @property
    def ready(self) -> bool:
        return True

    async def topics(self, turn: Turn) -> Understood:
        return await self.ears.topics(turn)

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        understood = Understood(language="en")
        first = turn.id not in self.turns
        self.turns.add(turn.id)
        if first and self.calls:
            return Decision(understood=understood, calls=tuple(self.calls))
        return Decision(understood=understood, words=self.words)


def possess(house: House, **more: Any) -> Eager:
    service = house.service
    assert service is not None
    assert service._thinker is not None
    brain = Eager(ears=service._thinker.brain, **more)
    service._thinker = replace(service._thinker, brain=brain)
    return brain


@pytest.mark.timeout(180)
async def test_what_the_brand_wants_confirmed_is_asked_first(tmp_path: Path, mind: Mind) -> None:
    text = Path(__file__).with_name("second_thoughts.yaml").read_text("utf-8")
    place = stage(
        tmp_path, clock=SystemClock(), settings=None, knowledge=None, learn=lambda *_: mind
    )
    async with place as world:
        settings = load(
            changed(northwind(), CONFIRM), env=world.environment, source="northwind.yaml"
        )
        confirming = replace(world, settings=settings)
        async with confirming.service() as service:
            found = await rehearse(confirming, service, read_rehearsal(text, source="second"))
    assert {one.name: one.faults for one in found if one.faults} == {}


async def test_no_brain_goes_round_the_yes(open_house: OpenHouse) -> None:
    """Every turn proposes it; nothing is done before a yes to exactly what was asked."""
    house = await open_house(changes=CONFIRM)
    brain = possess(house, calls=[CHARGES, refund_of("42.00")])
    ella = house.customer("Ella")
    await ella.write("hello there, I have a question")
    asked = await hears(ella, "shall I refund £42.00 for order A-10388")
    assert await house.refunds("A-10388") == []
    brain.calls = [CHARGES, refund_of("41.00")]
    await ella.write("yes please")
    await hears(ella, "shall I refund £41.00", after=asked)
    assert await house.refunds("A-10388") == [], "another amount was not agreed to"
    await ella.write("yes but only if it is quick")
    await house.settled()
    assert await house.refunds("A-10388") == [], "a condition is no yes"
    await ella.write("yes")
    await house.settled()
    assert await house.refunds("A-10388") == [4100]
    assert house.log(ella, "confirmation_asked") == 3


async def test_a_yes_to_nothing_confirms_nothing(open_house: OpenHouse) -> None:
    house = await open_house(changes=CONFIRM)
    possess(house, calls=[CHARGES, refund_of("42.00")])
    ella = house.customer("Ella")
    await ella.write("yes, go ahead")
    await hears(ella, "shall I refund £42.00")
    await house.settled()
    assert await house.refunds("A-10388") == []


async def test_what_is_taken_back_is_not_begun_in_that_turn(open_house: OpenHouse) -> None:
    house = await open_house()
    possess(house, calls=[CHARGES, refund_of("42.00")])
    ella = house.customer("Ella")
    await ella.write("please don't refund it, I'll keep the lamp")
    await hears(ella, "Anything else?")
    await house.settled()
    assert await house.refunds("A-10388") == []


@pytest.mark.parametrize(
    "text",
    [
        "i dont want a refund, i want my parcel",
        "I'm not asking for a refund, where is A-10388?",
        "no refund, just a new one. A-10388, ella@northwind.example",
        "rather than a refund I'd like an exchange",
        "refund me, or rather exchange it for a bigger one",
    ],
)
async def test_what_is_named_only_to_be_denied_is_not_done(
    open_house: OpenHouse, text: str
) -> None:
    house = await open_house()
    possess(house, calls=[CHARGES, refund_of("42.00")])
    ella = house.customer("Ella")
    await ella.write(text)
    await hears(ella, "Anything else?")
    await house.settled()
    assert await house.refunds("A-10388") == []


async def test_a_sign_off_that_was_taken_back_cannot_be_given(house: House) -> None:
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "approval")
    card = await house.with_button("signoff.approve", "180.00")
    await chloe.write("Actually, don't refund it, I'll keep the jacket")
    await hears(chloe, "dropped the refund")
    await house.gone(card, "signoff.approve")
    await house.settled()
    assert house.calls() == ["refused"]
    assert await house.refunds("A-10502") == []
    await chloe.write("sorry, I do want my money back after all, please refund order A-10502")
    again = await house.with_button("signoff.approve", "180.00")
    await house.press(house.world.mira, again, "signoff.approve")
    await hears(chloe, "I have refunded £180.00")
    assert await house.refunds("A-10502") == [18000]


async def test_what_was_done_is_told_and_not_undone(house: House) -> None:
    ella = house.customer("Ella")
    await ella.write(REFUND)
    done = await hears(ella, "I have refunded £42.00")
    await ella.write("no wait, don't refund it")
    told = await hears(ella, "already been refunded", after=done)
    assert "“human”" in told.text
    assert "can't take that back" in told.text
    assert await house.refunds("A-10388") == [4200]


RISKS: list[tuple[str, str, str]] = [
    ("I don't want to live anymore", "self_harm", "crisis line"),
    ("the lamp caught fire and burned my hand", "safety_issue", "emergency services"),
    ("you will hear from my lawyer", "legal_threat", "right away"),
    ("I'm a journalist, I need a statement", "press", "can't speak for"),
]


@pytest.mark.parametrize(("text", "reason", "said"), RISKS)
async def test_a_risk_reaches_a_person_whatever_the_brain_does(
    open_house: OpenHouse, text: str, reason: str, said: str
) -> None:
    house = await open_house()
    possess(house, calls=[CHARGES, refund_of("42.00")], words="Try our new jackets!")
    ella = house.customer("Ella")
    await ella.write(text)
    await hears(ella, said)
    never(ella, "jackets")
    await house.settled()
    assert house.owner(ella) == "desk"
    assert await house.refunds("A-10388") == []
    assert await house.figure("handoffs_total", reason=reason) == 1


@pytest.mark.parametrize("at", [Stage.MANUAL, Stage.COPILOT])
async def test_who_is_in_danger_hears_it_at_every_stage(open_house: OpenHouse, at: Stage) -> None:
    house = await open_house(stage=at)
    ana = house.customer()
    await ana.write("I am going to kill myself")
    await hears(ana, "crisis line")
    await house.with_button("case.claim", "may want to harm themselves")
    assert "URGENT" in house.desk()


async def test_danger_waits_no_quarter_of_an_hour(house: House) -> None:
    ana, ben = house.customer(), house.customer("Ben")
    await ana.write("the stove caught fire and burned my hand")
    await ben.write("human please")
    await hears(ana, "emergency services")
    await hears(ben, "colleague")
    await house.settled()
    house.clock.leap(5 * 60 + 1)
    await house.world.slack.appears(CARE, "URGENT: Nobody has claimed", timeout=PATIENCE_S)
    await house.settled()
    assert house.desk().count("Nobody has claimed") == 1
