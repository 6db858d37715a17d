"""A turn that has done one thing and asked for another, and then has to begin anew."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from actions.action import Call, Outcome
from brain.decision import Decision, Turn, Understood
from config.stages import Stage
from conversation.store import Commit, CommitResult, Store, StoreUnavailable
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import hears
from tests.journeys.test_a_hostile_brain import possess


def wish(order: str, amount: str) -> Call:
    args = {
        "order_id": f"A-{order}",
        "charge_id": f"ch_{order}_1",
        "amount": amount,
        "currency": "GBP",
        "reason": "asked for it",
    }
    return Call(action="refund", args=args)


def proof(order: str, email: str) -> Call:
    return Call(action="charges", args={"order_id": f"A-{order}", "email": email})


@dataclass(slots=True)
class TwoWishes:
    """A brain that wants the same things however often it is asked."""

    calls: tuple[Call, ...] = field(
        default=(
            proof("10502", "chloe@northwind.example"),
            proof("10388", "ella@northwind.example"),
            wish("10502", "180.00"),
            wish("10388", "42.00"),
        )
    )

    @property
    def ready(self) -> bool:
        return True

    async def topics(self, turn: Turn) -> Understood:
        return Understood(language="en")

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        understood = Understood(language="en")
        if not any(one.call.args.get("order_id") == "A-10502" for one in outcomes):
            return Decision(understood=understood, calls=self.calls)
        return Decision(understood=understood, words="Anything else?")


class FullDisk:
    """The house's store; it cannot keep the first turn that has something to say."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, commit: Commit) -> CommitResult:
        if commit.outbox and not self.refused:
            self.refused += 1
            raise StoreUnavailable("the disk is full")
        return await self._store.commit(commit)


async def test_a_sign_off_is_asked_for_even_so(open_house: OpenHouse) -> None:
    """F07, F14: 42.00 is refunded alone, 180.00 needs a yes, and the turn's end is lost."""
    house = await open_house()
    possess(house, TwoWishes())
    service = house.service
    assert service is not None
    assert service._thinker is not None
    disk = FullDisk(service._thinker.store)
    service._thinker = replace(service._thinker, store=cast("Store", disk))
    ella = house.customer("Ella")
    await ella.write("hello")
    await house.until(lambda: disk.refused or None, "the disk was never full")
    house.clock.leap(5)
    await hears(ella, "Anything else?")
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    ask = await house.with_button("signoff.approve", "180.00 GBP")
    await house.press(house.world.mira, ask, "signoff.approve")
    await house.settled()
    assert await house.refunds("A-10502") == [18_000]
    assert await house.refunds("A-10388") == [4200]
