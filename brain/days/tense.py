"""Which way the words around a day point: to what is over, or to what is to come; pure.

"Tuesday" is last Tuesday in "I took it to the post office on Tuesday" and the next one in "can it
come on Tuesday". The verb that stands nearest decides: before the day, then behind it, in the same
clause; then in the same sentence. What was promised is over where nothing came of it.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from brain.days.verbs import COMING, FAILED, HAPPENED, OWED, PROMISED, WEAK, WISHED
from brain.verdicts import Verdicts

Way = Literal["back", "ahead"]

_BEFORE_MAX: Final = 120
_BEHIND_MAX: Final = 100
"""Characters around a day that are read."""


_VERB: Final = re.compile(
    rf"(?<!\w)(?:(?P<wished>{WISHED})|(?P<owed>{OWED})|"
    rf"(?P<promised>{PROMISED})|(?P<over>{HAPPENED})|"
    rf"(?P<coming>{COMING})|(?P<weak>{WEAK}))(?!\w)"
    r"|(?<=\w)(?P<short>'(?:ll|d|ve got|s supposed|re supposed))(?!\w)",
    re.IGNORECASE,
)
_FAILED: Final = re.compile(rf"(?<!\w)(?:{FAILED})(?!\w)", re.IGNORECASE)
_SENTENCE: Final = re.compile(
    r"(?:(?<!(?<!\w)\d)(?<!(?<!\w)\d\d)\.|[!?;\u2026])+(?=\s|$)|\n|\s[-\u2013\u2014]\s|[()]"
)
_CLAUSE: Final = re.compile(
    r"[,:](?=\s)|\s(?:and|und|et|y|e|en|ma|but|aber|mais|pero|maar|mas|or|oder|ou|then|dann|puis|"
    r"luego|poi|so|because|denn|weil|car|porque|perché|omdat|cuz|cos|if|wenn|als|si|se|die|dat|"
    r"that|which|who|"
    r"(?<!tenía )(?<!tenías )(?<!teníais )(?<!tenían )(?<!tiene )(?<!tengo )(?<!tenho )que|qui|"
    r"che)(?=\s)",
    re.IGNORECASE,
)
_ARTICLE: Final = r"(?:\s+(?:the|my|den|dem|der|die|le|la|el|los|il|l'|lo|de|het|o|a|dia|día))*\s+$"
_FOR: Final = re.compile(rf"(?<!\w)(?:for|für|pour|para|per|voor){_ARTICLE}", re.IGNORECASE)
_SINCE: Final = re.compile(
    rf"(?<!\w)(?:since|seit|depuis|desde|sinds|od|\u0441\u043e?){_ARTICLE}", re.IGNORECASE
)
_ITALIAN_SINCE: Final = re.compile(r"(?<!\w)(?:da|dal|dall')\s*$", re.IGNORECASE)
"""Also from then on, where a verb says so."""
_LAST: Final = re.compile(
    r"(?:last|letzten|letzte[rnm]?|vergangene[nmr]?|vorige[nrm]?|(?:el )?pasado|afgelopen|"
    r"verleden|scors[oa]|últim[oa]|passad[oa]|zeszł\w+|ostatni\w*|geçen|прошл\w+)\s+$",
    re.IGNORECASE,
)
_LAST_BEHIND: Final = re.compile(
    r"\s+(?:(?:just )?gone|derni(?:er|ère)|passée?|pasad[oa]|scors[oa]|passat[oa]|passad[oa]|"
    r"jl\.?)(?!\w)",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(
    r"(?:next|coming|following|nächste[nrm]?|kommende[nrm]?|próxim[oa]|prossim[oa]|volgende|"
    r"komende|aanstaande|a\.s\.)\s+$",
    re.IGNORECASE,
)
_NEXT_BEHIND: Final = re.compile(
    r"\s+(?:prochaine?|que viene|próxim[oa]|prossim[oa]|que vem)(?!\w)", re.IGNORECASE
)
_THANKS: Final = re.compile(
    rf"\b(?:thanks|thank you|thx|cheers|sorry|danke|entschuldigung|merci|gracias|grazie|bedankt|"
    rf"dank|"
    rf"obrigad[oa])(?: (?:so much|a lot|very much|dir|euch|schön))? (?:for|für|pour|por|per|voor|"
    rf"pel[oa])"
    rf"{_ARTICLE}",
    re.IGNORECASE,
)
_PAPER: Final = re.compile(
    r"\b(?:order|receipt|invoice|purchase|bill|statement|email|letter|bestellung|rechnung|kauf|"
    r"quittung|beleg|kassenbon|bon|schreiben|mail|commande|facture|achat|ticket|reçu|courrier|"
    r"pedido|factura|compra|recibo|ordine|fattura|acquisto|scontrino|bestelling|factuur|aankoop|"
    r"kassabon|encomenda|fatura|nota fiscal)(?: \S{1,20})?\s+(?:from|of|dated?|vom|du|del|de|dal|"
    r"di|van|do|da|dia)(?: dia| día)?\s+$",
    re.IGNORECASE,
)
"""A paper bears the day it was written."""
_ATTRIBUTE: Final = re.compile(
    r"\s*(?:\w+\s+)?(?:be|ge|er|ver|an|aus|ab|zu|ein|über)\w+(?:t|en)e[nrms]?\s+[A-ZÄÖÜ]"
)
"""As the Germans put it before a noun: "die am Samstag gelieferten Stühle"."""


def way(text: str, start: int, end: int, *, asked: bool = False) -> Way | None:
    """Say which way the words around a day point; None where none tells.

    Args:
        text: The message.
        start: Where the day begins.
        end: Where it ends.
        asked: A word stands before or behind it that asks for something by then.
    """
    straight = text.replace("\u2019", "'")
    before = _SENTENCE.split(straight[max(0, start - _BEFORE_MAX) : start])[-1]
    behind = straight[end : end + _BEHIND_MAX]
    told = _by_itself(before, behind)
    if told is not None:
        return told
    rest = _SENTENCE.split(behind, maxsplit=1)[0]
    verbs = _Verbs(
        before=_kinds(straight, start - len(before), start),
        near=_kinds(straight, start - len(_CLAUSE.split(before)[-1]), start),
        next_to=_kinds(straight, end, end + len(_CLAUSE.split(rest, maxsplit=1)[0])),
        rest=_kinds(straight, end, end + len(rest)),
        failed=_FAILED.search(behind) is not None,
    )
    if asked or _FOR.search(before):
        return _by_then(verbs)
    told = _as_told(verbs)
    if told is None and _ITALIAN_SINCE.search(before) and not any(verbs.next_to):
        return "back"
    return told


def is_verb(word: str) -> bool:
    """Say whether a word tells of what has happened or is to come."""
    verb = _VERB.fullmatch(word)
    return verb is not None and verb.lastgroup != "weak"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verbs:
    """The kinds of the verbs around a day, in order."""

    before: list[str]
    """In its sentence."""
    near: list[str]
    """In its clause."""
    next_to: list[str]
    """In its clause, behind it."""
    rest: list[str]
    """In its sentence, behind it."""
    failed: bool
    """What follows says that nothing came of it."""


def _by_itself(before: str, behind: str) -> Way | None:
    """Read what stands next to the day: last, next, since; a paper of that day."""
    if _LAST.search(before) or _LAST_BEHIND.match(behind) or _SINCE.search(before):
        return "back"
    if _THANKS.search(before):
        return "back"
    if _NEXT.search(before) or _NEXT_BEHIND.match(behind):
        return "ahead"
    return "back" if _PAPER.search(before) or _ATTRIBUTE.match(behind) else None


def _by_then(verbs: _Verbs) -> Way:
    """Read a day that something is for, or asked by: over only if it was owed or promised."""
    told = next(iter(verbs.near[-1:]), None)
    if told in {None, "weak", "over"}:
        told = next((kind for kind in verbs.rest if kind not in {"weak", "over"}), None)
    if told == "promised" and not verbs.failed:
        return "ahead" if "coming" in verbs.rest else "back"
    return "back" if told in {"owed", "promised"} else "ahead"


def _as_told(verbs: _Verbs) -> Way | None:
    last, first = next(iter(verbs.near[-1:]), None), _first(verbs.next_to)
    if last == "coming" and verbs.failed and {"promised", "owed"} & set(verbs.before):
        return "back"
    if last == "promised" and not verbs.failed:
        return "ahead" if _first(verbs.rest) == "coming" else "back"
    if last == "weak":
        return _way(first, failed=verbs.failed)
    for verb in (last, first, next(iter(verbs.before[-1:]), None), _first(verbs.rest)):
        if verb not in {None, "weak"}:
            return _way(verb, failed=verbs.failed)
    return None


def _way(verb: str | None, *, failed: bool) -> Way | None:
    if verb in {"over", "owed"}:
        return "back"
    if verb == "promised":
        return "back" if failed else None
    return "ahead" if verb == "coming" else None


def _kinds(text: str, start: int, end: int) -> list[str]:
    """Name the kinds of the verbs that begin between two places."""
    return [kind for at, kind in _verbs(text) if start <= at < end]


def _find(text: str) -> tuple[tuple[int, str], ...]:
    found = ((verb.start(), verb.lastgroup or "") for verb in _VERB.finditer(text))
    return tuple((at, "coming" if kind in {"wished", "short"} else kind) for at, kind in found)


_verbs: Final = Verdicts(_find, most=8)
"""Finds the verbs of a message, with their places, once for all its days."""


def _first(kinds: list[str]) -> str | None:
    """Name the first kind of verb that says which way."""
    return next((kind for kind in kinds if kind != "weak"), kinds[0] if kinds else None)
