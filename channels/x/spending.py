"""What calls to X cost, and no more of it than the brand allows in a day.

Prices in millionths of a US dollar: https://docs.x.com/x-api/getting-started/pricing. What a call
costs is set aside in the store before it is made, so that processes and restarts share one count.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from channels.errors import SendError, SendFailure
from channels.x.weighing import has_link
from conversation.clock import Clock
from conversation.spending import Budget, Spend, SpendBook
from conversation.store import StoreUnavailable

REPLY_MICROS: Final = 10_000
"""An answer to whoever mentioned or quoted us; any other post costs 15,000."""
LINK_MICROS: Final = 200_000
"""A post with a link."""
MESSAGE_MICROS: Final = 15_000
"""A direct message."""


def post_micros(text: str) -> int:
    """Price an answer in public."""
    return LINK_MICROS if has_link(text) else REPLY_MICROS


class SpentError(SendError):
    """The day's money is used up; the message waits for the next day (UTC)."""

    def __init__(self, *, limit_micros: int, wait_s: float) -> None:
        super().__init__(
            SendFailure.SPENT,
            f"today's {limit_micros / 1_000_000:.2f} USD for X are used up",
            retry_after_s=wait_s,
            wide=True,
        )


class Spending:
    """One account's costs of the day (UTC); nothing is counted where nothing limits it."""

    def __init__(
        self, clock: Clock, *, scope: str, per_day_micros: int | None, book: SpendBook | None
    ) -> None:
        """Take a limit and where it is counted.

        Raises:
            ValueError: there is a limit, and nowhere to count.
        """
        if per_day_micros is not None and book is None:
            raise ValueError("a limit of what X may cost needs a store to count in")
        self._clock = clock
        self._scope = scope
        self._limit = per_day_micros
        self._book = book

    async def today_micros(self) -> int:
        """Say what the day has cost so far."""
        spent = await self._count(self._clock.now().date(), 0, need=0)
        return 0 if spent is None else spent[1]

    async def take(self, micros: int) -> date:
        """Set money aside for one call; gives the day that it is counted in.

        Raises:
            SendError: the day's limit forbids it, or it cannot be counted now.
        """
        now = self._clock.now()
        spent = await self._count(now.date(), micros, need=micros)
        if self._limit is not None and spent is not None and spent[0]:
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
            raise SpentError(limit_micros=self._limit, wait_s=(midnight - now).total_seconds())
        return now.date()

    async def give_back(self, micros: int, day: date) -> None:
        """Take back what a call did not cost: X refused it."""
        await self._count(day, -micros, need=0)

    async def _count(self, day: date, micros: int, *, need: int) -> tuple[bool, int] | None:
        """Count in the store; says whether the day is full, and what it has cost."""
        if self._limit is None or self._book is None:
            return None
        budget = Budget(scope=self._scope, limit_micros=self._limit)
        try:
            spent = await self._book.spend(
                Spend(day=day, micros=micros, budgets=(budget,), need=need)
            )
        except StoreUnavailable as error:
            raise SendError(SendFailure.UNAVAILABLE, f"what X costs: {error}") from None
        return spent.full is not None, spent.micros[0]
