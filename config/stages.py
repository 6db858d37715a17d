"""How far the bot may go, and where words are read."""

from enum import StrEnum

from typing_extensions import override


class Stage(StrEnum):
    """How much the bot may do alone; ordered, so that `min` finds the most careful."""

    OFF = "off"
    """Nobody answers; events are stored and counted."""
    MANUAL = "manual"
    """Colleagues answer; the bot acknowledges, opens the case and keeps the clock."""
    SCRIPTED = "scripted"
    """The bot answers from articles and written flows; it only reads."""
    COPILOT = "copilot"
    """A colleague presses send on what the bot drafts."""
    AUTONOMOUS = "autonomous"
    """The bot answers and acts within its limits."""

    @property
    def rank(self) -> int:
        """The place in the order, 0 for `off`."""
        return list(Stage).index(self)

    @override
    def __lt__(self, other: str) -> bool:
        return self.rank < Stage(other).rank

    @override
    def __le__(self, other: str) -> bool:
        return self.rank <= Stage(other).rank

    @override
    def __gt__(self, other: str) -> bool:
        return self.rank > Stage(other).rank

    @override
    def __ge__(self, other: str) -> bool:
        return self.rank >= Stage(other).rank


class Surface(StrEnum):
    """Who can read what is said."""

    PUBLIC = "public"
    PRIVATE = "private"
