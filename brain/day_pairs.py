"""Two days that share what is said of them: "from the 12th to the 14th of December"; pure.

They are a time to stay, or a change of days: nothing has to be there by the second one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from brain.day_meant import closest, of_month
from brain.day_rules import any_of
from brain.day_words import MONTH_OF

_TH: Final = r"(?:st|nd|rd|th|er|e|\.)?"
_M: Final = any_of(MONTH_OF)
_FIRST: Final = r"(?:den|der|dem|the|le|el|il|de|o|dia|o dia|het)\s+"
_JOIN: Final = (
    r"\s*(?:[-\u2013\u2014]|\b(?:to|until|till|through|thru|and|bis(?: zum)?|auf(?: den)?|und|zum|"
    r"au|et|al|y|e|a|ao|à|para|tot(?: en met)?|naar|en|t/m)\b)\s*"
)
_YEAR: Final = r"(?:,?\s+(?:de\s+)?(?P<year>20\d\d))?"
_NUMBER: Final = r"\d{1,2}"
_NEITHER: Final = re.compile(
    r"\s*(?:uhr|h\b|heures?|horas?|euros?|eur\b|[€$£%°:]|pounds?|ans\b|años|anni\b|jahre|jaar|anos|"
    r"cm\b|mm\b|kg\b|people|personen|\d)",
    re.IGNORECASE,
)
_SIZES: Final = re.compile(
    r"\b(?:sizes?|gr\u00f6\u00dfe|taille|pointure|talla|taglia|maat|tamanho|eu|uk|us)\b",
    re.IGNORECASE,
)
_LEAD: Final = (
    r"(?:\b(?:from|between|vom|zwischen|du|entre|del|desde|dal|tra|fra|van|tussen|do|de)\s+"
    r"(?:the\s+|dem\s+|den\s+|le\s+|el\s+|il\s+|o\s+)?(?:dia\s+)?)?"
)
_PATTERNS: Final = (
    # The month stands behind the second day: "12.-14. Dezember", "del 12 al 14 de diciembre".
    (
        rf"{_LEAD}(?<![#/.,-])(?P<first>{_NUMBER}){_TH}(?:\s*(?:of\s+|de\s+)?(?P<month_1>{_M})\b\.?)?"
        rf"{_JOIN}(?:{_FIRST})?(?P<second>{_NUMBER}){_TH}\s*(?:of\s+|de\s+)?(?P<month>{_M})\b\.?{_YEAR}"
    ),
    (
        rf"{_LEAD}(?<![#/.,-])(?P<first>{_NUMBER})\.(?:(?P<month_1>{_NUMBER})\.)?{_JOIN}(?:{_FIRST})?"
        rf"(?P<second>{_NUMBER})\.(?P<month>{_NUMBER})\.(?P<year>20\d\d)?(?!\w)"
    ),
    # It stands before the first: "December 12-14".
    (
        rf"{_LEAD}(?P<month>{_M})\.?\s+(?:the\s+)?(?P<first>{_NUMBER}){_TH}{_JOIN}(?:{_FIRST})?"
        rf"(?P<second>{_NUMBER}){_TH}(?![\w:.,]*\d|\w){_YEAR}"
    ),
    # Or nowhere, where the words around leave no doubt that days are meant.
    *(
        rf"{lead} (?P<first>{_NUMBER}){th} {join} (?P<second>{_NUMBER}){th}(?![\w/]|[.,:]\d)"
        for lead, th, join in (
            ("from the", "(?:st|nd|rd|th)", "to the"),
            ("vom", r"\.", "(?:auf den|bis zum|bis)"),
            ("du", "(?:er)?", "au"),
            ("del", "", "al"),
            ("dal", "", "al"),
            ("van de", "e?", "(?:naar|tot) de"),
            ("do dia", "", "(?:para|a|ao)(?: o)?(?: dia)?"),
        )
    ),
)
_SHARED: Final = tuple(re.compile(rf"(?<!\w){one}", re.IGNORECASE) for one in _PATTERNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two days, each with its place."""

    start: int
    end: int
    first: tuple[int, int, date]
    second: tuple[int, int, date]


def pairs(text: str, today: date) -> Iterator[Pair]:
    """Read pairs of days, those that name their month first."""
    taken: list[tuple[int, int]] = []
    for pattern in _SHARED:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            pair = _pair(match, today)
            if pair is not None:
                taken.append(match.span())
                yield pair


def _pair(match: re.Match[str], today: date) -> Pair | None:
    found = match.groupdict()
    if _NEITHER.match(match.string, match.end()) or _SIZES.search(_around(match)):
        return None
    try:
        days = _days(found, int(match["first"]), int(match["second"]), today)
    except ValueError:  # the 31st of February
        return None
    if days is None:
        return None
    return Pair(
        start=match.start(),
        end=match.end(),
        first=(match.start(), match.end("first"), days[0]),
        second=(match.start("second"), match.end(), days[1]),
    )


def _around(match: re.Match[str]) -> str:
    return f"{match.string[: match.start()][-20:]} {match.string[match.end() :][:20]}"


def _days(
    found: dict[str, str | None], first: int, second: int, today: date
) -> tuple[date, date] | None:
    month = _month(found.get("month"))
    if month is None:
        from_day = of_month(today, first)
        to_day = None if from_day is None else of_month(from_day, second)
        return None if from_day is None or to_day is None else (from_day, to_day)
    month_1 = _month(found.get("month_1")) or month
    year = int(found.get("year") or 0)
    if year:
        return date(year - (month_1 > month), month_1, first), date(year, month, second)
    return closest(today, month_1, first), closest(today, month, second)


def _month(named: str | None) -> int | None:
    if not named:
        return None
    return int(named) if named.isdigit() else MONTH_OF[named.casefold()]
