"""Words that phones shorten, read in full: "nn va" is "non va", "jmd da?" is "jemand da?".

The encoder has read few of them, and a wish whose every other word is short would be like nothing.
Only what is classified is spelled so; places in the message are those of what was written.
"""

import re
from collections.abc import Mapping

from brain.shipped import shipped_words, table

_LETTERS_ALONE = r"(?= [^\W\d_])"
"""A single letter is a word where another one follows; else it may be a size or a vitamin."""


def in_full(text: str, language: str) -> str:
    """Spell a text's shortened words in full; of a language without a table none."""
    known = _tables().get(language)
    if known is None:
        return text
    pattern, full = known
    return pattern.sub(lambda found: full[found[0].casefold()], text)


@table
def _tables() -> Mapping[str, tuple[re.Pattern[str], Mapping[str, str]]]:
    return {
        language: _table(str(block)) for language, block in shipped_words("short_words").items()
    }


def _table(block: str) -> tuple[re.Pattern[str], Mapping[str, str]]:
    full = dict(line.split(" ", 1) for line in block.splitlines())
    words = sorted(full, key=lambda word: -len(word))
    known = "|".join(re.escape(word) + (_LETTERS_ALONE if len(word) == 1 else "") for word in words)
    # Neither a part of a name or address ("@is", "vc.example") nor a measure ("500 g").
    pattern = rf"(?<![\w'@#/.&-])(?<!\d )(?:{known})(?![\w'@/&-])(?!\.\w)"
    return re.compile(pattern, re.IGNORECASE), full
