"""What was spent in a day, held against what may be: counted in the store, for all processes.

Money, and tokens of a language model: whose price nobody knows, or who costs nothing, is bounded by
them alone.

Theory of operation. Money is set aside before it is spent and, where it turns out otherwise, put
right afterwards: whoever dies in between has counted too much, never too little. A wish names all
budgets that it counts against and holds for all of them or for none. The day is the caller's, by
its own clock and time zone; a new day begins with nothing.
"""

from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What may be spent of something in a day."""

    scope: str
    """What is counted, e.g. ``x:northwind`` or ``model:USD:day``; one currency each."""
    limit_micros: int
    """In millionths of the currency's unit; of a budget of tokens, in tokens."""
    tokens: int | None = None
    """Of a budget of tokens: so many of them count, not the wish's money. Below 0: it was less."""

    def amount(self, micros: int) -> int:
        """Say what of a wish counts against it."""
        return micros if self.tokens is None else self.tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """A wish to spend, or to put right what was set aside."""

    day: date
    micros: int
    """Below 0: it was less than that."""
    budgets: tuple[Budget, ...]
    need: int
    """Millionths or tokens that must still be free in each budget; 0: it was spent anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What came of it."""

    full: str | None
    """The first budget that has not enough left: nothing was counted; None: it is counted."""
    micros: tuple[int, ...]
    """What each budget's day has cost now."""


class SpendBook(Protocol):
    """Where it is counted; every store is one."""

    async def spend(self, spend: Spend) -> Spent:
        """Count a wish, if all its budgets allow it; raises `StoreUnavailable`."""
        ...


def judge_spend(spend: Spend, counted: MutableMapping[tuple[str, date], int]) -> Spent:
    """Say whether a wish holds; a holding one is taken into what was counted."""
    places = [(one, (one.scope, spend.day)) for one in spend.budgets]
    full = next(
        (
            one.scope
            for one, place in places
            if spend.need and counted.get(place, 0) + spend.need > one.limit_micros
        ),
        None,
    )
    if full is None:
        for one, place in places:
            counted[place] = max(0, counted.get(place, 0) + one.amount(spend.micros))
    return Spent(full=full, micros=tuple(counted.get(place, 0) for _, place in places))
