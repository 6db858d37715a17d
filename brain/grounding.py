"""No number, date, link or name of a policy that is not in a fact or an article; pure.

A model's words are held against the texts they may rest on. A sentence that names a number nobody
gave it is taken out; the caller decides what follows when too little is left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from brain.days.names import calendar, names_of, names_on, same_day
from brain.links import unknown_links
from brain.policies import unknown_policies
from brain.sentences import sentences
from brain.spoken_numbers import counted, days_ahead, numbers_named

TEXT_MAX = 100_000
"""Characters of all sources together that are read."""

RULES_RUN = 6
"""Words in a row that nobody says by chance."""

_NUMBER = re.compile(r"\d+(?:[.,\u202f\u00a0']\d+)*")
_LISTED = re.compile(r"^\s*\d{1,2}[.)](?=\s|$)")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_WORD = re.compile(r"[^\W\d_]{3,}")
_NUMBER_BEFORE = re.compile(r"\d{1,4}(?:st|nd|rd|th|er|\.|º)?,?\s+(?:of\s+|de\s+)?$", re.IGNORECASE)
_NUMBER_AFTER = re.compile(r"\.?,?\s+(?:the\s+|de\s+)?\d{1,4}(?!\d)")
_AMBIGUOUS = frozenset({"may", "march", "mars", "august"})
"""Months that are words of their own, too."""
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
    today: date | None = None
    """The customer's; known, "tomorrow" may rest on a date."""
    rules: str = ""
    """What a model was told to do: it is read out to nobody."""


def backed(words: str, grounds: Grounds) -> tuple[str, tuple[str, ...]]:
    """Take out what nothing backs.

    Returns:
        The words that are left, and the sentences that were taken out.
    """
    own = _Known.of(grounds.facts, today=grounds.today)
    all_of_it = _Known.of((*grounds.facts, *grounds.said), today=grounds.today)
    hidden = runs(grounds.rules, RULES_RUN)
    kept, gone = [], []
    for sentence in sentences(words):
        told = not hidden.isdisjoint(runs(sentence, RULES_RUN))
        told = told or bool(unknown_links(sentence, all_of_it.text))
        if not told and _is_backed(sentence, own, all_of_it):
            kept.append(sentence)
        else:
            gone.append(sentence.strip())
    return "".join(kept).strip(), tuple(gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Numbers that texts name, in digits or in words, each written in one way."""

    numbers: frozenset[str] = frozenset()
    amounts: frozenset[str] = frozenset()
    """Those of sentences that name a currency."""

    def __or__(self, other: "Figures") -> "Figures":
        """Put two together."""
        return Figures(numbers=self.numbers | other.numbers, amounts=self.amounts | other.amounts)


NO_FIGURES = Figures()


def figures_in(text: str) -> Figures:
    """Gather the numbers of a text that others may rest on."""
    known = _Known.of((text,), today=None)
    counts = {str(number) for number in known.counts}
    return Figures(numbers=known.numbers | counts, amounts=known.amounts)


def unbacked_figures(words: str, own: Figures, said: Figures) -> tuple[str, ...]:
    """Find sentences with a number, in digits, that nothing backs.

    Args:
        words: What a person wants to say.
        own: What the brand's facts and articles name.
        said: What the conversation names; no amount of money rests on it.
    """
    numbers = own.numbers | said.numbers
    found = []
    for sentence in sentences(words[:TEXT_MAX]):
        text = _LISTED.sub("", sentence)
        paid = {_plain(before or after) for before, after in _MONEY.findall(text)}
        if not paid <= own.amounts or not numbers_in(text) <= numbers:
            found.append(sentence.strip())
    return tuple(found)


def runs(text: str, length: int) -> frozenset[str]:
    """Give all runs of so many words, to see whether one text uses another."""
    words = text[:TEXT_MAX].casefold().split()
    return frozenset(" ".join(words[n : n + length]) for n in range(len(words) - length + 1))


def numbers_in(text: str) -> frozenset[str]:
    """Name the numbers of a text, each written in one way."""
    return frozenset(_plain(found) for found in _NUMBER.findall(text[:TEXT_MAX]))


def amounts_in(text: str) -> frozenset[str]:
    """Name the amounts of money of a text, each written in one way, without the currency."""
    found = _MONEY.findall(text[:TEXT_MAX])
    return frozenset(_plain(before or after) for before, after in found)


@dataclass(frozen=True, slots=True)
class _Known:
    text: str
    numbers: frozenset[str]
    """Those in digits."""
    amounts: frozenset[str]
    """Those that stand in one sentence with a currency."""
    counts: frozenset[int]
    """Those in words."""
    words: frozenset[str]
    ahead: frozenset[int]
    """Days from today that are named."""

    @classmethod
    def of(cls, texts: Iterable[str], *, today: date | None) -> "_Known":
        text = "\n".join(texts)[:TEXT_MAX]
        numbers = {_plain(found) for found in _NUMBER.findall(text)}
        named = {_singular(word) for word in _WORD.findall(text)} & calendar()
        words = {name for one in named for name in same_day(one)}
        for year, month, day in _ISO.findall(text):
            numbers |= {year, _plain(month), _plain(day)}
            words |= names_on(int(year), int(month), int(day))
        paid = (one for one in sentences(text) if _MONEY.search(one))
        amounts = {_plain(found) for one in paid for found in _NUMBER.findall(one)}
        ahead = set(days_ahead(text))
        if today is not None:
            ahead |= {n for n in (1, 2) if (today + timedelta(days=n)).isoformat() in text}
        return cls(
            text=text,
            numbers=frozenset(numbers),
            amounts=frozenset(amounts),
            counts=numbers_named(text),
            words=frozenset(words),
            ahead=frozenset(ahead),
        )

    def counts_to(self, number: int) -> bool:
        """Say whether a number is known, in digits or in words."""
        return str(number) in self.numbers or number in self.counts


def _is_backed(sentence: str, own: _Known, all_of_it: _Known) -> bool:
    text = _LISTED.sub("", sentence)
    for before, after in _MONEY.findall(text):
        if _plain(before or after) not in own.amounts:
            return False
    plain = map(_plain, _NUMBER.findall(text))
    words = {str(number) for number in all_of_it.counts}
    if any(found not in all_of_it.numbers and found not in words for found in plain):
        return False
    for number, money in counted(text):
        if not (str(number) in own.amounts if money else all_of_it.counts_to(number)):
            return False
    if not days_ahead(text) <= all_of_it.ahead or unknown_policies(text, all_of_it.text):
        return False
    return _dates_in(text) <= all_of_it.words


def _dates_in(text: str) -> set[str]:
    """Find the days and months that a sentence names.

    Names that are words of their own ("may", "mars", "sat") count only next to a number.
    """
    found = set()
    for match in _WORD.finditer(text):
        word = _singular(match[0])
        if word not in calendar():
            continue
        beside = _NUMBER_BEFORE.search(text[: match.start()]) or _NUMBER_AFTER.match(
            text[match.end() :]
        )
        if word in names_of("wide") - _AMBIGUOUS or beside:
            found.add(word)
    return found


def _plain(number: str) -> str:
    """Write a number in one way: 1,234.50 and 1.234,50 and 1234.5 are the same."""
    parts = re.split(r"[.,\u202f\u00a0']", number)
    if len(parts) > 1 and len(parts[-1]) != 3:
        whole, cents = "".join(parts[:-1]), parts[-1].rstrip("0")
    else:
        whole, cents = "".join(parts), ""
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{cents}" if cents else whole


def _singular(word: str) -> str:
    """Read "Saturdays" and "samstags" as the day."""
    plain = word.casefold()
    return plain if plain in calendar() else plain.removesuffix("s")
