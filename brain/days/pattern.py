"""How a rule is written that finds days: whole words, and what reads the match; pure."""

import re
from collections.abc import Callable, Iterable
from datetime import date

Reader = Callable[[re.Match[str], date], date | None]
"""Says which day a match means, seen from today; None: it is none after all."""
Rule = tuple[re.Pattern[str], Reader]


def any_of(words: Iterable[str]) -> str:
    """Match any of these words, the longest first."""
    return "|".join(re.escape(each) for each in sorted(words, key=len, reverse=True))


def rule(pattern: str, read: Reader) -> Rule:
    """Look for a pattern as whole words."""
    return re.compile(rf"(?<![\w#/.-])(?:{pattern})(?![\w/])", re.IGNORECASE), read


def behind(words: str) -> str:
    """Stand behind one of these words, apart by "|"; each look behind has one length."""
    return "(?:" + "|".join(rf"(?<=\b{word}\s)" for word in words.split("|")) + ")"
