"""What the words around a day make of it: over, none to be served by, the latest one; pure."""

import re
from typing import Final

_PAST: Final = re.compile(
    r"\b(?:ordered|bought|paid|placed|purchased|received|arrived|came|got|gotten|delivered|sent|"
    r"shipped|returned|posted|called|wrote|emailed|charged|happened|visited|dropped|picked up|"
    r"(?:was|were) (?:supposed|meant|due|going)(?: to \w+)?|should(?:'ve|ve| have) \w+|"
    r"devai(?:t|ent)|aurai(?:t|ent) d[ûu]|hätten?|debía|tenía que|debería haber|doveva|"
    r"avrebbe dovuto|ha(?:d|dden)(?: \w+){0,3} moeten|devia|deveria ter|era para)\b",
    re.IGNORECASE,
)
_COMING: Final = re.compile(
    r"\b(?:will|won't|'ll|arrives?|comes?|coming|leav\w+|fly\w*|need\w*|want\w*|must|can|could|would|"
    r"going|deliver|send|bring|is|are|it's|until|till)\b",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(r"\b(?:next|this|coming|following)\s+$", re.IGNORECASE)
_NOT: Final = re.compile(
    r"\b(?:not|don'?t|do not|never|won'?t|nobody|no one|no (?:delivery|parcel))\b[^.!?\n]{0,25}$",
    re.IGNORECASE,
)
_AWAY: Final = re.compile(
    r"\b(?:away|on (?:holiday|vacation|leave)|abroad|out of (?:town|office|the country)|"
    r"travell?ing|in hospital|(?:not|n't) (?:be )?(?:at )?(?:home|here|in))\b[^.!?\n]{0,12}$",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(r"(?:before|b4|until|till|til)\b", re.IGNORECASE)
_UNTIL: Final = re.compile(r"(?:until|till|til)\b", re.IGNORECASE)
_LATEST: Final = re.compile(r",?\s+(?:at (?:the )?(?:very )?latest|latest)\b", re.IGNORECASE)

_BOOKED: Final = re.compile(
    r"\b(?:book(?:ing|ings|ed)? (?:me|us|in|a|for|my)|(?:to|and|i|we|can i|could i) book|"
    r"bookings?|booked|reserv\w+|"
    r"tables? for|a table|appointments?|a (?:slot|room|seat|spot|class|session|court)|"
    r"(?:einen|nen|ein|der|den|mein\w*) (?:tisch|termin|platz|zimmer)|tisch für|termine?|"
    r"buch(?:e|en|ung|ungen)|gebucht|une (?:table|chambre|place)|table pour|rendez[- ]vous|rdv|"
    r"réserv\w+|una? (?:mesa|cita|habitación|turno)|mesa para|cita para|tavolo per|un tavolo|"
    r"prenot\w+|un(?:a|o)? (?:appuntamento|camera|posto)|appuntamento|een (?:tafel|afspraak|kamer)|"
    r"tafel voor|afspraak|reserver\w+|boek(?:en|ing)|uma (?:mesa|consulta)|um quarto|"
    r"marcar|marcação|agendar)\b",
    re.IGNORECASE,
)
_SENT: Final = re.compile(
    r"\b(?:deliver\w*|arriv\w+|ship\w*|parcel|package|send|sent|replacement|liefer\w*|paket|ankommen|"
    r"schick\w*|livr\w+|colis|envoy\w+|entreg\w+|lleg\w+|paquete|env[ií]\w+|consegn\w+|pacco|"
    r"bezorg\w*|pakket|cheg\w+)\b",
    re.IGNORECASE,
)
_FOR: Final = re.compile(r"(?:for|für|pour|para|per|voor|em)\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"[.!?\n](?:\s|$)")
_PROMISED: Final = re.compile(
    r"\b(?:supposed|promised|promise|said|should have|should've|shouldve|was due|were due|"
    r"meant to|told me|guaranteed|expected|sollte|versprochen|hätte|devait|promis|debía|prometi|"
    r"doveva|promess|avrebbe|zou|beloofd|devia|deveria|era para|tenía que|miał[aoy]?\b|obieca|"
    r"gelecekti|должн|обеща)",
    re.IGNORECASE,
)
_WANTED: Final = re.compile(
    r"\b(?:need|want|must|wedding|birthday|party|trip|holiday|travel|leav|fly|flight|gift|present|"
    r"brauch|benötig|hochzeit|geburtstag|urlaub|reise|flieg|fahre|geschenk|besoin|il me faut|"
    r"mariage|anniversaire|je pars|voyage|cadeau|necesito|boda|cumple|viaj|me voy|regalo|"
    r"serve|bisogno|compleanno|matrimonio|parto|nodig|moet|verjaardag|bruiloft|vakantie|cadeautje|"
    r"preciso|aniversário|casamento|presente|potrzebuj|urodzin|ślub|prezent|wyjeżdż|laz.m|"
    r"ihtiyac|doğum gün|düğün|hediye|нуж[еня]|рождени|свадьб|подар|уезжа)",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"\b(?:open|close|geöffnet|offen|ouvert|abiert|aprite|apert|geopend|abert|otwar|aç.k|откры|работа)",
    re.IGNORECASE,
)
_LAST: Final = re.compile(
    r"(?:last|letzten|letzte[rn]?|vorigen|since|seit|depuis|desde|(?:el )?pasado|vorige|"
    r"afgelopen|sinds|scors[oa]|últim[oa]|passad[oa]|od|zeszł\w+|ostatni\w*|geçen|\u0441\u043e?|прошл\w+)\s+$",
    re.IGNORECASE,
)
_LAST_BEHIND: Final = re.compile(
    r"\s+(?:dernier|dernière|pasad[oa]|scors[oa]|passad[oa])\b", re.IGNORECASE
)


def is_last(text: str, span: tuple[int, int]) -> bool:
    """Say whether the day is called the last one: "last Friday", "vendredi dernier"."""
    start, end = span
    before = text[max(0, start - 20) : start]
    return _LAST.search(before) is not None or _LAST_BEHIND.match(text, end) is not None


def is_wanted(around: str) -> bool:
    """Say whether words tell of a need or of a feast, and not of opening hours."""
    return _WANTED.search(around) is not None and not _OPEN.search(around)


def is_promised(around: str) -> bool:
    """Say whether words tell of what was promised for a day."""
    return _PROMISED.search(around) is not None


def is_booked_day(text: str, span: tuple[int, int], by: str | None) -> bool:
    """Say whether a day is the one that something is booked for: "a table for Saturday".

    Args:
        text: The message.
        span: Where the day stands in it.
        by: The word before it that asks for a day, where there is one; "by Friday" is a deadline
            of bookings, too.
    """
    if by is not None and not _FOR.match(by):
        return False
    before = _SENTENCE.split(text[: span[0]])[-1]
    around = before + text[span[0] : span[1]] + _SENTENCE.split(text[span[1] :])[0]
    return _BOOKED.search(around) is not None and _SENT.search(around) is None


def lies_back(around: str) -> bool:
    """Say whether words before a weekday tell of what has happened: "I ordered it on Sunday"."""
    happened = max((one.end() for one in _PAST.finditer(around)), default=-1)
    if happened < 0 or _NEXT.search(around):
        return False
    return not _COMING.search(around, happened)


def serves_none(before: str, by: str) -> bool:
    """Say whether nothing is needed by a day: "not before Sunday", "I'm away until Sunday".

    Args:
        before: What is said before the word that asks for a day.
        by: That word.
    """
    if _BEFORE.match(by) and _NOT.search(before):
        return True
    return bool(_UNTIL.match(by) and _AWAY.search(before))


def is_latest(text: str, at: int) -> bool:
    """Say whether "at the latest" follows."""
    return _LATEST.match(text, at) is not None
