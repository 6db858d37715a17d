"""By when a customer needs something: days that a message names, in the customer's timezone.

Own rules first: they know deadlines ("by Sunday", "bis zum 24.", "before Christmas"), which
general date parsers miss. A general parser reads what stands after a deadline word that the rules
do not know; it is slow, so it is asked only then.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from itertools import islice

import dateparser

from brain.days.context import is_deadline, is_strict
from brain.days.nothing import is_none, is_ware
from brain.days.pattern import Reader, Rule
from brain.days.ranges import ranges
from brain.days.readers import feast, relative, weekday
from brain.days.rules import HIER, RULES, RULES_MONTH_FIRST, SPANS, movable

MENTIONS_MAX = 10
"""Days that are read out of one message."""
FOUND_MAX = 4 * MENTIONS_MAX
"""Days that are weighed; each costs a look at the words around it."""
TEXT_MAX = 1_000
"""Characters that are searched for days."""
PARSED_MAX = 3
"""Times that one message asks the general parser, which may take 20 ms each."""
_NEXT_WORDS = re.compile(r"\S{1,20}(?:[ ]\S{1,20}){0,3}")
_DAYLIKE = re.compile(r"\d(?!\d{0,2}\s*(?:%|per ?cent|prozent|por ciento|per cento|procent))")
"""Only what counts or numbers something is worth the general parser's time."""
_BEFORE_HINT = re.compile(
    r"(?<!\w)(?:no later than|by|before|until|till|bis|sp\u00e4testens|avant(?: le)?|d'ici|"
    r"antes del?|hasta(?: el)?|entro(?: il)?|prima del?|at\u00e9|uiterlijk|tegen|przed)\s+(?=\S)",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"[\s,(]*(?:the|den|dem|der|le|el|il|am|on|dia|día|d\.)?\s*", re.IGNORECASE)
"""Between a day of the week and its date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMention:
    """A day that a message names, as code points `start` to `end` of it."""

    start: int
    end: int
    day: date
    deadline: bool
    """The customer needs something until then."""
    strict: bool = False
    """"Before" rather than "by": that day itself is too late."""
    named: bool = True
    """A day by its name; else where a span leads to: "two weeks ago", "this weekend"."""


def days(
    text: str,
    *,
    now: datetime,
    timezone: tzinfo,
    languages: tuple[str, ...] = ("en",),
    month_first: bool = False,
) -> list[DayMention]:
    """Read the days a message names, in order.

    Args:
        text: The message.
        now: When it was written, aware.
        timezone: The customer's; it decides what "tomorrow" is.
        languages: Which languages the general parser may read, the likeliest first.
        month_first: 3/4 is the 4th of March, not the 3rd of April.
    """
    shown = text[:TEXT_MAX]
    today = now.astimezone(timezone).date()
    found: list[DayMention] = []
    taken: list[tuple[int, int]] = []
    for start, end, day, first in ranges(shown, today):
        if len(taken) < FOUND_MAX and not _overlaps(start, end, taken):
            taken.append((start, end))
            if day is not None:
                found.append(_ranged(shown, (start, end), day, today, first=first))
    rules = RULES_MONTH_FIRST if month_first else RULES
    for match, read in _matches(shown, (*rules, HIER) if languages[:1] == ("fr",) else rules):
        if len(taken) >= FOUND_MAX or _overlaps(*match.span(), taken):
            continue
        no_day = _is_no_day(match, read, found)
        day = None if no_day else _safely(read, match, today)
        if no_day or day is not None:
            taken.append(match.span())
        if day is not None:
            found.append(_mention(shown, match, day, today, read))
    if not any(each.deadline for each in found):
        found += _parsed(shown, found, today, languages)
    return sorted(found, key=lambda each: each.start)[:MENTIONS_MAX]


def _matches(text: str, rules: Sequence[Rule]) -> Iterator[tuple[re.Match[str], Reader]]:
    for pattern, read in rules:
        for match in pattern.finditer(text):
            yield match, read


def deadline(mentions: list[DayMention], today: date) -> DayMention | None:
    """Choose the deadline: the earliest day from today on that something is needed by."""
    coming = [each for each in mentions if each.deadline and each.day >= today]
    return min(coming, key=lambda each: (each.day, each.start), default=None)


def warm() -> None:
    """Load the general parser's language files, which takes half a second the first time."""
    _general("3 nov", date(2026, 1, 1), ("en",))


def _safely(read: Reader, match: re.Match[str], today: date) -> date | None:
    try:
        return read(match, today)
    except (ValueError, OverflowError):  # the 31st of February
        return None


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(start < after and before < end for before, after in taken)


def _is_no_day(match: re.Match[str], read: Reader, found: list[DayMention]) -> bool:
    """Tell a good wish, a habit, Christmas goods, and the weekday that stands at its date."""
    text, (start, end) = match.string, match.span()
    if read in SPANS or read in {weekday, relative, feast, movable}:
        if is_none(text, start, end):
            return True
        if read in {feast, movable}:
            return is_ware(text, start, end)
    if read is not weekday:
        return False
    beside = [
        each
        for each in found
        if (end <= each.start and _BESIDE.fullmatch(text[end : each.start]))
        or (each.end <= start and re.fullmatch(r"\s*[,(]?\s*", text[each.end : start]))
    ]
    return any(_DAYLIKE.search(text[each.start : each.end]) for each in beside)


def _ranged(text: str, span: tuple[int, int], day: date, today: date, *, first: bool) -> DayMention:
    """Take a day of a range: only by its first day something can have to be there."""
    needed = first and is_deadline(text, *span, within=False, coming=day >= today)
    return DayMention(start=span[0], end=span[1], day=day, deadline=needed)


def _mention(text: str, match: re.Match[str], day: date, today: date, read: Reader) -> DayMention:
    within = bool(match.groupdict().get("within"))
    needed = is_deadline(text, match.start(), match.end(), within=within, coming=day >= today)
    return DayMention(
        start=match.start(),
        end=match.end(),
        day=day,
        deadline=needed,
        strict=needed and is_strict(text, match.start()),
        named=read not in SPANS,
    )


def _parsed(
    text: str, known: list[DayMention], today: date, languages: tuple[str, ...]
) -> Iterator[DayMention]:
    """Ask the general parser about the few words after a deadline word that the rules left."""
    for hint in islice(_BEFORE_HINT.finditer(text), PARSED_MAX):
        words = _NEXT_WORDS.match(text, hint.end())
        if words is None or any(
            each.start < words.end() and hint.end() < each.end for each in known
        ):
            continue
        if not _DAYLIKE.search(words[0]):
            continue
        day = _general(words[0], today, languages)
        first = hint.end() + len(words[0].split(" ", 1)[0])
        asked = is_deadline(text, hint.end(), first, within=False, coming=True)
        if day is not None and day >= today and asked:
            yield DayMention(start=words.start(), end=words.end(), day=day, deadline=True)
            return


def _general(words: str, today: date, languages: tuple[str, ...]) -> date | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser's own deprecations are not ours
        parsed = dateparser.parse(
            words,
            languages=list(languages[:4]),
            settings={
                "RELATIVE_BASE": datetime.combine(today, time(12)),
                "PREFER_DATES_FROM": "future",
                "RETURN_AS_TIMEZONE_AWARE": False,
                "PARSERS": ["relative-time", "absolute-time"],
            },
        )
    return None if parsed is None else parsed.date()
