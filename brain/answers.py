"""Yes, no, never mind and "the other one": short answers, read by plain code; pure.

Money may hang on a yes, so that no classifier's favourite counts as one: the message has to begin
with it. A change of mind counts wherever it stands, except in a question.
"""

import re
from collections.abc import Mapping

from brain.always import folded
from brain.shipped import shipped_words, table

ANSWER_WORDS = 25
"""More words than that are a story, not an answer."""
WITHDRAWN = ("refund", "replacement")
"""Actions that a customer may take back by name."""

_THUMBS = {"👍": True, "👌": True, "✅": True, "👎": False, "❌": False}
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def answer_in(text: str) -> bool | None:
    """Read a yes or a no at the beginning of a message; None: it is neither, or both."""
    thumb = text.strip()[:1]
    if thumb in _THUMBS:
        return _THUMBS[thumb]
    shown = folded(text)
    if taken_back(text):
        return False
    if len(shown.split()) > ANSWER_WORDS or "?" in shown:
        return None
    if _phrases()["but"].search(shown):
        return None
    yes, no = _phrases()["yes"].match(shown), _phrases()["no"].match(shown)
    if yes and no:
        # "No problem" begins with no, "do" with "do not": the longer one is meant.
        return len(yes[0]) > len(no[0])
    return True if yes else False if no else None


def taken_back(text: str) -> frozenset[str]:
    """Name what a message takes back: actions, or ``any`` where it does not say which."""
    told = [one for one in _SENTENCE.findall(folded(text)) if not one.rstrip().endswith("?")]
    named = {what for what in WITHDRAWN for one in told if _phrases()[what].search(one.strip())}
    if named:
        return frozenset(named)
    return frozenset({"any"} if any(_phrases()["any"].search(one.strip()) for one in told) else ())


def means_the_other(text: str) -> bool:
    """Say whether a message speaks of the other order, without its number."""
    return _phrases()["other"].search(folded(text)) is not None


def corrects(text: str) -> bool:
    """Say whether a message tells that something else was meant."""
    return _phrases()["meant"].search(folded(text)) is not None


def means_instead(text: str) -> bool:
    """Say whether a message wants something else than what was done."""
    return _phrases()["instead"].search(folded(text)) is not None


def means_both(text: str) -> bool:
    """Say whether a message means all of the things named."""
    return _phrases()["both"].search(folded(text)) is not None


def means_too(text: str) -> bool:
    """Say whether a message wants the same once more, for something else."""
    return _phrases()["too"].search(folded(text)) is not None


@table
def _phrases() -> Mapping[str, re.Pattern[str]]:
    loaded: dict[str, str] = shipped_words("answers")
    either = {name: "|".join(str(block).splitlines()) for name, block in loaded.items()}
    return {
        name: re.compile(
            rf"[\s.,!:;\"'*-]*(?:{phrases})(?![\w'])" if name in {"yes", "no"} else phrases
        )
        for name, phrases in either.items()
    }
