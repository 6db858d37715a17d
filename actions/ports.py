"""What comes back from the brand's systems, read once into values that can be trusted in form.

Each ``read_…`` takes what a connector's answer was mapped to and gives a frozen model, or raises
`BadAnswer`: an amount that is not finite, negative, too large or of an unknown currency, a missing
field, another type. Messages name the field, never its content.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from actions.connectors.contract import BadAnswer
from config.money import Money, MoneyError

ID_MAX: Final = 200
"""Longest id of a shop; Stripe's end at 255 but never use it."""
LINES_MAX: Final = 500
CHARGES_MAX: Final = 200
TEXT_MAX: Final = 1_000
QUANTITY_MAX: Final = 100_000


def _identifier(value: Any) -> Any:
    # Shops number their charges as often as they name them.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(value: Any) -> Any:
    return "" if value is None else value


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value).date()


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    read = datetime.fromisoformat(value)
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


Id = Annotated[
    str,
    BeforeValidator(_identifier),
    StringConstraints(min_length=1, max_length=ID_MAX, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Text = Annotated[str, BeforeValidator(_text), Field(max_length=TEXT_MAX)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class Port(BaseModel):
    """An answer: frozen, no type guessed; fields nobody asked for are dropped."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,
    )


class OrderLine(Port):
    """One position of an order."""

    line_id: Id
    sku: Id
    title: Text = ""
    quantity: Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
    amount: Money
    """The price of one piece."""

    @model_validator(mode="before")
    @classmethod
    def _price(cls, value: Any) -> Any:
        return _with_money(value, "amount")


class Tracking(Port):
    """Where the parcel is."""

    number: Text = ""
    carrier: Text = ""
    url: Text = ""
    status: Text = ""
    expected: Text = ""
    """The day the carrier names, as the shop writes it."""

    @model_validator(mode="before")
    @classmethod
    def _bare_number(cls, value: Any) -> Any:
        return {"number": value} if isinstance(value, str) else value


class OrderView(Port):
    """An order as the brain may see it: nothing that says who or where the customer is."""

    order_id: Id
    status: Text
    placed_at: Moment
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=LINES_MAX)]
    tracking: Tracking | None = None


class Order(Port):
    """An order as the shop holds it."""

    order_id: Id
    customer_id: Id
    email: Text = ""
    postcode: Text = ""
    status: Text
    placed_at: Moment
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=LINES_MAX)]
    tracking: Tracking | None = None

    @model_validator(mode="before")
    @classmethod
    def _lines(cls, value: Any) -> Any:
        return _as_tuple(value, "lines")

    @model_validator(mode="after")
    def _each_line_once(self) -> Self:
        if len({line.line_id for line in self.lines}) != len(self.lines):
            raise ValueError("two lines have one id")
        return self

    @property
    def view(self) -> OrderView:
        """The order without e-mail, postcode and customer."""
        return OrderView(
            order_id=self.order_id,
            status=self.status,
            placed_at=self.placed_at,
            lines=self.lines,
            tracking=self.tracking,
        )

    def line(self, line_id: str) -> OrderLine | None:
        """Give the line of that id."""
        return next((line for line in self.lines if line.line_id == line_id), None)


class Charge(Port):
    """Money taken for an order."""

    charge_id: Id
    amount: Money
    at: Moment | None = None
    refunded: Money
    """How much of it went back already."""

    @model_validator(mode="before")
    @classmethod
    def _sums(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and value.get("refunded") is None:
            value = {**value, "refunded": 0}
        return _with_money(value, "amount", "refunded")

    @model_validator(mode="after")
    def _no_more_back_than_taken(self) -> Self:
        if self.refunded > self.amount:
            raise ValueError("more was refunded than charged")
        return self

    @property
    def left(self) -> Money:
        """What can still be refunded."""
        return self.amount - self.refunded


class Charges(Port):
    """All charges of one order."""

    order_id: Id
    charges: Annotated[tuple[Charge, ...], Field(max_length=CHARGES_MAX)]

    @model_validator(mode="after")
    def _each_charge_once(self) -> Self:
        if len({charge.charge_id for charge in self.charges}) != len(self.charges):
            raise ValueError("two charges have one id")
        return self

    def charge(self, charge_id: str) -> Charge | None:
        """Give the charge of that id."""
        return next((each for each in self.charges if each.charge_id == charge_id), None)


class WriteStatus(StrEnum):
    """How far the backend is with what we asked it to do."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"


def _status(value: Any) -> Any:
    return WriteStatus(value) if isinstance(value, str) else value


Status = Annotated[WriteStatus, BeforeValidator(_status)]


class RefundResult(Port):
    """The backend's word on a refund."""

    refund_id: Id
    status: Status
    amount: Money | None = None
    """What went back, where the backend says so."""

    @model_validator(mode="before")
    @classmethod
    def _sum(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and value.get("amount") is None:
            return {name: each for name, each in value.items() if name != "amount"}
        return _with_money(value, "amount")


class ReplacementResult(Port):
    """The backend's word on a replacement."""

    replacement_id: Id
    status: Status
    promised_for: Day | None = None


class Promise(Port):
    """When a piece could be at the customer's door."""

    earliest: Day
    latest: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.latest < self.earliest:
            raise ValueError("the latest day is before the earliest")
        return self


WriteResult = RefundResult | ReplacementResult


def _with_money(value: Any, *names: str) -> Any:
    """Read the named amounts of an object together with its currency."""
    if not isinstance(value, Mapping):
        return value
    read = dict(value)
    for name in names:
        amount = read.get(name)
        if isinstance(amount, Money):
            continue
        currency = read.get("currency")
        if isinstance(amount, Mapping):  # our own JSON, coming back from the ledger
            read[name] = _minor(amount.get("minor"), amount.get("currency"))
        elif not isinstance(currency, str) or not isinstance(amount, str | int | float):
            raise ValueError(f"{name} is no amount with a currency")  # noqa: TRY004 - pydantic collects ValueError only
        else:
            read[name] = Money.from_major(amount, currency, negative_allowed=False)
    return read


def _minor(amount: Any, currency: Any) -> Money:
    if not isinstance(amount, int) or not isinstance(currency, str):
        raise MoneyError("not whole minor units of a currency")
    return Money(amount, currency)


def _as_tuple(value: Any, name: str) -> Any:
    if isinstance(value, Mapping) and isinstance(value.get(name), list):
        return {**value, name: tuple(value[name])}
    return value


_Model = TypeVar("_Model", bound=Port)


def _read(model: type[_Model], mapped: object) -> _Model:
    try:
        return model.model_validate(mapped)
    except (ValidationError, RecursionError) as error:
        raise BadAnswer(f"{model.__name__}: {_first_fault(error)}") from None


def _first_fault(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "nested too deeply"
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the whole"
    return f"{where}: {first['type']}"


def read_order(mapped: object) -> Order:
    """Read the answer to ``order``."""
    return _read(Order, mapped)


def read_charges(mapped: object, *, order_id: str) -> Charges:
    """Read the answer to ``charges``: a list; null is an order without charges.

    A charge that says it belongs to another order makes the whole answer a bad one.
    """
    items = [] if mapped is None else mapped
    if not isinstance(items, list):
        raise BadAnswer("Charges: not a list")
    for item in items:
        named = item.get("order_id") if isinstance(item, Mapping) else None
        if named is not None and str(named) != order_id:
            raise BadAnswer("Charges: of another order")
    return _read(Charges, {"order_id": order_id, "charges": tuple(items)})


def read_refund(mapped: object) -> RefundResult:
    """Read the answer to ``refund`` and ``find_refund``."""
    return _read(RefundResult, mapped)


def read_replacement(mapped: object) -> ReplacementResult:
    """Read the answer to ``replacement`` and ``find_replacement``."""
    return _read(ReplacementResult, mapped)


def read_promise(mapped: object) -> Promise:
    """Read the answer to ``promise``."""
    return _read(Promise, mapped)
