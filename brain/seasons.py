"""Two years in a row, "2025-2026": a season, a school year, a ticket's, and no order number; pure.

A brand whose order numbers are four digits and four digits sells season tickets, too. So such years
are an order only where they are named as one, or are the whole answer to who asked for a number.
"""

import re
from collections.abc import Mapping
from typing import Final

from brain.shipped import shipped_words, table

YEARS: Final = range(1990, 2100)
BEFORE_MAX: Final = 60
"""Characters before it in which it is named."""

_YEARS = re.compile(r"(\d{4})\s?[^\w\s]\s?(\d{4})")
_WORD = re.compile(r"[^\W\d_]{3,}")
_ADDRESS = re.compile(r"\S*@\S*")


def is_season(text: str, start: int, end: int) -> bool:
    """Say whether what stands from ``start`` to ``end`` of a text is two years, and no order.

    Args:
        text: A message.
        start: Where a number in it begins.
        end: Where it ends.
    """
    years = _YEARS.fullmatch(text[start:end])
    if years is None or int(years[2]) != int(years[1]) + 1:
        return False
    if int(years[1]) not in YEARS or int(years[2]) not in YEARS:
        return False
    words = _words()
    before, after = text[max(0, start - BEFORE_MAX) : start], text[end:].lstrip()
    if words["number"].search(before):
        return False
    if words["order"].search(before):
        return words["season"].match(after) is not None
    rest = _ADDRESS.sub(" ", f"{text[:start]} {text[end:]}")
    return any(words["answer"].fullmatch(one[0]) is None for one in _WORD.finditer(rest))


@table
def _words() -> Mapping[str, re.Pattern[str]]:
    loaded: dict[str, str] = shipped_words("seasons")
    either = {name: "|".join(block.splitlines()) for name, block in loaded.items()}
    glue = rf"(?:\s*(?:{either.pop('between')}))*\s*$"
    parts = {name: rf"(?:{one})" for name, one in either.items()}
    parts |= {name: parts[name] + glue for name in ("number", "order")}
    return {name: re.compile(one, re.IGNORECASE) for name, one in parts.items()}
