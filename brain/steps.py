"""What a procedure works with and gives: what is known of a wish, and its next step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from actions.action import Call
from actions.identity import same_order
from brain.book import Book, Settled
from brain.decision import Handoff
from brain.memory import Memory, Question, Wish, WishStatus
from brain.wordbook import Value
from conversation.events import Fact


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the wordbook with its values, or words that stand as they are.

    A value may be a line itself ("on its way"), or several ("your order number and …").
    """

    key: str
    values: "Mapping[str, Value | Line | tuple[Line, ...]]"
    verbatim: str | None = None


def line(key: str, **values: "Value | Line | tuple[Line, ...]") -> Line:
    """Name a sentence."""
    return Line(key, values)


def article(answer: str) -> Line:
    """Take an article's words as they are."""
    return Line("", {}, answer.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a wish needs next."""

    needs: tuple[str, ...] = ()
    """Things only the customer can tell."""
    calls: tuple[Call, ...] = ()
    lines: tuple[Line, ...] = ()
    status: WishStatus = WishStatus.OPEN
    handoff: Handoff | None = None
    facts: tuple[Fact, ...] = ()
    question: Question | None = None
    mismatch: bool = False
    """Order number and proof did not fit."""
    item: str | None = None
    line_id: str | None = None
    outcome: Settled | None = None
    """The outcome that is told."""
    result: str = ""
    """The same in English, for colleagues."""
    offers: str = ""
    """A topic that the words offer: a yes is that wish."""
    due: str | None = None
    """ISO date that is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What procedures may look at."""

    wish: Wish
    memory: Memory
    book: Book
    proved: frozenset[str]
    """Order ids the customer has proved, at any strength (the engine knows which suffices)."""
    today: date
    agreed: bool | None = None
    """The answer to our yes/no question about this wish."""

    @property
    def order_id(self) -> str:
        """The order this wish is about; empty while nobody has said."""
        return self.wish.order_id or self.memory.order_id or ""

    @property
    def email(self) -> str | None:
        """The e-mail address that was named with this order, else the latest one."""
        own = (each for order, each in self.memory.pairs if same_order(order, self.order_id))
        return next(own, self.memory.email)

    @property
    def is_proved(self) -> bool:
        """The customer has shown that the order is theirs."""
        return any(same_order(each, self.order_id) for each in self.proved)

    @property
    def pair(self) -> str:
        """Order and proof as one text, to remember that they did not fit."""
        memory = self.memory
        pair = f"{self.order_id}|{self.email or ''}|{memory.postcode or ''}"
        return pair.casefold()[:2_000]

    @property
    def wanted(self) -> date | None:
        """The last day that is not too late; None: no hurry, or a day gone by."""
        day = day_of(self.memory.deadline)
        if day is None or day < self.today:
            return None
        before = self.memory.deadline_strict and day > date.min
        return date.fromordinal(day.toordinal() - 1) if before else day


Procedure = Callable[[Known], Step]


def day_of(text: str | None) -> date | None:
    """Read an ISO day, with or without a time; None for anything else."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
