"""What looks like a day and names none: good wishes, habits, sizes, addresses, mornings; pure."""

import re
from typing import Final

_WISH: Final = re.compile(
    r"(?<!\w)(?:nice|great|lovely|good|happy|merry|wonderful|fab\w*|super|relaxing|pleasant|"
    r"(?:enjoy|have) (?:your|the|a|an)|schöne[sn]?|frohes?|guten?|tolle[sn]|erholsame[sn]|"
    r"bon(?:ne)?|joyeux|joyeuse|excellente?|buen[ao]?|feliz|buon[ao]?|felice|fijne?|prettige?|"
    r"goed|goeie|mooi|b[oô]m|boa|ótim[oa])\s+(?:and\s+)?$",
    re.IGNORECASE,
)
_HABIT: Final = re.compile(
    r"(?<!\w)(?:(?:every|each|any|most|jede[nrms]?|alle|chaque|cada|ogni|elke?|ieder[e]?|tod[oa]|"
    r"tous les|toutes les|todos los|todas las|todos os|todas as|tutti i|tutte le)"
    r"(?:\s+(?:other|single|second|zweiten|santo|a|o|as|os))?|(?:on|for|such|like|of|have|"
    r"just) an?|einem?|un|uno|een|uma?|numa|num|"
    r"om de week(?: op)?|(?<!próximos )\blos)\s+$",
    re.IGNORECASE,
)
_GOODS: Final = re.compile(
    r"(?:'s)?(?:-\w|[ -](?:staff|jobs?|work|jumpers?|sweaters?|gifts?|presents?|cards?|trees?|"
    r"markets?|party|parties|do|dinner|lunch|menu|sales?|deals?|offers?|discounts?|codes?|promo\w*|"
    r"prices?|orders?|shopping|stockings?|decorations?|lights|box|boxes|hampers?|pudding|cakes?|"
    r"eggs?|costumes?|outfits?|dress|season|period|hours|opening|rush|cover|temps?|vacanc\w+|"
    r"songs?|"
    r"ads?|campaign|collection|edition|wishes|holidays?|break|specials?|bundles?|calendars?|"
    r"wreaths?|baubles?|pyjamas|pjs|jumble|shift|roles?|positions?|hires?|recruit\w*|"
    r"aktion\w*|angebot\w*|rabatt\w*|preise?|aanbieding\w*|korting\w*|rebajas)(?!\w))",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"(?<!\w)(?:de|di|du|do|da|del|della|dello)\s+$", re.IGNORECASE)
_DAY_ITSELF: Final = re.compile(
    r"(?:antes|prima|partir|después|après|dopo|depois|jour|día|dia|giorno|víspera|veille|vigilia|"
    r"antecedência|lendemain|más tarde|invece)\s+(?:de|di|du|do|da|del|della)\s+$",
    re.IGNORECASE,
)
_MORNING: Final = re.compile(
    r"(?:(?:heute|gestern|jeden|am|diesen|diesem|guten|goede|goeie|deze|elke|de|een|vom|"
    r"\w+tag)\s+(?=morgen$)|(?:la|esta|una|buena|cada)\s+(?=ma[ñn]ana$))\w+$",
    re.IGNORECASE,
)
_HELLO: Final = re.compile(
    r"^\W*(?:guten\s+|schönen\s+)?morgen(?=\s*[,!.]|\s+(?:zusammen|allerseits|ihr|leute|team|"
    r"liebe\w*|alle|allemaal|miteinander)\b)",
    re.IGNORECASE,
)
_FRACTION: Final = re.compile(r"[12]/[23]|[13]/4|1/[58]|[0-5]/5|(?:\d|10)/10|24/7")
_NAMED: Final = re.compile(
    r"(?:\b(?:on|by|before|b4|until|till|til|for|from|since|after|is|was|to|dated?|bis|zum|der|den|"
    r"dem|vom|am|vor|le|el|il|du|au|del|al|dal|avant|op|voor|em|para|dia|día)|[(,:])\s*$",
    re.IGNORECASE,
)
_MEASURE_BEFORE: Final = re.compile(
    r"\b(?:sizes?|gr\u00f6\u00dfe|taille|talla|taglia|maat|tamanho|eu|uk|us|age[ds]?|alter|"
    r"\u00e2ge|edad|"
    r"flat|apartment|apt|unit|suite|block|stiege|top|wohnung|appartement|appt|bâtiment|piso|"
    r"puerta|interno|int\.|scala|huisnummer|nr\.?|n[°º]|no\.|room|zimmer|version|season|saison|"
    r"temporada|stagione|seizoen|rated?|score|scored|won|lost)\s+$",
    re.IGNORECASE,
)
_MEASURE_BEHIND: Final = re.compile(
    r"\s*(?:of|out of|length|inch(?:es)?|sleeves?|zips?|size|cups?|off|full|the|years?|yrs?|yo|"
    r"jahre|ans|"
    r"años|anni|jaar|anos|stars?|sterne|étoiles?|estrellas?|stelle|sterren|estrelas|items?|pairs?|"
    r"parcels?|boxes|artikel\w*|articles?|articoli|teile|people|done|arrived|season)\b"
    r"|\s*[\"%★⭐]",
    re.IGNORECASE,
)
_STREET_BEHIND: Final = re.compile(r",?\s*\d{1,4}[a-z]?,?\s+[A-Z][\w'.-]+")
_STREET_BEFORE: Final = re.compile(
    r"(?:[A-ZÄÖÜ][\w'ßäöü.-]*(?:str\.|straße|strasse|weg|gasse|platz|allee|laan|straat|plein)|"
    r"(?:via|viale|piazza|calle|avenida|rue|rua|lane|road|street|gasse|avenue|plaza|"
    r"platz)\b[^.,!?]{0,25}?|"
    r"(?:goes|go|send it|ship it|deliver|moved|ziehe|move) to)\s+$",
    re.IGNORECASE,
)
_STREET: Final = re.compile(
    r"\s+(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|court|gardens|way|terrace|place|"
    r"square|crescent)\b",
    re.IGNORECASE,
)
_NAMED_STREET: Final = re.compile(
    r"\b(?:via|viale|piazza|corso|(?:rue|place|avenue|boulevard)(?: du)?|calle|plaza|rua|avenida|"
    r"praça|"
    r"stra(?:ß|ss)e des|platz des)\s+$",
    re.IGNORECASE,
)


def is_none(text: str, start: int, end: int) -> bool:
    """Say whether a day's name is a good wish, a habit or the time of day."""
    before = text[:start][-40:]
    if _WISH.search(before) or _HABIT.search(before):
        return True
    return _MORNING.search(text[:end][-25:]) is not None or _hello(text, end)


def _hello(text: str, end: int) -> bool:
    greeted = _HELLO.match(text)
    return greeted is not None and greeted.end() == end


def is_ware(text: str, start: int, end: int) -> bool:
    """Say whether a feast only tells which goods or jobs: "Christmas staff", "cadeau de Noël"."""
    if _GOODS.match(text, end):
        return True
    before = text[:start][-30:]
    return _OF.search(before) is not None and not _DAY_ITSELF.search(before)


def is_measure(match: re.Match[str]) -> bool:
    """Tell 3/4 length, size 10/12, flat 2/1, a half of something and a mark of ten from a day."""
    text = match.string
    before = text[: match.start()][-50:]
    if _MEASURE_BEFORE.search(before) or _MEASURE_BEHIND.match(text, match.end()):
        return True
    if _STREET_BEHIND.match(text, match.end()) or _STREET_BEFORE.search(before):
        return True
    return bool(_FRACTION.fullmatch(match[0])) and not (
        _NAMED.search(before) and match[0] != "24/7"
    )


def is_dated(match: re.Match[str]) -> bool:
    """Tell a day by the word before it, as "on" or "le", or by standing for itself."""
    before = match.string[: match.start()][-50:]
    return not is_measure(match) and (not before.strip() or _NAMED.search(before) is not None)


def is_street(match: re.Match[str]) -> bool:
    """Tell 12 May Street and via 4 novembre."""
    named = _NAMED_STREET.search(match.string[: match.start()][-30:])
    return named is not None or _STREET.match(match.string, match.end()) is not None
