"""What a turn's messages name by which their author may be known elsewhere; pure."""

import re
from collections.abc import Iterable, Sequence

from brain.entities import emails, orders_named
from conversation.events import Acted, Event, MessageReceived, Pressed
from conversation.kin import Mention, Named

STRONG = "order_email"
"""The proof by which customers are joined: an order's number with its e-mail address."""
MENTIONS_MAX = 20
"""Of one turn; who names more is no customer looking for an order."""


def named_in(
    messages: Iterable[MessageReceived | Pressed],
    log: Iterable[Event],
    *,
    patterns: Sequence[re.Pattern[str]],
) -> tuple[Mention, ...]:
    """Find order numbers, addresses and proofs.

    Args:
        messages: What the customer wrote in this turn.
        log: What the turn writes to the log.
        patterns: The brand's patterns of order numbers.
    """
    found: dict[Mention, None] = {}
    for entry in log:
        if isinstance(entry, Acted) and entry.proof is not None and entry.proof.level == STRONG:
            found[Mention(kind=Named.PROOF, value=entry.proof.order_id)] = None
    for message in messages:
        if not isinstance(message, MessageReceived):
            continue
        for order in orders_named(message.text, patterns):
            found[Mention(kind=Named.ORDER, value=order.value)] = None
        for address in emails(message.text):
            found[Mention(kind=Named.EMAIL, value=address.value)] = None
    return tuple(found)[:MENTIONS_MAX]
