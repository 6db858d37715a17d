"""What the state is made of: values, and how many of each are kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from conversation.events import Fact, IssueSeen, Proof
from conversation.invitations import Redeemed
from conversation.model import Attachment, Author, Peer

LINES_KEPT = 40
"""Lines of the transcript in the state; the log keeps all."""
ISSUES_KEPT = 12
MOODS_KEPT = 6
RISKS_KEPT = 8
ACTS_KEPT = 20
FACTS_KEPT = 12
PROOFS_KEPT = 10
WAITING_KEPT = 10
GONE_KEPT = 20
"""Messages that were taken back before they came."""
FILES_KEPT = 10
"""Files of one line."""
TEXT_KEPT = 4_096
"""Characters of one line; longer ones are cut in the state, whole in the log."""


class CaseStatus(StrEnum):
    """Where a case at the desk stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the transcript, as a colleague would read it."""

    at: datetime
    author: Author
    text: str
    name: str | None = None
    message_id: str | None = None
    files: tuple[Attachment, ...] = ()
    """What came with it and is kept by us."""
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One action call, in a line."""

    at: datetime
    action: str
    state: str
    summary: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The conversation at the desk: one card in Slack, its details in the card's thread."""

    id: str
    status: CaseStatus
    reason: str
    note: str
    opened_at: datetime
    suggestion: str = ""
    """Words a colleague may begin with."""
    claimed_by: str | None = None
    """The colleague's id (Slack's U…)."""
    claimed_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Words waiting for a colleague."""

    id: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A sign-off that nobody has decided yet."""

    approval_id: str
    call_key: str
    summary: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ConversationState:
    """All that one needs to know to go on with a conversation."""

    peer: Peer | None = None
    language: str | None = None
    stage: str | None = None
    """The stage of the last turn."""
    mood: str = "neutral"
    earlier_mood: str | None = None
    moods: tuple[str, ...] = ()
    """Of each turn in which something was said, since the bot has it; the latest last."""
    urgency: str = ""
    """The greatest since the bot has it: ``low``, ``normal`` or ``high``."""
    risks: tuple[str, ...] = ()
    """Kinds of risk seen since the bot has it."""
    issues: tuple[IssueSeen, ...] = ()
    """What the customer wants, of the last turn that understood something."""
    deadline: str | None = None
    summary: str = ""
    lines: tuple[Line, ...] = ()
    acts: tuple[Act, ...] = ()
    facts: tuple[Fact, ...] = ()
    proofs: tuple[Proof, ...] = ()
    wrong_proofs: int = 0
    """How many that were given were not the order's, since a colleague had the conversation."""
    memory: str = "{}"
    case: Case | None = None
    draft: Draft | None = None
    waiting: tuple[Waiting, ...] = ()
    proposed: tuple[str, ...] = ()
    """Exact calls that the customer was asked to confirm, until they write again."""
    withdrawn: tuple[str, ...] = ()
    """Actions that the customer took back and has not asked for anew."""
    gone: tuple[str, ...] = ()
    """Messages that were taken back and have not come yet: platforms promise no order."""
    early: tuple[str, ...] = ()
    """Messages that were changed and have not come yet."""
    opted_out: bool = False
    reachable: bool = True
    disclosed_at: datetime | None = None
    last_customer_at: datetime | None = None
    unanswered_since: datetime | None = None
    """The platform's time of the first customer message nobody has answered yet."""
    turns: int = 0
    came: Redeemed | None = None
    """What came of an invitation that they brought, until they were told."""

    @property
    def last_message_id(self) -> str | None:
        """The customer's latest message, as the platform names it."""
        said = (line for line in reversed(self.lines) if line.author is Author.CUSTOMER)
        return next((line.message_id for line in said if not line.deleted), None)


_STATE: TypeAdapter[ConversationState] = TypeAdapter(ConversationState)


def encode_state(state: ConversationState) -> str:
    """Give the snapshot's JSON form."""
    return _STATE.dump_json(state).decode()


def decode_state(text: str) -> ConversationState:
    """Read a snapshot back."""
    return _STATE.validate_json(text)
