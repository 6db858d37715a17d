"""What day a match of a rule means, as seen from today; pure.

A weekday, a day of the month and a day without its year are the one that the words around mean:
what has happened was on the last one, all else is on the next.
"""

import re
from datetime import date, timedelta
from typing import Final

from brain.days.context import by, is_asked
from brain.days.meant import coming, month_end, of_month, of_week, of_year, over
from brain.days.nothing import is_measure
from brain.days.tense import Way, is_verb, way
from brain.days.words import COUNTS, DAY_OF, FEASTS, MONTH_OF, MONTHLY, RELATIVE, YEARLY

HOUR: Final = r"hours?|hrs?|h|stunden?|heures?|horas?|or[ae]|uur|uren"
UNITS: Final = (
    (r"days?|tage[n]?|tag|jours?|días?|dias?|giorn[io]|dag|dagen|dni|gün|дн(?:я|ей)", 1),
    (
        (
            r"weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|week|tygodni[ea]?|tydzień|hafta|"
            r"недел[иьюя]"
        ),
        7,
    ),
)
SHORT: Final = {
    "mon": 0, "sat": 5, "sun": 6, "segunda": 0, "terça": 1, "terca": 1, "quarta": 2, "quinta": 3,
    "sexta": 4, "mo": 0, "di": 1, "mi": 2, "do": 3, "fr": 4, "sa": 5, "so": 6,
}  # fmt: skip
"""Short names that mean other things as well: days only behind a word that asks for one."""
COUNT_MAX: Final = 400
"""Days, weeks or hours that are counted."""
MONTHS_MAX: Final = 24
"""Months that are counted."""
_NEAR_WEEKDAY: Final = re.compile(
    r"(\w+(?:-feira)?)\.?,?\s+(?:the|den|dem|der|le|el|il|dia|día)?\s*$"
)
_NEXT_MONTH: Final = re.compile(
    r"\.?,?\s+(?:of next month|(?:des )?(?:nächsten|kommenden) monats|du mois prochain|"
    r"del (?:mes que viene|próximo mes|mes próximo)|del (?:mese prossimo|prossimo mese)|"
    r"(?:van )?(?:volgende|komende) maand|do (?:próximo mês|mês que vem))\b",
    re.IGNORECASE,
)
_LAST_MONTH: Final = re.compile(
    r"\.?,?\s+(?:of last month|(?:des )?(?:letzten|vorigen) monats|du mois (?:dernier|passé)|"
    r"del (?:mes pasado|pasado mes)|del (?:mese scorso|scorso mese)|(?:van )?vorige maand|"
    r"do mês passado)\b",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(r"\d/\d{1,2}(?:,|\s(?:and|or|und|oder|et|y|e|en|&))\s$", re.IGNORECASE)
_NEAR_WORD: Final = re.compile(r"(\w+)[,.]?\s+$")


def way_of(match: re.Match[str]) -> Way | None:
    """Say which way the words around a match point."""
    text, (start, end) = match.string, match.span()
    return way(text, start, end, asked=is_asked(text, start, end))


def is_told(match: re.Match[str]) -> bool:
    """Tell a day by the verb or the day of the week right before it: "paid 3/12"."""
    near = _NEAR_WORD.search(match.string[: match.start()][-30:])
    if is_measure(match):
        return False
    if by(match.string, match.start()) or _LISTED.search(match.string[: match.start()][-20:]):
        return True
    if near is None:
        return False
    return near[1].casefold() in DAY_OF | SHORT or is_verb(near[1])


def relative(match: re.Match[str], today: date) -> date:
    """Read "tomorrow"."""
    return today + timedelta(days=RELATIVE[match["relative"].casefold().replace("\u2019", "'")])


def weekday(match: re.Match[str], today: date) -> date:
    """Read the coming one, also for "next Friday": promising too early a day does no harm."""
    return of_week((DAY_OF | SHORT)[match["day"].casefold()], today, way_of(match))


def weekend(match: re.Match[str], today: date) -> date:
    """Read the coming Saturday; of "this weekend" the Sunday."""
    if match["this"] and today.weekday() == 6:
        return today
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    return saturday + timedelta(days=1) if match["this"] else saturday


def week_end(match: re.Match[str], today: date) -> date:
    """Read the last day of a week, a month or a year."""
    unit = match["unit"].casefold()
    if unit in MONTHLY:
        return month_end(today, months=1 if match["next"] else 0)
    if unit in YEARLY:
        return date(today.year + (1 if match["next"] else 0), 12, 31)
    later = 7 if match["next"] else 0
    return today + timedelta(days=6 - today.weekday() + later)


def feast(match: re.Match[str], today: date) -> date:
    """Read a feast that has its day."""
    month, day = FEASTS[match["feast"].casefold().replace("\u2019", "'")]
    if way_of(match) == "back":
        return over(today, month, day)
    return coming(today, month, day)


def named_month(match: re.Match[str], today: date) -> date:
    """Read "3 August"."""
    month, day = MONTH_OF[match["month"].casefold()], int(match["day"] or 1)
    return (
        date(int(match["year"]), month, day) if match["year"] else _meant(match, today, month, day)
    )


def numeric(match: re.Match[str], today: date) -> date:
    """Read 3.12. and 3/12/2026, the day and the month in either order."""
    day, month = int(match["day"]), int(match["month"])
    if month > 12:  # Of 12/24 only the first can be the month.
        day, month = month, day
    if not match["year"]:
        return _meant(match, today, month, day)
    year = int(match["year"])
    return date(year + 2000 if year < 100 else year, month, day)


def day_of_month(match: re.Match[str], today: date) -> date | None:
    """Read "the 9th"."""
    day, behind = int(match["day"]), match.string[match.end() : match.end() + 30]
    for pattern, months in ((_NEXT_MONTH, 1), (_LAST_MONTH, -1)):
        if pattern.match(behind):
            return month_end(today, months=months).replace(day=day)
    return of_month(day, today, way_of(match), _named(match))


def day_that_fits(match: re.Match[str], today: date) -> date | None:
    """Read "samedi 5" where the 5th is a Saturday; "Freitag 10" may be an hour."""
    day = of_month(int(match["day"]), today, way_of(match), _named(match))
    return day if day is not None and day.weekday() == _named(match) else None


def counted(match: re.Match[str], today: date) -> date | None:
    """Read "in 3 days"."""
    amount = match["count"].casefold()
    count = int(amount) if amount.isdigit() else COUNTS[amount]
    unit = next(
        days for pattern, days in UNITS if re.fullmatch(pattern, match["unit"], re.IGNORECASE)
    )
    return today + timedelta(days=count * unit) if count <= COUNT_MAX else None


def counted_months(match: re.Match[str], today: date) -> date | None:
    """Read "within a month": as many months on, or the last day of that month."""
    amount = (match["count"] or "1").casefold()
    count = int(amount) if amount.isdigit() else COUNTS[amount]
    if count > MONTHS_MAX:
        return None
    end = month_end(today, months=count)
    return end.replace(day=min(today.day, end.day))


def hours(match: re.Match[str], today: date) -> date | None:
    """Read whole days of so many hours: a day too early does no harm."""
    count = int(match["count"])
    return today + timedelta(days=count // 24) if count <= COUNT_MAX else None


def ago(match: re.Match[str], today: date) -> date | None:
    """Read "3 days ago"."""
    forward = counted(match, today)
    return None if forward is None else today - (forward - today)


def _named(match: re.Match[str]) -> int | None:
    """Give the day of the week that stands at a day of the month."""
    inside = match.groupdict().get("named")
    if inside:
        return (DAY_OF | SHORT)[inside.casefold()]
    near = _NEAR_WEEKDAY.search(match.string[: match.start()][-30:])
    return None if near is None else (DAY_OF | SHORT).get(near[1].casefold())


def _meant(match: re.Match[str], today: date, month: int, day: int) -> date:
    """Choose the year: as the words around say, else the closest."""
    return of_year(today, month, day, way_of(match))
