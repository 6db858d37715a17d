"""When could it be here?"""

from typing import ClassVar

from actions.action import Refusal
from actions.backend import Backend
from actions.identity import ORDER_POSTCODE
from actions.kinds import ReadArgs, Unfit
from actions.ports import Id, Order, Promise


class DeliveryPromise(ReadArgs):
    """Look up the earliest and latest day on which a line of an order could be delivered anew.

    Needs the e-mail address or the postcode of the order once in a conversation.
    """

    name: ClassVar[str] = "delivery_promise"
    mutates: ClassVar[bool] = False  # READ
    operations: ClassVar[frozenset[str]] = frozenset({"order", "promise"})
    identity: ClassVar[str] = ORDER_POSTCODE

    line_id: Id

    async def read(self, order: Order, backend: Backend) -> Promise | Unfit:
        """Ask for the line's article and the order's own address."""
        line = order.line(self.line_id)
        if line is None:
            return Unfit(reason=Refusal.NOT_FOUND, detail="the order has no such line")
        return await backend.promise(sku=line.sku, postcode=order.postcode)
