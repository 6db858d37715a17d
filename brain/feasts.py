"""Feasts that move from year to year, and which countries write the month before the day; pure."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta, tzinfo
from typing import Final

from babel.core import get_global

MONTH_FIRST: Final = frozenset({"US", "PH", "PR", "GU", "AS", "VI"})
"""Countries where 3/4 is the 4th of March."""
THURSDAY: Final = 3


def easter(year: int) -> date:
    """Give Easter Sunday of the western churches, by Butcher's rule."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def thanksgiving(year: int) -> date:
    """Give the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 21)


def _shifted(feast: Callable[[int], date], days: int) -> Callable[[int], date]:
    return lambda year: feast(year) + timedelta(days=days)


MOVABLE: Final[Mapping[str, Callable[[int], date]]] = {
    "sexta-feira santa": _shifted(easter, -2), "viernes santo": _shifted(easter, -2),
    "venerdì santo": _shifted(easter, -2), "vendredi saint": _shifted(easter, -2),
    "goede vrijdag": _shifted(easter, -2), "lundi de pâques": _shifted(easter, 1),
    "pasquetta": _shifted(easter, 1), "paasmaandag": _shifted(easter, 1),
    "good friday": _shifted(easter, -2), "easter monday": _shifted(easter, 1), "easter": easter,
    "karfreitag": _shifted(easter, -2), "ostermontag": _shifted(easter, 1), "ostern": easter,
    "pâques": easter, "semana santa": _shifted(easter, -7), "pasqua": easter, "pasen": easter,
    "páscoa": easter, "thanksgiving": thanksgiving, "black friday": _shifted(thanksgiving, 1),
    "cyber monday": _shifted(thanksgiving, 4),
}  # fmt: skip
"""By name, the day in a year."""


def coming(name: str, today: date) -> date:
    """Give the day of a movable feast that is not over yet."""
    feast = MOVABLE[name]
    this = feast(today.year)
    return this if this >= today else feast(today.year + 1)


def month_first(timezone: tzinfo) -> bool:
    """Say whether people of a time zone write the month before the day."""
    zones: Mapping[str, str] = get_global("zone_territories")
    key = str(getattr(timezone, "key", ""))
    return key.startswith("US/") or zones.get(key) in MONTH_FIRST
