"""What the bot may do in the brand's systems, and up to which amount."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field

from config.section import Amount, Section, Wait, Word

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "refund": ("order", "charges", "refund", "find_refund"),
    "replacement": ("order", "replacement", "find_replacement"),
    "order_status": ("order",),
}
"""The shipped actions and the operations each one calls."""

WITHOUT_AMOUNT: Final = frozenset({"order_status"})
"""Actions that move no money and no goods."""

Count = Annotated[int, Field(ge=1, le=100_000, strict=True)]


class WindowLimit(Section):
    """A ceiling over a stretch of time."""

    window: Wait
    total: Amount | None = None
    """What the calls within it may move, all together."""
    count: Count | None = None
    """How many calls there may be within it."""


class Action(Section):
    """The limits of one action."""

    connector: Word | None = None
    """Whose operations it calls, where two connectors offer them."""
    autonomous_up_to: Amount | None = None
    """Largest amount the bot may move alone; nothing when left out."""
    sign_off_up_to: Amount | None = None
    """Largest amount a colleague may sign off; above it the case is handed over."""
    per_customer: WindowLimit | None = None
    per_channel: WindowLimit | None = None
    per_brand: WindowLimit | None = None
    rates: Mapping[str, Annotated[Decimal, Field(gt=0)]] = {}
    """Worth of one unit of another currency in the limits' currency."""
    identity: Literal["platform", "order_postcode", "order_email", "code"] = "order_email"
    """What the customer must know or hold before the bot acts."""
    evidence: Literal["none", "photo"] = "none"
    confirm: bool = Field(default=False, strict=True)
    """Whether the customer must say yes to exactly this before the bot does it."""
    expires: Wait = timedelta(minutes=30)
    """Life of an unanswered sign-off, counted on the desk's hours."""
