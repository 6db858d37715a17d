"""What comes from the customer's platform, as its codec reads it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from conversation.model import Attachment, Peer


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
    named: bool = True
    """The platform says who sent it; else it may be words of ours that come back."""


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
