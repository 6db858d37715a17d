"""Feeds: what platforms hold until we ask for it, how far each is read, and who asks.

A feed is asked by one process at a time. Where several share a store, the one that asks has a
lease, which the others take over when it lapses; its cursor is moved after what was read is
committed, so whoever goes on reads at worst something twice, and keeps it once.
"""

from dataclasses import dataclass
from enum import StrEnum


class FeedStep(StrEnum):
    """What is wanted of a feed."""

    TAKE = "take"
    """To be the one who asks, if nobody is."""
    KEEP = "keep"
    """To remain it, and to note how far it was read."""
    LET = "let"
    """To leave it to others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAsk:
    """A step of one process with one feed."""

    step: FeedStep
    channel: str
    name: str
    holder: str
    """Who asks; no two processes share it."""
    cursor: str | None = None
    """For KEEP: how far it was read and committed; None: as before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHeld:
    """The feed is (or, after LET, was) its asker's."""

    cursor: str | None
    """How far it was read; None: never."""
