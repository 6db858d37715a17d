"""What the model costs, held against what the brand allows; counted where all processes count.

A budget lets calls go until it is used up: the call that uses it up is still made, so a turn, a
customer's day and the brand's day cost at most one call more than they may. What a call is likely
to cost is set aside before it is made, so that many at once see each other, and a process that
dies over one has counted it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Final

from brain.model import ModelFailure, ModelTrouble, Reply, Said
from config.money import Money
from config.schema import Model
from conversation.spending import Budget, Spend, SpendBook

MILLION: Final = 1_000_000
CHARACTERS_A_TOKEN: Final = 4
"""Of usual prose; what an answer's own count says stands in its place afterwards."""
ANSWER_TOKENS: Final = 500
"""What is set aside for an answer."""
_FREE: Final = frozenset({ModelFailure.DOWN, ModelFailure.LIMITED, ModelFailure.REFUSED})
"""Failures that no provider bills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose money a call is."""

    turn: str
    customer: str
    day: date
    """In the brand's time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Money set aside for one call."""

    account: Account
    micros: int


@dataclass(slots=True, kw_only=True)
class Spending:
    """A running count in the currency of the prices."""

    settings: Model
    book: SpendBook

    def cost(self, reply: Reply) -> Decimal:
        """Price one answer, in major units; 0 where no prices are configured."""
        return self._price(reply.tokens_in, reply.tokens_out)

    async def reserve(self, account: Account, messages: Sequence[Said]) -> Reserved:
        """Let one more call go, and set aside what it is likely to cost.

        Raises:
            ModelTrouble: a budget is used up.
            StoreUnavailable: it cannot be counted now.
        """
        written = sum(len(one.text) for one in messages)
        price = self._price(written // CHARACTERS_A_TOKEN, ANSWER_TOKENS)
        reserved = Reserved(account=account, micros=_micros(price))
        await self._count(account, reserved.micros, need=1)
        return reserved

    async def settle(self, reserved: Reserved, cost: Decimal) -> None:
        """Put right what was set aside, once it is known what the call has cost."""
        difference = _micros(cost) - reserved.micros
        if difference:
            await self._count(reserved.account, difference, need=0)

    async def fail(self, reserved: Reserved, failure: ModelFailure) -> None:
        """Put right what was set aside for a call that failed, where nobody bills it."""
        if failure in _FREE:
            await self.settle(reserved, Decimal(0))

    async def _count(self, account: Account, micros: int, *, need: int) -> None:
        budgets = self._budgets(account)
        if not budgets or not micros:
            return
        wish = Spend(day=account.day, micros=micros, budgets=tuple(budgets.values()), need=need)
        spent = await self.book.spend(wish)
        whose = next((name for name, one in budgets.items() if one.scope == spent.full), None)
        if whose is not None:
            raise ModelTrouble(ModelFailure.BUDGET, f"the {whose}'s budget is used up")

    def _budgets(self, account: Account) -> dict[str, Budget]:
        """Name the budgets that are configured, by whose they are."""
        budget, prices = self.settings.budget, self.settings.prices
        if prices is None:
            return {}
        limits = {
            "turn": (account.turn, budget.per_turn),
            "customer": (account.customer, budget.per_customer_day),
            "day": ("", budget.per_day),
        }
        return {
            whose: Budget(
                scope=f"model:{prices.input.currency}:{whose}:{about}",
                limit_micros=_micros(_major(most)),
            )
            for whose, (about, most) in limits.items()
            if most is not None
        }

    def _price(self, tokens_in: int, tokens_out: int) -> Decimal:
        prices = self.settings.prices
        if prices is None:
            return Decimal(0)
        tokens = tokens_in * prices.input.major + tokens_out * prices.output.major
        return tokens / MILLION


def _major(money: Money) -> Decimal:
    return Decimal(money.major)


def _micros(major: Decimal) -> int:
    """Give an amount in millionths, rounded up: nothing is free."""
    return int((major * MILLION).to_integral_value(ROUND_CEILING))
