"""Ceilings over a stretch of time: how much of an action a customer, a channel, the brand has had.

Theory of operation. What counts is the ledger: every call of the action that was begun (or signed,
and about to begin) within the window, whoever allowed it. A call that the bot does alone brings its
ceilings along to the commit that begins it. There they are judged again on the ledger as it
stands, one commit after the other for each of them, so that no two calls pass on the same room;
one that does not fit any more is judged anew, and then needs a colleague.
"""

from dataclasses import dataclass
from datetime import datetime

from config.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """One limit over time, for one call."""

    name: str
    """As the configuration says it: ``per_customer``, ``per_channel``, ``per_brand``."""
    action: str
    since: datetime
    """Where the window begins."""
    customer: str | None = None
    """Whose calls count; None: everybody's."""
    channel: str | None = None
    """Where calls count; None: everywhere."""
    total: Money | None = None
    count: int | None = None

    @property
    def scope(self) -> str:
        """What is locked while it is judged: two calls of one scope are judged in turn."""
        return f"{self.action}:{self.name}:{self.customer or self.channel or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was had within the window."""

    count: int = 0
    minor: int = 0
    """Minor units, in the ceiling's currency; what moved in others is counted, not summed."""


def fits(ceiling: Ceiling, used: Used, amount: Money | None) -> bool:
    """Say whether one more call of that amount stays below the ceiling."""
    if ceiling.count is not None and used.count + 1 > ceiling.count:
        return False
    if ceiling.total is None:
        return True
    if amount is None or amount.currency != ceiling.total.currency:
        return False
    return used.minor + amount.minor <= ceiling.total.minor


def and_one(ceiling: Ceiling, used: Used, amount: Money | None) -> Used:
    """Count one more call."""
    total = ceiling.total
    same = amount is not None and total is not None and amount.currency == total.currency
    minor = amount.minor if same and amount is not None else 0
    return Used(count=used.count + 1, minor=used.minor + minor)
