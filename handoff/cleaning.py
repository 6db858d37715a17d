"""Strangers' words made fit for a colleague's eyes: no tricks of direction, no card numbers.

Customers choose their names and words; at the desk both stand beside facts that people act on. So
characters that reorder or hide text are taken out, and numbers that nobody at the desk needs in
full are masked.
"""

import re
import unicodedata
from typing import Final

from brain.masking import digits, ending, in_part, without_cards
from conversation.model import NAME_LIMIT

# Control characters but tab and line feed, lone surrogates, and those that change the direction:
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_HIDDEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_BREAKS: Final = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
_HIDDEN_IN_NAMES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_MASKED_MAX: Final = 20_000
"""Longer texts are cut before they are searched."""


def width(text: str) -> int:
    """Count UTF-16 units, the larger of the two ways in which a platform may count."""
    return len(text) + sum(c > "\uffff" for c in text)


def cut(text: str, limit: int) -> str:
    """Shorten to ``limit`` UTF-16 units; the ellipsis says that something is missing."""
    if width(text) <= limit:
        return text
    kept, used = [], 1
    for character in text[:limit]:
        used += width(character)
        if used > limit:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def clean_text(text: str) -> str:
    """Take out what reorders or hides text; line breaks stay, card numbers don't."""
    for mark, plain in _BREAKS.items():
        text = text.replace(mark, plain)
    return mask_cards(_HIDDEN.sub("", text[:_MASKED_MAX])).strip()


def clean_name(name: str | None) -> str:
    """Put a self-chosen name on one line of visible characters; empty where nothing is left."""
    given = "".join(
        " " if unicodedata.category(c) in {"Zl", "Zp"} or c in "\n\r\t" else c
        for c in (name or "")[: NAME_LIMIT * 4]
        if c in "\n\r\t" or unicodedata.category(c) not in _HIDDEN_IN_NAMES - {"Zl", "Zp"}
    )
    return cut(" ".join(given.split()), NAME_LIMIT)


def mask_cards(text: str) -> str:
    """Leave only the last four digits of what may be a payment card number."""
    return without_cards(text, lambda card: ending(card) if len(set(digits(card))) > 1 else card)


def mask_personal(text: str) -> str:
    """Mask cards, accounts, addresses and phone numbers so far that they can still be compared."""
    return in_part(text[:_MASKED_MAX])


def harmless(text: str) -> str:
    """Give what stands beside facts, or in a trace: cleaned, and masked wherever it is read."""
    return mask_personal(clean_text(text))


def in_a_line(text: str) -> str:
    """Put what is harmless on one line."""
    return harmless(" ".join(text.split()))
