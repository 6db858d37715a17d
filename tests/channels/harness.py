"""What `test_adapters.py` needs of a channel and its stand-in, whatever the platform."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from channels.contract import Adapter
from channels.errors import SendFailure
from conversation.model import Address
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.hand_clock import HandClock

Nothing = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Harness:
    """One channel, its stand-in, and a customer who has just written."""

    adapter: Adapter
    clock: HandClock
    address: Address
    """The customer's."""
    stranger: Address
    """Of somebody the platform does not know."""
    message_id: str
    """The customer's message."""
    secret: str
    """What must never be told."""
    faults: FaultPlan
    send_call: str
    """The stand-in's name of the call that sends."""
    seen: Callable[[], tuple[tuple[str, str], ...]]
    """What the customer reads now: ids and texts, oldest first."""
    typed: Callable[[], int]
    """How often the customer saw that somebody writes."""
    writes_again: Nothing
    """The customer writes once more."""
    go_down: Nothing
    """Nobody listens there any more."""
    revoke: Callable[[], None]
    """The platform stops knowing our credentials."""
    measure: Callable[[str], int] = len
    """How the platform counts the length of a text."""
    as_read: Callable[[str], str] = str
    """What the customer reads of a plain text, where the platform cannot show it as it is."""
    refusals: Mapping[str, tuple[Fault, SendFailure]] = field(default_factory=dict)
    """The platform's own refusals, and what each means."""
    templates: tuple[str, ...] = ()
    """Templates that may go when the window is over."""
    room: int = 0
    """What the platform takes beyond the length that is told."""
