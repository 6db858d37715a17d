"""The ways to name a day: dates, weekdays, feasts, parts of months, working days, spans of time.

Pure. The first rule that reads some words keeps them, so the order counts: dates first, then what
a weekday, a feast or a number alone may mean.
"""

import re
from datetime import date, timedelta
from typing import Final

from brain.days.meant import month_end
from brain.days.nothing import is_dated, is_measure, is_street
from brain.days.pattern import Reader, Rule, any_of, behind, rule
from brain.days.readers import (
    HOUR,
    UNITS,
    ago,
    counted,
    counted_months,
    day_of_month,
    day_that_fits,
    feast,
    hours,
    is_told,
    named_month,
    numeric,
    relative,
    way_of,
    week_end,
    weekday,
    weekend,
)
from brain.days.spelled import SPELLED_RULES
from brain.days.weeks import WEEK_RULES
from brain.days.words import (
    COUNTS,
    DAY_OF,
    FEASTS,
    MONTH_OF,
    MONTHLY,
    MONTHS,
    RELATIVE,
    WEEKLY,
    YEARLY,
)
from brain.feasts import MOVABLE, coming

WORKING_MAX = 60
"""Working days that are counted; more are no deadline."""
_LONG_MONTHS = {line.split()[0]: at for at, line in enumerate(MONTHS, 1)}


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


def movable(match: re.Match[str], today: date) -> date:
    """Read a feast that moves from year to year."""
    name = match["feast"].casefold()
    this = MOVABLE[name](today.year)
    if way_of(match) == "back":
        return this if this <= today else MOVABLE[name](today.year - 1)
    return coming(name, today)


def _dashed(match: re.Match[str], today: date) -> date | None:
    return None if is_measure(match) else numeric(match, today)


def _slashed(match: re.Match[str], today: date) -> date | None:
    """Read 3/12 where a word before it tells that it is a day: "on", "paid", "Friday"."""
    return numeric(match, today) if is_dated(match) or is_told(match) else None


def _month_named(match: re.Match[str], today: date) -> date | None:
    return None if is_street(match) else named_month(match, today)


_SHORT_DAY = "by|before|until|till|til|b4|on|this|next|last|since|coming"
_FEIRA = (
    "até|na|para|pra|próxima|esta|desde|última|nesta|antes de|depois de|partir de|chegar|toda|vem|"
    "chega"
)
"""Before a weekday of the Portuguese that is short for one: "sexta"."""
_BETWEEN = (
    r"(?:the next|the coming|den nächsten|der nächsten|les|los próximos|as próximas|os próximos|"
    r"nos|"
    r"i prossimi|de komende|de volgende)\s+"
)
_WITHIN = (
    r"(?P<within>in|within|inside|binnen|innerhalb von|innerhalb|dans|sous|d'ici|en|em|"
    r"dentro de|en un plazo de|en el plazo de|no prazo de|num prazo de|nel giro di|"
    r"entro|tra|fra|nei prossimi|nos próximos|w ciągu|в течение|через)\s+"
    rf"(?:{_BETWEEN})?"
)
_STRICTLY = (
    r"(?P<within>within|inside|binnen|innerhalb|innerhalb von|sous|d'ici|dentro de|entro|"
    r"en el plazo de|en un plazo de|no prazo de)\s+(?:the next\s+)?"
)
_WITHIN_EN = r"(?P<within>in|within|inside)\s+(?:the next\s+)?"
_COUNT = rf"(?P<count>\d{{1,3}}|{any_of(COUNTS)})"
_UNIT = rf"(?P<unit>{'|'.join(pattern for pattern, _ in UNITS)})"
_YEAR = r"(?:,?\s+(?:de\s+)?(?P<year>20\d\d))?"
_DAY = rf"(?P<day>{any_of(DAY_OF)})"
_M = any_of(MONTH_OF)
_M_FIRST = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
"""English alone writes the month first; "en octubre 2 camisetas" are two shirts."""
_TH = r"(?:st|nd|rd|th|er|°|º|\.)?"
_D = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_NTH = (
    r"(?!\s+(?:time|attempt|try|tries|message|e?mail|week|day|month|year|order|one|person|call|"
    r"item|parcel|floor|replacement|refund|birthday|anniversary|edition|century|grade|gen\w*|"
    r"street|avenue|row|place|class|delivery|box|visit|hour|letter|complaint|party|party|option|"
    r"pair|shop|store|driver|agent|colleague|of all)\b)"
)
_NTE = (
    r"(?!\s+(?:keer|maal|poging|e?mail\w*|week|dag|maand|jaar|stuk|bestelling|pakket\w*|verdieping|"
    r"etage|kans|persoon|bericht|hands|klas|paar|doos|zending|levering|helft|vraag)\b)"
)
_GERMAN_END = (
    r"(?:\.(?!\d)(?=\s*$|\s*[,;!?)\n]|\s+(?!mal\b|tag\b|versuch|stock\b|etage|woche\b|mail\b)"
    r"(?-i:[a-zäöü]))|(?=\s*$|\s*[,;!?)\n]))"
)
_ROMANCE_END = (
    r"(?=\s*$|\s*[,.;!?)\n](?!\d)|\s+(?:à|au|et|mais|pour|je|j'|il|on|nous|vous|c'est|par|avec|"
    r"si|en|mon|ma|mes|dernier|prochain|matin|soir|ou|car|donc|sans|rien|toujours|pas|est|était|"
    r"d'après|selon|svp|y|o|pero|a|al|por(?! ciento)|que|con|no|mi|me|se|lo|la|ya|pasado|aún|"
    r"todavía|fue|era|"
    r"llegó|según|podría|puede|puedo|e|ma|va|per|non|è|sono|ho|alle|dalle|mattina|sera|scorso|"
    r"prossimo|o|mas|para|não|foi|às|pela|pode|posso|ainda|passado|próximo|já|ao|"
    r"de (?:este|esse|ce|questo) m\w+|du mois|del mese?|do (?:próximo )?mês)(?!\w))"
)
RULES: Final[tuple[Rule, ...]] = (
    rule(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", numeric),
    rule(r"(?P<day>\d{1,2})-(?P<month>\d{1,2})-(?P<year>20\d\d)", numeric),
    rule(
        rf"{_D}{_TH}\s*(?:of\s+|de\s+)?(?P<month>{_M})\b\.?{_YEAR}"
        r"(?!(?<=mai)\s+(?:più|arrivat|ricevut|vist|avut))(?!(?<=may)\s+(?:need|be|have|not|also|"
        r"want|come|get|i|you|we|it|they|well|as)\b)",
        _month_named,
    ),
    rule(
        rf"(?<!\bim )(?<!\bin )(?P<month>{_M_FIRST})\.?\s+(?:the\s+)?{_D}{_TH}{_YEAR}",
        _month_named,
    ),
    rule(rf"(?<=\bin )(?P<month>{_M_FIRST})\s+{_D}(?:st|nd|rd|th){_YEAR}", _month_named),
    rule(
        r"(?<!um )(?<!at )(?<!rated )(?<!version )(?P<day>\d{1,2})[./](?P<month>\d{1,2})"
        r"(?:[./](?P<year>(?:20)?\d\d)|\.(?!\d))",
        _dashed,
    ),
    rule(
        rf"{behind('am|bis|zum|vom|ab dem|seit dem|spätestens')}"
        r"(?P<day>\d{1,2})\.(?P<month>0?[1-9]|1[0-2])(?P<year>)(?!\s*(?:[€$£%]|euro|uhr|kg|cm))",
        numeric,
    ),
    rule(
        rf"{behind('op|voor|vóór|uiterlijk|sinds|vanaf')}"
        r"(?P<day>\d{1,2})-(?P<month>0?[1-9]|1[0-2])(?P<year>)(?!-)",
        numeric,
    ),
    rule(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})(?P<year>)", _slashed),
    *SPELLED_RULES,
    rule(rf"(?P<feast>{any_of(MOVABLE)})", movable),
    *WEEK_RULES,
    rule(
        rf"(?P<named>{any_of(DAY_OF)}|mon|sat|sun)\.?,?\s+(?:the\s+)?{_D}(?:st|nd|rd|th){_NTH}",
        day_of_month,
    ),
    rule(
        rf"(?P<named>{any_of(DAY_OF)}),?\s+(?:den\s+|le\s+|dia\s+|día\s+)?{_D}\.?"
        r"(?=\s*$|\s*[,;!?)](?!\d)|\s+(?:um|at|à|alle|om|às|bitte|please|pls|svp|works|passt|geht|si|por)\b)",
        day_that_fits,
    ),
    rule(r"(?:(?<=by )|(?<=before )|(?<=b4 ))next week", _next_week),
    rule(
        rf"{_WITHIN_EN}{_COUNT}\s+(?:working|business|work|week)[\s-]?days?",
        _working_days,
    ),
    rule(rf"{_WITHIN_EN}(?:a\s+)?fortnight", _fortnight),
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
    rule(rf"(?<!in the )(?P<feast>{any_of(FEASTS)})", feast),
    rule(rf"{_COUNT}\s+{_UNIT}\s+ago", ago),
    rule(rf"(?:vor|il y a|hace)\s+{_COUNT}\s+{_UNIT}", ago),
    rule(rf"{_WITHIN}{_COUNT}\s+{_UNIT}", counted),
    rule(
        rf"{_STRICTLY}(?:{_COUNT}|(?P<one>eine[sn]?))\s+(?:months?|monate?[sn]?|monats|mois|"
        rf"mes(?:es)?|mes[ei]|mês|maand(?:en)?)",
        counted_months,
    ),
    # Dutch; in English "over three weeks" is how long somebody has waited.
    rule(rf"(?P<within>over)\s+{_COUNT}\s+(?P<unit>dag|dagen|weken)", counted),
    rule(rf"{_COUNT}\s+(?P<unit>gün|hafta)\s+(?P<within>içinde)", counted),
    rule(rf"{_WITHIN}(?P<count>\d{{1,3}})\s*(?:{HOUR})", hours),
    rule(
        r"(?:end of|ende?|einde?|fin|fine|fim|final|finales|końca|koniec|конца)"
        r"(?:\s+(?:the|this|of|der|des|dieser|de|du|la|el|del|do|da|desta|van|deze|het|esta|"
        r"cette))*"
        rf"\s+(?P<next>next\s+|nächster\s+)?(?P<unit>{any_of(WEEKLY | MONTHLY | YEARLY)})",
        week_end,
    ),
    rule(r"(?P<unit>monatsende|jahresende)(?P<next>)", week_end),
    rule(r"(?P<within>entro)\s+(?:la|questa)\s+(?P<unit>settimana)(?P<next>)", week_end),
    rule(
        r"(?P<this>this\s+|dieses\s+|diesem\s+|ce\s+|este\s+)?(?:coming\s+)?"
        r"(?:weekend|wochenende|week-end|fin de semana|finde|fine settimana|fim[ -]de[ -]semana)",
        weekend,
    ),
    rule(rf"(?P<relative>{any_of(RELATIVE)})", relative),
    rule(
        rf"{_DAY}(?:abend|morgen|mittag|nachmittag|vormittag|früh|avond|middag|ochtend|nacht)?",
        weekday,
    ),
    rule(
        rf"{behind(_SHORT_DAY)}"
        r"(?P<day>sat|sun|mon)",
        weekday,
    ),
    rule(
        rf"{behind('am|bis|ab|seit')}(?-i:(?P<day>Mo|Di|Mi|Do|Fr|Sa|So))(?=[\s.,!?;]|$)",
        weekday,
    ),
    rule(
        r"(?P<day>segunda|terça|terca|quarta|quinta|sexta)(?:[ -]feira|(?=\s+(?:passada|que vem)))",
        weekday,
    ),
    rule(
        rf"{behind(_FEIRA)}"
        r"(?P<day>segunda|terça|terca|quarta|quinta|sexta)(?!\s+(?:vez|encomenda|compra|via|parte|"
        r"tentativa|pessoa|loja|foto|opção|mensagem|peça|caixa|feira)\b)",
        weekday,
    ),
    rule(
        r"(?:(?<=de )|(?<=da ))(?P<day>segunda|terça|terca|quarta|quinta|sexta)"
        r"(?=\s*$|\s*[,.!?]|\s+(?:foi|não|que|veio|à|passada|e|para|às|está|ainda|nunca)(?!\w))",
        weekday,
    ),
    rule(rf"(?<=the ){_D}(?:st|nd|rd|th){_NTH}", day_of_month),
    rule(
        rf"(?:{behind('on|by|before|until|till|since|from|for|the')}|"
        rf"(?<=day )){_D}(?:st|nd|rd|th){_NTH}",
        day_of_month,
    ),
    rule(
        rf"{_DAY}\.?,?\s+(?:the\s+)?{_D.replace('day', 'of_month')}(?:st|nd|rd|th){_NTH}",
        day_of_month,
    ),
    rule(
        rf"{behind('am|zum|vom|der|den|dem')}{_D}{_GERMAN_END}",
        day_of_month,
    ),
    rule(
        rf"(?:{behind('le|du|el|del|il|dal|entro il|para el')}|(?<=l'))"
        rf"(?<!tra le )(?<!fra le )(?<!\be le )(?<!entro le )(?<!per le )(?<!dopo le )"
        rf"(?<!verso le )"
        rf"{_D}(?:er|°|º)?{_ROMANCE_END}",
        day_of_month,
    ),
    rule(rf"{behind('dia|día|giorno')}{_D}(?!\s*(?:[€$£%]|[.,/]\d))", day_of_month),
    rule(rf"{behind('de')}{_D}(?:e|ste){_NTE}", day_of_month),
)
RULES_MONTH_FIRST: Final[tuple[Rule, ...]] = (
    rule(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})(?:/(?P<year>20\d\d|\d\d))", _dashed),
    rule(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})(?P<year>)", _slashed),
    *RULES,
)
SPANS: Final[frozenset[Reader]] = frozenset(
    {
        ago, counted, counted_months, hours, weekend, week_end, _in_month, _end_of_month,
        _next_week, _working_days, _fortnight,
    }
)  # fmt: skip
"""They tell where a span of time leads to; a day is named only where it is a deadline."""
HIER: Final[Rule] = rule(r"hier", lambda _match, today: today - timedelta(days=1))
"""Yesterday in French; "here" in German and Dutch."""
