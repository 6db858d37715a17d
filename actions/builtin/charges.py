"""What was I charged?"""

from typing import ClassVar

from actions.backend import Backend
from actions.kinds import ReadArgs
from actions.ports import Charges, Order


class ChargesOfOrder(ReadArgs):
    """Look up what was charged for an order and how much of it was refunded.

    Needs the same proof as a refund, once in a conversation. Gives the charge ids that a refund
    asks for.
    """

    name: ClassVar[str] = "charges"
    mutates: ClassVar[bool] = False  # READ
    operations: ClassVar[frozenset[str]] = frozenset({"order", "charges"})
    identity: ClassVar[str] = "refund"

    async def read(self, order: Order, backend: Backend) -> Charges:
        """Read the charges of the order."""
        return await backend.charges(order.order_id)
