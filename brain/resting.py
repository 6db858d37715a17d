"""When a language model is left alone for a while: each of its failures costs a customer time."""

from datetime import timedelta
from typing import Final

from brain.model import ModelFailure, ModelTrouble
from conversation.clock import Clock

FAILURES_IN_A_ROW: Final = 5
"""After so many it rests; after the rest one more is enough for the next one."""
REST: Final = timedelta(seconds=30)


class Breaker:
    """A circuit breaker, per process, by the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def resting(self) -> bool:
        """True while nobody asks it."""
        return self._clock.monotonic() < self._until

    def failed(self, trouble: ModelTrouble) -> None:
        """Count a failure; a server that does not want us is left alone at once."""
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW or trouble.failure is ModelFailure.REFUSED:
            self._until = self._clock.monotonic() + REST.total_seconds()

    def worked(self) -> None:
        """Forget the failures: it has answered."""
        self._failures = 0
