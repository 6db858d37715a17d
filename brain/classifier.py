"""Which topic a text is about, and how sure: kernel ridge regression over vectors and n-grams.

Each example pulls the texts that are like it towards its label; likeness is a Gaussian of the
distance of sentence vectors, plus shared n-grams. It is solved exactly, in well under a second for
a thousand examples, and what the head would say of each example if it had never seen it comes from
the same solution: probabilities and threshold are calibrated on that.

What is unlike every example must be refused although a softmax always has a favourite. The pull
itself falls off with distance, so the score is the pull times likeness to the nearest examples.
"""

import hashlib
import io
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brain.encoder import BUCKETS, Encoder, NamedEncoder, Vectors, ngram_matrix, ngram_row, ngrams
from brain.examples import Example
from brain.wording import plain

FORMAT = 3
"""Raised whenever the features or the training change, so that no cached head is misread."""

EXACT_MAX = 7_500
"""Examples that are all compared with; it takes seconds, and a square of memory."""
KEPT_MAX = 4_000
"""Of more examples, so many are compared with, spread evenly over the labels; all of them teach."""

_NARROW = np.float32(3.0)
"""How quickly an example's pull falls off with distance."""
_NGRAM_SHARE = np.float32(0.3)
_DECAY = 0.05
"""Weight of the ridge: how far single examples may be left unexplained."""
_NEAREST = 3
_OWN_MARGIN = np.float32(0.1)
"""By how much a text may be nearer to one of our examples than to the brand's own topic's: one in
a hundred of our examples is as near to it, and most of these are about it."""
_OWN_LEAD = np.float32(0.3)
"""How much more strongly than any other it then pulls."""
_ACCEPTED_SHARE = 0.985
"""Share of left-out, rightly recognised examples that the threshold must let through."""
_BATCH = 1_000
_STRIP = 512
"""Rows or columns of a triangle that are multiplied at once."""
_RARE_MAX = 200
"""Examples that share a rare n-gram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The topics of one text, likeliest first."""

    topics: tuple[tuple[str, float], ...]
    """Label and probability; together they make 1."""
    score: float
    """How surely it is the first and not something unknown, 0 to 1."""
    pulls: Mapping[str, float]
    """How strongly each label's examples pull, about 0 to 1."""

    @property
    def best(self) -> str:
        """The likeliest topic."""
        return self.topics[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """All that training has learnt, as arrays."""

    labels: tuple[str, ...]
    owners: NDArray[np.int64]
    """Index of the label of each kept example."""
    examples: Vectors
    pulls: Vectors
    """Of each kept example towards each label."""
    ngram_weights: Vectors
    sparse: Vectors
    """Of each n-gram towards each label."""
    bias: Vectors
    sharpness: float
    threshold: float


def content_key(examples: Sequence[Example], encoder: NamedEncoder) -> str:
    """Name a trained head by what made it: change an example or the encoder and it is another."""
    digest = hashlib.sha256(f"{FORMAT}|{encoder.name}|{encoder.dimensions}".encode())
    for example in sorted(examples, key=lambda each: (each.label, each.text)):
        digest.update(f"\x00{example.label}\x01{example.text}".encode())
    return digest.hexdigest()


class Classifier:
    """A trained head with its encoder; `rank` is a pure function of the texts."""

    def __init__(self, head: Head, encoder: Encoder, *, own: Collection[str] = ()) -> None:
        self._head = head
        self._encoder = encoder
        self._own = [number for number, label in enumerate(head.labels) if label in own]
        self._theirs = ~np.isin(head.owners, self._own)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in alphabetical order."""
        return self._head.labels

    @property
    def threshold(self) -> float:
        """Scores below it mean: unlike anything known."""
        return self._head.threshold

    @classmethod
    def train(cls, examples: Sequence[Example], encoder: Encoder) -> "Classifier":
        """Learn from examples; the same examples always give the same head.

        Raises:
            ValueError: fewer than two labels.
        """
        ordered = sorted(set(examples), key=lambda each: (each.label, each.text))
        labels = tuple(sorted({example.label for example in ordered}))
        if len(labels) < 2:
            raise ValueError("a classifier needs examples of two labels at least")
        texts = [plain(example.text) for example in ordered]
        numbers = {label: number for number, label in enumerate(labels)}
        owners = np.array([numbers[example.label] for example in ordered], dtype=np.int64)
        lesson = _Lesson(owners=owners, count=len(labels), vectors=encoder.encode(texts),
                         counted=[ngrams(text) for text in texts])  # fmt: skip
        pulls, responses = lesson.learnt()
        kept = lesson.kept
        sharpness = _sharpest(responses, owners)
        threshold = _threshold(responses, owners, lesson.vectors, kept)
        head = Head(
            labels=labels,
            owners=owners[kept],
            examples=lesson.vectors[kept],
            pulls=pulls,
            ngram_weights=lesson.weights,
            sparse=lesson.sparse(pulls),
            bias=pulls.sum(axis=0) + np.float32(1 / len(labels)),
            sharpness=sharpness,
            threshold=threshold,
        )
        return cls(head, encoder)

    def favouring(self, own: Collection[str]) -> "Classifier":
        """Give the same head for a brand's own topics, whose few examples would lose to ours.

        Such a topic is first where a text is about as near to it as to anything else.
        """
        return Classifier(self._head, self._encoder, own=own)

    def rank(self, texts: Sequence[str]) -> list[Ranking]:
        """Rank the topics of each text."""
        spelled = [plain(text) for text in texts]
        return self.rank_vectors(spelled, self._encoder.encode(spelled))

    def rank_vectors(self, spelled: Sequence[str], vectors: Vectors) -> list[Ranking]:
        """Rank texts that are spelled plainly and encoded already."""
        head = self._head
        likeness = vectors @ head.examples.T
        responses = _pull(likeness) @ head.pulls + head.bias
        for row, text in enumerate(spelled):
            columns, values = ngram_row(ngrams(text), head.ngram_weights)
            responses[row] += values @ head.sparse[columns]
        if self._own:
            self._favour(responses, likeness)
        return [self._ranking(responses[row], likeness[row]) for row in range(len(spelled))]

    def _favour(self, responses: Vectors, likeness: Vectors) -> None:
        owners = self._head.owners
        near = np.stack([_nearest_pair(likeness[:, owners == one]) for one in self._own], axis=1)
        best, rows = near.argmax(axis=1), np.arange(len(near))
        lead = near[rows, best] - _nearest_pair(likeness[:, self._theirs])
        for row in np.flatnonzero(lead >= -_OWN_MARGIN):
            label = self._own[best[row]]
            first = responses[row].max() + _OWN_LEAD
            responses[row, label] = max(responses[row, label], first)

    def _ranking(self, responses: Vectors, likeness: Vectors) -> Ranking:
        order = np.argsort(-responses, kind="stable")
        chances = _softmax(responses[None] * np.float32(self._head.sharpness))[0]
        near = _nearest(likeness[self._head.owners == order[0]])
        return Ranking(
            topics=tuple((self.labels[at], float(chances[at])) for at in order),
            score=_score(float(responses[order[0]]), near),
            pulls=dict(zip(self.labels, responses.tolist(), strict=True)),
        )

    def to_bytes(self) -> bytes:
        """Write the head down for `from_bytes`; cache it under its `content_key`."""
        head = self._head
        buffer = io.BytesIO()
        np.savez(
            buffer,
            format=np.array(FORMAT),
            encoder=np.array(self._encoder.name),
            labels=np.array(head.labels),
            owners=head.owners,
            examples=head.examples,
            pulls=head.pulls,
            ngram_weights=head.ngram_weights,
            sparse=head.sparse,
            bias=head.bias,
            calibration=np.array([head.sharpness, head.threshold]),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, state: bytes, encoder: Encoder) -> "Classifier":
        """Read a head that `to_bytes` wrote.

        Raises:
            ValueError: the bytes are damaged, of another format, or of another encoder.
        """
        try:
            with np.load(io.BytesIO(state), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            fits = int(arrays["format"]) == FORMAT and str(arrays["encoder"]) == encoder.name
            sharpness, threshold = (float(value) for value in arrays["calibration"])
            head = Head(
                labels=tuple(str(label) for label in arrays["labels"]),
                owners=arrays["owners"],
                examples=arrays["examples"],
                pulls=arrays["pulls"],
                ngram_weights=arrays["ngram_weights"],
                sparse=arrays["sparse"],
                bias=arrays["bias"],
                sharpness=sharpness,
                threshold=threshold,
            )
        except Exception as error:  # zipfile, numpy and zlib each have their own errors for damage
            raise ValueError("the stored classifier cannot be read") from error
        if not fits:
            raise ValueError("the stored classifier is of another format or encoder")
        if not _is_whole(head, encoder.dimensions):
            raise ValueError("the stored classifier does not fit together")
        return cls(head, encoder)


def _is_whole(head: Head, dimensions: int) -> bool:
    """Say whether the parts of a head fit each other: with one that does not, no text is ranked."""
    kept, count = len(head.owners), len(head.labels)
    numbers = (head.examples, head.pulls, head.ngram_weights, head.sparse, head.bias)
    shapes = ((kept, dimensions), (kept, count), (BUCKETS,), (BUCKETS, count), (count,))
    return (
        count >= 2
        and tuple(each.shape for each in numbers) == shapes
        and all(each.dtype == np.float32 for each in numbers)
        and np.issubdtype(head.owners.dtype, np.integer)
        and set(head.owners.tolist()) <= set(range(count))
        and all(bool(np.isfinite(each).all()) for each in numbers)
        and math.isfinite(head.sharpness)
        and math.isfinite(head.threshold)
    )


def _softmax(logits: Vectors) -> Vectors:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def _pull(likeness: Vectors) -> Vectors:
    return _pulled(likeness.copy())


def _pulled(likeness: Vectors) -> Vectors:
    """Turn likeness into pull, in its place."""
    likeness -= np.float32(1)
    likeness *= _NARROW
    np.exp(likeness, out=likeness)
    return likeness


def _nearest_pair(likeness: Vectors) -> Vectors:
    """Give for each text how like it the two nearest are."""
    return np.asarray(np.sort(likeness, axis=1)[:, -2:].mean(axis=1), dtype=np.float32)


def _nearest(likeness: Vectors) -> float:
    top = np.sort(likeness)[-_NEAREST:]
    return max(0.0, float(top.mean())) if top.size else 0.0


def _score(response: float, near: float) -> float:
    return min(1.0, max(0.0, response)) * math.sqrt(near)


class _Lesson:
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
        self.kept = _spread_evenly(owners, count)
        self._kept_grams: Vectors | None = None

    def learnt(self) -> tuple[Vectors, Vectors]:
        """Solve it.

        Returns:
            The pull of each kept example towards each label, and what would be said of every
            example if it were not among them.
        """
        sizes = np.bincount(self._owners, minlength=self._count)
        heft = (len(self._owners) / (self._count * np.maximum(sizes, 1)))[self._owners]
        targets = np.full((len(self._owners), self._count), -1 / self._count)
        targets[np.arange(len(self._owners)), self._owners] += 1
        solved = self._exactly if len(self.kept) == len(self._owners) else self._roughly
        pulls, left_out = solved(heft, targets)
        responses = left_out + 1 / self._count
        return pulls.astype(np.float32), responses.astype(np.float32)

    def sparse(self, pulls: Vectors) -> Vectors:
        """Sum up what the kept examples' n-grams pull towards each label."""
        summed = np.zeros((BUCKETS, self._count), dtype=np.float32)
        for at, pull in zip(self.kept, pulls, strict=True):
            columns, values = ngram_row(self._counted[at], self.weights)
            summed[columns] += values[:, None] * pull
        return summed * _NGRAM_SHARE

    def _exactly(self, heft: NDArray[Any], targets: NDArray[Any]) -> tuple[Any, Any]:
        # Each of these is as large as the examples squared, so none is kept for longer than needed.
        kernel = _pulled(self.vectors @ self.vectors.T)
        shared = _shared(self._counted, self.weights)
        shared *= _NGRAM_SHARE
        kernel += shared
        del shared
        kernel += 1
        kernel[np.diag_indices_from(kernel)] += _DECAY / heft
        _inverse_root(kernel)
        pulls = kernel.T @ (kernel @ targets.astype(np.float32))
        return pulls, targets - pulls / np.einsum("ij,ij->j", kernel, kernel)[:, None]

    def _roughly(self, heft: NDArray[Any], targets: NDArray[Any]) -> tuple[Any, Any]:
        """Solve it for pulls of the kept examples alone (a subset of regressors)."""
        normal = _DECAY * self._kernel(self.kept).astype(np.float64)
        normal[np.diag_indices_from(normal)] += 1e-6 * len(heft)
        aim = np.zeros((len(self.kept), self._count))
        batches = np.array_split(np.arange(len(heft)), -(-len(heft) // _BATCH))
        for batch in batches:
            rows = self._kernel(batch)
            weighed = rows * heft[batch][:, None].astype(np.float32)
            normal += weighed.T @ rows
            aim += weighed.T @ targets[batch]
        inverse = np.linalg.inv(normal)
        pulls = inverse @ aim
        left_out = np.empty_like(targets)
        for batch in batches:
            rows = self._kernel(batch).astype(np.float64)
            own = np.einsum("ij,ij->i", rows @ inverse, rows) * heft[batch]
            fitted = rows @ pulls
            own = np.minimum(own, 0.999)[:, None]
            left_out[batch] = (fitted - own * targets[batch]) / (1 - own)
        return pulls, left_out

    def _kernel(self, rows: NDArray[np.int64]) -> Vectors:
        """How each of these examples is like each kept one; the one is a bias."""
        if self._kept_grams is None:
            self._kept_grams = ngram_matrix([self._counted[at] for at in self.kept], self.weights)
        grams = ngram_matrix([self._counted[at] for at in rows], self.weights)
        near = _pull(self.vectors[rows] @ self.vectors[self.kept].T)
        return np.asarray(near + _NGRAM_SHARE * (grams @ self._kept_grams.T) + 1, dtype=np.float32)


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
    products = dense @ dense.T
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


def _spread_evenly(owners: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Choose the examples to keep: of each label alike, so far as it has them."""
    if len(owners) <= EXACT_MAX:
        return np.arange(len(owners))
    turns = np.empty(len(owners), dtype=np.int64)
    for label in range(count):
        mine = np.flatnonzero(owners == label)
        turns[mine] = np.arange(len(mine))
    return np.sort(np.argsort(turns, kind="stable")[:KEPT_MAX])


def _sharpest(responses: Vectors, owners: NDArray[np.int64]) -> float:
    """Find the sharpness under which the left-out examples are likeliest."""
    rows = np.arange(len(owners))
    grid = [1.2**power for power in range(30)]
    losses = [
        -float(np.log(_softmax(responses * np.float32(each))[rows, owners] + 1e-9).mean())
        for each in grid
    ]
    return grid[int(np.argmin(losses))]


def _threshold(
    responses: Vectors, owners: NDArray[np.int64], vectors: Vectors, kept: NDArray[np.int64]
) -> float:
    scores = []
    for row in np.flatnonzero(responses.argmax(axis=1) == owners):
        peers = kept[(owners[kept] == owners[row]) & (kept != row)]
        near = _nearest(vectors[peers] @ vectors[row])
        scores.append(_score(float(responses[row, owners[row]]), near))
    return float(np.quantile(scores, 1 - _ACCEPTED_SHARE)) if scores else 0.0
