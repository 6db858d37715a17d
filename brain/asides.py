"""What only sounds like trouble: a lawyer in the family, a friend who has ordered as well; pure.

A threat needs an intention, and a complaint something that is wrong. The word alone is neither,
unless something else in the message is: who waits for their money and names a lawyer means it.
"""

import re
from collections.abc import Mapping, Sequence

from brain.always import folded
from brain.issues import Issue
from brain.risk import Risk, named_risks
from brain.shipped import shipped_words, table

THREAT = "legal_threat"
_CALM = frozenset(
    {"praise", "thanks", "greeting", "product_question", "stock_question", "store_hours"}
    | {"shipping_info", "change_address", "out_of_scope", "promo_code", "gift_card", "invoice"}
    | {"confirmation_yes", "confirmation_no", "booking_question", "order_status"}
)
"""Beside these, somebody who names a lawyer has nothing to threaten for."""
_FAULTS = frozenset({"wrong_item", "missing_item"})


def only_a_trade(text: str, topics: Sequence[str]) -> bool:
    """Say whether somebody of the law is only named, and nothing is threatened.

    Args:
        text: The message.
        topics: What else is wanted; labels of what stands around a wish (``_…``) are nothing.
    """
    shown, phrases = folded(text), _phrases()
    rest, found = phrases["trade"].subn(" ", shown)
    if not found or phrases["threat"].search(rest) or THREAT in named_risks(rest):
        return False
    return all(topic in _CALM or topic == THREAT or topic.startswith("_") for topic in topics)


def ordered_too(text: str) -> bool:
    """Say whether words only tell that somebody else has ordered as well."""
    shown = folded(text)
    return bool(_phrases()["too"].search(shown)) and not _phrases()["fault"].search(shown)


def without_asides(
    text: str, found: Sequence[Issue], risks: tuple[Risk, ...]
) -> tuple[list[Issue], tuple[Risk, ...]]:
    """Leave out what only sounds like trouble."""
    kept = [one for one in found if one.topic not in _FAULTS or not ordered_too(one.text)]
    named = [one.topic for one in kept]
    heard = THREAT in named or any(one.kind == THREAT for one in risks)
    if heard and only_a_trade(text, named):
        kept = [one for one in kept if one.topic != THREAT]
        risks = tuple(one for one in risks if one.kind != THREAT)
    return kept, risks


@table
def _phrases() -> Mapping[str, re.Pattern[str]]:
    loaded: dict[str, str] = shipped_words("asides")
    either = {name: "|".join(block.splitlines()) for name, block in loaded.items()}
    either["trade"] = rf"(?<!\w)(?:{either['trade']})(?!\w)"
    return {name: re.compile(phrases) for name, phrases in either.items()}
