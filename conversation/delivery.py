"""Deliveries: where a message of ours stands on its way to the platform.

Theory of operation. A turn's commit puts a message down as ``waiting``. A worker takes the first
open one of a destination, which makes it ``sending``, and settles it by what the platform said: it
is ``sent``; it waits again (a retry); it is ``dead`` (the platform will never take it); or it is
``unknown`` (the request went out, no answer came). A message whose owner no longer speaks is
``superseded`` instead of taken; so are words of the bot's to where it is silent by now. A process
that dies while sending leaves ``sending`` rows: the next one makes them ``waiting`` and marks them
``interrupted``, for they may have arrived; the channel's policy decides whether they are sent
again. What ended ``dead`` or ``unknown`` waits for a person, who sends it once more or lets it be
``dropped``; so is whatever is open when the customer is erased.

    waiting ──► sending ──► sent | dead | unknown
       │  ▲        │
       │  └────────┘ (retry, interrupted)
       └──────┴──► superseded
    dead | unknown ──► waiting | dropped (a person's word)
    waiting | sending ──► dropped (the customer was erased)
"""

from collections.abc import Mapping
from enum import StrEnum


class DeliveryState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    DROPPED = "dropped"


DELIVERY_MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.WAITING: frozenset(
        {DeliveryState.SENDING, DeliveryState.SUPERSEDED, DeliveryState.DROPPED}
    ),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.SENT,
            DeliveryState.WAITING,
            DeliveryState.DEAD,
            DeliveryState.UNKNOWN,
            DeliveryState.SUPERSEDED,
            DeliveryState.DROPPED,
        }
    ),
    DeliveryState.SENT: frozenset(),
    DeliveryState.DEAD: frozenset({DeliveryState.WAITING, DeliveryState.DROPPED}),
    DeliveryState.UNKNOWN: frozenset({DeliveryState.WAITING, DeliveryState.DROPPED}),
    DeliveryState.SUPERSEDED: frozenset(),
    DeliveryState.DROPPED: frozenset(),
}
"""From → to; the store makes no other move."""


def may_settle(state: DeliveryState) -> bool:
    """Say whether a message under way may come to that state."""
    return state in DELIVERY_MOVES[DeliveryState.SENDING]
