"""Messages fall into clauses: the smallest pieces that may each carry a wish of their own.

Clauses are cut generously, at sentence ends, line breaks, commas and joining words; whoever
classifies them puts together again what belongs together. What has a span already (an order
number, an address, an amount) is never cut.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

CLAUSES_MAX = 20
"""Clauses of one message; the last one keeps the rest, however long it is."""

_JOINING = {
    "en": "and|also|plus|but|or|because|cause|cuz|n|additionally|besides|moreover|then|yet|&"
    r"|btw|by\sthe\sway|while\s(?:i'?m|we'?re|you'?re)\sat\sit"
    r"|so(?=\s+(?:i|i'?m|i'?d|we|we'?re|u|you|please|pls|can|could|just)\b)",
    "de": "und|oder|aber|außerdem|ausserdem|sowie|zudem|denn|weil|bloß|dafür|jedoch",
    "fr": "et|ou|mais|aussi|ensuite|puis|car|sinon|sauf\\sque|donc|par\\scontre|pcq|pck|psk",
    "es": "y|o|u|pero|además|también|porque|e|ni|aunque|así\\sque|pq|xq|pk",
    "it": "e|ed|o|ma|inoltre|anche|perché|però|oppure|quindi|poi|pk|xké|xkè|xche",
    "pt": "e|ou|mas|além|também|porque|porém|só\\sque|então|pq",
    "nl": "en|of|maar(?=\\s+[^\\s,.!?]+\\s+\\w)|ook|want|bovendien|alleen|dus",
    "pl": "i|ale|oraz|także|bo",
    "tr": "ve|ama|ayr\u0131ca|çünkü",
}
"""Words that join two wishes, by language; English ones are known in every language."""
_OPENING = {
    "en": r"(?:can|could) (?:i|u|you|we)|i (?:want|need|would like)|i'?d like|how (?:do|long|much)"
    r"|when(?:'?s| is| will)|where(?:'?s| is)|(?:please|pls) (?=\w)"
    r"|(?<!to )(?<!you )(?<! u )(?<!not )(?<!n't )(?<!they )(?<!please )(?<!pls )(?<!just )"
    r"(?:send (?:me )?(?:a|another) (?=\w)|(?:refund|give) me (?=\w))",
    "de": r"kann ich|könnt ihr|können (?:sie|wir)|kannst du|ich (?:will|möchte|brauche)|wann|wo ist"
    r"|bitte (?=\w)|krieg(?:e|en)? (?:ich|wir|i)|habt ihr|hätte? gern"
    r"|(?:schickt|storniert|erstattet|überweist|gebt|ruft) (?=\w)",
    "fr": r"je (?:veux|voudrais)|j'?(?:veux|v|aimerais)|pouvez|est-ce|quand est|où est|avez[- ]vous"
    r"|(?:r?envoyez|remboursez|rendez|annulez|résiliez|arrêtez|r?appelez)",
    "es": r"quiero|kiero|quisiera|necesito|pued[eo]n?|podéis|cuándo|dónde|cómo hago|tienen|tenéis"
    r"|(?:devu[eé]lv|mánd|envíe?|anúl|cancél|cámbi|llám)\w+",
    "it": r"v(?:oglio|orrei)|rivoglio|potete|posso|dov'è|come faccio|avete"
    r"|(?:rimborsa|ridate|manda|spedi|rispedi|annulla|disdi|cambia|chiama)\w*te\w*",
    "pt": r"quero|queria|preciso|podem|posso|cadê|tem como|dá pr[ao]|como faço"
    r"|(?:devolv[ae]|manda|envi[ae]|cancel[ae]|desmar(?:ca|que)|tro(?:ca|que)|lig[au]e?)(?:m|-?me)?",
    "nl": r"kan ik|kunnen jullie|ik wil|wanneer|waar is|kwil|mag ik|hebben jullie"
    r"|(?:stuur|stort|annuleer|schrap|geef|bel) (?=\w)",
}
"""How a wish or a question opens that follows without a mark: "it broke can i send it back"."""
_LEAD_MIN = 3
"""Words that stand before such an opening, or it is no beginning."""
_MARKED_MAX = 2
"""Only who sets hardly any mark is taken to begin a wish without one; pieces by marks."""
_MARKS = r"""
      (?!(?:(?<=\bn)|(?<=\bnr)|(?<=\bno))\.\s?[#A-Z]?-?\d)  # "order no. 12" is no end,
      [.!?…]+(?=[\s"')\]]|$)        # the end of a sentence is, not the point inside 24.90
    | (?:(?<=\s)|^)\(?\d{{1,2}}[.)](?=\s)   # the numbers of a list
    | [\n\r;•|]+
    | \s[-\u2013—+]+\s                   # dashes and the like between words
    | ,(?=\s|[^\W\d])               # a comma, not the one inside 24,90
    | (?<=\s)(?:{joining})(?=\s)
    | [\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]+(?=\s)
"""
_EDGE = " \t\n\r,;:-\u2013—+&|•"
_WORDISH = re.compile(r"\w")


@cache
def _marks(language: str) -> re.Pattern[str]:
    known = _JOINING["en"] if language == "en" else f"{_JOINING['en']}|{_JOINING[language]}"
    return re.compile(_MARKS.format(joining=known), re.IGNORECASE | re.VERBOSE)


@cache
def _openings(language: str) -> re.Pattern[str]:
    known = dict.fromkeys((_OPENING["en"], _OPENING.get(language, _OPENING["en"])))
    return re.compile(rf"(?<=\s)(?=(?:{'|'.join(known)})\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A piece of a message, as code points `start` to `end` of it."""

    start: int
    end: int
    text: str


def clauses(
    text: str,
    whole: Iterable[tuple[int, int]] = (),
    *,
    language: str = "en",
    most: int = CLAUSES_MAX,
) -> list[Clause]:
    """Cut a message into clauses, in order; nothing but separators is lost.

    Args:
        text: The message.
        whole: Spans that no cut may touch.
        language: Whose joining words to cut at, besides the English ones.
        most: How many clauses; the last one keeps the rest.

    Returns:
        At most so many clauses that do not overlap; none for a message without a word.
    """
    kept = list(whole)
    pieces: list[Clause] = []
    for start, end in _pieces(text, kept, language):
        begin, stop = _trimmed(text, start, end)
        if _WORDISH.search(text, begin, stop):
            pieces.append(Clause(start=begin, end=stop, text=text[begin:stop]))
        elif pieces and begin < stop:
            # Emoji and the like belong to what was said before them.
            pieces[-1] = joined(text, pieces[-1].start, stop)
        if len(pieces) == most:
            pieces[-1] = joined(text, pieces[-1].start, _trimmed(text, 0, len(text))[1])
            break
    return pieces


def joined(text: str, start: int, end: int) -> Clause:
    """Make one clause of everything between two places of the message."""
    return Clause(start=start, end=end, text=text[start:end])


def _pieces(text: str, whole: list[tuple[int, int]], language: str) -> list[tuple[int, int]]:
    known = language if language in _JOINING else "en"
    marked = list(_cut(text, (0, len(text)), whole, _marks(known)))
    if len(marked) > _MARKED_MAX:
        return marked
    return [each for piece in marked for each in _cut(text, piece, whole, _openings(known))]


def _cut(
    text: str, within: tuple[int, int], whole: list[tuple[int, int]], marks: re.Pattern[str]
) -> Iterator[tuple[int, int]]:
    at = within[0]
    for mark in marks.finditer(text, *within):
        if any(start < mark.end() and mark.start() < end for start, end in whole):
            continue
        opens = mark.start() == mark.end()
        if opens and len(text[at : mark.start()].split()) < _LEAD_MIN:
            continue
        # A question mark or an emoji colours the clause before it, so it stays with it.
        stays = opens or mark[0][0] in ".!?…" or not _WORDISH.match(mark[0])
        yield at, mark.end() if stays else mark.start()
        at = mark.end()
    yield at, within[1]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end
