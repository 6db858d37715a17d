"""What an action is: its arguments, what must be proved for it, and how it is done once.

The brain proposes a `Call` with arguments nobody has checked. The engine turns it into one of the
outcomes below; only `Done` lets anybody say that something was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from config.money import Money
from config.stages import Stage, Surface
from conversation.ceilings import Ceiling
from conversation.events import Proof
from conversation.ledger import CallRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A wish of the brain: untrusted until the engine has judged it."""

    action: str
    args: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallContext:
    """What is known for certain about the conversation that a call comes from."""

    conversation: str
    customer: str
    channel: str
    turn: str
    stage: Stage
    surface: Surface
    proofs: tuple[Proof, ...] = ()


class Refusal(StrEnum):
    """Why a call is not done; counted, shown to colleagues, put into words by the brain."""

    UNKNOWN_ACTION = "unknown_action"
    NOT_OFFERED = "not_offered"
    """Not at this stage or on this surface."""
    INVALID = "invalid"
    """The arguments are not what the action takes."""
    NOT_FOUND = "not_found"
    """The backend knows no such order, charge or line."""
    NOT_PROVED = "not_proved"
    """The customer has not shown (or wrongly shown) that the order is theirs."""
    ABOVE_LIMIT = "above_limit"
    """More than even a sign-off may allow."""
    NOTHING_LEFT = "nothing_left"
    """Already refunded or replaced, as the backend's books say."""
    REJECTED = "rejected"
    """An approver said no."""
    EXPIRED = "expired"
    """Nobody signed it off in time."""
    UNCONFIRMED = "unconfirmed"
    """The brand wants the customer's yes to exactly this first."""
    WITHDRAWN = "withdrawn"
    """The customer took it back before it ran."""
    BAD_ANSWER = "bad_answer"
    """The backend's answer makes no sense (another order, another currency …)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A READ came back; ``result`` is the port's model. Nothing was changed."""

    call: Call
    result: BaseModel
    proof: Proof | None = None
    """What the customer's arguments proved along the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is done, and the backend's id says so. ``repeated``: it was done before this call."""

    call: Call
    key: str
    result: BaseModel
    amount: Money | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It is not done and will not be without something changing."""

    call: Call
    reason: Refusal
    detail: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitingSignOff:
    """A colleague has been (or is being) asked."""

    call: Call
    key: str
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The backend could not be asked, or proved that nothing happened."""

    call: Call
    why: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody knows whether it happened; a person looks after it."""

    call: Call
    key: str
    why: str


Outcome = Known | Done | Refused | AwaitingSignOff | Failed | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """A write that may go ahead: commit ``record`` (state ALLOWED), then execute it."""

    call: Call
    record: CallRecord
    ceilings: tuple[Ceiling, ...] = ()
    """What it must still stay below when it is begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsSignOff:
    """A write that a colleague must sign: commit ``record`` (state AWAITING) and ask."""

    call: Call
    record: CallRecord
    why: str = ""
    """The limit over time that is used up; empty where it is the amount."""


Judgement = Permitted | NeedsSignOff | Outcome
