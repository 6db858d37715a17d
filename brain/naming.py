"""Which orders a wish names; pure.

To look at several orders costs nothing. What is changed must be meant: two numbers of which one is
only mentioned ("I got A-2 instead of A-1") are no wish for both, two that are joined are.
"""

import re

from brain.procedures import ABSORBS, DAMAGE, LOOKS
from brain.shipped import shipped_words, table
from brain.told_before import PROOF_MAX
from brain.triage import Understanding

ORDERS_MAX = 3
"""Orders that one message may ask after, or have changed."""

_WORD = re.compile(r"[^\W\d_]+")
_ENDS = re.compile(r"[.!?\n]\s")
_NOT_ALNUM = re.compile(r"[\W_]+")


def named(topic: str, text: str, found: Understanding) -> tuple[str | None, ...]:
    """Give the orders named with a wish; None: none, or nobody knows which of several.

    Args:
        topic: What is wanted.
        text: The whole message.
        found: What is understood of it.
    """
    order_ids = [each[:PROOF_MAX] for each in found.order_ids]
    if len(order_ids) == 1:
        return (order_ids[0],)
    changes = topic not in LOOKS
    # "It came broken" says of a wish for a new one which order it is.
    part = {topic} | (ABSORBS.get(topic, frozenset()) | DAMAGE if changes else frozenset())
    part -= apart(topic, found)
    said = [_plain(issue.text) for issue in found.issues if issue.topic in part]
    others = [_plain(issue.text) for issue in found.issues if issue.topic not in part]
    taken = [each for each in order_ids if any(_plain(each) in one for one in others)]
    free = tuple(each for each in order_ids if each not in taken)
    if not changes and order_ids:
        return free[:ORDERS_MAX] or (None,)
    if len(free) > 1 and not taken and not found.amounts and _are_joined(text, found):
        return free[:ORDERS_MAX]
    within = [each for each in free if any(_plain(each) in one for one in said)] or free
    return (within[0] if len(within) == 1 else None,)


def apart(topic: str, found: Understanding) -> frozenset[str]:
    """Name the wishes that are no part of a bigger one, since each names an order of its own.

    "Charged twice for A-1, and please refund A-2" are two wishes, with one number each.
    """
    numbers = {
        one: {each for each in found.order_ids if _plain(each) in _said(one, found)}
        for one in {topic, *ABSORBS.get(topic, frozenset())}
    }
    own = numbers.pop(topic)
    return frozenset(one for one, theirs in numbers.items() if own and theirs and not own & theirs)


def _said(topic: str, found: Understanding) -> str:
    return " ".join(_plain(issue.text) for issue in found.issues if issue.topic == topic)


def _are_joined(text: str, found: Understanding) -> bool:
    """Say whether nothing stands between the numbers but what joins them, or said before them."""
    shown = text.casefold()
    for proof in (*found.emails, *found.postcodes):
        shown = shown.replace(proof.casefold(), " ")
    before, *parts = re.split("|".join(re.escape(one.casefold()) for one in found.order_ids), shown)
    known = _joins() | frozenset(_WORD.findall(before))
    between = parts[:-1]
    return len(between) == len(found.order_ids) - 1 and all(
        known.issuperset(_WORD.findall(part)) and not _ENDS.search(part) for part in between
    )


def _plain(text: str) -> str:
    return _NOT_ALNUM.sub("", text).casefold()


@table
def _joins() -> frozenset[str]:
    return frozenset(str(shipped_words("answers")["joins"]).split())
