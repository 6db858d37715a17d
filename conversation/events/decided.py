"""What a turn understood and made of it, with all that explains it later."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSeen:
    """One thing the customer wants, as understood."""

    topic: str
    text: str
    """The customer's own words for it."""
    p: float | None = None
    """How probable the topic is, 0 to 1; None where the brain does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFound:
    """An article that was found for the turn, used or not."""

    id: str
    title: str
    score: float
    """How well it fits, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call of a language model: how long it took, what it cost, what came of it."""

    began_at: datetime | None = None
    ms: int = 0
    outcome: str = "words"
    """``words``, ``wishes``, or why it gave nothing that can be used: ``late``, ``down`` …"""
    wishes: tuple[str, ...] = ()
    """The tools it asked for, in order."""
    turned_down: tuple[str, ...] = ()
    """Wishes that it was answered as errors and that were never run, each with the reason."""
    tokens_in: int = 0
    tokens_out: int = 0
    estimated: bool = False
    """The server did not count the tokens: they are reckoned from the length of the text."""
    cost: Decimal = Decimal(0)
    """In major units of the use's currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """What a language model had to do with a turn."""

    name: str
    prompt: str
    """Name and version, like ``care@3``."""
    calls: tuple[ModelCall, ...] = ()
    currency: str = ""
    """Of the prices; empty where none are configured."""
    fell_back: str = ""
    """Why another brain or the desk took the turn; empty where the model's words were taken."""
    unbacked: int = 0
    """Sentences of its words that no fact and no article backs, and that were taken out."""

    @property
    def cost(self) -> Decimal:
        """What the turn's calls cost together, in major units."""
        return sum((one.cost for one in self.calls), Decimal(0))

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens read and written by the turn's calls together."""
        return sum(one.tokens_in for one in self.calls), sum(one.tokens_out for one in self.calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something looked up, with its source; ``private`` may never reach a public surface."""

    label: str
    value: str
    source: str
    private: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The customer showed that an order is theirs, at the strength an action may ask for."""

    order_id: str
    level: str
    """``order_email`` or ``order_postcode``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep:
    """An action call on its way through a turn: wished, judged by numbers, brought to an end."""

    action: str
    outcome: str
    """``known``, ``done``, ``awaiting``, ``refused``, ``failed`` or ``unknown``."""
    detail: str = ""
    """What it is about, or why it is not done."""
    args: str = ""
    """What the brain wished, as JSON; cut where it is long."""
    judged: str = ""
    """``within``, ``needs_sign_off``, ``used_up`` (a limit over time), a refusal's name; empty
    where nothing was left to judge."""
    amount: str | None = None
    """``42.00 GBP``: what was held against the limits."""
    alone_up_to: str | None = None
    sign_off_up_to: str | None = None
    wished_at: datetime | None = None
    judged_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """A sentence of the brain's words that was not said."""

    words: str
    """Without what a person could be known by; cut where it is long."""
    claimed: str = ""
    """What it said was done: ``refund``, ``replacement``, ``cancelled`` …; empty: nothing."""
    why: str = ""
    """What was so instead, or what else was against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a turn understood and made of it."""

    kind: Literal["decided"] = "decided"
    turn: str
    stage: str
    shadow: bool
    language: str
    mood: str
    issues: tuple[IssueSeen, ...]
    deadline: str | None
    """ISO date by which the customer needs it."""
    memory: str
    """The brain's own notes for its next turn (its JSON; nobody else reads it)."""
    summary: str
    facts: tuple[Fact, ...] = ()
    citations: tuple[str, ...] = ()
    opted_out: bool = False
    brain: str = ""
    began_at: datetime | None = None
    understood_at: datetime | None = None
    decided_at: datetime | None = None
    steps: tuple[CallStep, ...] = ()
    """The turn's calls in order, for whoever asks later why it went as it did."""
    unproved: int = 0
    """Sentences that claimed what was not done, and were not said."""
    taken_out: tuple[TakenOut, ...] = ()
    """These, and those that leant on them; with none a colleague answered instead."""
    urgency: str = ""
    """``low``, ``normal`` or ``high``; empty: nothing was said, or the entry is an old one."""
    risks: tuple[str, ...] = ()
    """Kinds of risk that a person must look at (``self_harm``, ``legal_threat`` …)."""
    withdrawn: tuple[str, ...] = ()
    """Actions that the customer took back and has not asked for anew."""
    articles: tuple[ArticleFound, ...] = ()
    """What knowledge had to say, the best first."""
    model: ModelUse | None = None
    """None: no language model was asked."""
