"""What of a shop's free text may be said: names of goods, states and carriers, no more; pure.

A field of an order may hold whatever somebody typed or smuggled into it: a note for the warehouse,
an instruction, a link, a promise. What is no name is not said; a colleague reads it.
"""

import re
from typing import Final

from actions.ports import OrderLine
from brain.guardrails import foreign_links

NAME_MAX: Final = 100
"""Characters of the name of goods."""
STATE_MAX: Final = 40
STATE_WORDS: Final = 5
NUMBER_MAX: Final = 40

_STATE = re.compile(r"[^\W\d]+(?:[ _/()'\u2019-]+[^\W\d]+)*\)?")
_CARRIER = re.compile(r"\w+(?:[ .&/+'(-]+\w+){0,3}[.)]?")
_NUMBER = re.compile(r"(?=.*\d)[A-Za-z0-9]+(?:[ ./-][A-Za-z0-9]+)*")
_SKU = re.compile(r"\w+(?:[ ._/-]\w+){0,5}")
_SENTENCES = re.compile(r"[^\W\d]{3,}[.!?]\s+\S|\n")
_CALL = re.compile(r"\+?\d(?:[ ()/-]{0,2}\d){6,}")
"""So many digits in a row are a telephone or an account, and no size."""


def state_said(status: str) -> str:
    """Give an order's state where it is one; empty where it is a note."""
    words = " ".join(status.split())
    few = len(words) <= STATE_MAX and len(words.split()) <= STATE_WORDS
    return words if few and _STATE.fullmatch(words) else ""


def carrier_said(carrier: str) -> str:
    """Give a carrier's name; empty where it is none."""
    words = " ".join(carrier.split())
    return words if len(words) <= STATE_MAX and _CARRIER.fullmatch(words) else ""


def number_said(number: str) -> str:
    """Give the number of a parcel; empty where it is none."""
    words = " ".join(number.split())
    return words if len(words) <= NUMBER_MAX and _NUMBER.fullmatch(words) else ""


def goods_said(goods: OrderLine) -> str:
    """Give the name of goods, or else their number; empty where neither is one."""
    title = goods.title.strip()
    if title and len(title) <= NAME_MAX and not _is_note(title):
        return " ".join(title.split())
    sku = goods.sku.strip()
    return sku if len(sku) <= NUMBER_MAX and _SKU.fullmatch(sku) else ""


def _is_note(text: str) -> bool:
    marked = "<" in text or "](" in text or _SENTENCES.search(text) or _CALL.search(text)
    return bool(marked) or bool(foreign_links(text, domains=()))
