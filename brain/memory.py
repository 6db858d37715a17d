"""What the embedded brain remembers of a conversation from turn to turn."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

WISHES_KEPT = 12
"""Wishes of one conversation; more are a colleague's business."""
WISH_TEXT = 300
"""Characters of the customer's words that are kept with a wish."""
DOUBTS_KEPT = 6
"""Wrong pairs of order and proof that are remembered, so that none is tried twice."""

Short = Annotated[str, Field(max_length=2_000)]


PAIRS_KEPT = 4
"""Orders whose own e-mail address is remembered."""


class WishStatus(StrEnum):
    """How far a wish has come."""

    OPEN = "open"
    """Something is still missing or to be done."""
    WAITING = "waiting"
    """A colleague has to sign it off."""
    PASSED = "passed"
    """It went to colleagues."""
    CLOSED = "closed"


class Question(StrEnum):
    """What we asked about a wish and want answered before it goes on."""

    CHOOSE = "choose"
    """A replacement or the money back?"""
    WHICH = "which"
    """Which of the order's goods?"""
    CONFIRM = "confirm"
    """Shall it be done? Asked by the rules, where the brand wants it; here only remembered."""
    LATE = "late"
    """It comes too late: order it all the same?"""


class Asks(StrEnum):
    """What somebody wants to know who asks after something they were told already."""

    WHEN = "when"
    NEWS = "news"
    WHY = "why"
    SOONER = "sooner"
    """Whether it cannot be quicker."""
    SAME = "same"
    """The same question again."""


class Wish(BaseModel):
    """One thing the customer wants."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    topic: Short
    text: Short = ""
    """The customer's words for it."""
    status: WishStatus = WishStatus.OPEN
    order_id: Short | None = None
    """The order it is about, once that is settled; till then the one of the conversation."""
    item: Short | None = None
    """The goods it is about, as the shop calls them."""
    line_id: Short | None = None
    reason: Short | None = None
    """What was wrong with the goods, as a topic."""
    question: Question | None = None
    tries: int = 0
    """How often the question was asked."""
    again: int = 0
    """How often the customer has asked after it since they were first told."""
    asks: Asks | None = None
    """What of it they ask, where it is not the whole."""
    before: Short = ""
    """What they were told last, as its `result`."""
    due: Short | None = None
    """ISO date that was promised."""
    result: Short = ""
    """What became of it, in English, for colleagues."""


class Memory(BaseModel):
    """The brain's notes. Personal data in them lives and dies with the log's content."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    wishes: Annotated[tuple[Wish, ...], Field(max_length=WISHES_KEPT)] = ()
    order_id: Short | None = None
    """The order talked about last."""
    orders: Annotated[tuple[Short, ...], Field(max_length=4)] = ()
    """The orders talked about, the latest last."""
    email: Short | None = None
    pairs: Annotated[tuple[tuple[Short, Short], ...], Field(max_length=PAIRS_KEPT)] = ()
    """Order and e-mail address that were named together."""
    offered: Short | None = None
    """A wish that we offered with our last words: a yes is that wish."""
    postcode: Short | None = None
    amount: Short | None = None
    """An amount the customer named with the latest wish, as ``24.90 GBP``."""
    deadline: Short | None = None
    """ISO date."""
    deadline_strict: bool = False
    asked: Annotated[tuple[Short, ...], Field(max_length=4)] = ()
    """What we asked for and still wait for."""
    worded: Annotated[tuple[Short, ...], Field(max_length=4)] = ()
    """In which sentences we have asked for it; none is said twice."""
    unclear: int = 0
    """How often in a row nothing could be made of what was said."""
    mismatches: int = 0
    """How often order and proof did not fit; never forgotten, for guessing must not pay."""
    doubted: Annotated[tuple[Short, ...], Field(max_length=DOUBTS_KEPT)] = ()
    """Pairs of order and proof that did not fit."""


def recall(text: str) -> Memory:
    """Read the notes back; unreadable ones (of another version) are forgotten."""
    try:
        return Memory.model_validate_json(text)
    except ValidationError:
        return Memory()
