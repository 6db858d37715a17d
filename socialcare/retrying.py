"""What follows from a failed send, and when a whole channel rests; pure but for the clock."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

from channels.errors import SendError, SendFailure
from conversation.clock import Clock
from conversation.delivery import DeliveryState
from conversation.store import Delivery
from socialcare.pacing import PacedError

REPLY_AGE_MAX = timedelta(hours=24)
"""A reply of yesterday helps nobody."""
DESK_AGE_MAX = timedelta(days=7)
"""A case may wait out a long outage of Slack: nobody else knows of it."""
RESENDS_MAX = 5
"""How often a message is sent again when nobody knows whether it arrived."""
PAUSE_MAX_S = 300.0
"""After an outage everything is on its way again within five minutes."""
REVOKED_PAUSE_S = 60.0
"""How often a channel whose credentials are refused is tried."""
FAILURES_IN_A_ROW = 8
"""After so many a channel rests: more tries would only hold up the others."""
SEEN_KEPT = 100_000
"""Messages whose tries are remembered; of a forgotten one every try counts."""
REST_S = 15.0
"""How long it rests before one message tries again."""

_PLATFORM = frozenset({SendFailure.UNAVAILABLE, SendFailure.UNKNOWN})
"""Failures that speak of the platform, not of the message or the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What to do with a message that could not be sent."""

    state: DeliveryState
    pause_s: float = 0.0


def after_failure(
    error: SendError,
    *,
    tries: int,
    doubts: int,
    age: timedelta,
    age_max: timedelta,
    resend_unknown: bool,
    jitter: float,
) -> Next:
    """Decide what follows from a failed send.

    Args:
        error: What the adapter says of it.
        tries: How often it was tried, this one included.
        doubts: How often nobody knew whether it had arrived, this one included.
        age: How long ago it was committed.
        age_max: How old it may become.
        resend_unknown: The channel's policy for outcomes that nobody knows.
        jitter: 0 to 1, so that retries do not march in step.
    """
    if error.failure is SendFailure.REVOKED:
        # Not the message's fault: it waits for new credentials, however long.
        return Next(state=DeliveryState.WAITING, pause_s=REVOKED_PAUSE_S)
    if error.failure is SendFailure.UNKNOWN:
        again = resend_unknown and doubts <= RESENDS_MAX and age <= age_max
        end = DeliveryState.UNKNOWN
    else:
        again = error.retryable and age <= age_max
        end = DeliveryState.DEAD
    if not again:
        return Next(state=end)
    grown = min(PAUSE_MAX_S, 2.0 ** min(tries - 1, 16)) * (0.5 + jitter / 2)
    return Next(state=DeliveryState.WAITING, pause_s=max(grown, error.retry_after_s or 0.0))


class Tries:
    """What this process has seen of the tries of messages that wait.

    The store counts how often a message was taken. Here stands how often it only waited for its
    turn, and how often it surely did not arrive; what an earlier process saw counts as doubt.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[int, _Seen] = OrderedDict()

    def note(self, delivery: Delivery, error: SendError) -> tuple[int, int]:
        """Learn of a failure; gives the message's tries and doubts, this one included."""
        seen = self._seen.setdefault(delivery.id, _Seen())
        seen.waited += isinstance(error, PacedError)
        tries, doubts = delivery.tries - seen.waited, delivery.tries - seen.sure
        seen.sure += error.failure is not SendFailure.UNKNOWN
        while len(self._seen) > SEEN_KEPT:
            self._seen.popitem(last=False)
        return max(1, tries), max(1, doubts)

    def forget(self, delivery: Delivery) -> None:
        """It waits no more."""
        self._seen.pop(delivery.id, None)


@dataclass(slots=True)
class _Seen:
    waited: int = 0
    sure: int = 0


class Breaker:
    """One channel's fuse: while its platform is down, one message tries for all of them.

    Credentials that are refused are refused for all messages alike: they are tried the same way.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0
        self._refused = False
        self._rests_until = 0.0

    @property
    def resting(self) -> bool:
        """True while the platform is taken to be down: until a while after the last who tried."""
        tried_lately = self._clock.monotonic() < self._rests_until + REST_S
        return self._failures >= FAILURES_IN_A_ROW and tried_lately

    @property
    def forgotten(self) -> bool:
        """True where credentials were refused, and no message has tried them for a while."""
        return self._refused and self._clock.monotonic() >= self._rests_until + REVOKED_PAUSE_S

    def ask(self) -> None:
        """Ask to send one message; raises `SendError` with the time to wait while it rests."""
        now = self._clock.monotonic()
        if not (self._refused or self.resting):
            return
        if now < self._rests_until:
            raise RestingError(self._rests_until - now, refused=self._refused)
        self._rests_until = now + (REVOKED_PAUSE_S if self._refused else REST_S)

    def note(self, error: SendError | None) -> None:
        """Learn what became of a message; None: it was sent."""
        if isinstance(error, RestingError | PacedError | InDoubtError):
            return  # the platform was not asked
        if error is not None and error.failure in _PLATFORM:
            self._failures += 1
            self._rests_until = self._clock.monotonic() + REST_S
            return
        self._failures = 0
        self._refused = error is not None and error.failure is SendFailure.REVOKED
        if self._refused:
            self._rests_until = self._clock.monotonic() + REVOKED_PAUSE_S


class RestingError(SendError):
    """The channel rests; nothing was sent."""

    def __init__(self, wait_s: float, *, refused: bool = False) -> None:
        failure = SendFailure.REVOKED if refused else SendFailure.UNAVAILABLE
        why = "the credentials are refused" if refused else "the platform is down"
        super().__init__(failure, f"{why}; the channel rests", retry_after_s=wait_s)


class InDoubtError(SendError):
    """An earlier process ended while it sent this, and what may have arrived is not sent again."""

    def __init__(self) -> None:
        super().__init__(SendFailure.UNKNOWN, "the process ended while it was sent")
