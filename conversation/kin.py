"""What is known of one person in several places: the words for it (`conversation.joining` acts)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.stages import Surface
from conversation.events import Tended, encode
from conversation.model import Arrival, Owner


class Named(StrEnum):
    """What kind of thing was named."""

    ORDER = "order"
    EMAIL = "email"
    PROOF = "proof"
    """An order that was proved to be theirs, with its e-mail address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Something that was named in a conversation, by which its author may be known elsewhere."""

    kind: Named
    value: str

    @property
    def digest(self) -> str:
        """What is kept of it."""
        told = f"{self.kind}\x1f{self.value.strip().casefold()}"
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another conversation of the same customer, or of somebody who may be the same."""

    conversation: str
    channel: str
    surface: Surface
    owner: Owner
    claimed_by: str | None
    same: bool
    """Known to be the same customer; else only likely."""
    why: tuple[Named, ...] = ()
    """What was named in both, where it is only likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Words in an account's name that may be ours, said in public or to who wrote there."""

    channel: str
    account: str
    texts: tuple[str, ...]
    """Each as one message of ours would be."""
    user_id: str | None = None
    """Whom they reached in private."""
    thread: str | None = None
    """Else: the beginning of the keys of the public thread's conversations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Two customers that were found to be one person."""

    id: int
    kept: str
    gone: str
    why: str
    by: str
    at: datetime
    undone_at: datetime | None
    undone_by: str | None


LATEST_MAX = 20_000
"""Messages of ours, to customers and to the desk, among which words are looked for."""
COMMON_MAX = 5
"""A value named in more places than that says nothing about who names it."""
_DIRECTORY = "directory"
"""The channel of arrivals that tell who a customer is."""


def news_of_kin(conversation: str, *, by: str, what: str, about: str, at: datetime) -> Arrival:
    """Tell a case who else its customer is, or may be, so that its card shows it.

    Args:
        conversation: The case's.
        by: Who found it: ``proof``, ``invitation``, ``mention``, an operator.
        what: ``joined``, ``parted`` or ``likely``.
        about: The conversation, or the customer, that it is about.
        at: When.
    """
    event = Tended(by=by, what=what, about=about)
    return Arrival(
        channel=_DIRECTORY,
        account=_DIRECTORY,
        event_id=f"{what}:{about}:{conversation}:{at.isoformat()}",
        address=None,
        kind=event.kind,
        occurred_at=at,
        body=encode(event).encode(),
        to=conversation,
    )


def proofs_in(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Give what was proved, so that the same person may be found elsewhere."""
    return tuple(one for one in mentions if one.kind is Named.PROOF)
