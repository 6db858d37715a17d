"""More ways to name a day: parts of months, working days, weeks from a day, feasts that move.

Pure. `brain.when` asks these rules before its own of the same words.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from brain.day_words import COUNTS, DAY_OF, MONTH_OF, MONTHS
from brain.feasts import MOVABLE, coming

Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]]

WORKING_MAX = 60
"""Working days that are counted; more are no deadline."""
_FRACTION = re.compile(r"[12]/[23]|[13]/4|1/[58]|(?:\d|10)/10")
_NAMED_DAY = re.compile(
    r"(?:\b(?:on|by|before|b4|until|till|til|for|from|since|after|is|was|to|dated?|bis|zum|der|den|"
    r"dem|vom|am|vor|le|el|il|du|au|avant|op|em|para)|[(,:])\s*$",
    re.IGNORECASE,
)
_MEASURE_BEFORE = re.compile(
    r"\b(?:sizes?|gr\u00f6\u00dfe|taille|talla|taglia|maat|eu|uk|us)\s+$", re.IGNORECASE
)
_MEASURE_BEHIND = re.compile(
    r"\s*(?:of|length|inch(?:es)?|sleeves?|zips?|size|cups?|off|full|the)\b|\s*[\"%]", re.IGNORECASE
)
_LONG_MONTHS = {line.split()[0]: at for at, line in enumerate(MONTHS, 1)}


def any_of(words: Iterable[str]) -> str:
    """Match any of these words, the longest first."""
    return "|".join(re.escape(each) for each in sorted(words, key=len, reverse=True))


def rule(pattern: str, read: Callable[[re.Match[str], date], date | None]) -> Rule:
    """Look for a pattern as whole words."""
    return re.compile(rf"(?<![\w#/.-])(?:{pattern})(?![\w/])", re.IGNORECASE), read


def is_measure(match: re.Match[str]) -> bool:
    """Tell 3/4 length, size 10/12, a half of something and a mark of ten from a day."""
    before, text = match.string[: match.start()][-20:], match.string
    if _MEASURE_BEFORE.search(before) or _MEASURE_BEHIND.match(text, match.end()):
        return True
    return bool(_FRACTION.fullmatch(match[0])) and not _NAMED_DAY.search(before)


def month_end(today: date, *, months: int = 0) -> date:
    """Give the last day of the month that is so many ahead."""
    first = today.replace(day=1)
    for _ in range(months + 1):
        first = (first + timedelta(days=32)).replace(day=1)
    return first - timedelta(days=1)


def _week_later(match: re.Match[str], today: date) -> date:
    """Read "Sunday week": the Sunday after the coming one."""
    ahead = (DAY_OF[match["day"].casefold()] - today.weekday()) % 7
    return today + timedelta(days=(ahead or 7) + 7)


def _of_next_week(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=7 - today.weekday() + DAY_OF[match["day"].casefold()])


def _next_week(_match: re.Match[str], today: date) -> date:
    """Its Monday: promising too early a day does no harm."""
    return today + timedelta(days=7 - today.weekday())


def _working_days(match: re.Match[str], today: date) -> date | None:
    amount = match["count"].casefold()
    count = int(amount) if amount.isdigit() else COUNTS[amount]
    if count > WORKING_MAX:
        return None
    day = today
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _fortnight(_match: re.Match[str], today: date) -> date:
    return today + timedelta(days=14)


def _end_of_month(match: re.Match[str], today: date) -> date:
    month = MONTH_OF[match["month"].casefold()]
    return month_end(today, months=(month - today.month) % 12)


def _in_month(match: re.Match[str], today: date) -> date:
    """Its middle, or its first day, of this year or the next."""
    month = MONTH_OF[match["month"].casefold()]
    day = 15 if match.groupdict().get("mid") else 1
    meant = date(today.year, month, day)
    return meant if meant >= today else date(today.year + 1, month, day)


def _movable(match: re.Match[str], today: date) -> date:
    return coming(match["feast"].casefold(), today)


_WITHIN = r"(?P<within>in|within|inside)\s+(?:the next\s+)?"
_DAY = rf"(?P<day>{any_of(DAY_OF)})"
_M = any_of(MONTH_OF)
MORE_RULES: tuple[Rule, ...] = (
    rule(rf"(?P<feast>{any_of(MOVABLE)})", _movable),
    rule(rf"{_DAY} week", _week_later),
    rule(rf"a week (?:on|from|after) {_DAY}", _week_later),
    rule(rf"{_DAY},?\s+(?:of\s+)?next week", _of_next_week),
    rule(rf"next week,?\s+(?:on\s+)?{_DAY}", _of_next_week),
    rule(r"(?:(?<=by )|(?<=before )|(?<=b4 ))next week", _next_week),
    rule(
        rf"{_WITHIN}(?P<count>\d{{1,3}}|{any_of(COUNTS)})\s+(?:working|business|work|week)[\s-]?days?",
        _working_days,
    ),
    rule(rf"{_WITHIN}(?:a\s+)?fortnight", _fortnight),
    rule(rf"(?:the\s+)?(?:end of|late)\s+(?P<month>{_M})", _end_of_month),
    rule(
        rf"(?:the\s+)?(?:(?P<mid>middle of|mid)|(?:beginning|start) of|early)[\s-]+(?P<month>{_M})",
        _in_month,
    ),
    rule(
        rf"(?:(?<=by )|(?<=before )|(?<=until )|(?<=till ))(?P<month>{any_of(_LONG_MONTHS)})"
        r"(?!\s*\d)(?!\s+(?:and|who|from|herself|himself))",
        _in_month,
    ),
)
"""English alone but for the feasts: other languages name these otherwise."""
