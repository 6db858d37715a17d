"""The worst moments of a run, by name: a process under test kills itself as it passes one.

``SOCIALCARE_DIE_AT=turn_committed:3`` ends the process by SIGKILL as it passes that point for the
third time: nothing is flushed, closed or told, as in a power cut. Only tests set it; the command
reads it once, and without it every point is a call of a function that does nothing.
"""

import os
import signal
from collections.abc import Callable
from enum import StrEnum

VARIABLE = "SOCIALCARE_DIE_AT"


class Point(StrEnum):
    """A moment between two things that a crash may part."""

    ACCEPTED = "accepted"
    """A platform's batch is kept, the platform does not know."""
    PRESSED = "pressed"
    """What a colleague pressed is kept, Slack does not know."""
    CLAIMED = "claimed"
    """Conversations are taken, no turn has begun."""
    INTENT_COMMITTED = "intent_committed"
    """The ledger says `executing`, the connector has heard of nothing."""
    BEFORE_CALL = "before_call"
    AFTER_CALL = "after_call"
    """The connector has answered, the ledger does not know."""
    BEFORE_TURN_COMMIT = "before_turn_commit"
    TURN_COMMITTED = "turn_committed"
    DELIVERY_TAKEN = "delivery_taken"
    """Messages are `sending`, no platform has heard of them."""
    BEFORE_SEND = "before_send"
    AFTER_SEND = "after_send"
    """The platform has the message, the outbox does not know."""
    SETTLED = "settled"
    FIRED = "fired"
    """Due timers are arrivals, no turn has seen them."""


Passing = Callable[[Point], None]


def unheard(_: Point) -> None:
    """Pass a point, and live."""


def dying_at(wanted: str) -> Passing:
    """Read ``name`` or ``name:n``; gives what kills the process there.

    Raises:
        ValueError: no such point, or no such number.
    """
    name, _, number = wanted.partition(":")
    point, left = Point(name), int(number or "1")
    if left < 1:
        raise ValueError(f"{wanted!r}: points are passed for the first time, not for the {left}th")

    def passing(here: Point) -> None:
        nonlocal left
        if here is not point:
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return passing
