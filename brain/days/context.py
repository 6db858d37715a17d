"""Whether something is needed by a day: what the words around it ask for; pure.

A word before the day asks for it ("by Sunday", "entro sabato") or stands behind it ("Friday at the
latest"); or what the customer wants or plans hangs on it ("I need it on Friday"). None is what the
shop had promised, until when something is open or somebody away, and what is no more needed.
"""

import re
from typing import Final

from brain.days.occasions import is_own_day, is_wanted

_BY: Final = (
    r"(?:no later than|not later than|at the latest|in time for|on or before|prior to|ahead of|"
    r"by|before|b4|until|till|til|for|within|latest|bis spätestens|bis|allerspätestens|"
    r"spätestens|vor|für|binnen|"
    r"avant|d'ici|d\u2019ici|au plus tard|pour|antes d(?:el?|[oa])|para|hasta|dentro de|"
    r"a más tardar|"
    r"como (?:muy )?tarde|entro e non oltre|entro|al più tardi|prima di|até|o mais tardar|"
    r"no máximo até|voor|vóór|uiterlijk|op zijn laatst|tegen|przed|najpóźniej|do|en geç|"
    r"jusqu['\u2019]\u00e0|jusqu['\u2019]au|fino a|fino al|tot|не позднее|не позже|до|перед)"
)
_ARTICLE: Final = (
    r"(?:\s+(?:the end of|end of|ende der|ende dieser|fin de|the|this|coming|next|le|la|el|las|los|"
    r"zum|zur|dem|den|die|diesen|diesem|dieser|nächsten|kommenden|ce|cette|este|esta|il|"
    r"close of (?:business|play)|end of (?:business|play|day)|cob|eod|einschließlich|"
    r"(?:le|alle) \d{1,2}(?:[:.]\d\d)?(?: di)?|on|am|lo|at|latest|spätestens|noon|midday|"
    r"midnight|lunchtime|close|"
    r"\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm)|\d{1,2}:\d\d|"
    r"(?:my|our|his|her|their|the)(?: \w+){0,2} (?:wedding|birthday|party|trip|holidays?|flight|"
    r"anniversary|event|exam|move|christening|funeral|graduation|festival|race|concert|interview)"
    r"(?: is)?|het|de|ao|à|na|os|deze|dit|komende|volgende|aanstaande|"
    r"a\.s\.|o dia|ao dia|dia|questo|questa|prossim[oa]|próxim[oa]|prochaine?|w|we|"
    r"najbliższ\w+|в|во))*\s+"
)
_PLACED: Final = re.compile(rf"(?<![\w-])(?P<by>{_BY})(?P<article>{_ARTICLE})$", re.IGNORECASE)
_ASK_MAX: Final = 70
_VISIT: Final = re.compile(
    r"\b(?:com\w+|came|stop\w*|drop\w*|pop\w*|swing|go|pass\w*)\s+$", re.IGNORECASE
)
"""Who comes by on Saturday needs nothing by then."""
_STRICT: Final = re.compile(
    r"(?:before|b4|prior|ahead|vor|avant|antes|prima|vóór|przed|перед)\b", re.IGNORECASE
)
_UNTIL_BEHIND: Final = re.compile(
    r"(?:'\w{1,3})?(?:\s+gününe)?\s+(?:kadar|dek)\b|\s+(?:by|before|bis|avant|antes de|entro|"
    r"voor|até) (?:noon|midday|"
    r"lunch\w*|mittag|midi|mezzogiorno|(?:le |las |às )?\d{1,2}(?:[:.]\d\d)?\s?(?:am|pm|uhr|h|"
    r"uur)?)(?!\w)|"
    r",?\s+(?:at (?:the )?(?:very )?latest|latest|"
    r"au plus tard|al più tardi|a más tardar|como (?:muy )?tarde|como mucho|o mais tardar|"
    r"no máximo|"
    r"op zijn laatst|op z'n laatst|uiterlijk|spätestens|najpóźniej|самое позднее)(?!\w)",
    re.IGNORECASE,
)
"""Asks for the day it stands behind: "pazara kadar", "Friday at the latest"."""
_DEADLINE: Final = re.compile(
    r"\b(?:deadline|frist|dernier délai|date limite|fecha límite|plazo|scadenza|termine ultimo|"
    r"uiterste datum|prazo)(?:\s+(?:is|ist|est|es|è|é|bis|zum|den|der|le|el|il|o))*\s*:?\s*$",
    re.IGNORECASE,
)
_PROMISED: Final = re.compile(
    r"\b(?:supposed|promised|promise|(?:you|they|he|she|it|email|site|website) (?:said|says|"
    r"states?)|"
    r"should have|should've|shouldve|was due|were due|meant to|told (?:me|us|it)|guaranteed|"
    r"expected|"
    r"estimated|versprochen|zugesagt|angekündigt|hieß|hätten? (?!gern|lieber)|"
    r"(?<!^)sollte|devai[ts]|devaient|promis|annoncé|prévue?s?\b|debía|prometi|"
    r"doveva|promess|avrebbe|previst|zou(?:den)?(?! graag)|beloofd|toegezegd|devia|deveria|"
    r"era para|"
    r"tenía[nis]* que|teníais|miał[aoy]?\b|obieca|gelecekti|должн|обеща)",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(r"(?:in|en|em|dans|fra|tra|over)\b", re.IGNORECASE)
"""How long it takes, where it is asked: "do you ship in 2 days?"."""
_BEST: Final = re.compile(
    r"\b(?:best|use|sell|zu verbrauchen|haltbar|mindestens|à consommer|da consumarsi|consumir|"
    r"consumar|houdbaar|validade)\b[^.!?]{0,16}$",
    re.IGNORECASE,
)
"""What stands on food."""
_THEN: Final = re.compile(
    r"\b(?:need|want|brauch|faut|besoin|necesit|serve|nodig|precis)\w*(?: \w+){0,3} "
    r"(?:before (?:then|that)|by then|vorher|davor|avant|antes|prima)\b|\bervoor nodig\b",
    re.IGNORECASE,
)
_HOW_LONG: Final = re.compile(
    r"\b(?:is it|are they|do i have|have i got|how long|i have|wie lange|hab(?:e)? ich|ist das|"
    r"combien de "
    r"temps|ai-je|cuánto tiempo|tengo|quanto tempo|ho|hoe lang|heb ik|tenho)\b",
    re.IGNORECASE,
)
"""A question after a rule of the shop: "do I have 14 days"."""
_NO_MORE: Final = re.compile(
    r"\b(?:no longer|not? (?:be )?(?:need|fly|travel|leav|com|mak|attend)\w*|don'?t need|"
    r"doesn'?t need|"
    r"won'?t (?:be )?(?:need|fly|travel|leav|com|mak|attend)\w*|can(?:'|no)?t (?:fly|travel|come|"
    r"make|"
    r"attend)|not fly|any ?more|nicht mehr|kein\w* mehr|doch nicht|ne \w+ plus|n'ai plus|"
    r"pas besoin|"
    r"plus besoin|ya no|no necesit\w+|no (?:podemos|puedo|vamos|voy)|non (?:mi serve|ho bisogno|"
    r"serve|"
    r"posso|possiamo|parto|parti\w+)|(?:niet|geen) (?:meer|nodig)|não (?:preciso|posso|vou|vamos)|"
    r"já não|passed away|died|gestorben|verstorben|décéd\w+|mort|fallec\w+|murió|mort[oa]|deceduto|"
    r"overleden|faleceu|morreu)\b",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"\b(?:open|opening|close[sd]?|geöffnet|offen|öffnungs\w*|habt ihr|auf haben|ouvert|ouvrez|"
    r"ouvre|"
    r"fermé|abiert|abrís|abren|cerrad|aprite|apert|chius|geopend|gesloten|dicht|abert|abrem|fechad|"
    r"otwar|aç.k|откры|работа)",
    re.IGNORECASE,
)
_LASTS: Final = re.compile(
    r"\b(?:valid|expires?|runs?|lasts?|wait\w*|stay\w*|sale|offer|on until|away|back|off sick|ill|"
    r"gilt|gültig|läuft|warte\w*|bleib\w*|angebot|aktion|valable|offre|attend\w*|reste\w*|válid\w*|"
    r"vale|oferta|esper\w+|qued\w+|valid[oa]|vale|offerta|aspett\w+|geldig|loopt|wacht\w*|blijf\w*|"
    r"aanbieding|actie|promo\w*|fic\w+|good for|free|frei|trial)\b",
    re.IGNORECASE,
)
"""What goes on until a day."""
_GRANTED: Final = re.compile(
    r"\b(?:(?:have|has|got|give\w*|gave|until when) |you'?ve got|avez|laisse|donne|ten[eé]is|"
    r"tienen?s?|"
    r"tienes|doy|damos|avete|hai|do tempo|hebben|krijgen|heb je|têm|tem|dou|need|want|must|faut|"
    r"nodig|brauch)",
    re.IGNORECASE,
)
"""Somebody is given until a day."""
_AWAY: Final = re.compile(
    r"\b(?:away|on (?:holiday|vacation|leave)|abroad|out of (?:town|office|the country)|"
    r"travell?ing|in hospital|(?:not|n't) (?:be )?(?:at )?(?:home|here|in)|verreist|im urlaub|"
    r"nicht (?:da|zu hause|zuhause|daheim)|unterwegs|im krankenhaus|absente?s?|en vacances|"
    r"en voyage|"
    r"pas là|hospitalisée?|fuera|de vacaciones|de viaje|no est(?:oy|amos|aré)|via|in vacanza|"
    r"in ferie|"
    r"non ci sono|weg|op vakantie|niet thuis|afwezig|fora|de férias|não estou|ausente|assente)\b",
    re.IGNORECASE,
)
_HERE: Final = re.compile(
    r"\b(?:(?:ich|wir) (?:bin|sind)|(?:bin|sind) (?:ich|wir)|estou|estamos|i'?m|we'?re|dauert?|"
    r"verlänger\w*|verschoben)\b",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(
    r"(?:before|b4|until|till|til|vor|bis|avant|antes|hasta|prima|voor|vóór|até|jusqu)\b",
    re.IGNORECASE,
)
_UNTIL: Final = re.compile(r"(?:until|till|til|jusqu.*|hasta|fino al?|tot)$", re.IGNORECASE)
_ALSO_BY: Final = re.compile(r"(?:bis|até)$", re.IGNORECASE)
_FOR: Final = re.compile(r"(?:for|für|pour|para|voor)$", re.IGNORECASE)
_NOT: Final = re.compile(
    r"\b(?:not|don'?t|do not|never|won'?t|nobody|no one|no (?:delivery|parcel)|nicht|erst|pas|"
    r"surtout pas|no|non|niet|não)\b[^.!?\n]{0,25}$",
    re.IGNORECASE,
)
_NOT_BY: Final = re.compile(
    r"\b(?:is(?:n'?t| not)|not (?:here|there|in)|da ist|nicht da)\b", re.IGNORECASE
)
_IF: Final = re.compile(
    r"\b(?:if|unless|wenn|falls|sollte|si|s'il|se|als|indien|caso)\b", re.IGNORECASE
)
_I: Final = re.compile(
    r"\b(?:i|i'm|we|ich|wir|bin|je|nous|ik|wij|estoy|estamos|sono|siamo|estou|estamos)\b",
    re.IGNORECASE,
)
_UP_TO_NOW: Final = re.compile(
    r"(?:heute|today|now|hoy|aujourd['\u2019]hui|oggi|vandaag|hoje)(?!\s+(?:abend|nachmittag|"
    r"mittag|"
    r"evening|noon|soir|noche|tarde|sera|avond|à noite|um|at|\d))",
    re.IGNORECASE,
)
_JOB: Final = re.compile(
    r"\b(?:hir(?:e|ing)|jobs?|staff|temps?|students|einstell\w+|aushilfe\w*|embauch\w+|recrut\w+|"
    r"contrat\w+|assum\w+|vacature\w*|emprego|empleo|lavoro|bijbaan)\b",
    re.IGNORECASE,
)
_RETURNS: Final = re.compile(
    r"\b(?:return|exchange|send (?:it|them|this|these)? ?back|withdraw|bring (?:it|them) back|"
    r"zurückgeben|zurückschicken|umtauschen|widerruf\w*|retourner|renvoyer|rétract\w+|échanger|"
    r"devolver\w*|desistir|restituire|recesso|cambiare|retourneren|terugsturen|ruilen|herroep\w*|"
    r"trocar)\b",
    re.IGNORECASE,
)
_BROKE: Final = re.compile(
    r"\b(?:broke|broken|stopped|fell|came|died|arrived|got|was|were|had|kaputt|ging|kam|war|"
    r"cassée?|"
    r"tombée?|lâché|rompió|rompieron|llegó|rott[oa]|arrivat[oa]|kapot|kwam|quebrou|estragou|"
    r"chegou)\b",
    re.IGNORECASE,
)
"""How long it took: "it broke within two weeks"."""
_COUNTED_FROM: Final = re.compile(
    r"\s+(?:of|after|from|since|nach|ab|après|suivant|depuis|dalla|dal|da|desde|después|a partir|"
    r"na|vanaf|após)\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(
    r"[,;:]\s|\s(?:and|und|et|y|e|but|aber|mais|pero|maar|mas|ma|or|oder|now|jetzt|so)\s",
    re.IGNORECASE,
)
_POLISH: Final = re.compile(
    r"\d|\w*(?:[ąćęłńśźż]|dzi|czwart|sobot|jutr|grudnia|końca|świąt|wigil|sylw)", re.IGNORECASE
)


def by(text: str, start: int) -> re.Match[str] | None:
    """Find the word that asks for a day: "by", "bis zum", "entro il"."""
    placed = _PLACED.search(text[:start][-_ASK_MAX:])
    if placed is None or _VISIT.search(placed.string[: placed.start()]):
        return None
    if placed["by"].casefold() == "do" and (
        placed["article"].strip() or not _POLISH.match(text, start)
    ):
        return None  # Polish; "can you do Friday", "o pedido do domingo"
    return placed


def is_asked(text: str, start: int, end: int) -> bool:
    """Say whether a word asks for a day, other than "for"."""
    placed = by(text, start)
    if placed is not None and not (_FOR.match(placed["by"]) or _UNTIL.match(placed["by"])):
        return True
    return _UNTIL_BEHIND.match(text, end) is not None


def is_deadline(text: str, start: int, end: int, *, within: bool, coming: bool) -> bool:
    """Say whether something is needed by a day.

    Args:
        text: The message.
        start: Where the day begins.
        end: Where it ends.
        within: It is named with how long it may take: "within 3 days".
        coming: It is not over.
    """
    said = re.split(r"(?<!\d)[.!?;\n]\s|\n", text[:start][-120:])[-1]
    behind = re.split(r"(?<!\d)[.!?\n](?:\s|$)|\n", text[end : end + 80], maxsplit=1)[0]
    near, next_to = _CLAUSE.split(said)[-1], _CLAUSE.split(behind, maxsplit=1)[0]
    if _PROMISED.search(near) or _PROMISED.search(next_to) or _is_over(near, next_to):
        return False
    if _THEN.search(behind):
        return coming
    if within:
        asked = _ASKED.search(text[start:end]) is not None and "?" in text[end : end + 40]
        return _is_limit(said, near, next_to, asked=asked) and not _COUNTED_FROM.match(behind)
    placed = by(text, start)
    if (placed is None or _FOR.match(placed["by"])) and is_own_day(
        near, next_to, said + text[start:end] + behind
    ):
        return False
    if placed is not None and _serves_none(text[start:end], near, next_to, placed):
        return False
    latest = _UNTIL_BEHIND.match(text, end) and not _OPEN.search(near + next_to)
    if placed is not None or latest or _DEADLINE.search(said):
        return True
    return coming and is_wanted(said, next_to) and not _OPEN.search(said)


def _is_limit(said: str, near: str, next_to: str, *, asked: bool) -> bool:
    """Tell a limit from a shop's rule, a question after it, and how long something took."""
    if _HOW_LONG.search(said) or (asked and not is_wanted(said, next_to)):
        return False
    return not (_RETURNS.search(near + next_to) or _BROKE.search(near + next_to))


def is_strict(text: str, start: int) -> bool:
    """Say whether the day itself is too late: "before", not "by"."""
    placed = by(text, start)
    return placed is not None and _STRICT.match(placed["by"]) is not None


def _is_over(near: str, next_to: str) -> bool:
    """Tell what is no more needed, and who is no more."""
    return _NO_MORE.search(near) is not None or _NO_MORE.search(next_to[:40]) is not None


def _serves_none(day: str, near: str, next_to: str, placed: re.Match[str]) -> bool:
    """Tell "not before Sunday", "away until Sunday", "open until Sunday", "nothing until today"."""
    word = placed["by"]
    before = near[: max(0, len(near) - len(placed[0]))]
    if _BEST.search(before):
        return True
    until = _UNTIL.match(word) is not None
    if _IF.search(before):
        return False
    if _BEFORE.match(word) and not _ALSO_BY.match(word) and _NOT.search(before):
        return True
    if until or _ALSO_BY.match(word):
        if _UP_TO_NOW.match(day + next_to) and not _GRANTED.search(before):
            return True
        around = before + next_to if _I.search(before + next_to) else before
        if (
            _HERE.search(before + next_to)
            or _AWAY.search(around)
            or _OPEN.search(before + next_to)
            or _LASTS.search(before)
        ):
            return True
        return until and bool(before.strip()) and not _GRANTED.search(before)
    if _FOR.match(word):
        return _JOB.search(before) is not None or _OPEN.search(before) is not None
    return False
