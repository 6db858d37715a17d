"""The brand's systems as the actions see them: typed questions, typed answers, no addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from actions.connectors.contract import (
    Argument,
    BadAnswer,
    Connector,
    Lost,
    NotFound,
    Rejected,
    Unreachable,
)
from actions.identity import same_order
from actions.ports import (
    Charges,
    Order,
    Promise,
    RefundResult,
    ReplacementResult,
    read_charges,
    read_order,
    read_promise,
    read_refund,
    read_replacement,
)
from config.money import Money
from conversation.clock import Clock

ASK_MAX_S: Final = 30.0
"""Connectors keep their own, shorter time; none may hold a conversation longer than this."""
_NO_SUCH: Final = frozenset({400, 410, 422})
"""Statuses by which shops say, beside 404, that an order number is none of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """The connectors that one action's operations go to."""

    routes: Mapping[str, Connector] = field(repr=False)
    """Operation → connector."""
    clock: Clock = field(repr=False)

    async def order(self, order_id: str) -> Order:
        """Read an order anew.

        Raises:
            NotFound: The shop has no such order.
            BadAnswer: It answered with another one.
        """
        try:
            order = read_order(await self._ask("order", {"order_id": order_id}))
        except Rejected as error:
            if error.status in _NO_SUCH:
                raise NotFound("order") from error
            raise
        if not same_order(order.order_id, order_id):
            raise BadAnswer("Order: another one than asked for")
        return order

    async def charges(self, order_id: str) -> Charges:
        """Read what was taken for an order, and what of it went back."""
        mapped = await self._ask("charges", {"order_id": order_id})
        return read_charges(mapped, order_id=order_id)

    async def promise(self, *, sku: str, postcode: str) -> Promise:
        """Read when a piece could be delivered there."""
        return read_promise(await self._ask("promise", {"sku": sku, "postcode": postcode}))

    async def refund(self, *, charge_id: str, amount: Money, reason: str, key: str) -> RefundResult:
        """Give money back, once for that key."""
        return read_refund(
            await self._ask(
                "refund",
                {
                    "charge_id": charge_id,
                    "amount": f"{amount.major:f}",
                    "currency": amount.currency,
                    "reason": reason,
                },
                key=key,
            )
        )

    async def find_refund(self, key: str) -> RefundResult:
        """Ask what became of the refund of that key."""
        return read_refund(await self._ask("find_refund", {}, key=key))

    async def replacement(
        self, *, order_id: str, line_id: str, by: str | None, reason: str, key: str
    ) -> ReplacementResult:
        """Send a line's goods again, once for that key."""
        return read_replacement(
            await self._ask(
                "replacement",
                {"order_id": order_id, "line_ids": (line_id,), "by": by, "reason": reason},
                key=key,
            )
        )

    async def find_replacement(self, key: str) -> ReplacementResult:
        """Ask what became of the replacement of that key."""
        return read_replacement(await self._ask("find_replacement", {}, key=key))

    async def _ask(
        self, operation: str, arguments: Mapping[str, Argument], *, key: str | None = None
    ) -> object:
        if operation not in self.routes:
            raise Unreachable(f"no connector does {operation}")
        try:
            async with self.clock.timeout(ASK_MAX_S):
                return await self.routes[operation].ask(operation, arguments, key=key)
        except TimeoutError as error:
            raise Lost("no answer in time") from error
