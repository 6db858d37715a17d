"""Numbers and days that are written in words; pure.

"Within thirty days" promises as much as "within 30 days", and "tomorrow" as much as a date. Words
for numbers count only before what they count: nobody promises anything by "two questions".
"""

import re
from collections.abc import Iterator
from typing import Final

from brain.days.words import COUNTS, RELATIVE

_MORE: Final = (
    (11, "eleven elf onze once undici"),
    (12, "twelve zwölf douze doce dodici twaalf doze"),
    (15, "fifteen fünfzehn quinze quince quindici vijftien"),
    (18, "eighteen achtzehn dix-huit dieciocho diciotto achttien dezoito"),
    (20, "twenty zwanzig vingt veinte venti twintig vinte"),
    (21, "twenty-one einundzwanzig veintiuno ventuno eenentwintig"),
    (24, "twenty-four vierundzwanzig vingt-quatre veinticuatro ventiquattro vierentwintig"),
    (28, "twenty-eight achtundzwanzig vingt-huit veintiocho ventotto achtentwintig"),
    (30, "thirty dreißig dreissig trente treinta trenta dertig trinta"),
    (36, "thirty-six sechsunddreißig trente-six trentasei zesendertig"),
    (40, "forty vierzig quarante cuarenta quaranta veertig quarenta"),
    (45, "forty-five fünfundvierzig quarante-cinq quarantacinque vijfenveertig"),
    (48, "forty-eight achtundvierzig quarante-huit quarantotto achtenveertig"),
    (50, "fifty fünfzig cinquante cincuenta cinquanta vijftig cinquenta"),
    (60, "sixty sechzig soixante sesenta sessanta zestig sessenta"),
    (70, "seventy siebzig soixante-dix setenta settanta zeventig"),
    (72, "seventy-two zweiundsiebzig settantadue tweeënzeventig"),
    (80, "eighty achtzig quatre-vingts ochenta ottanta tachtig oitenta"),
    (90, "ninety neunzig quatre-vingt-dix noventa novanta negentig"),
    (100, "hundred hundert cent cien cento honderd cem"),
    (365, "three-hundred-and-sixty-five dreihundertfünfundsechzig"),
)
VALUES: Final = {word: count for word, count in COUNTS.items() if count > 1} | {
    word: count for count, words in _MORE for word in words.split()
}
"""What words for numbers mean, in seven languages."""
_MONEY: Final = r"pounds?|quid|euros?|dollars?|pfund|livres|libras|sterline|franken|francs"
_UNIT: Final = (
    r"(?:werk|arbeits|geschäfts|kalender)?tage?n?|days?|jours?|d[ií]as?|giorn[oi]|(?:werk)?dagen?"
    r"|weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|months?|monate?n?|mois|mes(?:es|i)?"
    r"|maanden|years?|jahre?n?|ans|années?|años?|ann[oi]|jaar|anos?|hours?|stunden?|heures?|horas?"
    r"|or[ae]|uren|uur|minutes?|minuten|minutos?|minuti"
    r"|percent|per cent|prozent|pour cent|por ciento|per cento|por cento|procent"
)
_NAMES: Final = "|".join(sorted(map(re.escape, VALUES), key=len, reverse=True))
_BETWEEN: Final = (
    r"(?:(?:full|whole|more|further|working|business|calendar|volle|weitere|ganze)\s+)?"
)
_COUNTED: Final = re.compile(
    rf"(?<![\w-])(?P<first>{_NAMES})(?:(?:\s*[-–]\s*|\s+(?:to|or|bis|oder|à|ou|a|o|of|tot)\s+)"  # noqa: RUF001 - the dash of spans
    rf"(?P<second>{_NAMES}))?[\s-]+{_BETWEEN}(?P<unit>(?P<money>{_MONEY})|{_UNIT})(?!\w)",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(rf"(?<![\w-])(?:{_NAMES})(?![\w-])", re.IGNORECASE)
_AHEAD: Final = {word: days for word, days in RELATIVE.items() if days > 0}
_DAYS: Final = "|".join(sorted(map(re.escape, _AHEAD), key=len, reverse=True))
_DAY: Final = re.compile(
    rf"(?<!\w)(?<!guten )(?<!goede )(?<!la )(?<!las )(?:{_DAYS})(?!\w)",
    re.IGNORECASE,
)


def counted(sentence: str) -> Iterator[tuple[int, bool]]:
    """Give the numbers that a sentence counts something by, and whether it is money."""
    for found in _COUNTED.finditer(sentence):
        for name in filter(None, (found["first"], found["second"])):
            yield VALUES[name.casefold()], found["money"] is not None


def numbers_named(text: str) -> frozenset[int]:
    """Give every number that a text names by a word."""
    return frozenset(VALUES[found[0].casefold()] for found in _NAMED.finditer(text))


def days_ahead(text: str) -> frozenset[int]:
    """Give how many days ahead a text names a day: ``tomorrow`` is 1."""
    return frozenset(_AHEAD[found[0].casefold()] for found in _DAY.finditer(text))
