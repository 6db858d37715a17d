"""The names of days and months in every language, long and short; pure."""

from datetime import date
from functools import cache
from typing import Final, Literal

from babel.dates import get_day_names, get_month_names

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pt")
Width = Literal["wide", "abbreviated"]


def in_calendar(word: str) -> bool:
    """Say whether a word names a month or a weekday, in any language."""
    return word.casefold() in calendar()


@cache
def calendar() -> frozenset[str]:
    """All names of months and weekdays, long and short."""
    return names_of("wide") | names_of("abbreviated")


@cache
def names_of(width: Width) -> frozenset[str]:
    """Those of one length."""
    return frozenset(name for names in _days_and_months(width) for name in names)


@cache
def _days_and_months(width: Width) -> tuple[frozenset[str], ...]:
    """Give each weekday's and each month's names in all languages."""
    kinds = (get_month_names, get_day_names)
    gathered: dict[tuple[int, int], set[str]] = {}
    for place, kind in enumerate(kinds):
        for language in LANGUAGES:
            for number, name in kind(width, locale=language).items():
                plain = str(name).casefold().strip(".")
                if len(plain) >= 3:
                    gathered.setdefault((place, int(number)), set()).add(plain)
    return tuple(frozenset(names) for names in gathered.values())


@cache
def same_day(name: str) -> frozenset[str]:
    """Give all names of the day or month that a name may mean; none where it means neither."""
    widths: tuple[Width, ...] = ("wide", "abbreviated")
    pairs = zip(*map(_days_and_months, widths), strict=True)
    meant = (frozenset().union(*pair) for pair in pairs)
    return frozenset(one for names in meant if name in names for one in names)


@cache
def names_on(year: int, month: int, day: int) -> frozenset[str]:
    """Give the names of a date's month and weekday in all languages; none where there is none."""
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
