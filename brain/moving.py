"""Where a customer wants to go on with the conversation, by phrases of the bot's own languages.

Plain code before any brain, since what follows is a token that makes two people one: only a short
message that says it in so many words counts. Whoever is not understood here is answered as usual.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from brain.examples import moving_phrases

TEXT_MAX: Final = 200
"""Characters of a message that asks for nothing else."""


def wished_platform(text: str, platforms: Iterable[str]) -> str | None:
    """Say on which of these platforms a customer wants to go on.

    Args:
        text: The whole message.
        platforms: Those that the brand serves.
    """
    if len(text) > TEXT_MAX:
        return None
    shown = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    for sentence in _SENTENCES.split(shown):
        if _WISH.search(sentence) is None:
            continue
        for platform in platforms:
            if platform in _PLACES and _PLACES[platform].search(sentence):
                return platform
    return None


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?![\w-])")


_SENTENCES: Final = re.compile(r"[.!?\n;]+")
_PHRASES: Final = moving_phrases()
_WISH: Final = re.compile(rf"(?<![\w-])(?:{'|'.join(_PHRASES['wish'])})")
_PLACES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        name.removeprefix("at "): _any_of(phrases)
        for name, phrases in _PHRASES.items()
        if name.startswith("at ")
    }
)
