"""What was found out about words lately, without the words: nothing of a customer's stays behind.

Guards look at the same sentences several times a turn, and a bot says many of its own again and
again. A verdict is kept under a digest that only this process can make, so that it holds no word
of a conversation that `socialcare erase` has emptied, and none can be guessed from it.
"""

import secrets
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Generic, TypeVar

T = TypeVar("T")
KEPT: Final = 500
"""Verdicts that are kept, then all are forgotten: a bot has fewer sentences of its own."""
_KEY: Final = secrets.token_bytes(32)


class Verdicts(Generic[T]):
    """A judgement of words that is made once for each of the latest ones."""

    def __init__(self, judge: Callable[[str], T], *, most: int = KEPT) -> None:
        """Remember what a pure function says; what it gives must not hold the words."""
        self._judge = judge
        self._most = most
        self._kept: dict[bytes, T] = {}

    def __call__(self, words: str) -> T:
        """Judge words, or remember how they were judged."""
        digest = blake2b(words.encode("utf-8", "surrogatepass"), key=_KEY, digest_size=16).digest()
        kept = self._kept
        if digest in kept:
            return kept[digest]
        verdict = self._judge(words)
        if len(self._kept) >= self._most:
            # By a new table, not by emptying the old one: another thread may just look into it.
            self._kept = {}
        self._kept[digest] = verdict
        return verdict
