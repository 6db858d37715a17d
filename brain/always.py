"""Two wishes that no model may miss: to reach a human, and to be left alone.

Phrases of ten languages, on purpose without any model: they work at every stage, and when
everything else fails. Precision comes first where a word has a second life ("stop the
delivery", "human-sized"), since a false alarm costs a colleague's time or ends a conversation.
"""

import re
import unicodedata
from collections.abc import Iterable

from brain.examples import always_phrases

TEXT_MAX = 2_000
"""Characters of a message that are searched."""

_PUNCTUATION = r"[\s.,!?\u2026:;\"'()*#-]*"
_PICTURES = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF]")
_DECLINED = re.compile(
    r"(?:don't|dont|do not|no) (?:need|want) (?:to (?:talk|speak) (?:to|with) )?(?:a |an )?"
    r"(?:human|person|agent)"
)


def wants_human(text: str) -> bool:
    """Say whether the customer asks for a person, in any of the ten languages."""
    shown = _folded(text)
    if _HUMAN_ALONE.fullmatch(shown):
        return True
    return _HUMAN_WITHIN.search(shown) is not None and _DECLINED.search(shown) is None


def opts_out(text: str) -> bool:
    """Say whether the customer asks for silence, in any of the ten languages."""
    shown = _folded(text)
    if _SILENCE_ALONE.fullmatch(shown):
        return True
    return _SILENCE_WITHIN.search(shown) is not None


def _folded(text: str) -> str:
    """Lower case, straight quotes, single spaces; the dotted capital I of Turkish as i."""
    shown = unicodedata.normalize("NFKC", text[:TEXT_MAX]).replace("\u0130", "i").lower()
    shown = shown.translate({0x2018: "'", 0x2019: "'", 0xFE0F: None})
    return re.sub(r"\s+", " ", _PICTURES.sub(" ", shown)).strip()


def _within(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?!\w)")


def _alone(phrases: Iterable[str], courtesy: str) -> re.Pattern[str]:
    padding = rf"(?:{courtesy}{_PUNCTUATION})*"
    return re.compile(rf"{_PUNCTUATION}{padding}(?:{'|'.join(phrases)}){_PUNCTUATION}{padding}")


_PHRASES = always_phrases()
_COURTESY = _PHRASES["courtesy"][0]
_HUMAN_WITHIN = _within(_PHRASES["human"])
_HUMAN_ALONE = _alone(_PHRASES["human alone"], _COURTESY)
_SILENCE_WITHIN = _within(_PHRASES["silence"])
_SILENCE_ALONE = _alone(_PHRASES["silence alone"], _COURTESY)
