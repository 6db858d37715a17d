from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from conversation.store import Store, StoreUnavailable
from socialcare.backlog import Backlog
from socialcare.sandbox.hand_clock import HandClock


@dataclass
class Counted:
    """A store that only counts."""

    pending: int = 0
    away: bool = False

    async def counts(self) -> Mapping[str, int]:
        if self.away:
            raise StoreUnavailable("gone")
        return {"pending": 10 * self.pending, "backlog": self.pending}


def door(store: Counted) -> Backlog:
    return Backlog(store=cast("Store", cast("Any", store)), clock=HandClock(), full=10, calm=5)


async def test_the_door_closes_above_and_opens_well_below() -> None:
    store = Counted()
    backlog = door(store)
    steps = []
    for pending in (0, 10, 11, 10, 6, 5, 10, 11):
        store.pending = pending
        await backlog.look()
        steps.append(backlog.closed)
    assert steps == [False, False, True, True, True, False, False, True]


async def test_a_store_that_is_away_moves_nothing() -> None:
    store = Counted(pending=11)
    backlog = door(store)
    await backlog.look()
    store.away = True
    await backlog.look()
    assert backlog.closed
