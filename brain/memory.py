"""What the embedded brain remembers of a conversation from turn to turn."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

WISHES_KEPT = 12
"""Wishes of one conversation; more are a colleague's business."""
WISH_TEXT = 300
"""Characters of the customer's words that are kept with a wish."""


class WishStatus(StrEnum):
    """How far a wish has come."""

    OPEN = "open"
    """Something is still missing or to be done."""
    WAITING = "waiting"
    """A colleague has to sign it off."""
    CLOSED = "closed"


class Wish(BaseModel):
    """One thing the customer wants."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: str
    text: str = ""
    """The customer's words for it."""
    status: WishStatus = WishStatus.OPEN
    order_id: str | None = None
    """The order it was about when it was settled."""
    item: str | None = None
    """The goods it is about, as the shop calls them."""
    line_id: str | None = None


class Memory(BaseModel):
    """The brain's notes. Personal data in them lives and dies with the log's content."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    wishes: tuple[Wish, ...] = ()
    order_id: str | None = None
    email: str | None = None
    postcode: str | None = None
    amount: str | None = None
    """An amount the customer named, as ``24.90 GBP``."""
    deadline: str | None = None
    """ISO date."""
    deadline_strict: bool = False
    asked: tuple[str, ...] = ()
    """What we asked for and still wait for."""
    question: str | None = None
    """A yes/no question of ours that is open: ``late``."""
    mismatches: int = 0
    """How often number and proof did not fit."""
    unclear: int = 0
    """How often in a row nothing could be made of what was said."""


def recall(text: str) -> Memory:
    """Read the notes back; unreadable ones (of another version) are forgotten."""
    try:
        return Memory.model_validate_json(text)
    except ValidationError:
        return Memory()
