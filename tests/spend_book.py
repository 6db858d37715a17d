"""A book of what was spent that keeps the store's contract without a store."""

from datetime import date

from conversation.spending import Spend, Spent, judge_spend
from conversation.store import StoreUnavailable


class Book:
    """`conversation.spending.SpendBook` in a test."""

    def __init__(self) -> None:
        self.counted: dict[tuple[str, date], int] = {}
        self.away = False
        """True: nothing can be counted now."""

    async def spend(self, spend: Spend) -> Spent:
        if self.away:
            raise StoreUnavailable("gone")
        return judge_spend(spend, self.counted)
