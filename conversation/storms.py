"""Storms: many complaining in public at once, and the brake that then silences the bot there.

Theory of operation. Who complains in public on a channel is noted with the time, once a customer,
for as long as the channel's window lasts. The turn that sees enough of them begins the storm, in
the commit that opens the desk's one case; of two turns that see it at once one commit holds, the
other is judged anew and finds the storm there. While it lasts, turns in public say nothing and
leave a line in that case instead. It is lifted by a commit of the conversation that began it, and
what was counted is forgotten then: a storm needs new complaints to begin again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class StormAsk:
    """A look at a channel, which may note a complaint."""

    channel: str
    since: datetime
    """When the window began: what is older is forgotten."""
    enough_for_calm: int = 1
    """So many customers in the window are no calm yet."""
    complaint: str | None = None
    """The customer who complains now."""
    at: datetime | None = None
    """When they did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """The bot is silent in public on a channel."""

    conversation: str
    """Whose turn began it: its case is the storm's."""
    case_id: str
    lines: int
    """What was left in the case so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StormSeen:
    """A channel's public mood."""

    complaints: int
    """People who complained in the window."""
    calm_since: datetime | None
    """The latest complaint without which too few were left to be no calm; None: it is calm."""
    storm: Storm | None


class StormStep(StrEnum):
    """What a commit does to a storm."""

    BEGIN = "begin"
    LINE = "line"
    LIFT = "lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class StormWrite:
    """A step of a storm; to begin holds only where there is none."""

    channel: str
    step: StormStep
    case_id: str = ""
