"""Days of a named week: "Tuesday last week", "nächste Woche Dienstag", "a week on Friday"; pure."""

import re
from datetime import date, timedelta
from typing import Final

from brain.days.pattern import Rule, any_of, rule
from brain.days.words import DAY_OF

_SHORT: Final = {"segunda": 0, "terça": 1, "terca": 1, "quarta": 2, "quinta": 3, "sexta": 4}
_DAY: Final = rf"(?P<day>{any_of(DAY_OF | _SHORT)})"
_LAST: Final = (
    r"last week|(?:der |die )?(?:letzte|vorige|vergangene)[rn]? woche|la semaine (?:dernière|"
    r"passée)|"
    r"la semana pasada|(?:la )?settimana scorsa|(?:la )?scorsa settimana|vorige week|"
    r"afgelopen week|"
    r"(?:a )?semana passada"
)
_NEXT: Final = (
    r"next week|(?:der |die )?(?:nächste|kommende)[rn]? woche|la semaine prochaine|"
    r"la semana que viene|la próxima semana|la semana próxima|(?:la )?prossima settimana|"
    r"(?:la )?settimana prossima|volgende week|komende week|(?:a )?próxima semana|"
    r"(?:a )?semana que vem"
)
_OF: Final = r",?\s+(?:(?:of|de|della|dell[ae]|van|da|in)\s+)?"
_ON: Final = r",?\s+(?:(?:on|am|op|le|el|il|na|no)\s+)?"


def _day(match: re.Match[str]) -> int:
    return (DAY_OF | _SHORT)[match["day"].casefold()]


def _of_week(match: re.Match[str], today: date, weeks: int) -> date:
    return today + timedelta(days=7 * weeks - today.weekday() + _day(match))


def _week_later(match: re.Match[str], today: date) -> date:
    """Read "Sunday week": the Sunday after the coming one."""
    return today + timedelta(days=((_day(match) - today.weekday()) % 7 or 7) + 7)


def _of_next_week(match: re.Match[str], today: date) -> date:
    return _of_week(match, today, 1)


def _of_last_week(match: re.Match[str], today: date) -> date:
    return _of_week(match, today, -1)


WEEK_RULES: Final[tuple[Rule, ...]] = (
    rule(rf"{_DAY}(?:-feira)?{_OF}(?:{_NEXT})", _of_next_week),
    rule(rf"(?:{_NEXT}){_ON}{_DAY}", _of_next_week),
    rule(rf"{_DAY}(?:-feira)?{_OF}(?:{_LAST})", _of_last_week),
    rule(rf"(?:{_LAST}){_ON}{_DAY}", _of_last_week),
    rule(rf"{_DAY} week", _week_later),
    rule(rf"a week (?:on|from|after) {_DAY}", _week_later),
)
