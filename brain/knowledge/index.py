"""Which passages a question is about: shared words (BM25) plus shared meaning, as one score.

The two scores are added, not the two ranks: on noisy customer texts that finds more, and the
sum can be held against a floor.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from brain.encoder import Encoder, Vectors
from brain.wording import plain

_K1, _B = 1.2, 0.75
_WORD = re.compile(r"\w+")
# Sharpness and middle of the curve that turns likeness into a score: unrelated questions and
# passages have a cosine of 0.0 to 0.3, related ones 0.4 to 0.8.
_SLOPE, _MEANING, _WORDS, _MIDDLE = 8.0, 1.0, 0.5, 0.45


class PassageIndex:
    """Passages made searchable; pure after building."""

    def __init__(self, passages: Sequence[str], encoder: Encoder) -> None:
        """Index passages; about a thousand a second."""
        self._encoder = encoder
        self._vectors = encoder.encode([plain(each) for each in passages])
        counted = [Counter(stems(each)) for each in passages]
        self._lengths = [sum(each.values()) for each in counted]
        self._mean = max(1.0, sum(self._lengths) / max(1, len(counted)))
        self._holders: dict[str, list[tuple[int, int]]] = {}
        for number, words in enumerate(counted):
            for word, times in words.items():
                self._holders.setdefault(word, []).append((number, times))

    def scores(self, question: str) -> Vectors:
        """Score every passage against a question, 0 to 1; 0.5 is a fair match."""
        if not self._lengths:
            return np.zeros(0, dtype=np.float32)
        meaning = self._vectors @ self._encoder.encode([plain(question)])[0]
        signal = _MEANING * meaning + _WORDS * self._words(question) - _MIDDLE
        return np.asarray(1 / (1 + np.exp(-_SLOPE * signal)), dtype=np.float32)

    def _words(self, question: str) -> Vectors:
        """BM25 as the share of the best it could be, so that it does not grow with the question."""
        sums = np.zeros(len(self._lengths), dtype=np.float32)
        best = 0.0
        for word in set(stems(question)):
            holders = self._holders.get(word, [])
            rarity = math.log(1 + (len(sums) - len(holders) + 0.5) / (len(holders) + 0.5))
            best += rarity * (_K1 + 1)
            for number, times in holders:
                length = 1 - _B + _B * self._lengths[number] / self._mean
                sums[number] += rarity * times * (_K1 + 1) / (times + _K1 * length)
        return sums / np.float32(best or 1.0)


def stems(text: str) -> list[str]:
    """Words without the commonest endings; crude, but the same for question and passage."""
    return [_stem(word) for word in _WORD.findall(plain(text))]


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "en", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
