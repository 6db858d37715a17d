"""Give the money of a charge back."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_serializer, model_validator

from actions.action import Refusal
from actions.backend import Backend
from actions.kinds import Args, Prepared, Reason, Unfit
from actions.ports import Charge, Id, Order, RefundResult, WriteResult
from config.money import Money


def _decimal_text(value: Any) -> Any:
    # Models write 24.9 as often as "24.90"; Money.from_major judges both.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    return value


def books_of(charge: Charge) -> str:
    """Say what the books show of a charge: what a refund's decision rests on."""
    return f"{charge.refunded} of {charge.amount} refunded"


class Refund(Args):
    """Refund a charge of an order, in full or in part, to where the money came from.

    Once per charge. Look the charges up first; amount and currency are those of the charge.
    """

    name: ClassVar[str] = "refund"
    mutates: ClassVar[bool] = True  # WRITE
    operations: ClassVar[frozenset[str]] = frozenset({"order", "charges", "refund", "find_refund"})
    operation: ClassVar[str] = "refund"
    finder: ClassVar[str] = "find_refund"
    result: ClassVar[type[WriteResult]] = RefundResult

    charge_id: Id
    amount: Annotated[
        str,
        BeforeValidator(_decimal_text),
        StringConstraints(max_length=40),
        Field(description="In major units, like 24.90"),
    ]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    reason: Reason

    @model_validator(mode="after")
    def _is_money(self) -> Self:
        if self.money.minor <= 0:
            raise ValueError("a refund is more than nothing")
        return self

    @field_serializer("amount")
    def _as_currency_writes_it(self, _: str) -> str:
        return f"{self.money.major:f}"

    @property
    def money(self) -> Money:
        """What the customer shall get back."""
        return Money.from_major(self.amount, self.currency, negative_allowed=False)

    def once_per(self, order: Order) -> Mapping[str, str]:  # noqa: ARG002 - a charge is in one order only
        """One refund per charge: 20.00 and 20.01 of it are the same wish."""
        return {"charge_id": self.charge_id}

    async def prepare(self, order: Order, backend: Backend) -> Prepared | Unfit:
        """Find the charge among the order's, with enough left of it."""
        charge = (await backend.charges(order.order_id)).charge(self.charge_id)
        if charge is None:
            return Unfit(reason=Refusal.NOT_FOUND, detail="the order has no such charge")
        money = self.money
        if charge.amount.currency != money.currency:
            return Unfit(
                reason=Refusal.BAD_ANSWER,
                detail=f"the charge is in {charge.amount.currency}, not in {money.currency}",
            )
        if charge.left.minor == 0:
            return Unfit(
                reason=Refusal.NOTHING_LEFT, detail=f"all {charge.amount} went back already"
            )
        if money > charge.left:
            return Unfit(
                reason=Refusal.ABOVE_LIMIT, detail=f"only {charge.left} of the charge are left"
            )
        return Prepared(
            amount=money,
            summary=f"Refund {money} of charge {self.charge_id} (order {order.order_id})",
            seen=books_of(charge),
        )

    async def perform(self, order: Order, key: str, backend: Backend) -> RefundResult:  # noqa: ARG002 - the charge says it all
        """Refund the charge."""
        return await backend.refund(
            charge_id=self.charge_id, amount=self.money, reason=self.reason, key=key
        )

    async def find(self, key: str, backend: Backend) -> RefundResult:
        """Ask for the refund of that key."""
        return await backend.find_refund(key)

    def agrees(self, result: WriteResult) -> bool:
        """The backend refunded this much, where it says how much."""
        return isinstance(result, RefundResult) and result.amount in {None, self.money}
