"""What can happen in a conversation: the entries of its log, in the domain's words.

Codecs turn platform payloads into what stands in `customer`, the desk's codec into what stands in
`desk`; turns and deliveries write what stands in `own` and `decided`. `conversation.state.fold`
gives each its meaning. Entries are values; their JSON form is `encode` / `decode` and may only grow
(old logs must stay readable).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from conversation.events.customer import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Moved,
    Pressed,
    Rated,
    Reachable,
    Reacted,
    Receipt,
    ReceiptStatus,
    ReceiptUpTo,
    Referred,
    Undecodable,
    Unsupported,
)
from conversation.events.decided import (
    ArticleFound,
    CallStep,
    Decided,
    Fact,
    IssueSeen,
    ModelCall,
    ModelUse,
    Proof,
    TakenOut,
)
from conversation.events.desk import (
    Claimed,
    Colleague,
    ColleagueNoted,
    ColleagueReplied,
    DeskEvent,
    Doubt,
    DraftDiscarded,
    Released,
    Resolved,
    SignOffBegun,
    SignOffDecided,
    ThreadWritten,
)
from conversation.events.own import (
    WITHOUT_ANSWER,
    Acted,
    CameInvited,
    ConfirmationAsked,
    Delivered,
    Drafted,
    HandedOff,
    HeldBack,
    Introduced,
    Invited,
    Lapsed,
    NotDelivered,
    OwnEvent,
    Said,
    SignOffAsked,
    Tended,
    TimerFired,
)

__all__ = [
    "WITHOUT_ANSWER",
    "Acted",
    "AnsweredElsewhere",
    "ArticleFound",
    "CallStep",
    "CameInvited",
    "Claimed",
    "Colleague",
    "ColleagueNoted",
    "ColleagueReplied",
    "ConfirmationAsked",
    "Decided",
    "Delivered",
    "DeskEvent",
    "Doubt",
    "DraftDiscarded",
    "Drafted",
    "Erased",
    "Event",
    "Fact",
    "HandedOff",
    "HeldBack",
    "Ignored",
    "Inbound",
    "Introduced",
    "Invited",
    "IssueSeen",
    "Lapsed",
    "MessageDeleted",
    "MessageEdited",
    "MessageReceived",
    "ModelCall",
    "ModelUse",
    "Moved",
    "NotDelivered",
    "OwnEvent",
    "Pressed",
    "Proof",
    "Rated",
    "Reachable",
    "Reacted",
    "Receipt",
    "ReceiptStatus",
    "ReceiptUpTo",
    "Referred",
    "Released",
    "Resolved",
    "Said",
    "SignOffAsked",
    "SignOffBegun",
    "SignOffDecided",
    "TakenOut",
    "Tended",
    "ThreadWritten",
    "TimerFired",
    "Undecodable",
    "Unsupported",
    "decode",
    "decode_desk",
    "encode",
]

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
