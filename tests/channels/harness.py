"""What `test_adapters.py` needs of a channel and its stand-in, whatever the platform."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from channels.contract import Adapter, Capabilities, OutboundMessage, Sent
from channels.errors import SendFailure
from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault, FaultPlan
from socialcare.sandbox.hand_clock import HandClock

Nothing = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Follower:
    """A customer who reads the log itself: the stand-in is what they read it with."""

    commit: Callable[[Sent, OutboundMessage], Awaitable[None]]
    """Keep the receipt, as the service does: that is what sends. Waits until it is read where
    anybody reads."""
    reads: Nothing
    """Look again, if they had gone, until there is nothing more to read."""
    is_full: Callable[[], bool]
    """Whether more waits for them than is held in memory for one reader."""
    holds: int
    """How many messages that is."""


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, kw_only=True)
class Harness:
    """One surface of a channel, its stand-in, and a customer who has just written there."""

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
    """The stand-in's name of the call that sends, or of reading where the log is followed."""
    seen: Callable[[], tuple[tuple[str, str], ...]]
    """What the customer reads now: ids and texts, oldest first."""
    typed: Callable[[], int]
    """How often the customer saw that somebody writes."""
    writes_again: Nothing
    """The customer writes once more."""
    go_down: Nothing
    """Nobody listens there any more."""
    revoke: Callable[[], None] = _nothing
    """The platform stops knowing our credentials, where it is one that has any of ours."""
    follower: Follower | None = None
    """Where the log is followed (`Capabilities.followed`)."""
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
    prompt: Callable[[], Awaitable[str]] | None = None
    """The customer says something anew and gives its id, where only that can be answered."""
    nothing: str | None = None
    """In public: the id of a message that is not there."""
    user_id: str = ""
    """Of the customer, where who they are has to be asked for."""
    name_call: str = ""
    """The stand-in's name of the call that asks it."""
    private: bool = False
    """A public message is answered to its author alone."""

    @property
    def told(self) -> Capabilities:
        """What the channel says that it can carry where the words arrive."""
        surface = Surface.PRIVATE if self.private else self.address.surface
        return self.adapter.capabilities(surface)

    def split(self, text: str) -> tuple[str, ...]:
        """Cut a reply as the service would."""
        surface = Surface.PRIVATE if self.private else self.address.surface
        return self.adapter.codec.split_text(text, surface=surface)

    async def send(self, message: OutboundMessage) -> Sent:
        """Send it to the customer, where needed as an answer to something they say now."""
        if message.reply_to is None and self.prompt is not None:
            message = replace(message, reply_to=await self.prompt())
        sent = await self.adapter.send(self.address, replace(message, private=self.private))
        if self.follower is not None:
            await self.follower.commit(sent, message)
        return sent

    async def arrived(self) -> None:
        """Wait for what is on its way; platforms that we call have it when they answer."""
        if self.follower is not None:
            await self.follower.reads()

    async def send_to_stranger(self, message: OutboundMessage) -> Sent:
        """Send it to somebody, or as an answer to something, that is not there."""
        message = replace(message, reply_to=self.nothing, private=self.private)
        return await self.adapter.send(self.stranger, message)
