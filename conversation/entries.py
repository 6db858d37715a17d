"""A conversation's log as those read it who follow it: from a position on, many at once."""

from dataclasses import dataclass
from datetime import datetime

from conversation.events import Erased, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry, with its place: positions count from 1 in each conversation, without gaps."""

    conversation: str
    position: int
    at: datetime
    event: Event | Erased | None
    """None: of a kind that was not asked for."""
