"""What every channel offers: a pure codec, and an adapter around it that talks to the platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from config.stages import Surface
from conversation.events import Inbound
from conversation.model import Address, Arrival, Button


class LengthUnit(StrEnum):
    """How a platform counts the length of a text."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    BYTES = "bytes"
    WEIGHTED = "weighted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can carry on one surface, as data."""

    max_length: int
    unit: LengthUnit
    buttons: bool = False
    typing: bool = False
    typing_interval_s: float = 4.0
    """How often the typing sign has to be renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """One part of a reply, within the channel's length, as plain text."""

    text: str
    buttons: tuple[Button, ...] = ()
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform took the message under this id."""

    message_id: str


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

    async def show_typing(self, address: Address) -> None:
        """Show that an answer is being written; failures are nobody's concern."""
        ...

    async def acknowledge_press(self, press_id: str) -> None:
        """Tell the platform that a button press arrived; failures are nobody's concern."""
        ...
