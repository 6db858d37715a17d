"""What every channel offers: a pure codec, and an adapter around it that talks to the platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from config.stages import Surface
from conversation.events import Inbound
from conversation.model import Address, Arrival, AttachmentKind, Author, Button, Peer


class LengthUnit(StrEnum):
    """How a platform counts the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"
    WEIGHTED = "weighted"


class Formatting(StrEnum):
    """How a platform marks up a text; the adapter writes it, everybody else writes plain text."""

    PLAIN = "plain"
    HTML = "html"
    MRKDWN = "mrkdwn"
    WHATSAPP = "whatsapp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long after the customer's latest message a platform lets us write."""

    bot: timedelta
    colleague: timedelta | None = None
    """For a colleague's own words, where the platform grants people longer."""
    template: bool = False
    """Whether an approved template may still go when it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many messages a platform takes in a while."""

    count: int
    window_s: float
    per_chat: bool = False
    """To one customer; else from the whole account, counted apart for each surface that names it
    with other numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can carry on one surface, as data."""

    max_length: int
    unit: LengthUnit
    formatting: Formatting = Formatting.PLAIN
    buttons: int = 0
    """Choices that fit under one message."""
    typing: bool = False
    typing_interval_s: float = 4.0
    """How often the typing sign has to be renewed."""
    media: frozenset[AttachmentKind] = frozenset()
    """What a customer may send that the codec reads."""
    window: Window | None = None
    """None: we may write at any time."""
    rates: tuple[Rate, ...] = ()
    """What is kept ahead of the platform's own refusal (`socialcare.pacing`)."""
    replies_per_message: int | None = None
    """Messages of ours that one message of the customer allows; None: any number."""
    private_reply: timedelta | None = None
    """How long a public message can be answered to its author alone (`OutboundMessage.private`):
    once, and by one message; None: it cannot."""
    followed: bool = False
    """Whether customers read the log itself: what is settled has to be told to whoever follows.

    No platform is called then: there are no credentials that could die and no call that could fail,
    and a message is sent when its receipt is committed."""
    wants_privacy_link: bool = False
    """The platform asks that the bot's first words link to the brand's privacy policy."""
    cost_micros: int = 0
    """What one message costs, in millionths of a US dollar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One part of a reply, within the channel's length, as plain text."""

    text: str
    buttons: tuple[Button, ...] = ()
    reply_to: str | None = None
    """The message it answers; always given on a public surface."""
    author: Author = Author.BOT
    """Bot or colleague: some platforms let people write when the bot no longer may."""
    drafted: bool = False
    """A colleague sent the bot's draft as it was: to a platform no person's own words."""
    late: bool = False
    """A colleague's words after the bot's window: the platform wants to be told so."""
    private: bool = False
    """To the author of the public message `reply_to` alone, in the platform's own way."""
    template: str | None = None
    """The configured template that carries it, because the reply window is over."""
    language: str | None = None
    """Of the customer; a template is chosen by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform took the message under this id."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What a platform's question, whether the address is ours, is answered."""

    status: int
    body: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What a platform gave when it was asked."""

    body: bytes
    """For `Codec.split`; may hold no event at all."""
    cursor: str | None
    """From where to ask next, once the body is committed; None: as before."""
    pause_s: float = 0.0
    """How long to wait before asking again; 0 where the platform itself lets us wait."""


class Codec(Protocol):
    """All knowledge of a platform's payloads; pure."""

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the events of a request body.

        Never raises: what cannot be read is one arrival of kind ``unreadable`` whose event id is
        made of the body's sha256. Nothing of the batch is dropped.
        """
        ...

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one arrival. Never raises; gives `Undecodable` where a person must look."""
        ...

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into parts that each fit one message."""
        ...


class Adapter(Protocol):
    """A channel in service: its codec, its signature check and its transport."""

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        ...

    @property
    def codec(self) -> Codec:
        """The platform's pure half."""
        ...

    def capabilities(self, surface: Surface) -> Capabilities:
        """Say what can be sent there."""
        ...

    def authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Say whether the platform itself sent these raw bytes."""
        ...

    def handshake(self, query: Mapping[str, str]) -> Handshake | None:
        """Answer a GET of the platform's; None where it never asks."""
        ...

    def reply_to_post(self, body: bytes) -> Handshake | None:
        """Answer an authentic POST that is a question; None: it holds events, or nothing."""
        ...

    async def open(self) -> None:
        """Connect and learn who we are there; raises `SendError` when that fails."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...

    async def subscribe(self, url: str) -> None:
        """Have the platform send its events to ``url``; raises `SendError`."""
        ...

    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Deliver one message; raises `SendError`, and nothing else."""
        ...

    def invitation_link(self, token: str) -> str | None:
        """Give an address by which a customer comes to us with a token.

        None where the platform has none, or we do not know yet who we are there: then the customer
        writes the token by hand.
        """
        ...

    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show that an answer is being written; failures are nobody's concern.

        `message_id` is the customer's latest message, for platforms that tie the sign to one.
        """
        ...

    async def acknowledge_press(self, press_id: str) -> None:
        """Tell the platform that a button press arrived; failures are nobody's concern."""
        ...


class Directory(Protocol):
    """A channel whose events carry no names: who somebody is can be asked for."""

    async def look_up(self, address: Address, user_id: str) -> Peer | None:
        """Ask who somebody is; None where the platform does not say. Raises `SendError`."""
        ...


class Source(Protocol):
    """A channel that is asked for its events: one feed, or several with a cursor each.

    A stream is a feed whose `poll` waits for the next events of a connection that it keeps open.
    """

    @property
    def feeds(self) -> tuple[str, ...]:
        """The names of what is asked for; they last as long as their cursors."""
        ...

    async def prepare(self, feed: str) -> None:
        """Have the platform hold events for us; called before the first `poll` and after failures.

        Raises `SendError`.
        """
        ...

    async def poll(self, feed: str, cursor: str | None) -> Polled:
        """Ask what came after the cursor, and wait for it where the platform lets us.

        Asking from a cursor says that all before it is committed. May be cancelled at any time.
        Raises `SendError`, and nothing else.
        """
        ...

    async def rest(self, feed: str) -> None:
        """Let go of what is held open: nobody asks for a while, or another process does."""
        ...
