"""The lines of a trace: where a turn passes by, and how each line is to be read."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from conversation.invitations import hidden_tokens

WORDS_MAX = 600
"""Characters of anybody's words that a trace repeats."""


class Stop(StrEnum):
    """Where a turn passes by, in this order."""

    STORED = "stored"
    UNDERSTOOD = "understood"
    FOUND = "found"
    PROPOSED = "proposed"
    JUDGED = "judged"
    DONE = "done"
    CHECKED = "checked"
    SAID = "said"
    DESK = "desk"
    """Colleagues: asked, told, or heard."""


class Tone(StrEnum):
    """How a line is to be read."""

    PLAIN = "plain"
    GOOD = "good"
    WAITS = "waits"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One thing that happened in a turn."""

    stop: Stop
    text: str
    """A sentence for people."""
    at: datetime | None = None
    tone: Tone = Tone.PLAIN


def plain(name: str) -> str:
    """Make an id readable."""
    return name.replace("_", " ")


def shortened(text: str, most: int = WORDS_MAX) -> str:
    """Repeat somebody's words, cut where they are long, without what opens anything.

    No number and no address is cut in two: whoever masks them knows them only whole.
    """
    text = hidden_tokens(text)
    if len(text) <= most:
        return text
    end = most - 1
    for word in reversed(list(_WORD.finditer(text, max(0, end - _CUT_OFF_MAX), end))):
        if not any(char.isdigit() or char == "@" for char in word[0]):
            break
        end = word.start()
    return f"{text[:end]}…"


_CUT_OFF_MAX: Final = 80
"""Characters that a cut takes more than it must: as long as what is masked is written."""
_WORD: Final = re.compile(r"\S+")
