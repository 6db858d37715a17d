"""The two kinds of action: one that only looks (READ) and one that changes something (WRITE).

An action is a pydantic model. Its fields are the arguments, its docstring says what it does (in
words that a language model may be shown), its methods do it. An instance is therefore a wish
whose form is checked; whether it may be done, the engine decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from actions.action import Refusal
from actions.backend import Backend
from actions.ports import Id, Order, WriteResult
from config.money import Money

EMAIL_MAX = 254
"""RFC 5321: a longer address cannot be written to."""


def _calendar_day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


CalendarDay = Annotated[date, BeforeValidator(_calendar_day)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""Why, in a few words on one line."""


class Args(BaseModel):
    """Arguments that nobody has believed yet: no key too many, no type guessed."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        str_strip_whitespace=True,
        defer_build=True,
    )

    order_id: Id = Field(description="The shop's order number")


class ReadArgs(Args):
    """What a READ takes: the order, and what the customer knows of it."""

    email: Annotated[str, Field(max_length=EMAIL_MAX)] | None = Field(
        default=None, description="The e-mail address the customer says they ordered with"
    )
    postcode: Annotated[str, Field(max_length=20)] | None = Field(
        default=None, description="The postcode the customer says it was sent to"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Why a wish cannot be done as things stand in the brand's systems."""

    reason: Refusal
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A wish held against the brand's systems as they are right now."""

    amount: Money
    """What it moves, for the limits."""
    summary: str
    """One line for people."""
    seen: str
    """What the decision rests on; when it has changed by the time of doing, it is not done."""


class Action(Protocol):
    """What both kinds have."""

    name: ClassVar[str]
    mutates: ClassVar[bool]
    operations: ClassVar[frozenset[str]]
    """The operations of connectors that it calls."""

    @property
    def order_id(self) -> str:
        """The order it is about."""
        ...

    @classmethod
    def model_validate(cls, obj: Any, /) -> Self:
        """Check the form of the arguments; raises `pydantic.ValidationError`."""
        ...

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        """Describe the arguments, for a language model."""
        ...


class ReadAction(Action, Protocol):
    """Looks something up and changes nothing."""

    identity: ClassVar[str]
    """The proof it asks for unless the configuration says otherwise: a level, or another
    action's name, whose level it shares."""

    @property
    def email(self) -> str | None:
        """The e-mail that the customer gave."""
        ...

    @property
    def postcode(self) -> str | None:
        """The postcode that the customer gave."""
        ...

    async def read(self, order: Order, backend: Backend) -> BaseModel | Unfit:
        """Look it up, for a customer who has proved that the order is theirs."""
        ...


class WriteAction(Action, Protocol):
    """Changes something in the brand's systems, once."""

    operation: ClassVar[str]
    finder: ClassVar[str]
    """The operation that says what became of it, by key."""
    result: ClassVar[type[WriteResult]]

    def once_per(self, order: Order) -> Mapping[str, str]:
        """Name what it may happen to only once."""
        ...

    async def prepare(self, order: Order, backend: Backend) -> Prepared | Unfit:
        """Hold the wish against what the brand's systems say now."""
        ...

    async def perform(self, order: Order, key: str, backend: Backend) -> WriteResult:
        """Do it, once for that key."""
        ...

    async def find(self, key: str, backend: Backend) -> WriteResult:
        """Ask what became of that key; raises `NotFound` when the backend never saw it."""
        ...

    def agrees(self, result: WriteResult) -> bool:
        """Whether the backend's word is about what was asked for."""
        ...

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """Give the arguments back."""
        ...
