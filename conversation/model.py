"""Who speaks with whom, where, and what they attach: the nouns of every channel.

One word per thing, whatever the platform calls it. Ids are strings as the platform sent them
(some exceed 2**53), times are aware UTC.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.stages import Surface

NAME_LIMIT = 80
"""Characters of a display name that are kept; names are the customer's own free text."""


class Owner(StrEnum):
    """Who may speak to the customer now."""

    BOT = "bot"
    DESK = "desk"
    """Handed off; no colleague has claimed it yet."""
    COLLEAGUE = "colleague"
    ELSEWHERE = "elsewhere"
    """A colleague answers in the platform's own app."""


class Author(StrEnum):
    """Who wrote a line of the transcript."""

    CUSTOMER = "customer"
    BOT = "bot"
    COLLEAGUE = "colleague"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a conversation lives: one customer, one thread on one channel."""

    channel: str
    """The channel's name in the configuration, e.g. ``telegram``."""
    account: str
    """The brand's own account there (bot id, page id …)."""
    key: str
    """The platform's id of the chat or thread."""
    surface: Surface

    @property
    def conversation(self) -> str:
        """The conversation's id: the same for every process, and no personal data in a log."""
        named = f"{self.channel}\x1f{self.account}\x1f{self.key}\x1f{self.surface}"
        return "c_" + hashlib.blake2b(named.encode(), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The customer as the platform names them. Names are shown, never trusted."""

    user_id: str
    name: str | None = None
    username: str | None = None
    language: str | None = None
    """What the platform says of their language; a hint, not a fact."""
    timezone: str | None = None
    """Their IANA time zone, where the platform or their number tells it."""
    followers: int | None = None
    """How many follow them, where the platform tells it."""


class AttachmentKind(StrEnum):
    """What was attached, as far as a reply could matter."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Something sent along with or instead of text."""

    kind: AttachmentKind
    media_id: str | None = None
    """The platform's handle to fetch it with."""
    name: str | None = None
    """File name, place or emoji: the customer's words."""
    mime: str | None = None
    size: int | None = None
    """Bytes."""
    kept: bool = False
    """Whether the bytes are in our store, as `media_id` (until they are erased or too old)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A choice offered under a message; ``payload`` comes back when it is pressed."""

    label: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an answer in the account's own name stands under, where its author is not named."""

    event_id: str
    """The arrival that brought what is answered."""
    thread: str
    """Begins the key of every conversation in the same public thread, up to a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event of a platform's batch, found but not yet read: what the inbox keeps.

    ``(channel, account, event_id)`` is unique for ever; a second one is a duplicate.
    """

    channel: str
    account: str
    event_id: str
    address: Address | None
    """None: it belongs to no conversation (an account notice, or unreadable)."""
    kind: str
    """The platform's word for it, for counting; ``unreadable`` when nothing could be made of it."""
    occurred_at: datetime | None
    """The platform's own time, where it tells one."""
    body: bytes
    """This event alone, JSON as the platform wrote it."""
    why: str | None = None
    """What is wrong with it, for the unreadable."""
    to: str | None = None
    """The conversation's id, for arrivals that know it (the desk's, a timer's)."""
    elsewhere: bool = False
    """A colleague answered in the platform's own app: from its acceptance on it is theirs."""
    answers: Answered | None = None
    """Of an answer `elsewhere` that names no customer: what it answers says whose it is."""
    also: str | None = None
    """Another key by which the platform names the same customer in the same breath."""
    alarm: str | None = None
    """What the platform says of the whole account, where colleagues must hear of it at once."""

    @property
    def conversation(self) -> str | None:
        """The conversation it belongs to, if any."""
        return self.to or (self.address.conversation if self.address else None)
