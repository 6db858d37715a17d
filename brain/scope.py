"""What is none of the brand's business, told without a model: as it is asked, and as it is said.

Pure. A brand is no poet, teacher or programmer, and does not answer for other firms.
"""

import re
from typing import Final

from brain.shipped import shipped_words, table

TEXT_MAX: Final = 10_000
LOOSE_MAX: Final = 400
"""Characters that may be said of what no topic, article or fact is about: a kind no is short."""
_VERSES: Final = 6
"""Short lines without an end that make a poem."""
_VERSE_MAX: Final = 70
_CODE = re.compile(
    r"^\s*(?:def \w+\(|class \w+|import \w+|from \w[\w.]* import|for .+:$|while .+:$|return\b.*;?$"
    r"|print\(|console\.|function\b.*\{|(?:const|let|var) \w+ =|public \w+|#include|#!/"
    r"|select .+ from \w+|</?\w+[^>]*>$|[{}]+;?$|\w+\(.*\);$)",
    re.IGNORECASE | re.MULTILINE,
)
_POINT = re.compile(r"^\s*(?:[-*•\u2013]|\d{1,2}[.)]|\w+:)")


def asks_for_else(text: str) -> bool:
    """Say whether a message asks for what no brand's care does, in any of seven languages."""
    shown = " ".join(text[:TEXT_MAX].replace("\u2019", "'").casefold().split())
    return _asked().search(shown) is not None


def strays(words: str, *, known: bool) -> bool:
    """Say whether words are a program, a poem, or an essay on what nobody here knows about.

    Args:
        words: What a model wants to say.
        known: A topic of the brand, an article or a tool's answer stands behind them.
    """
    if "```" in words or len(_CODE.findall(words)) >= 2:
        return True
    return _is_verse(words) or (not known and len(words) > LOOSE_MAX)


def _is_verse(words: str) -> bool:
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    short = [
        line
        for line in lines
        if len(line) <= _VERSE_MAX and not _POINT.match(line) and not re.search(r"\d", line)
    ]
    open_ended = sum(line[-1] not in ".!?:" for line in short)
    return len(short) >= _VERSES and open_ended * 2 >= len(short)


@table
def _asked() -> re.Pattern[str]:
    loaded = shipped_words("scope")
    lines = [line for table in loaded.values() for line in table.strip().splitlines()]
    return re.compile("|".join(f"(?:{line})" for line in lines))
