"""Days of a month that are written in words: "the second of October", "le deux octobre"; pure."""

import re
from datetime import date
from typing import Final

from brain.days.meant import of_year
from brain.days.pattern import Rule, any_of, rule
from brain.days.readers import way_of
from brain.days.words import MONTH_OF

_ORDINALS: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first "
    "twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth twenty-seventh "
    "twenty-eighth twenty-ninth thirtieth thirty-first"
)
_GERMAN: Final = (
    "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte dreizehnte "
    "vierzehnte fünfzehnte sechzehnte siebzehnte achtzehnte neunzehnte zwanzigste "
    "einundzwanzigste zweiundzwanzigste dreiundzwanzigste vierundzwanzigste fünfundzwanzigste "
    "sechsundzwanzigste siebenundzwanzigste achtundzwanzigste neunundzwanzigste dreißigste "
    "einunddreißigste"
)
_DUTCH: Final = (
    "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde "
    "dertiende veertiende vijftiende zestiende zeventiende achttiende negentiende twintigste "
    "eenentwintigste tweeëntwintigste drieëntwintigste vierentwintigste vijfentwintigste "
    "zesentwintigste zevenentwintigste achtentwintigste negenentwintigste dertigste "
    "eenendertigste"
)
_DUTCH_COUNTS: Final = (
    "één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
    "zestien zeventien achttien negentien twintig eenentwintig tweeëntwintig drieëntwintig "
    "vierentwintig vijfentwintig zesentwintig zevenentwintig achtentwintig negenentwintig dertig "
    "eenendertig"
)
_FRENCH: Final = (
    "premier deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf vingt vingt-et-un vingt-deux vingt-trois vingt-quatre vingt-cinq "
    "vingt-six vingt-sept vingt-huit vingt-neuf trente trente-et-un"
)
_SPANISH: Final = (
    "primero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve treinta treinta-y-uno"
)
_ITALIAN: Final = (
    "primo due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici diciassette diciotto diciannove venti ventuno ventidue ventitré ventiquattro "
    "venticinque ventisei ventisette ventotto ventinove trenta trentuno"
)
_PORTUGUESE: Final = (
    "primeiro dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
    "dezasseis dezassete dezoito dezanove vinte vinte-e-um vinte-e-dois vinte-e-três "
    "vinte-e-quatro vinte-e-cinco vinte-e-seis vinte-e-sete vinte-e-oito vinte-e-nove trinta "
    "trinta-e-um"
)


def _numbered(*lines: str) -> dict[str, int]:
    return {word: at for line in lines for at, word in enumerate(line.split(), 1)}


_ENGLISH_DAYS: Final = _numbered(_ORDINALS)
_BENT_DAYS: Final = _numbered(_GERMAN)
_BARE_DAYS: Final = _numbered(_ITALIAN, _DUTCH, _DUTCH_COUNTS) | {"een": 1}
_FRENCH_DAYS: Final = _numbered(_FRENCH) | {"un": 1}
_OF_DAYS: Final = (
    _numbered(_PORTUGUESE, _SPANISH)
    | {"uno": 1, "um": 1, "dezesseis": 16, "dezessete": 17, "dezenove": 19}
)  # fmt: skip
_DAY_OF: Final = _ENGLISH_DAYS | _BENT_DAYS | _BARE_DAYS | _FRENCH_DAYS | _OF_DAYS
_WORDS: Final = frozenset({"may", "march", "mar", "mai"})
"""Months that are words of another kind as well: days only with what else makes a date."""
_HYPHEN: Final = re.compile(r"[\s-]+")


def _spelled(words: dict[str, int]) -> str:
    """Match the words, whether their parts are joined or stand apart."""
    return any_of(words).replace(r"\-", r"[\s-]")


def _named(match: re.Match[str], today: date) -> date:
    at = _DAY_OF[_HYPHEN.sub("-", match["spelled"].casefold())]
    month = MONTH_OF[match["month"].casefold()]
    if match["year"]:
        return date(int(match["year"]), month, at)
    return of_year(today, month, at, way_of(match))


_M: Final = any_of(MONTH_OF)
_PLAIN: Final = any_of(MONTH_OF.keys() - _WORDS)
_YEAR: Final = r"(?:,?\s+(?:of\s+|de\s+)?(?P<year>20\d\d))?"
SPELLED_RULES: Final[tuple[Rule, ...]] = (
    rule(rf"(?P<spelled>{_spelled(_ENGLISH_DAYS)})\s+of\s+(?P<month>{_M}){_YEAR}", _named),
    rule(rf"(?P<month>{_M})\s+the\s+(?P<spelled>{_spelled(_ENGLISH_DAYS)}){_YEAR}", _named),
    rule(rf"(?P<month>{_PLAIN})\s+(?P<spelled>{_spelled(_ENGLISH_DAYS)}){_YEAR}", _named),
    rule(rf"(?P<spelled>{any_of(_BENT_DAYS)})[nr]?\s+(?P<month>{_M}){_YEAR}", _named),
    rule(rf"(?<=le )(?P<spelled>{_spelled(_FRENCH_DAYS)})\s+(?P<month>{_M}){_YEAR}", _named),
    rule(rf"(?P<spelled>{_spelled(_OF_DAYS)})\s+de\s+(?P<month>{_M}){_YEAR}", _named),
    rule(rf"(?P<spelled>{_spelled(_BARE_DAYS)})\s+(?P<month>{_PLAIN}){_YEAR}", _named),
)
