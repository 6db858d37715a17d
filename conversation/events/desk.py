"""What colleagues do at the desk."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A human of the brand, by the id of the place they work in (Slack's U…)."""

    user_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a colleague's words say that nothing shows."""

    kind: Literal["claim", "promise", "link", "number"]
    """A deed that is not in the books, a person whom nobody asked, an address or a number from
    nowhere."""
    words: str
    """The sentence, or the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A colleague took the conversation; the bot is silent from here."""

    kind: Literal["claimed"] = "claimed"
    by: Colleague
    joined: bool = False
    """Nobody pressed: they have another case of who was found to be the same person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A colleague gave the conversation back to the bot."""

    kind: Literal["released"] = "released"
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A colleague closed the case; the bot owns what comes next."""

    kind: Literal["resolved"] = "resolved"
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueReplied:
    """Words of a colleague for the customer, sent by an explicit act."""

    kind: Literal["colleague_replied"] = "colleague_replied"
    reply_id: str
    by: Colleague
    text: str
    draft_id: str | None = None
    """The bot's draft they are (or began as)."""
    overrode: tuple[Doubt, ...] = ()
    """What they were warned of and sent it anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueNoted:
    """A line in the case's thread that stays among colleagues."""

    kind: Literal["colleague_noted"] = "colleague_noted"
    note_id: str
    by: Colleague
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadWritten:
    """A line in the case's thread about which the colleague is asked: send it, or keep it?"""

    kind: Literal["thread_written"] = "thread_written"
    note_id: str
    by: Colleague
    text: str
    doubts: tuple[Doubt, ...] = ()
    """What they are warned of with the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiscarded:
    """A colleague threw the bot's draft away."""

    kind: Literal["draft_discarded"] = "draft_discarded"
    draft_id: str
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffDecided:
    """An approver said yes or no to one exact action call."""

    kind: Literal["signoff_decided"] = "signoff_decided"
    approval_id: str
    approved: bool
    by: Colleague


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffBegun:
    """An approver said yes to a call that two must say yes to."""

    kind: Literal["signoff_begun"] = "signoff_begun"
    approval_id: str
    by: Colleague


DeskEvent = (
    Claimed
    | Released
    | Resolved
    | ColleagueReplied
    | ColleagueNoted
    | ThreadWritten
    | DraftDiscarded
    | SignOffDecided
    | SignOffBegun
)
