"""What our own workers write: turns, deliveries, timers, upkeep."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from conversation.events.decided import Decided, Proof
from conversation.invitations import Redeemed
from conversation.ledger import CallState
from conversation.model import Author, Peer


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
    wrong_proof: bool = False
    """What the customer gave was not the order's."""


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


WITHOUT_ANSWER: Final = frozenset({"no_answer", "not_understood"})
"""Reasons of a handoff that an article would have spared."""


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
    """The account on the machine; ``upkeep`` for what happens by itself, ``proof``,
    ``invitation`` and ``mention`` for who was found to be, or may be, one person."""
    what: str
    """``retry``, ``drop``, ``erase``, ``retention``, ``archive``, ``joined``, ``parted``,
    ``likely``."""
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
