"""What the model costs in money and tokens, held against what the brand allows.

It is counted in the store, where all processes count.

A budget lets calls go until it is used up: the call that uses it up is still made, so a turn, a
customer's day and the brand's day cost at most one call more than they may. What a call is likely
to cost is set aside before it is made, so that many at once see each other, and a process that
dies over one has counted it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """Money and tokens set aside for one call."""

    account: Account
    micros: int
    tokens: int


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
        told = estimated_tokens(*(one.text for one in messages))
        reserved = Reserved(
            account=account,
            micros=_micros(self.cost(told, ANSWER_TOKENS)),
            tokens=told + ANSWER_TOKENS,
        )
        await self._count(reserved, need=1)
        return reserved

    async def settle(self, reserved: Reserved, cost: Decimal, tokens: int) -> None:
        """Put right what was set aside, once it is known what the call has cost.

        Args:
            reserved: What was set aside.
            cost: In major units.
            tokens: Read and written.
        """
        micros, tokens = _micros(cost) - reserved.micros, tokens - reserved.tokens
        if micros or tokens:
            await self._count(replace(reserved, micros=micros, tokens=tokens), need=0)

    async def _count(self, call: Reserved, *, need: int) -> None:
        budgets = {**self._in_tokens(call), **self._in_money(call.account)}
        wish = Spend(
            day=call.account.day, micros=call.micros, budgets=tuple(budgets.values()), need=need
        )
        spent = await self.book.spend(wish)
        what = next((name for name, one in budgets.items() if one.scope == spent.full), None)
        if what is not None:
            raise ModelTrouble(ModelFailure.BUDGET, f"the {what} used up")

    def _in_tokens(self, call: Reserved) -> dict[str, Budget]:
        """Name the budgets of tokens that are configured."""
        most = self.settings.tokens
        limits = (most.per_turn, most.per_customer_day, most.per_day)
        return {
            f"{whose}'s tokens are": Budget(
                scope=f"model:tokens:{whose}:{about}", limit_micros=limit, tokens=call.tokens
            )
            for (whose, about), limit in zip(_scopes(call.account), limits, strict=True)
            if limit is not None
        }

    def _in_money(self, account: Account) -> dict[str, Budget]:
        """Name the budgets of money that are configured."""
        budget, prices = self.settings.budget, self.settings.prices
        if prices is None:
            return {}
        limits = (budget.per_turn, budget.per_customer_day, budget.per_day)
        return {
            f"{whose}'s budget is": Budget(
                scope=f"model:{prices.input.currency}:{whose}:{about}",
                limit_micros=_micros(_major(limit)),
            )
            for (whose, about), limit in zip(_scopes(account), limits, strict=True)
            if limit is not None
        }


def _scopes(account: Account) -> tuple[tuple[str, str], ...]:
    """Say whose turn, customer's day and brand's day a call counts in, narrow before wide."""
    return ("turn", account.turn), ("customer", account.customer), ("day", "")


def _major(money: Money) -> Decimal:
    return Decimal(money.major)


def _micros(major: Decimal) -> int:
    """Give an amount in millionths, rounded up: nothing is free."""
    return int((major * MILLION).to_integral_value(ROUND_CEILING))
