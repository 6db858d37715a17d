"""What can happen in a conversation: the entries of its log, in the domain's words.

Codecs turn platform payloads into the first group, the desk's codec into the second, turns and
deliveries write the third. `conversation.state.fold` gives each its meaning. Entries are values;
their JSON form is `encode` / `decode` and may only grow (old logs must stay readable).
"""

# Longer than 400 lines: one flat vocabulary, each entry a handful of fields with their meaning.

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from conversation.invitations import Redeemed
from conversation.ledger import CallState
from conversation.model import Attachment, Author, Peer

# --- from the customer's platform


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived:
    """The customer wrote, or sent something."""

    kind: Literal["message"] = "message"
    message_id: str
    sender: Peer
    occurred_at: datetime
    text: str = ""
    """Plain text or caption; empty where only something was attached."""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str | None = None
    forwarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited:
    """The customer changed what they had written."""

    kind: Literal["edit"] = "edit"
    message_id: str
    sender: Peer
    occurred_at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted:
    """The customer took a message back."""

    kind: Literal["delete"] = "delete"
    message_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted:
    """An emoji on a message; empty ``emoji`` takes it back."""

    kind: Literal["reaction"] = "reaction"
    message_id: str
    sender: Peer
    occurred_at: datetime
    emoji: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button under a message of ours was pressed (a postback)."""

    kind: Literal["postback"] = "postback"
    press_id: str
    """What the platform wants back as an acknowledgement."""
    message_id: str | None
    sender: Peer
    occurred_at: datetime
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredElsewhere:
    """A colleague answered the customer in the platform's own app, or took the thread there.

    Without words and attachments it is taken, and nothing was said yet.
    """

    kind: Literal["answered_elsewhere"] = "answered_elsewhere"
    message_id: str
    occurred_at: datetime
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


class ReceiptStatus(StrEnum):
    """What the platform says became of a message of ours."""

    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The platform's later word on a message of ours."""

    kind: Literal["receipt"] = "receipt"
    message_id: str
    status: ReceiptStatus
    occurred_at: datetime
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptUpTo:
    """One receipt for all that we wrote up to a moment: the platform names no message."""

    kind: Literal["receipt_up_to"] = "receipt_up_to"
    status: ReceiptStatus
    up_to: datetime
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """The customer said how they were helped, after a case was resolved."""

    kind: Literal["rated"] = "rated"
    score: int
    """1 (badly) to 5 (very well)."""
    about: int
    """The log position of the resolution it is about."""
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """The customer blocked us, or let us in again."""

    kind: Literal["reachable"] = "reachable"
    reachable: bool
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The platform gave the chat another id (a group became a supergroup, a number changed)."""

    kind: Literal["moved"] = "moved"
    new_key: str
    occurred_at: datetime
    user_id: str | None = None
    """The customer's own new id, where it is they who changed, not a chat of many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """The customer came by a link that carries a word of ours (an invitation), and said nothing."""

    kind: Literal["referred"] = "referred"
    ref: str
    sender: Peer
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """Understood as an event, of a kind nobody can answer yet (a poll, a game …)."""

    kind: Literal["unsupported"] = "unsupported"
    what: str
    message_id: str | None
    sender: Peer | None
    occurred_at: datetime
    for_person: bool = False
    """It holds words that only a person can read (encrypted ones): the desk gets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """An event that asks for nothing, left alone on purpose (a channel post, a pin …)."""

    kind: Literal["ignored"] = "ignored"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecodable:
    """What nobody could read; the payload waits in quarantine for a person."""

    kind: Literal["undecodable"] = "undecodable"
    why: str


Inbound = (
    MessageReceived
    | MessageEdited
    | MessageDeleted
    | Reacted
    | Pressed
    | AnsweredElsewhere
    | Receipt
    | ReceiptUpTo
    | Rated
    | Reachable
    | Moved
    | Referred
    | Unsupported
    | Ignored
    | Undecodable
)

# --- from colleagues at the desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A human of the brand, by the id of the place they work in (Slack's U…)."""

    user_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A colleague took the conversation; the bot is silent from here."""

    kind: Literal["claimed"] = "claimed"
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A colleague gave the conversation back to the bot."""

    kind: Literal["released"] = "released"
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A colleague closed the case; the bot owns what comes next."""

    kind: Literal["resolved"] = "resolved"
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueReplied:
    """Words of a colleague for the customer, sent by an explicit act."""

    kind: Literal["colleague_replied"] = "colleague_replied"
    reply_id: str
    by: Colleague
    text: str
    draft_id: str | None = None
    """The bot's draft they are (or began as)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueNoted:
    """A line in the case's thread that stays among colleagues."""

    kind: Literal["colleague_noted"] = "colleague_noted"
    note_id: str
    by: Colleague
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadWritten:
    """A line in the case's thread about which the colleague is asked: send it, or keep it?"""

    kind: Literal["thread_written"] = "thread_written"
    note_id: str
    by: Colleague
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscarded:
    """A colleague threw the bot's draft away."""

    kind: Literal["draft_discarded"] = "draft_discarded"
    draft_id: str
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffDecided:
    """An approver said yes or no to one exact action call."""

    kind: Literal["signoff_decided"] = "signoff_decided"
    approval_id: str
    approved: bool
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffBegun:
    """An approver said yes to a call that two must say yes to."""

    kind: Literal["signoff_begun"] = "signoff_begun"
    approval_id: str
    by: Colleague


DeskEvent = (
    Claimed
    | Released
    | Resolved
    | ColleagueReplied
    | ColleagueNoted
    | ThreadWritten
    | DraftDiscarded
    | SignOffDecided
    | SignOffBegun
)

# --- from our own workers


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """An action call came to a state worth remembering."""

    kind: Literal["acted"] = "acted"
    call_key: str | None
    """None for calls refused before they had one."""
    action: str
    state: CallState
    summary: str
    """One line for colleagues: what, how much, why not."""
    proof: Proof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffAsked:
    """A call waits for a colleague's yes."""

    kind: Literal["signoff_asked"] = "signoff_asked"
    approval_id: str
    call_key: str
    summary: str
    expires_at: datetime
    case_id: str
    """The case it belongs to: asking opens one where none is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationAsked:
    """The customer was asked whether exactly these calls are to be made."""

    kind: Literal["confirmation_asked"] = "confirmation_asked"
    calls: tuple[str, ...]
    """`actions.consent.exact_call` of each."""
    summary: str
    """The calls in a line, for colleagues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words for the customer, committed to the outbox."""

    kind: Literal["said"] = "said"
    outbox_key: str
    author: Author
    text: str
    name: str | None = None
    """The colleague's name, when one wrote it."""
    disclosed: bool = False
    """The AI disclosure was part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """Words that wait for a colleague to press send."""

    kind: Literal["drafted"] = "drafted"
    draft_id: str
    text: str
    case_id: str
    """The case it is shown in: drafting opens one where none is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOff:
    """The bot passed the conversation to the desk, and why."""

    kind: Literal["handed_off"] = "handed_off"
    reason: str
    """A short id that is counted: ``wants_human``, ``no_answer``, ``refused`` …"""
    note: str
    """A sentence for the colleague."""
    case_id: str
    """The case it opens, unless one is open already."""
    suggestion: str = ""
    """Words a colleague may begin with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The platform accepted a message of ours."""

    kind: Literal["delivered"] = "delivered"
    outbox_key: str
    message_id: str
    part: int
    text: str
    author: Author = Author.BOT


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDelivered:
    """A message of ours will not reach the customer, and why."""

    kind: Literal["not_delivered"] = "not_delivered"
    outbox_key: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired:
    """A moment that was waited for has come."""

    kind: Literal["timer_fired"] = "timer_fired"
    name: str
    data: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """Quiet since a colleague answered in the platform's own app: their case is over."""

    kind: Literal["lapsed"] = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced:
    """The platform was asked who somebody is: their messages carry no name."""

    kind: Literal["introduced"] = "introduced"
    peer: Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """Nothing is said to the customer, on purpose: colleagues read it in another's case."""

    kind: Literal["held_back"] = "held_back"
    reason: str
    """``pile_on``: many complain in public, and the bot is silent there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """The customer was given a way to go on elsewhere as the same person."""

    kind: Literal["invited"] = "invited"
    channel: str
    """Where it leads."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CameInvited:
    """The customer arrived with an invitation, or with what looks like one."""

    kind: Literal["came_invited"] = "came_invited"
    outcome: Redeemed
    inviter: str | None = None
    """The conversation they come from; None: it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """Somebody with a shell, or the store's own upkeep, put something right by hand."""

    kind: Literal["tended"] = "tended"
    by: str
    """The account on the machine; ``upkeep`` for what happens by itself."""
    what: str
    """``retry``, ``drop``, ``erase``, ``retention``, ``archive``."""
    about: str = ""
    """An id; never content."""


OwnEvent = (
    Decided
    | Acted
    | SignOffAsked
    | ConfirmationAsked
    | Said
    | Drafted
    | HandedOff
    | Delivered
    | NotDelivered
    | TimerFired
    | Lapsed
    | HeldBack
    | Introduced
    | Invited
    | CameInvited
    | Tended
)

Event = Inbound | DeskEvent | OwnEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """An entry whose content was erased at the person's wish; its place in the log remains."""

    kind: Literal["erased"] = "erased"


_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
_DESK: TypeAdapter[DeskEvent] = TypeAdapter(Annotated[DeskEvent, Field(discriminator="kind")])


def encode(event: Event) -> str:
    """Give the entry's JSON form."""
    return _EVENT.dump_json(event, exclude_defaults=False).decode()


def decode(text: str) -> Event:
    """Read an entry back; raises `pydantic.ValidationError` on what `encode` never wrote."""
    return _EVENT.validate_json(text)


def decode_desk(text: str | bytes) -> DeskEvent:
    """Read a desk event, and nothing else, back."""
    return _DESK.validate_json(text)
