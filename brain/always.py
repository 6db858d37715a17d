"""What no model may miss: the wish for a human, the wish for silence, the doubt who answers.

Phrases of ten languages, on purpose without any model: they work at every stage, and when
everything else fails. Precision comes first where a word has a second life ("stop the
delivery", "human-sized"), since a false alarm costs a colleague's time or ends a conversation.
"""

import re
import unicodedata
from collections.abc import Iterable

from brain.examples import always_phrases, doubt_phrases

TEXT_MAX = 10_000
"""Characters of a message that are searched."""

_PUNCTUATION = r"[\s.,!?\u2026:;\"'()*#-]*"
_PICTURES = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF]")
_DECLINED = re.compile(
    r"(?:don't|dont|do not|no) (?:need|want) (?:to (?:talk|speak) (?:to|with) )?(?:a |an )?"
    r"(?:human|person|agent)"
)


def wants_human(text: str) -> bool:
    """Say whether the customer asks for a person, in any of the ten languages.

    Who asks whether a person answers asks a question; it is answered, and is no such wish.
    """
    shown = _DOUBT_WITHIN.sub(" ", folded(text))
    if _HUMAN_ALONE.fullmatch(shown):
        return True
    return _HUMAN_WITHIN.search(shown) is not None and _DECLINED.search(shown) is None


def doubts(text: str) -> str | None:
    """Say in which language the customer asks if a person or a machine answers; None: they don't.

    Empty: they ask it in so few words that they could be of several languages.
    """
    shown = folded(text)
    asked = next((code for code, each in _DOUBTS.items() if each.search(shown)), None)
    return "" if asked is None and _DOUBT_ALONE.fullmatch(shown) else asked


def without_doubts(text: str) -> str:
    """Blank that question out, each sign by a space, so that places in the text stay true."""
    lower = text.lower().replace("\u2019", "'").replace("\u2018", "'")
    if len(lower) != len(text):
        return text
    for match in _DOUBT_WITHIN.finditer(lower):
        text = f"{text[: match.start()]}{' ' * len(match[0])}{text[match.end() :]}"
    return text


def opts_out(text: str) -> bool:
    """Say whether the customer asks for silence, in any of the ten languages."""
    shown = folded(text)
    if _SILENCE_ALONE.fullmatch(shown):
        return True
    return _SILENCE_WITHIN.search(shown) is not None


def folded(text: str) -> str:
    """Lower case, straight quotes, single spaces; the dotted capital I of Turkish as i."""
    shown = unicodedata.normalize("NFKC", text[:TEXT_MAX]).replace("\u0130", "i").lower()
    shown = shown.translate({0x2018: "'", 0x2019: "'", 0xFE0F: None})
    return re.sub(r"\s+", " ", _PICTURES.sub(" ", shown)).strip()


def within(phrases: Iterable[str]) -> re.Pattern[str]:
    """Look for phrases as whole words anywhere in a folded text."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?!\w)")


def _alone(phrases: Iterable[str], courtesy: str) -> re.Pattern[str]:
    padding = rf"(?:{courtesy}{_PUNCTUATION})*"
    return re.compile(rf"{_PUNCTUATION}{padding}(?:{'|'.join(phrases)}){_PUNCTUATION}{padding}")


_PHRASES = always_phrases()
_COURTESY = _PHRASES["courtesy"][0]
_HUMAN_WITHIN = within(_PHRASES["human"])
_HUMAN_ALONE = _alone(_PHRASES["human alone"], _COURTESY)
_SILENCE_WITHIN = within(_PHRASES["silence"])
_SILENCE_ALONE = _alone(_PHRASES["silence alone"], _COURTESY)
_DOUBT_PHRASES = doubt_phrases()
_DOUBT_ALONE = _alone(_DOUBT_PHRASES.pop("alone"), _COURTESY)
_DOUBTS = {language: within(phrases) for language, phrases in _DOUBT_PHRASES.items()}
_DOUBT_WITHIN = within(one for phrases in _DOUBT_PHRASES.values() for one in phrases)
