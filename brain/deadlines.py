"""How a turn's time is split, and what happens at each limit; pure.

|   | what | its time | at its limit |
|---|---|---|---|
| 1 | understanding, the wishes' articles too | `UNDERSTANDING` | a colleague; told so |
| 2 | a model's search among the articles | `KNOWLEDGE` | it has found nothing |
| 3 | one call of the model | `model.timeout`, at most the reserve's begin | the fallback |
| 4 | a call that failed and may pass | what is left before the reserve | once more, or 6 |
| 5 | all calls of the model | `model.rounds`, before the reserve begins | a colleague, or 6 |
| 6 | the fallback, embedded or the desk | the reserve | the turn's own limit |
| 7 | an action that was begun | its connector's timeout, never cut | a colleague; told later |
| 8 | an action that was not begun | what is left of the turn | it is not begun |
| 9 | the turn | the `answer` target, at least `LEAST_TURN` | a colleague; told so |
| 10 | a turn's money and tokens | `budget.per_turn`, `tokens.per_turn` | the fallback |
| 11 | a customer's in a day | `per_customer_day` of both | the fallback, until midnight |
| 12 | everybody's in a day | `per_day` of both | the fallback, until midnight |

Midnight is the brand's. The call that uses a budget up is still made; each is counted in the store
before it is made, for all processes. "Told so": the customer hears that it takes longer and that a
colleague goes on. Each row is a test of its number in tests/brain/test_deadlines.py,
tests/brain/test_spending.py or tests/journeys/test_deadlines_are_kept.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

UNDERSTANDING = timedelta(seconds=10)
"""Milliseconds on a quiet machine; so much where hundreds write at once."""
KNOWLEDGE = timedelta(seconds=2)
"""Milliseconds, likewise; without articles a model says that it does not know."""
LEAST_TURN = timedelta(seconds=5)
"""What a turn gets for its decision even when the message is already late."""
RESERVE = timedelta(seconds=1.5)
"""Kept for the fallback: the embedded brain needs a few hundredths, the desk one commit."""
LEAST = timedelta(seconds=1)
"""A model that gets less cannot have read the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When a turn has to have its words."""

    at: datetime | None
    """None: nobody waits."""

    def for_turn(self, now: datetime) -> timedelta:
        """Give the time of the decision, with all its rounds and actions; somebody waits."""
        return LEAST_TURN if self.at is None else max(LEAST_TURN, self.at - now)

    def for_knowledge(self, now: datetime) -> timedelta:
        """Give the time of one search; what is late already still gets a little."""
        if self.at is None:
            return KNOWLEDGE
        return min(KNOWLEDGE, max(LEAST, self.at - now - RESERVE))

    def for_model(self, now: datetime, timeout: timedelta) -> timedelta | None:
        """Give the time of the model's next call; None: there is none left for it."""
        if self.at is None:
            return timeout
        left = self.at - now - RESERVE
        return min(timeout, left) if left >= LEAST else None
