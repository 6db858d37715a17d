"""Words for a place that takes one answer only: what does not fit is said to be missing; pure."""

from collections.abc import Callable
from typing import Final

from brain.sentences import sentences

SENTENCES_MAX: Final = 100
"""Sentences that are looked at; a place for one answer takes a few."""


def fitted(words: str, *, rest: str, fits: Callable[[str], bool]) -> str:
    """Give the sentences that fit together with the one that says where the rest is.

    Args:
        words: What is to be said, too long.
        rest: Tells the customer that there is more, and how to hear it.
        fits: Whether a text goes out whole.

    Returns:
        Whole sentences and ``rest``; ``rest`` alone where not one of them fits beside it.
    """
    found = sentences(words)[:SENTENCES_MAX]
    for count in range(len(found) - 1, 0, -1):
        text = f"{''.join(found[:count]).rstrip()}\n\n{rest}"
        if fits(text):
            return text
    return rest
