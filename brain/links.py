"""Links and addresses that nobody gave, though they are the brand's own; pure.

A page that does not exist is no answer, and an invented address reads like a real one. The brand's
front page may always be named; what it allows at all `brain.guardrails` says.
"""

import re
from typing import Final

_LINK: Final = re.compile(
    r"(?:https?://|www\.)[^\s<>\[\]()\"']+|(?<![\w@.-])(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?/[^\s<>\[\]()\"']+",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2,24}")
_TAIL: Final = ".,;:!?)/*_"


def unknown_links(words: str, known: str) -> tuple[str, ...]:
    """Name the pages and e-mail addresses that stand in words and nowhere in what is known.

    Args:
        words: What a model wants to say.
        known: Facts, articles, and what the customer wrote.
    """
    named = (*map(_page, _LINK.findall(words)), *map(str.casefold, _ADDRESS.findall(words)))
    wanted = [one for one in dict.fromkeys(named) if "/" in one or "@" in one]
    if not wanted:
        return ()
    pages = {_page(one) for one in _LINK.findall(known)}
    pages |= {one.casefold() for one in _ADDRESS.findall(known)}
    return tuple(one for one in wanted if one not in pages)


def _page(link: str) -> str:
    """Write a link in one way: without scheme, `www.` and what ends a sentence."""
    bare = link.casefold().rstrip(_TAIL)
    return bare.removeprefix("https://").removeprefix("http://").removeprefix("www.")
