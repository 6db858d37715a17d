"""Where somebody lives: streets with a number, postcodes, boxes, in the ways they are written.

Pure. Only shapes are known here: whether it is a shop's or a customer's, who asks must tell.
"""

import re
from collections.abc import Iterator
from typing import Final

from brain.shipped import shipped_words, table

FOUND_MAX: Final = 20
"""Places of one text that are told."""

_OF: Final = (
    r"(?:d[aeiou]s?|dell?a?['\u2019]?|degli|dei|de la|de l[ao]s|[dl]['\u2019]|la|las|los|le|les"
    r"|san|santa|saint)"
)
_UNITS: Final = (
    r"%|€|£|\$|EUR|GBP|USD|Uhr|(?:Werkt|T)age?n?|Stunden?|Minuten?|Wochen?|Jahre?n?|Monate?n?"
    r"|days?|hours?|weeks?|jours?|heures?|días?|horas?|giorni|ore|dagen|uur|dias"
)
_PARTS: Final = {
    "<CAP>": r"[A-ZÀ-ÖØ-ÞĄ-Ż][\w'\u2019.-]{0,30}",
    "<OF>": _OF,
    "<NO>": rf"(?:n[.º°ro]{{0,3}}\s?)?\d{{1,4}}(?:\s?[a-zA-Z])?(?![\w.,:-]*\d)"
    rf"(?!\s?(?:{_UNITS}))(?!\w)",
    "<HERE>": r"(?<![\w.,:£€$-])",
}


def places(text: str) -> Iterator[str]:
    """Give what stands there as an address or a postcode does."""
    for count, found in enumerate(_place().finditer(text)):
        if count >= FOUND_MAX:
            return
        yield found[0].strip(" ,.")


def homes(text: str) -> Iterator[str]:
    """Give what somebody says of where they live, whatever it looks like."""
    for found in _at_home().finditer(text):
        yield found[1].strip()


@table
def _place() -> re.Pattern[str]:
    either = "|".join(f"(?:{one})" for one in _loaded("places"))
    for name, part in _PARTS.items():
        either = either.replace(name, part)
    return re.compile(either)


@table
def _at_home() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:{'|'.join(_loaded('homes'))})\W{{1,3}}([^\n.!?]{{6,120}})", re.IGNORECASE
    )


def _loaded(key: str) -> list[str]:
    lines: list[str] = shipped_words("places")[key]
    return lines
