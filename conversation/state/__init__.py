"""The conversation's state: its log folded, entry by entry.

Theory of operation. The log is the truth; the state is what one needs of it to go on: who writes,
what was said, what is proved, what waits. `fold` is pure and total: every entry has its meaning in
this package and nowhere else (`customer`, `desk` and `own`, one table for each group of
`conversation.events`), and folding a stored snapshot with the entries after it equals folding the
whole log (a property test holds that). Lists are bounded: a conversation of a year costs
no more than one of a day.

The owner and its epoch are NOT folded: they live in the conversation's row, where changing them
and fencing a turn is one statement. `OWNER_MOVES` is that machine's table.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from conversation.events import DeskEvent, Erased, Event, Inbound
from conversation.model import Owner
from conversation.state.customer import from_customer
from conversation.state.desk import from_desk
from conversation.state.lines import shown
from conversation.state.own import from_us
from conversation.state.values import (
    ACTS_KEPT,
    FACTS_KEPT,
    ISSUES_KEPT,
    LINES_KEPT,
    PROOFS_KEPT,
    TEXT_KEPT,
    WAITING_KEPT,
    Act,
    Case,
    CaseStatus,
    ConversationState,
    Draft,
    Line,
    Waiting,
    decode_state,
    encode_state,
)

__all__ = [
    "ACTS_KEPT",
    "FACTS_KEPT",
    "ISSUES_KEPT",
    "LINES_KEPT",
    "OWNER_MOVES",
    "PROOFS_KEPT",
    "TEXT_KEPT",
    "WAITING_KEPT",
    "Act",
    "Case",
    "CaseStatus",
    "ConversationState",
    "Draft",
    "Line",
    "Waiting",
    "decode_state",
    "encode_state",
    "fold",
    "shown",
]

OWNER_MOVES: Mapping[Owner, frozenset[Owner]] = {
    Owner.BOT: frozenset({Owner.DESK, Owner.COLLEAGUE, Owner.ELSEWHERE}),
    Owner.DESK: frozenset({Owner.COLLEAGUE, Owner.BOT, Owner.ELSEWHERE}),
    Owner.COLLEAGUE: frozenset({Owner.BOT, Owner.COLLEAGUE, Owner.ELSEWHERE}),
    Owner.ELSEWHERE: frozenset({Owner.BOT, Owner.DESK, Owner.COLLEAGUE}),
}
"""From → to. Every change raises the epoch; words of an older epoch are never sent."""


def fold(
    state: ConversationState, entries: Iterable[tuple[datetime, Event | Erased]]
) -> ConversationState:
    """Take entries, each with our own time of it, into the state, in the log's order."""
    for at, event in entries:
        state = _step(state, at, event)
    return state


def _step(state: ConversationState, at: datetime, event: Event | Erased) -> ConversationState:
    if isinstance(event, Erased):
        return state
    if isinstance(event, Inbound):
        return from_customer(state, event)
    if isinstance(event, DeskEvent):
        return from_desk(state, event)
    return from_us(state, at, event)
