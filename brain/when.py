"""By when a customer needs something: days that a message names, in the customer's timezone.

Own rules first: they know deadlines ("by Sunday", "bis zum 24.", "before Christmas"), which
general date parsers miss. A general parser reads what stands after a deadline word that the rules
do not know; it is slow, so it is asked only then.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice

import dateparser

from brain.day_context import (
    is_booked_day,
    is_last,
    is_latest,
    is_promised,
    is_wanted,
    lies_back,
    serves_none,
)
from brain.day_meant import closest, coming, of_month
from brain.day_pairs import pairs
from brain.day_rules import MORE_RULES, Rule, is_measure, month_end
from brain.day_rules import any_of as _any
from brain.day_rules import rule as _rule
from brain.day_spelled import SPELLED_RULES
from brain.day_words import COUNTS, DAY_OF, FEASTS, MONTH_OF, MONTHLY, RELATIVE, WEEKLY, YEARLY

MENTIONS_MAX = 10
"""Days that are read out of one message."""
TEXT_MAX = 1_000
"""Characters that are searched for days."""

_HOUR = r"hours?|hrs?|h|stunden?|heures?|horas?|or[ae]|uur|uren"
_UNITS = (
    (r"days?|tage[n]?|tag|jours?|días?|dias?|giorn[io]|dag|dagen|dni|gün|дн(?:я|ей)", 1),
    (
        (
            r"weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|week|tygodni[ea]?|tydzień|hafta|"
            r"недел[иьюя]"
        ),
        7,
    ),
)


_SHORT = {"mon": 0, "sat": 5, "sun": 6, "segunda": 0, "terça": 1, "quarta": 2, "quinta": 3,
          "sexta": 4}  # fmt: skip
"""Short names that mean other things as well: days only behind a word that asks for one."""
_M = _any(MONTH_OF)
_M_FIRST = _any(MONTH_OF.keys() - {"marca", "mart", "maja"})
"""Brands, shops and people are named like the others; they are months behind a day alone."""
_TH = r"(?:st|nd|rd|th|er|\.)?"
_BY = (
    r"(?:no later than|not later than|at the latest|in time for|on or before|prior to|ahead of|"
    r"by|before|b4|until|till|til|for|within|latest|bis spätestens|bis|spätestens|vor|für|binnen|"
    r"avant|d'ici|d\u2019ici|au plus tard|pour|antes del?|para|hasta|dentro de|a más tardar|"
    r"como (?:muy )?tarde|entro e non oltre|entro|al più tardi|prima di|até|o mais tardar|"
    r"no máximo até|voor|vóór|uiterlijk|op zijn laatst|tegen|przed|najpóźniej|do|en geç|"
    r"не позднее|не позже|до|перед)"
)
_ARTICLE = (
    r"(?:\s+(?:the end of|end of|ende der|ende dieser|fin de|the|this|coming|next|le|la|el|las|los|"
    r"zum|zur|dem|den|die|diesen|diesem|dieser|nächsten|kommenden|ce|cette|este|esta|il|"
    r"on|am|lo|at|latest|spätestens|noon|midday|midnight|lunchtime|close|"
    r"\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm)|\d{1,2}:\d\d|"
    r"(?:my|our|his|her|their|the)(?: \w+){0,2} (?:wedding|birthday|party|trip|holidays?|flight|"
    r"anniversary|event|exam|move|christening|funeral|graduation|festival|race|concert)(?: is)?"
    r"|het|de|ao|à|na|os|deze|dit|komende|volgende|aanstaande|"
    r"a\.s\.|o dia|ao dia|dia|questo|questa|prossim[oa]|próxim[oa]|prochaine?|w|we|"
    r"najbliższ\w+|в|во))*\s+"
)
_PLACED = re.compile(rf"(?<!\w)(?P<by>{_BY})(?P<article>{_ARTICLE})$", re.IGNORECASE)
_STRICT = re.compile(
    r"(?:before|b4|prior|ahead|vor|avant|antes|prima|vóór|przed|перед)\b", re.IGNORECASE
)
_UNTIL_BEHIND = re.compile(
    r"(?:'\w{1,3})?(?:\s+gününe)?\s+(?:kadar|dek)\b|,?\s+(?:at the latest|au plus tard|"
    r"al più tardi|"
    r"a más tardar|como (?:muy )?tarde|o mais tardar|no máximo|op zijn laatst|op z'n laatst|"
    r"uiterlijk|spätestens|najpóźniej|самое позднее)(?!\w)",
    re.IGNORECASE,
)
"""Asks for the day it stands behind: "pazara kadar", "Friday at the latest"."""
PARSED_MAX = 3
"""Times that one message asks the general parser, which may take 20 ms each."""
_NEXT_WORDS = re.compile(r"\S{1,20}(?:[ ]\S{1,20}){0,3}")
_DAYLIKE = re.compile(r"\d")
"""Only what counts or numbers something is worth the general parser's time."""
_BEFORE_HINT = re.compile(
    r"(?<!\w)(?:no later than|by|before|until|till|bis|sp\u00e4testens|avant(?: le)?|d'ici|"
    r"antes del?|hasta(?: el)?|entro(?: il)?|prima del?|at\u00e9|uiterlijk|tegen|przed)\s+(?=\S)",
    re.IGNORECASE,
)


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


Reader = Callable[[re.Match[str], date], date | None]


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
    for pair in pairs(shown, today):
        start, end, first = pair.first
        found.append(_mention(shown, (start, end), first, today))
        start, end, second = pair.second
        found.append(DayMention(start=start, end=end, day=second, deadline=False))
        taken.append((pair.start, pair.end))
    for pattern, read in _RULES_MONTH_FIRST if month_first else _RULES:
        for match in pattern.finditer(shown):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            day = _safely(read, match, today)
            if day is not None:
                taken.append(match.span())
                within = bool(match.groupdict().get("within"))
                weekday = read is _weekday
                found.append(
                    _mention(shown, match.span(), day, today, within=within, weekday=weekday)
                )
    if not any(each.deadline for each in found):
        found += _parsed(shown, found, today, languages)
    return sorted(found, key=lambda each: each.start)[:MENTIONS_MAX]


def deadline(mentions: list[DayMention], today: date) -> DayMention | None:
    """Choose the deadline: the earliest day from today on that something is needed by."""
    coming = [each for each in mentions if each.deadline and each.day >= today]
    return min(coming, key=lambda each: (each.day, each.start), default=None)


def warm() -> None:
    """Load the general parser's language files, which takes half a second the first time."""
    _general("3 nov", date(2026, 1, 1), ("en",))


def _safely(
    read: Callable[[re.Match[str], date], date | None], match: re.Match[str], today: date
) -> date | None:
    try:
        return read(match, today)
    except (ValueError, OverflowError):  # the 31st of February
        return None


def _mention(
    text: str,
    span: tuple[int, int],
    day: date,
    today: date,
    *,
    within: bool = False,
    weekday: bool = False,
) -> DayMention:
    start, end = span
    before = text[:start]
    placed = _PLACED.search(before[-70:])
    around = re.split(r"[.!?\n]\s", before[-80:])[-1]
    inside = within or _UNTIL_BEHIND.match(text, end) is not None
    needed = placed is not None or inside or is_latest(text, end)
    if not needed and day >= today:
        needed = is_wanted(around)
    if needed and is_promised(around):
        needed = False
    if placed is not None and serves_none(before[-70:][: placed.start()], placed["by"]):
        needed = False
    if needed and not inside and is_booked_day(text, span, placed and placed["by"]):
        needed = False
    if not needed and weekday and day > today and lies_back(around):
        day -= timedelta(days=7)
    last = is_last(text, span)
    if last and day > today:
        day -= timedelta(days=7)
        needed = False
    strict = placed is not None and _STRICT.match(placed["by"]) is not None
    return DayMention(start=start, end=end, day=day, deadline=needed, strict=strict and needed)


def _relative(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=RELATIVE[match["relative"].casefold().replace("\u2019", "'")])


def _weekday(match: re.Match[str], today: date) -> date:
    """The coming one, also for "next Friday": promising too early a day does no harm."""
    ahead = ((DAY_OF | _SHORT)[match["day"].casefold()] - today.weekday()) % 7
    return today + timedelta(days=ahead or 7)


def _weekend(match: re.Match[str], today: date) -> date:
    if match["this"] and today.weekday() == 6:
        return today
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    return saturday + timedelta(days=1) if match["this"] else saturday


def _week_end(match: re.Match[str], today: date) -> date:
    unit = match["unit"].casefold()
    if unit in MONTHLY:
        return month_end(today, months=1 if match["next"] else 0)
    if unit in YEARLY:
        return date(today.year + (1 if match["next"] else 0), 12, 31)
    later = 7 if match["next"] else 0
    return today + timedelta(days=6 - today.weekday() + later)


def _feast(match: re.Match[str], today: date) -> date:
    month, day = FEASTS[match["feast"].casefold().replace("\u2019", "'")]
    return coming(today, month, day)


def _named_month(match: re.Match[str], today: date) -> date:
    month, day = MONTH_OF[match["month"].casefold()], int(match["day"])
    return date(int(match["year"]), month, day) if match["year"] else closest(today, month, day)


def _numeric(match: re.Match[str], today: date) -> date:
    day, month = int(match["day"]), int(match["month"])
    if month > 12:  # 12/24 can only be American
        day, month = month, day
    if not match["year"]:
        return closest(today, month, day)
    year = int(match["year"])
    return date(year + 2000 if year < 100 else year, month, day)


def _slashed(match: re.Match[str], today: date) -> date | None:
    return None if is_measure(match) else _numeric(match, today)


def _month_before_day(match: re.Match[str], today: date) -> date:
    month, day = int(match["month"]), int(match["day"])
    if month > 12:  # 24/12 can only be a day before its month
        day, month = month, day
    if not match["year"]:
        return closest(today, month, day)
    year = int(match["year"])
    return date(year + 2000 if year < 100 else year, month, day)


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    return of_month(today, int(match["day"]))


def _counted(match: re.Match[str], today: date) -> date | None:
    amount = match["count"].casefold()
    count = int(amount) if amount.isdigit() else COUNTS[amount]
    unit = next(
        days for pattern, days in _UNITS if re.fullmatch(pattern, match["unit"], re.IGNORECASE)
    )
    return today + timedelta(days=count * unit) if count <= 400 else None


def _hours(match: re.Match[str], today: date) -> date | None:
    """Whole days of so many hours: a day too early does no harm."""
    count = int(match["count"])
    return today + timedelta(days=count // 24) if count <= 400 else None


def _ago(match: re.Match[str], today: date) -> date | None:
    forward = _counted(match, today)
    return None if forward is None else today - (forward - today)


def _behind(*words: str) -> str:
    """Stand behind one of these words; each look behind has one length."""
    return "|".join(rf"(?<={word}\s)" for word in words)


_WITHIN = (
    r"(?P<within>in|within|inside|binnen|innerhalb von|innerhalb|dans|sous|d'ici|en|em|"
    r"dentro de|entro|tra|fra|w ciągu|в течение|через)\s+(?:the next\s+)?"
)
_COUNT = rf"(?P<count>\d{{1,3}}|{_any(COUNTS)})"
_UNIT = rf"(?P<unit>{'|'.join(pattern for pattern, _ in _UNITS)})"
_YEAR = r"(?:,?\s+(?:de\s+)?(?P<year>20\d\d))?"
_RULES: tuple[Rule, ...] = (
    _rule(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", _numeric),
    _rule(rf"(?P<day>\d{{1,2}}){_TH}\s*(?:of\s+|de\s+)?(?P<month>{_M})\b\.?{_YEAR}", _named_month),
    _rule(rf"(?P<month>{_M_FIRST})\.?\s+(?:the\s+)?(?P<day>\d{{1,2}}){_TH}{_YEAR}", _named_month),
    _rule(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})(?:[./](?P<year>(?:20)?\d\d)|\.)", _numeric),
    _rule(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(?P<year>)", _slashed),
    *SPELLED_RULES,
    *MORE_RULES,
    _rule(rf"(?P<feast>{_any(FEASTS)})", _feast),
    _rule(rf"{_COUNT}\s+{_UNIT}\s+ago", _ago),
    _rule(rf"(?:vor|il y a|hace)\s+{_COUNT}\s+{_UNIT}", _ago),
    _rule(rf"{_WITHIN}{_COUNT}\s+{_UNIT}", _counted),
    # Dutch; in English "over three weeks" is how long somebody has waited.
    _rule(rf"(?P<within>over)\s+{_COUNT}\s+(?P<unit>dag|dagen|weken)", _counted),
    _rule(rf"{_COUNT}\s+(?P<unit>gün|hafta)\s+(?P<within>içinde)", _counted),
    _rule(rf"{_WITHIN}(?P<count>\d{{1,3}})\s*(?:{_HOUR})", _hours),
    _rule(
        r"(?:end of|ende?|einde?|fin|fine|fim|final|finales|końca|koniec|конца)"
        r"(?:\s+(?:the|this|of|der|des|dieser|de|du|la|el|del|do|da|desta|van|deze|het|esta|cette))*"
        rf"\s+(?P<next>next\s+|nächster\s+)?(?P<unit>{_any(WEEKLY | MONTHLY | YEARLY)})",
        _week_end,
    ),
    _rule(r"(?P<unit>monatsende|jahresende)(?P<next>)", _week_end),
    _rule(r"(?P<within>entro)\s+(?:la|questa)\s+(?P<unit>settimana)(?P<next>)", _week_end),
    _rule(
        r"(?P<this>this\s+|dieses\s+|diesem\s+|ce\s+|este\s+)?(?:coming\s+)?"
        r"(?:weekend|wochenende|week-end|fin de semana|finde|fine settimana|fim[ -]de[ -]semana)",
        _weekend,
    ),
    _rule(rf"(?<!guten )(?<!goede )(?<! la )(?P<relative>{_any(RELATIVE)})", _relative),
    _rule(rf"(?P<day>{_any(DAY_OF)})", _weekday),
    _rule(
        rf"(?:{_behind('by', 'before', 'until', 'till', 'til', 'b4', 'on', 'this', 'next')})"
        r"(?P<day>sat|sun|mon)",
        _weekday,
    ),
    _rule(
        rf"(?:{_behind('até', 'na', 'para', 'próxima', 'esta')})"
        r"(?P<day>segunda|terça|quarta|quinta|sexta)",
        _weekday,
    ),
    _rule(
        r"(?<=the )(?P<day>\d{1,2})(?:st|nd|rd|th)(?!\s+(?:time|attempt|try|message|e?mail|week|"
        r"day|month|year|order|one|person|call|item|parcel|floor|replacement|refund)\b)",
        _day_of_month,
    ),
    _rule(
        rf"(?:{_behind('entro il', 'antes del', 'para el', 'avant le', 'até dia', 'o dia')})"
        r"(?P<day>\d{1,2})(?:e|er)?(?!\s*(?:[€$£%]|euro|eur\b|[.,]\d|h\b))",
        _day_of_month,
    ),
    _rule(r"(?<=zum )(?P<day>\d{1,2})\.?", _day_of_month),
)
_RULES_MONTH_FIRST: tuple[Rule, ...] = (
    _rule(
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/(?P<year>(?:20)?\d\d))?",
        lambda match, today: None if is_measure(match) else _month_before_day(match, today),
    ),
    *_RULES,
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
        if day is not None and day >= today:
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
