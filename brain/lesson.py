"""One training of the classifier: kernel ridge regression, solved exactly.

In double precision: what all examples have in common outweighs what parts them by so much that in
single precision the answers would hang on the order in which a processor adds. What the head would
say of each example if it had never seen it comes from the same solution; sharpness and threshold
are found on that.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brain.encoder import BUCKETS, Vectors, ngram_row
from brain.likeness import NGRAM_SHARE, nearest, pulled, score_of, softmax

DECAY = 0.1
"""Weight of the ridge: how far single examples may be left unexplained."""
_ACCEPTED_SHARE = 0.985
"""Share of left-out, rightly recognised examples that the threshold must let through."""
_STRIP = 512
"""Rows or columns of a triangle that are multiplied at once."""
_RARE_MAX = 200
"""Examples that share a rare n-gram."""


class Lesson:
    """One training: the examples, and the least squares over them."""

    def __init__(
        self,
        *,
        owners: NDArray[np.int64],
        count: int,
        vectors: Vectors,
        counted: Sequence[Counter[int]],
    ) -> None:
        self.vectors = vectors
        self._owners, self._count, self._counted = owners, count, counted
        spread = np.zeros(BUCKETS, dtype=np.float32)
        for counts in counted:
            spread[list(counts)] += 1
        self.weights = np.asarray(np.log((1 + len(owners)) / (1 + spread)) + 1, dtype=np.float32)

    def learnt(self) -> tuple[Vectors, Vectors]:
        """Solve it.

        Returns:
            The pull of each example towards each label, and what would be said of every example if
            it were not among them.
        """
        sizes = np.bincount(self._owners, minlength=self._count)
        heft = (len(self._owners) / (self._count * np.maximum(sizes, 1)))[self._owners]
        targets = np.full((len(self._owners), self._count), -1 / self._count)
        targets[np.arange(len(self._owners)), self._owners] += 1
        root = likeness_of(self.vectors, self._counted, self.weights)
        root += 1
        root[np.diag_indices_from(root)] += DECAY / heft
        _inverse_root(root)
        pulls = root.T @ (root @ targets)
        left_out = targets - pulls / np.einsum("ij,ij->j", root, root)[:, None]
        responses = left_out + 1 / self._count
        return pulls.astype(np.float32), responses.astype(np.float32)


def likeness_of(
    vectors: Vectors, counted: Sequence[Counter[int]], weights: Vectors
) -> NDArray[np.float64]:
    """Say how strongly each of n texts pulls each other one, n x n: by sense and by n-grams."""
    shared = _shared(counted, weights)
    shared *= NGRAM_SHARE
    for begin, end in _strips(len(vectors)):
        shared[begin:end] += pulled(vectors[begin:end] @ vectors.T)
    return shared.astype(np.float64)


def summed_up(pulls: Vectors, counted: Sequence[Counter[int]], weights: Vectors) -> Vectors:
    """Sum up what the n-grams of examples pull towards each label."""
    summed = np.zeros((BUCKETS, pulls.shape[1]), dtype=np.float32)
    for counts, row in zip(counted, pulls, strict=True):
        columns, values = ngram_row(counts, weights)
        summed[columns] += values[:, None] * row
    return summed * NGRAM_SHARE


def _shared(counted: Sequence[Counter[int]], weights: Vectors) -> Vectors:
    """Multiply all rows of n-grams by each other; most n-grams are in few of them."""
    parts = [ngram_row(counts, weights) for counts in counted]
    columns = np.concatenate([each for each, _ in parts])
    values = np.concatenate([each for _, each in parts])
    rows = np.repeat(np.arange(len(parts)), [len(each) for each, _ in parts])
    common = np.bincount(columns, minlength=BUCKETS) > _RARE_MAX
    often = common[columns]
    dense = np.zeros((len(parts), int(common.sum())), dtype=np.float32)
    dense[rows[often], (np.cumsum(common) - 1)[columns[often]]] = values[often]
    products = np.empty((len(parts), len(parts)), dtype=np.float32)
    # Strip by strip: OpenBLAS dies over the square of a matrix of more than some 25,000 rows.
    for begin, end in _strips(len(parts)):
        products[begin:end] = dense[begin:end] @ dense.T
    # Of a rare one, each pair of its rows by itself: sorted by column, they stand side by side.
    order = np.flatnonzero(~often)[np.argsort(columns[~often], kind="stable")]
    rows, columns, values = rows[order], columns[order], values[order]
    flat, size = products.reshape(-1), len(parts)  # numpy adds at places of one row far faster.
    for apart in range(1, _RARE_MAX):
        same = np.flatnonzero(columns[apart:] == columns[:-apart])
        first, second = rows[same], rows[same + apart]
        product = values[same] * values[same + apart]
        np.add.at(flat, first * size + second, product)
        np.add.at(flat, second * size + first, product)
    np.fill_diagonal(products, [float(each @ each) for _, each in parts])
    return np.asarray(products, dtype=np.float32)


def _inverse_root(matrix: NDArray[Any]) -> None:
    """Put the inverse of its lower root in a positive matrix's place, half by half.

    numpy knows no triangles, and its root would be two more matrices of this size.
    """
    size = len(matrix)
    if size <= 64:
        matrix[:] = np.tril(np.linalg.inv(np.linalg.cholesky(matrix)))
        return
    half = size // 2
    first, last = matrix[:half, :half], matrix[half:, half:]
    _inverse_root(first)
    below = matrix[half:, :half]
    # Strip by strip, because what is above the diagonal need not be multiplied; each strip is
    # written where no later one reads.
    for begin, end in reversed(_strips(half)):
        below[:, begin:end] = below[:, :end] @ first[begin:end, :end].T
    for begin, end in _strips(size - half):
        last[begin:end, :end] -= below[begin:end] @ below[:end].T
    _inverse_root(last)
    for begin, end in _strips(half):
        below[:, begin:end] = below[:, begin:] @ first[begin:, begin:end]
    for begin, end in reversed(_strips(size - half)):
        below[begin:end] = last[begin:end, :end] @ below[:end]
    np.negative(below, out=below)
    matrix[:half, half:] = 0


def _strips(size: int) -> list[tuple[int, int]]:
    return [(begin, min(begin + _STRIP, size)) for begin in range(0, size, _STRIP)]


def sharpest(responses: Vectors, owners: NDArray[np.int64]) -> float:
    """Find the sharpness under which the left-out examples are likeliest."""
    rows = np.arange(len(owners))
    grid = [1.2**power for power in range(30)]
    losses = [
        -float(np.log(softmax(responses * np.float32(each))[rows, owners] + 1e-9).mean())
        for each in grid
    ]
    return grid[int(np.argmin(losses))]


def threshold_of(responses: Vectors, owners: NDArray[np.int64], vectors: Vectors) -> float:
    """Find the score that nearly all rightly recognised examples reach when left out."""
    scores = []
    rows = np.arange(len(owners))
    for row in np.flatnonzero(responses.argmax(axis=1) == owners):
        peers = rows[(owners == owners[row]) & (rows != row)]
        near = nearest(vectors[peers] @ vectors[row])
        scores.append(score_of(float(responses[row, owners[row]]), near))
    return float(np.quantile(scores, 1 - _ACCEPTED_SHARE)) if scores else 0.0
