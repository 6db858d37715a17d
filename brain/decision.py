"""What goes into the brain and what comes out: `decide(turn, outcomes) → Decision`.

The brain sees a conversation's state and proposes words, calls and handoffs. It owns neither store
nor connector, and nothing it returns is believed: calls are judged by the engine, words by
the guardrails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from actions.action import Call, Outcome
from config.stages import Stage, Surface
from conversation.events import (
    ArticleFound,
    Fact,
    IssueSeen,
    MessageReceived,
    ModelUse,
    Pressed,
)
from conversation.state import ConversationState


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Pending messages of one conversation, and all that is known about it."""

    id: str
    conversation: str
    channel: str
    surface: Surface
    now: datetime
    state: ConversationState
    messages: tuple[MessageReceived | Pressed, ...]
    """What came since the last turn; empty when an outcome or a timer woke the conversation."""
    outcomes: tuple[Outcome, ...] = ()
    """What became of calls of earlier turns (a sign-off was decided, an unknown was cleared up)."""
    customer: str = ""
    """The customer's id; what a day may cost is counted by it."""
    deadline: datetime | None = None
    """When the words have to be there."""
    offered: frozenset[str] = frozenset()
    """Actions that may be called at this stage, on this surface."""
    vip: bool = False
    """The platform says that many follow this customer; a person answers them first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """The wish to pass the conversation on, and what to tell the colleague."""

    reason: str
    note: str
    suggestion: str = ""
    """Words a colleague may begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What the turn made of the messages, for the desk, the rollout and the trace."""

    language: str
    mood: str = "neutral"
    issues: tuple[IssueSeen, ...] = ()
    deadline: str | None = None
    opted_out: bool = False
    urgency: str = ""
    """``low``, ``normal`` or ``high``; empty: nothing was said in this turn."""
    outside: bool = False
    """Nothing of what the customer wants is known to us; spam is no wish."""
    withdraws: tuple[str, ...] = ()
    """Actions the customer takes back, or ``any``: all that is open."""
    risks: tuple[str, ...] = ()
    """`brain.risk.RISKS` that a person must look at, the gravest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One step of a turn. With calls: run them and ask again with their outcomes."""

    understood: Understood
    calls: tuple[Call, ...] = ()
    words: str | None = None
    """None: nothing is said (a thumbs-up needs no answer)."""
    handoff: Handoff | None = None
    memory: str = "{}"
    """JSON that the next turn gets back as ``state.memory``."""
    summary: str = ""
    facts: tuple[Fact, ...] = ()
    citations: tuple[str, ...] = ()
    invites: bool = False
    """The words ask the customer to go on in private."""
    disclosed: bool = False
    """The words begin with the AI disclosure."""
    brain: str = "unnamed"
    """Which brain decided it, by its name; whoever does not say is believed nothing."""
    articles: tuple[ArticleFound, ...] = ()
    """What knowledge had to say, for the trace."""
    model: ModelUse | None = None
    """What a language model had to do with the turn so far, for the trace."""


class Brain(Protocol):
    """Anything that can decide a turn."""

    @property
    def ready(self) -> bool:
        """False while it is still learning; turns wait, accepting does not."""
        ...

    async def topics(self, turn: Turn) -> Understood:
        """Understand the pending messages only: what the rollout needs to pick the stage."""
        ...

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        """Take the next step, given the outcomes of this turn's calls so far, in order."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A brain that keeps something of a turn between its steps, and can let it go."""

    def forget(self, turn: str) -> None:
        """Let go of a turn, by its id: it is over, or given up and begun anew later.

        What a customer wrote is erased in the store; a process that held it would still know it.
        """
        ...
