"""What the model costs, held against what the brand allows; per process, by the injected clock.

Counts are kept in memory: a restart begins the day's count anew, and N processes may together
spend N times the day's budget. Both are bounded, and said so where the budget is configured.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from brain.model import ModelFailure, ModelTrouble
from config.money import Money
from config.schema import Model

CUSTOMERS_KEPT = 50_000
"""Customers whose day's spending is remembered; the longest silent are forgotten first."""
MILLION = 1_000_000


@dataclass(slots=True)
class Spending:
    """A running count in the currency of the prices."""

    settings: Model
    _day: date | None = None
    _today: Decimal = Decimal(0)
    _customers: OrderedDict[str, Decimal] = field(default_factory=OrderedDict)

    @property
    def currency(self) -> str:
        """What costs are counted in; empty where no prices are configured."""
        prices = self.settings.prices
        return "" if prices is None else prices.input.currency

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """Price one call, in major units; 0 where no prices are configured."""
        prices = self.settings.prices
        if prices is None:
            return Decimal(0)
        return (tokens_in * prices.input.major + tokens_out * prices.output.major) / MILLION

    def allow(self, *, customer: str, turn: Decimal, today: date) -> None:
        """Let one more call go.

        Args:
            customer: Whose day it is counted in.
            turn: What this turn has cost so far.
            today: The day, in the brand's time zone.

        Raises:
            ModelTrouble: a budget is used up.
        """
        self._begin(today)
        budget = self.settings.budget
        for spent, most, whose in (
            (turn, budget.per_turn, "turn"),
            (self._customers.get(customer, Decimal(0)), budget.per_customer_day, "customer"),
            (self._today, budget.per_day, "day"),
        ):
            if most is not None and spent >= _major(most):
                raise ModelTrouble(ModelFailure.BUDGET, f"the {whose}'s budget is used up")

    def note(self, cost: Decimal, *, customer: str, today: date) -> None:
        """Count what an answer cost."""
        self._begin(today)
        self._today += cost
        self._customers[customer] = self._customers.get(customer, Decimal(0)) + cost
        self._customers.move_to_end(customer)
        while len(self._customers) > CUSTOMERS_KEPT:
            self._customers.popitem(last=False)

    def _begin(self, today: date) -> None:
        if today != self._day:
            self._day, self._today = today, Decimal(0)
            self._customers.clear()


def _major(money: Money) -> Decimal:
    return Decimal(money.major)
