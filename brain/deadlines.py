"""How a turn's time is split, and what happens at each limit; pure.

| what | its time | at its limit |
|---|---|---|
| understanding, articles | milliseconds | the turn's own limit |
| one call of the model | `model.timeout`, or what the reserve leaves | once more if there is time |
| all calls of the model | until the reserve begins | the fallback |
| the fallback, embedded or the desk | the reserve | the turn's own limit |
| actions | each connector's timeout, never cut short | a colleague; told when it is known |
| the turn | until the channel's `answer` target | the desk, and the customer is told |
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

RESERVE = timedelta(seconds=1.5)
"""Kept for the fallback: the embedded brain needs a few hundredths, the desk one commit."""
LEAST = timedelta(seconds=1)
"""A model that gets less cannot have read the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a turn has to have its words."""

    at: datetime | None
    """None: nobody waits."""

    def for_model(self, now: datetime, timeout: timedelta) -> timedelta | None:
        """Give the time of the model's next call; None: there is none left for it."""
        if self.at is None:
            return timeout
        left = self.at - now - RESERVE
        return min(timeout, left) if left >= LEAST else None
