"""Which topic a text is about, and how sure: a softmax head over sentence vectors and n-grams.

The head is multinomial logistic regression, trained in its dual form: a step needs one product
with the examples' Gram matrix, so a thousand examples take less than two seconds on one core.
What is unlike every example must be refused although a softmax always has a favourite, therefore
the score is probability times likeness to the nearest examples of that topic, and the threshold
comes from examples that were held out.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brain.encoder import BUCKETS, Encoder, Vectors, ngram_matrix, ngram_row, ngrams
from brain.examples import Example
from brain.wording import plain

FORMAT = 1
"""Raised whenever the features or the training change, so that no cached head is misread."""

_STEPS = 300
_NGRAM_SHARE = 0.5
_DECAY = 0.02
"""L2 weight times the number of examples, i.e. 1/C."""
_FOLDS = 4
_NEAREST = 3
_ACCEPTED_SHARE = 0.90
"""Share of held-out, rightly recognised examples that the threshold must let through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The topics of one text, likeliest first."""

    topics: tuple[tuple[str, float], ...]
    """Label and probability; together they make 1."""
    score: float
    """Probability of the first times its likeness to that topic's examples, 0 to 1."""

    @property
    def best(self) -> str:
        """The likeliest topic."""
        return self.topics[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """All that training has learnt, as arrays."""

    labels: tuple[str, ...]
    owners: NDArray[np.int64]
    """Index of the label of each example."""
    examples: Vectors
    ngram_weights: Vectors
    dense: Vectors
    sparse: Vectors
    bias: Vectors
    sharpness: float
    threshold: float


def content_key(examples: Sequence[Example], encoder: Encoder) -> str:
    """Name a trained head by what made it: change an example or the encoder and it is another."""
    digest = hashlib.sha256(f"{FORMAT}|{encoder.name}|{encoder.dimensions}".encode())
    for example in sorted(examples, key=lambda each: (each.label, each.text)):
        digest.update(f"\x00{example.label}\x01{example.text}".encode())
    return digest.hexdigest()


class Classifier:
    """A trained head with its encoder; `rank` is a pure function of the texts."""

    def __init__(self, head: Head, encoder: Encoder) -> None:
        self._head = head
        self._encoder = encoder

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
        owners = np.array([labels.index(example.label) for example in ordered], dtype=np.int64)
        vectors = encoder.encode(texts)
        counted = [ngrams(text) for text in texts]
        spread = np.zeros(BUCKETS, dtype=np.float32)
        for counts in counted:
            spread[list(counts)] += 1
        ngram_weights = np.log((1 + len(texts)) / (1 + spread)) + np.float32(1)
        grams = ngram_matrix(counted, ngram_weights)
        gram = vectors @ vectors.T + _NGRAM_SHARE * (grams @ grams.T)
        sharpness, threshold = _calibrated(gram, vectors @ vectors.T, owners, len(labels))
        dual, bias = _dual(gram, owners, len(labels))
        head = Head(
            labels=labels,
            owners=owners,
            examples=vectors,
            ngram_weights=ngram_weights.astype(np.float32),
            dense=(vectors.T @ dual).astype(np.float32),
            sparse=(_NGRAM_SHARE * (grams.T @ dual)).astype(np.float32),
            bias=bias,
            sharpness=sharpness,
            threshold=threshold,
        )
        return cls(head, encoder)

    def rank(self, texts: Sequence[str]) -> list[Ranking]:
        """Rank the topics of each text."""
        spelled = [plain(text) for text in texts]
        return self.rank_vectors(spelled, self._encoder.encode(spelled))

    def rank_vectors(self, spelled: Sequence[str], vectors: Vectors) -> list[Ranking]:
        """Rank texts that are spelled plainly and encoded already."""
        head = self._head
        logits = vectors @ head.dense + head.bias
        for row, text in enumerate(spelled):
            columns, values = ngram_row(ngrams(text), head.ngram_weights)
            logits[row] += values @ head.sparse[columns]
        chances = _softmax(logits * np.float32(head.sharpness))
        likeness = vectors @ head.examples.T
        return [self._ranking(chances[row], likeness[row]) for row in range(len(spelled))]

    def _ranking(self, chances: Vectors, likeness: Vectors) -> Ranking:
        order = np.argsort(-chances, kind="stable")
        near = _nearest(likeness[self._head.owners == order[0]])
        return Ranking(
            topics=tuple((self.labels[at], float(chances[at])) for at in order),
            score=float(chances[order[0]]) * near,
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
            ngram_weights=head.ngram_weights,
            dense=head.dense,
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
                ngram_weights=arrays["ngram_weights"],
                dense=arrays["dense"],
                sparse=arrays["sparse"],
                bias=arrays["bias"],
                sharpness=sharpness,
                threshold=threshold,
            )
        except Exception as error:  # zipfile, numpy and zlib each have their own errors for damage
            raise ValueError("the stored classifier cannot be read") from error
        if not fits:
            raise ValueError("the stored classifier is of another format or encoder")
        return cls(head, encoder)


def _softmax(logits: Vectors) -> Vectors:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def _nearest(likeness: Vectors) -> float:
    top = np.sort(likeness)[-_NEAREST:]
    return max(0.0, float(top.mean())) if top.size else 0.0


def _dual(gram: Vectors, owners: NDArray[np.int64], count: int) -> tuple[Vectors, Vectors]:
    """Minimise the balanced cross entropy with L2 decay by Nesterov's method on the dual weights.

    Returns:
        One dual weight per example and label, and one bias per label.
    """
    sizes = np.bincount(owners, minlength=count)
    weights = (len(owners) / (count * np.maximum(sizes, 1)))[owners][:, None].astype(np.float32)
    targets = np.zeros((len(owners), count), dtype=np.float32)
    targets[np.arange(len(owners)), owners] = 1
    # The bias is a constant feature; the step follows from the curvature, at most half the
    # largest eigenvalue, which twenty power iterations estimate well enough.
    biased = (gram + np.float32(1)).astype(np.float32)
    probe = np.ones(len(owners), dtype=np.float32)
    for _ in range(20):
        probe = biased @ probe
        probe /= np.linalg.norm(probe)
    largest = float(probe @ (biased @ probe))
    step = np.float32(1 / (0.5 * largest * float(weights.max()) + _DECAY))
    dual = np.zeros_like(targets)
    ahead = dual
    for at in range(_STEPS):
        slope = weights * (_softmax(biased @ ahead) - targets) + np.float32(_DECAY) * ahead
        moved = ahead - step * slope
        ahead = moved + np.float32(at / (at + 3)) * (moved - dual)
        dual = moved
    return dual, np.asarray(dual.sum(axis=0), dtype=np.float32)


def _calibrated(
    gram: Vectors, likeness: Vectors, owners: NDArray[np.int64], count: int
) -> tuple[float, float]:
    """Find the sharpness and the threshold by predicting examples that were held out."""
    folds = np.zeros(len(owners), dtype=np.int64)
    for label in range(count):
        mine = np.flatnonzero(owners == label)
        folds[mine] = np.arange(len(mine)) % _FOLDS
    logits = np.zeros((len(owners), count), dtype=np.float32)
    for fold in range(_FOLDS):
        kept, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if not len(kept) or not len(held):
            continue
        dual, bias = _dual(gram[np.ix_(kept, kept)], owners[kept], count)
        logits[held] = gram[np.ix_(held, kept)] @ dual + bias
    grid = [0.4 * 1.15**power for power in range(22)]
    rows = np.arange(len(owners))
    losses = [
        -float(np.log(_softmax(logits * np.float32(each))[rows, owners] + 1e-9).mean())
        for each in grid
    ]
    sharpness = grid[int(np.argmin(losses))]
    chances = _softmax(logits * np.float32(sharpness))
    scores = []
    for row in np.flatnonzero(chances.argmax(axis=1) == owners):
        peers = (owners == owners[row]) & (rows != row)
        scores.append(float(chances[row, owners[row]]) * _nearest(likeness[row][peers]))
    threshold = float(np.quantile(scores, 1 - _ACCEPTED_SHARE)) if scores else 0.0
    return sharpness, threshold
