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

from brain.model import ModelFailure, ModelTrouble, Said, estimated_tokens
from config.money import Money
from config.schema import Model
from conversation.spending import Budget, Spend, SpendBook

MILLION: Final = 1_000_000
ANSWER_TOKENS: Final = 500
"""What is set aside for an answer; what the provider counted takes its place afterwards."""


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

    async def reserve(self, account: Account, messages: Sequence[Said]) -> Reserved:
        """Let one more call go, and set aside what it is likely to cost.

        Raises:
            ModelTrouble: a budget is used up.
            StoreUnavailable: it cannot be counted now.
        """
        price = self.cost(estimated_tokens(*(one.text for one in messages)), ANSWER_TOKENS)
        reserved = Reserved(account=account, micros=_micros(price))
        await self._count(account, reserved.micros, need=1)
        return reserved

    async def settle(self, reserved: Reserved, cost: Decimal) -> None:
        """Put right what was set aside, once it is known what the call has cost."""
        difference = _micros(cost) - reserved.micros
        if difference:
            await self._count(reserved.account, difference, need=0)

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


def _major(money: Money) -> Decimal:
    return Decimal(money.major)


def _micros(major: Decimal) -> int:
    """Give an amount in millionths, rounded up: nothing is free."""
    return int((major * MILLION).to_integral_value(ROUND_CEILING))
