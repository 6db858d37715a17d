"""Whose order it is: what the customer knows, held against what the shop holds.

An order number proves nothing: it stands on parcels and in public posts. Comparing happens here,
in constant time, never in the brain; the answer to a wrong proof and to an unknown order is one
and the same.
"""

import hmac
import re
from collections.abc import Sequence
from typing import Final

from actions.ports import Order
from conversation.events import Proof

ORDER_EMAIL: Final = "order_email"
ORDER_POSTCODE: Final = "order_postcode"

SATISFIED_BY: Final = {
    ORDER_POSTCODE: frozenset({ORDER_POSTCODE, ORDER_EMAIL}),
    ORDER_EMAIL: frozenset({ORDER_EMAIL}),
}
"""Which proofs are enough for a level asked for; a level that is not here, nothing proves."""

NOT_PROVED: Final = "no order of that number goes with what the customer gave"
"""The one sentence for a wrong e-mail, a wrong postcode, none at all and an unknown order."""


def same_order(one: str, other: str) -> bool:
    """Whether two spellings name one order: ``#a-10293`` and ``A-10293`` do."""
    return _plain(one) == _plain(other)


def prove(
    order: Order,
    *,
    level: str,
    proofs: Sequence[Proof],
    email: str | None = None,
    postcode: str | None = None,
) -> Proof | None:
    """Find a proof of at least that level: given now, or earlier in this conversation."""
    enough = SATISFIED_BY.get(level, frozenset())
    given = []
    if email is not None and _same(_email(email), _email(order.email)):
        given.append(ORDER_EMAIL)
    if postcode is not None and _same(_postcode(postcode), _postcode(order.postcode)):
        given.append(ORDER_POSTCODE)
    given.extend(each.level for each in proofs if same_order(each.order_id, order.order_id))
    strongest = next((each for each in (ORDER_EMAIL, ORDER_POSTCODE) if each in given), None)
    if strongest is None or strongest not in enough:
        return None
    return Proof(order_id=order.order_id, level=strongest)


def _same(given: str, held: str) -> bool:
    # An order without an e-mail is nobody's, not everybody's.
    return bool(held) and hmac.compare_digest(given.encode(), held.encode())


def _email(text: str) -> str:
    return text.strip().casefold()


def _postcode(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _plain(order_id: str) -> str:
    return order_id.strip().removeprefix("#").casefold()
