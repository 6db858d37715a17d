"""Send the goods of an order line again."""

from collections.abc import Mapping
from typing import ClassVar

from actions.action import Refusal
from actions.backend import Backend
from actions.kinds import Args, CalendarDay, Prepared, Reason, Unfit
from actions.ports import Id, Order, ReplacementResult, WriteResult
from config.money import Money, MoneyError


class Replacement(Args):
    """Send a line of an order again, free of charge, in time for a day where one is given.

    Once per order line.
    """

    name: ClassVar[str] = "replacement"
    mutates: ClassVar[bool] = True  # WRITE
    operations: ClassVar[frozenset[str]] = frozenset({"order", "replacement", "find_replacement"})
    operation: ClassVar[str] = "replacement"
    finder: ClassVar[str] = "find_replacement"
    result: ClassVar[type[WriteResult]] = ReplacementResult

    line_id: Id
    by: CalendarDay | None = None
    reason: Reason

    def once_per(self, order: Order) -> Mapping[str, str]:
        """One replacement per order line."""
        return {"order_id": order.order_id, "line_id": self.line_id}

    async def prepare(self, order: Order, backend: Backend) -> Prepared | Unfit:  # noqa: ARG002 - the order is all that is needed
        """Find the line and what its goods are worth."""
        line = order.line(self.line_id)
        if line is None:
            return Unfit(reason=Refusal.NOT_FOUND, detail="the order has no such line")
        try:
            worth = Money(line.amount.minor * line.quantity, line.amount.currency)
        except MoneyError:
            return Unfit(reason=Refusal.BAD_ANSWER, detail="the line's worth is beyond belief")
        goods = f"{line.quantity} x {line.sku}"
        by = f" by {self.by}" if self.by is not None else ""
        return Prepared(
            amount=worth,
            summary=f"Replace {goods}{by}, worth {worth} (order {order.order_id})",
            seen=f"{goods} = {worth}",
        )

    async def perform(self, order: Order, key: str, backend: Backend) -> ReplacementResult:
        """Send the line again."""
        return await backend.replacement(
            order_id=order.order_id,
            line_id=self.line_id,
            by=None if self.by is None else self.by.isoformat(),
            reason=self.reason,
            key=key,
        )

    async def find(self, key: str, backend: Backend) -> ReplacementResult:
        """Ask for the replacement of that key."""
        return await backend.find_replacement(key)

    def agrees(self, result: WriteResult) -> bool:
        """A replacement was answered with a replacement."""
        return isinstance(result, ReplacementResult)
