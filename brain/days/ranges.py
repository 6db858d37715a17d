"""Days from one to another: "4th to 7th dec", "vom 20. bis 22.", "de viernes a domingo"; pure.

Both days are named, and none of them is a deadline. "Monday to Friday" are a shop's days, not two.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from brain.days.meant import of_month, of_week, of_year
from brain.days.readers import way_of
from brain.days.words import DAY_OF, MONTH_OF

Span = tuple[int, int, date | None, bool]
"""Where it stands, and the day it means; None: what stands there names no day."""

_TH: Final = r"(?:st|nd|rd|th|er|ème|ste|de|e|º|°|\.)?"
_TO: Final = (
    r"(?:\s*(?:-|\u2013|\u2014|t/m|&|(?<=[a-z])/)\s*|\s+(?:auf|naar|para|zum|à|to|until|till|til|"
    r"thru|through|and|"
    r"bis(?:\s+zum)?|"
    r"und|"
    r"jusqu'au|au|et|hasta|al|a|ao|até(?:\s+ao?)?|y|ed?|fino\s+al|tot(?:\s+en\s+met)?|en)\s+|"
    r"\s+all')"
    r"(?:(?:the|den|dem|le|el|il|de|o)\s+)?(?:dia\s+|día\s+)?"
)
_FROM: Final = (
    r"(?:(?:from|between|vom|von|zwischen|du|de|del|dal|da|dall'|entre|van|tussen|tra)\s+)?"
    r"(?:(?:the|dem|le|el|il|de|o)\s+)?"
)
_M: Final = "|".join(sorted(map(re.escape, MONTH_OF), key=len, reverse=True))
_OF_MONTH: Final = (
    rf"\s*(?:of\s+|de\s+|di\s+|d')?(?P<month>{_M})\b\.?(?:,?\s+(?:de\s+)?(?P<year>20\d\d))?"
)
_D: Final = r"(?P<{0}>[12]\d|3[01]|0?[1-9])(?!\d)"
_ONE, _TWO = _D.format("one"), _D.format("two")
_ENGLISH: Final = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_END: Final = r"(?![\w/]|[.,:]\d|-\d)"
_UNIT: Final = re.compile(
    r"\s*(?:[€$£%°:]|(?:euros?|eur|pounds?|uhr|am|pm|uur|h|horas?|heures?|ore|kg|cm|mm|personen|"
    r"personnes|personas|persone|pessoas|people|jours|tage|días|dias|giorni|dagen|days|artikel|"
    r"articles|stück|pièces|ans|jahre|años|anni|anos|jaar)\b)",
    re.IGNORECASE,
)
_SIZES: Final = re.compile(
    r"\b(?:sizes?|gr\u00f6\u00dfe|taille|pointure|talla|taglia|maat|tamanho|eu|uk|us)\b",
    re.IGNORECASE,
)
_MOVED: Final = re.compile(
    r"\b(?:mov|chang|swap|shift|bump|reschedul|postpon|verschieb|verleg|umbuch|décal|déplac|avanc|"
    r"report|cambi|pasar|spost|anticip|verzet|verplaats|mudar|remarcar|antecip|passer|"
    r"\w* auf den\b)",
    re.IGNORECASE,
)
"""From one day to another, which may be earlier."""
_BOOKED: Final = re.compile(
    r"\b(?:hotel|habitaci|hab\b|quarto|reserv|estadia|estancia|noites|noches|kamer|boek|verblijf|"
    r"nachten|huisje|appartement|apartamento|camping|vakantie)",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"\b(?:open|geöffnet|offen|ouvert|abiert|abrís|apert|geopend|abert|hours|horario|öffnungs)",
    re.IGNORECASE,
)
_WEEK: Final = DAY_OF | {"segunda": 0, "terça": 1, "quarta": 2, "quinta": 3, "sexta": 4}
_DAYS: Final = "|".join(sorted(map(re.escape, _WEEK), key=len, reverse=True))
_WEEK_TO: Final = (
    r"\s*(?:-|\u2013|to|until|till|through|thru|bis|au|à|al|a|ao|à|tot(?:\s+en\s+met)?|t/m|"
    r"hasta\s+el|"
    r"fino\s+a|até)\s*"
)


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w#/.,-])(?:{pattern})", re.IGNORECASE)


_DATED: Final = re.compile(
    r"\d\.\s*[-\u2013]|\d\.\d\d?\.|/\d+\D+/|\.1[0-2]\b.*\.1[0-2]\b|\d\.\s*(?:bis|tot|au|al)"
)
"""Else 2.5 to 7.5 may be anything."""

Found = tuple[date | None, date | None]


def _in_month(match: re.Match[str], today: date) -> Found | None:
    if _is_measured(match):
        return None, None
    month, two = MONTH_OF[match["month"].casefold()], int(match["two"])
    from_month = match.groupdict().get("from_month")
    month_1 = MONTH_OF[from_month.casefold()] if from_month else month
    year = int(match["year"] or 0) or of_year(today, month, two, way_of(match)).year
    second = date(year, month, two)
    first = date(year - (month_1 > month), month_1, int(match["one"]))
    return (first, second) if first < second or _MOVED.search(match.string) else None


def _bare(match: re.Match[str], today: date) -> Found | None:
    if _is_measured(match):
        return None, None
    first = of_month(int(match["one"]), today, way_of(match))
    if first is None or match["one"] == match["two"]:
        return None
    moved = _MOVED.search(match.string) is not None
    second = of_month(int(match["two"]), today if moved else first, None)
    return None if second is None else (first, second)


def _is_measured(match: re.Match[str]) -> bool:
    """Tell hours, ages, sizes and sums from days."""
    text, (start, end) = match.string, match.span()
    around = f"{text[max(0, start - 20) : start]} {text[end : end + 20]}"
    return _UNIT.match(text, end) is not None or _SIZES.search(around) is not None


def _booked(match: re.Match[str], today: date) -> Found | None:
    return _bare(match, today) if _BOOKED.search(match.string) else None


def _figures(match: re.Match[str], today: date) -> Found | None:
    if not _DATED.search(match[0]):
        return None
    named = match["first_month"] or match["other_month"] or match["second_month"]
    first_month = int(named)
    month = int(match["second_month"])
    year = match["year"] and int(match["year"])
    year = year + 2000 if year and year < 100 else year
    two = int(match["two"])
    second = date(year, month, two) if year else of_year(today, month, two, way_of(match))
    first = date(second.year - (first_month > month), first_month, int(match["one"]))
    return (first, second) if first < second else None


def _weekdays(match: re.Match[str], today: date) -> Found:
    one, two = _WEEK[match["one"].casefold()], _WEEK[match["two"].casefold()]
    if (one == 0 and two >= 4) or _OPEN.search(match.string):
        return None, None
    first = of_week(one, today, way_of(match))
    return first, of_week(two, first, None)


_RANGES: Final[
    tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Found | None]], ...]
] = (
    (_whole(rf"{_FROM}{_ONE}{_TH}{_TO}(?P<second>){_TWO}{_TH}{_OF_MONTH}"), _in_month),
    (
        _whole(
            rf"{_FROM}{_ONE}{_TH}\s*(?:of\s+|de\s+|di\s+)?(?P<from_month>{_M})\b\.?{_TO}"
            rf"(?P<second>){_TWO}{_TH}{_OF_MONTH}"
        ),
        _in_month,
    ),
    (
        _whole(
            rf"(?P<month>{_ENGLISH})\.?\s+(?:the\s+)?{_ONE}{_TH}{_TO}(?P<second>){_TWO}{_TH}"
            rf"{_END}(?P<year>)(?!\s*(?:{_M})\b)"
        ),
        _in_month,
    ),
    (
        _whole(
            rf"{_FROM}{_ONE}\.?(?:(?<=\d)[./](?P<first_month>1[0-2]|0?[1-9])\.?|"
            rf"(?<=\.)(?P<other_month>1[0-2]|0?[1-9])\.?)?\s*(?:-|\u2013|bis|auf|to|au|al|tot|t/m)"
            rf"\s*(?P<second>)(?:zum |the |den )?{_TWO}(?:\.|/)(?P<second_month>1[0-2]|0?[1-9])"
            r"(?:[./](?P<year>(?:20)?\d\d)|\.)?(?![\w/€]|\s*[€£$%])"
        ),
        _figures,
    ),
    (
        _whole(
            rf"(?:vom\s+{_ONE}\.?\s*(?:bis(?:\s+zum)?|auf\s+den)\s+(?P<second>){_TWO}\.?"
            r")" + _END
        ),
        _bare,
    ),
    (_whole(rf"du\s+{_ONE}(?:er)?\s+(?:au|jusqu'au)\s+(?P<second>){_TWO}{_END}"), _bare),
    (_whole(rf"del\s+{_ONE}\s+(?:al|hasta el)\s+(?P<second>){_TWO}{_END}"), _bare),
    (_whole(rf"dal(?:l'|\s+){_ONE}\s+(?:fino\s+)?al(?:l'|\s+)(?P<second>){_TWO}{_END}"), _bare),
    (
        _whole(
            rf"(?:(?:from|between)\s+)?(?:the\s+)?{_ONE}(?:st|nd|rd|th)\s*(?:-|\u2013|&|/|to|until|"
            rf"till|and|"
            rf"through)\s*(?:the\s+)?(?P<second>){_TWO}(?:st|nd|rd|th){_END}"
        ),
        _bare,
    ),
    (
        _whole(
            rf"van\s+(?:de\s+)?{_ONE}(?:e|de|ste)\s+(?:tot|t/m|naar)(?:\s+en\s+met)?\s+(?:de\s+)?"
            rf"(?P<second>){_TWO}(?:e|de|ste){_END}"
        ),
        _bare,
    ),
    (
        _whole(
            rf"(?:do\s+dia|dos\s+dias|dias|entre\s+os\s+dias)\s+{_ONE}\s+(?:ao?|e|até|"
            rf"para)(?:\s+o)?"
            rf"(?:\s+dia)?\s+(?P<second>){_TWO}{_END}"
        ),
        _bare,
    ),
    (_whole(rf"(?:de|van)\s+{_ONE}\s+(?:a|tot)\s+(?P<second>){_TWO}{_END}"), _booked),
    (
        _whole(rf"{_FROM}(?P<one>{_DAYS}){_WEEK_TO}(?P<second>)(?P<two>{_DAYS})(?!\w)"),
        _weekdays,
    ),
)


def ranges(text: str, today: date) -> Iterator[Span]:
    """Give both days of each range, in the order of the kinds of range."""
    for pattern, read in _RANGES:
        for match in pattern.finditer(text):
            try:
                found = read(match, today)
            except (ValueError, OverflowError):  # the 31st of February
                continue
            if found is not None:
                yield match.start(), match.start("second"), found[0], True
                yield match.start("second"), match.end(), found[1], False
