"""How a model's words are put right before they are said: no blame, no pity in a loop, no repeats.

Pure. Sentences are taken out, never written: the shipped words need none of this.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from brain.sentences import sentences
from brain.shipped import shipped_words, table

WORDS_MAX: Final = 8_000
PITIES_MAX: Final = 1
"""Sentences of pity in one reply."""
PITIED_MAX: Final = 2
"""Replies in a row that may begin with one; then it is a loop."""
_REPEATED_FROM: Final = 15
"""Letters of a sentence that may not be said twice in one reply: "Yes." may."""
_SAID_FROM: Final = 40
"""Letters of a sentence that may not be said again in the next reply."""


def softened(words: str, language: str, said: Sequence[str]) -> str:
    """Take out what must not be said so, or not again.

    Args:
        words: What a model wants to say.
        language: Its language; one without a table is only kept from repeating itself.
        said: What the bot has said so far, the latest last.

    Returns:
        The words that are left; the whole as it was where pity and repetition are all there is,
        and nothing where blame is.
    """
    table = _tables().get(language)
    calm = [each for each in _parts(words) if table is None or not _blames(each, table)]
    if not calm:
        return ""
    last = {_key(each) for line in said[-1:] for each in _parts(line) if len(each) > _SAID_FROM}
    # A question that was not answered may be asked again.
    last = {each for each in last if not each.endswith("?")}
    pitied = table is not None and _loops(said, table)
    kept: list[str] = []
    told: set[str] = set()
    pities = PITIES_MAX if pitied else 0
    for each in calm:
        key = _key(each)
        if key in last or (key in told and len(key) >= _REPEATED_FROM):
            continue
        if table is not None and _is_pity(each, table):
            pities += 1
            if pities > PITIES_MAX:
                continue
        told.add(key)
        kept.append(each)
    return "".join(kept).strip() or "".join(calm).strip()


def _loops(said: Sequence[str], table: "_Tone") -> bool:
    """Say whether the last replies were all sorry already."""
    latest = said[-PITIED_MAX:]
    return len(latest) == PITIED_MAX and all(
        table.pities.search(each.casefold()) for each in latest
    )


def _blames(sentence: str, table: "_Tone") -> bool:
    shown = _key(sentence)
    return bool(table.blames.search(shown)) and not table.unless.search(shown)


def _is_pity(sentence: str, table: "_Tone") -> bool:
    """Say whether a sentence says nothing but pity: no number, no order, nothing to do."""
    shown = _key(sentence)
    return bool(table.pities.search(shown)) and not re.search(r"[\d?]|\[", shown)


def _parts(words: str) -> list[str]:
    return sentences(words[:WORDS_MAX])


def _key(sentence: str) -> str:
    return " ".join(sentence.replace("\u2019", "'").casefold().split())


@dataclass(frozen=True, slots=True)
class _Tone:
    unless: re.Pattern[str]
    blames: re.Pattern[str]
    pities: re.Pattern[str]


@table
def _tables() -> Mapping[str, _Tone]:
    loaded = shipped_words("tone")
    return {
        code: _Tone(_any(table["unless"]), _any(table["blames"]), _any(table["pities"]))
        for code, table in loaded.items()
    }


def _any(lines: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{line})" for line in lines.strip().splitlines()))
