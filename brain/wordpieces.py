"""English text becomes word pieces: the numbers that BERT and its descendants read.

Words are lower case and without accents; one that the vocabulary does not hold falls into its
longest known beginnings ("refundable": refund, ##able). The rules are those of the paper
(arXiv 1810.04805) and its published reference.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

PIECES_MAX = 128
"""Pieces of one text that are read, the two at its edges included."""
WORD_MAX = 100
"""Letters of one word; a longer one is unknown."""

_UNKNOWN, _BEGIN, _END = "[UNK]", "[CLS]", "[SEP]"
# Ideographs are words of their own; kana, hangul and Latin are not.
_IDEOGRAPH = re.compile(
    "([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ceaf"
    "\U0002f800-\U0002fa1f])"
)
_ASCII_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


class WordPieces:
    """The vocabulary, and the numbers of a text's pieces."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        """Take piece to number; the three special pieces must be in it."""
        self._numbers = vocabulary
        self._unknown = vocabulary[_UNKNOWN]
        self._begin, self._end = vocabulary[_BEGIN], vocabulary[_END]
        self._pieces = lru_cache(maxsize=20_000)(self._cut)

    @classmethod
    def shipped(cls) -> "WordPieces":
        """Read the vocabulary that comes with the product."""
        file = resources.files("brain").joinpath("vocabulary", "english.txt")
        lines = file.read_text(encoding="utf-8").split("\n")
        return cls({piece: number for number, piece in enumerate(lines) if piece})

    def numbers(self, text: str) -> list[int]:
        """Number a text's pieces, between the begin and the end mark."""
        found = [self._begin]
        for word in _words(text):
            found += self._pieces(word)
            if len(found) >= PIECES_MAX:
                break
        return [*found[: PIECES_MAX - 1], self._end]

    def fineness(self, text: str) -> float:
        """How many pieces a word falls into on average, of a text's first words; marks are none."""
        words = [word for word in _words(text)[:PIECES_MAX] if word.isalpha()]
        return sum(len(self._pieces(word)) for word in words) / max(1, len(words))

    def _cut(self, word: str) -> tuple[int, ...]:
        """Cut one word into the longest pieces that are known, from its beginning."""
        if len(word) > WORD_MAX:
            return (self._unknown,)
        found: list[int] = []
        at = 0
        while at < len(word):
            for end in range(len(word), at, -1):
                number = self._numbers.get(f"##{word[at:end]}" if at else word[at:end])
                if number is not None:
                    break
            else:
                return (self._unknown,)
            found.append(number)
            at = end
        return tuple(found)


def _words(text: str) -> list[str]:
    """Split a text at white space and around each mark, its letters small and plain."""
    clean = "".join(map(_cleaned, _IDEOGRAPH.sub(r" \1 ", text)))
    bare = unicodedata.normalize("NFD", clean.lower())
    return "".join(map(_spaced, bare)).split()


@lru_cache(maxsize=4_096)
def _cleaned(letter: str) -> str:
    if letter in "\t\n\r" or unicodedata.category(letter) == "Zs":
        return " "
    unprintable = unicodedata.category(letter)[0] == "C" or letter in "\x00\ufffd"
    return "" if unprintable else letter


@lru_cache(maxsize=4_096)
def _spaced(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Mn":
        return ""
    return f" {letter} " if letter in _ASCII_MARKS or category[0] == "P" else letter
