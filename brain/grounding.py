"""No number, date or name of a month that is not in a fact or an article; pure.

A model's words are held against the texts they may rest on. A sentence that names a number nobody
gave it is taken out; the caller decides what follows when too little is left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from babel.dates import get_day_names, get_month_names

LANGUAGES = ("en", "de", "fr", "es")
TEXT_MAX = 100_000
"""Characters of all sources together that are read."""

_NUMBER = re.compile(r"\d+(?:[.,\u202f\u00a0']\d+)*")
_SENTENCE = re.compile(r"[^\n.!?]+(?:[.!?](?=\S)[^\n.!?]*)*[.!?]*\n*|[.!?\n]+")
_LISTED = re.compile(r"^\s*\d{1,2}[.)](?=\s|$)")
_ORDINAL = re.compile(r"\d\.$")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MONEY = re.compile(
    r"(?:[£€$¥]|\b(?:gbp|eur|usd|chf)\b)\s?(\d+(?:[.,\u202f\u00a0']\d+)*)"
    r"|(\d+(?:[.,\u202f\u00a0']\d+)*)\s?(?:[£€$¥]|\b(?:gbp|eur|usd|chf|euros?|pounds?|dollars?|pfund)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What words may rest on."""

    facts: tuple[str, ...]
    """Facts and articles: the brand's own word."""
    said: tuple[str, ...] = ()
    """What the customer wrote: it may be quoted, but no amount of money rests on it."""


def backed(words: str, grounds: Grounds) -> tuple[str, tuple[str, ...]]:
    """Take out what nothing backs.

    Returns:
        The words that are left, and the sentences that were taken out.
    """
    own = _Known.of(grounds.facts)
    all_of_it = _Known.of((*grounds.facts, *grounds.said))
    kept, gone = [], []
    for sentence in _sentences(words):
        if _is_backed(sentence, own, all_of_it):
            kept.append(sentence)
        else:
            gone.append(sentence.strip())
    return "".join(kept).strip(), tuple(gone)


def numbers_in(text: str) -> frozenset[str]:
    """Name the numbers of a text, each written in one way."""
    return frozenset(_plain(found) for found in _NUMBER.findall(text[:TEXT_MAX]))


@dataclass(frozen=True, slots=True)
class _Known:
    numbers: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "_Known":
        text = "\n".join(texts)[:TEXT_MAX]
        numbers = {_plain(found) for found in _NUMBER.findall(text)}
        words = {word.casefold() for word in _WORD.findall(text)} & _calendar()
        for year, month, day in _ISO.findall(text):
            numbers |= {year, _plain(month), _plain(day)}
            words |= _named(int(year), int(month), int(day))
        return cls(frozenset(numbers), frozenset(words))


def _sentences(words: str) -> list[str]:
    """Part words into sentences; the point of "23. November" ends none."""
    found: list[str] = []
    for piece in _SENTENCE.findall(words):
        begins = _WORD.match(piece.lstrip())
        dated = begins is not None and begins[0].casefold() in _calendar()
        if found and dated and _ORDINAL.search(found[-1]):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _is_backed(sentence: str, own: _Known, all_of_it: _Known) -> bool:
    text = _LISTED.sub("", sentence)
    for before, after in _MONEY.findall(text):
        if _plain(before or after) not in own.numbers:
            return False
    if any(_plain(found) not in all_of_it.numbers for found in _NUMBER.findall(text)):
        return False
    dated = {word.casefold() for word in _WORD.findall(text)} & _calendar()
    # "May" and "mars" are words of their own: only next to a number are they months.
    return not dated or not _NUMBER.search(text) or dated <= all_of_it.words


def _plain(number: str) -> str:
    """Write a number in one way: 1,234.50 and 1.234,50 and 1234.5 are the same."""
    parts = re.split(r"[.,\u202f\u00a0']", number)
    if len(parts) > 1 and len(parts[-1]) != 3:
        whole, cents = "".join(parts[:-1]), parts[-1].rstrip("0")
    else:
        whole, cents = "".join(parts), ""
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{cents}" if cents else whole


@cache
def _calendar() -> frozenset[str]:
    """All names of months and weekdays, long and short."""
    names: set[str] = set()
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            names |= {str(name) for name in get_month_names(width, locale=language).values()}
            names |= {str(name) for name in get_day_names(width, locale=language).values()}
    return frozenset(name.casefold().strip(".") for name in names if len(name.strip(".")) >= 3)


@cache
def _named(year: int, month: int, day: int) -> frozenset[str]:
    try:
        weekday = date(year, month, day).weekday()
    except ValueError:
        return frozenset()
    names: set[str] = set()
    for language in LANGUAGES:
        for width in ("wide", "abbreviated"):
            names.add(str(get_month_names(width, locale=language)[month]))
            names.add(str(get_day_names(width, locale=language)[weekday]))
    return frozenset(name.casefold().strip(".") for name in names)
