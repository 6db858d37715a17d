"""What customers say where we ask for a number or a proof: not there, where is it, I look; pure."""

import re
from collections.abc import Collection, Mapping

from brain.always import folded
from brain.memory import WISH_TEXT
from brain.shipped import shipped_words, table

LOOKING_WORDS = 12
"""More words than that say more than that somebody goes to look."""
_THINGS = ("order_id", "email")
_BESIDE = (*_THINGS, "asks_where", "looks")
_PART = re.compile(r"[^.!?;,\n]+")


def lacks(text: str) -> bool:
    """Say whether the customer does not have what we wait for, and does not ask where it is."""
    shown = folded(text[:WISH_TEXT])
    return _phrases()["lacks"].search(shown) is not None and not asks_where(text)


def lacks_by_name(text: str) -> frozenset[str]:
    """Name what the customer says they do not have: ``order_id``, ``email``."""
    if asks_where(text):
        return frozenset()
    parts = [one for one in _PART.findall(folded(text)) if _phrases()["lacks"].search(one)]
    return frozenset(
        thing for thing in _THINGS if any(_phrases()[thing].search(one) for one in parts)
    )


def asks_where(text: str) -> bool:
    """Say whether somebody asks where to find what we want, or why we want it."""
    return _phrases()["asks_where"].search(folded(text[:WISH_TEXT])) is not None


def names_asked(text: str, things: Collection[str]) -> bool:
    """Say whether somebody speaks of what we asked for."""
    shown = folded(text[:WISH_TEXT])
    return any(_phrases()[thing].search(shown) for thing in _THINGS if thing in things)


def looks_for_it(text: str) -> bool:
    """Say whether somebody only says that they go and look."""
    shown = folded(text)
    few = len(shown.split()) <= LOOKING_WORDS and "?" not in shown
    return few and _phrases()["looks"].search(shown) is not None


@table
def _phrases() -> Mapping[str, re.Pattern[str]]:
    loaded: dict[str, str] = shipped_words("lacking")
    lines = {name: block.splitlines() for name, block in loaded.items()}
    lacking = [one for name, block in lines.items() if name not in _BESIDE for one in block]
    either = {name: lines[name] for name in _BESIDE} | {"lacks": lacking}
    return {name: re.compile("|".join(block)) for name, block in either.items()}
