"""What calls to X cost, and no more of it than the brand allows in a day.

Prices in millionths of a US dollar: https://docs.x.com/x-api/getting-started/pricing. The sum is
kept in memory, by process: a restart forgets what the day has cost so far.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Final

from channels.errors import SendError, SendFailure
from channels.x.weighing import has_link
from conversation.clock import Clock

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
    """One account's costs of the day."""

    def __init__(self, clock: Clock, *, per_day_micros: int | None) -> None:
        self._clock = clock
        self._limit = per_day_micros
        self._day = clock.now().date()
        self._spent = 0

    @property
    def today_micros(self) -> int:
        """What the day (UTC) has cost so far."""
        self._turn_page(self._clock.now())
        return self._spent

    def take(self, micros: int) -> None:
        """Set money aside for one call; raises `SpentError` where the day's limit forbids it."""
        now = self._clock.now()
        self._turn_page(now)
        if self._limit is not None and self._spent + micros > self._limit:
            midnight = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
            wait_s = (midnight - now).total_seconds()
            raise SpentError(limit_micros=self._limit, wait_s=wait_s)
        self._spent += micros

    def give_back(self, micros: int) -> None:
        """Take back what a call did not cost: X refused it."""
        self._spent = max(0, self._spent - micros)

    def _turn_page(self, now: datetime) -> None:
        if now.date() != self._day:
            self._day, self._spent = now.date(), 0
