"""Amounts of money in words ("twenty quid", "five hundred euros"), and what is a weight; pure."""

import re
from collections.abc import Iterator
from typing import Final

from brain.spoken_numbers import VALUES

UNITS: Final = {
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "dollar": "USD",
    "dollars": "USD", "bucks": "USD", "yen": "JPY", "franken": "CHF", "pfund": "GBP",
    "livres": "GBP", "libras": "GBP", "d\u00f3lares": "USD", "reais": "BRL", "rupees": "INR",
    "lira": "TRY",
}  # fmt: skip
"""What money is called, and which currency is meant first."""
_NOTES: Final = {"a fiver": 5, "fiver": 5, "a tenner": 10, "tenner": 10}
_SMALL: Final = "one|two|three|four|five|six|seven|eight|nine"
_DIGIT: Final = {word: at for at, word in enumerate(_SMALL.split("|"), 1)}
_TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NAMES: Final = "|".join(sorted(map(re.escape, VALUES), key=len, reverse=True))
_UNITS: Final = "|".join(sorted(UNITS, key=len, reverse=True))
_SPELLED: Final = re.compile(
    rf"(?<![\w-])(?:(?P<many>an?|{_SMALL})\s+(?P<scale>hundred|thousand)(?:\s+(?:and\s+)?"
    rf"(?P<rest>(?:{_TENS})(?:[\s-](?:{_SMALL}))?|{_NAMES}))?|(?P<tens>{_TENS})[\s-](?P<ones>{_SMALL})"
    rf"|(?P<name>{_NAMES}))\s+(?P<unit>{_UNITS})(?!\w)",
    re.IGNORECASE,
)
_NOTE: Final = re.compile(r"(?<![\w-])(?:a )?(?P<note>fiver|tenner)(?!\w)", re.IGNORECASE)
_WEIGHS: Final = re.compile(r"\b(?:weigh\w*|wieg\w*)\b[^.!?\n]{0,15}$", re.IGNORECASE)
_WEIGHT: Final = re.compile(
    r"\s+(?:heav\w+|in weight|of (?:coffee|tea|flour|sugar|rice|meat|beef|"
    r"chicken|fish|cheese|nuts|fruit|apples|potatoes|butter|chocolate|(?:dog|cat) food|grain)\b)",
    re.IGNORECASE,
)
_WEIGHTS: Final = frozenset({"pound", "pounds", "pfund", "livres", "libras"})


def spelled(text: str, *, notes: bool) -> Iterator[tuple[re.Match[str], int, str]]:
    """Give each amount that is written in words: where, how many, and its unit.

    Args:
        text: The message.
        notes: A fiver is a five-pound note.
    """
    for found in _SPELLED.finditer(text):
        yield found, _value(found), found["unit"].casefold()
    for found in _NOTE.finditer(text) if notes else ():
        yield found, _NOTES[found["note"].casefold()], "quid"


def is_weight(text: str, start: int, end: int, unit: str) -> bool:
    """Tell so many pounds of weight from as many of money."""
    if unit not in _WEIGHTS:
        return False
    return bool(_WEIGHS.search(text[max(0, start - 30) : start]) or _WEIGHT.match(text, end))


def _value(found: re.Match[str]) -> int:
    if found["scale"]:
        many = _DIGIT.get(found["many"].casefold(), 1)
        times = 100 if found["scale"].casefold() == "hundred" else 1_000
        return many * times + _rest(found["rest"])
    if found["tens"]:
        return VALUES[found["tens"].casefold()] + _DIGIT[found["ones"].casefold()]
    return VALUES[found["name"].casefold()]


def _rest(words: str | None) -> int:
    """Read what stands behind the hundred: "fifty", "twenty-five"."""
    if not words:
        return 0
    shown = words.casefold()
    if shown in VALUES:
        return VALUES[shown]
    tens, ones = re.split(r"[\s-]", shown, maxsplit=1)
    return VALUES[tens] + _DIGIT[ones]
