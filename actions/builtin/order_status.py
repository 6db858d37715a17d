"""Where is my order?"""

from typing import ClassVar

from actions.backend import Backend
from actions.identity import ORDER_POSTCODE
from actions.kinds import ReadArgs
from actions.ports import Order, OrderView


class OrderStatus(ReadArgs):
    """Look up an order: its state, its lines and where the parcel is.

    Needs the e-mail address or the postcode of the order once in a conversation.
    """

    name: ClassVar[str] = "order_status"
    mutates: ClassVar[bool] = False  # READ
    operations: ClassVar[frozenset[str]] = frozenset({"order"})
    identity: ClassVar[str] = ORDER_POSTCODE

    async def read(self, order: Order, backend: Backend) -> OrderView:  # noqa: ARG002 - the order is all that is needed
        """Show the order without who and where the customer is."""
        return order.view
