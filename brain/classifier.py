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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brain.encoder import BUCKETS, Encoder, NamedEncoder, Vectors, ngram_row, ngrams
from brain.examples import Example
from brain.lesson import Lesson, sharpest, threshold_of
from brain.likeness import nearest, nearest_pair, pull, score_of, softmax
from brain.wording import plain

FORMAT = 3
"""Raised whenever the features or the training change, so that no cached head is misread."""
_OWN_MARGIN = np.float32(0.1)
"""By how much a text may be nearer to one of our examples than to the brand's own topic's: one in
a hundred of our examples is as near to it, and most of these are about it."""
_OWN_LEAD = np.float32(0.3)
"""How much more strongly than any other it then pulls."""


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
        lesson = Lesson(owners=owners, count=len(labels), vectors=encoder.encode(texts),
                         counted=[ngrams(text) for text in texts])  # fmt: skip
        pulls, responses = lesson.learnt()
        kept = lesson.kept
        sharpness = sharpest(responses, owners)
        threshold = threshold_of(responses, owners, lesson.vectors, kept)
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
        responses = pull(likeness) @ head.pulls + head.bias
        for row, text in enumerate(spelled):
            columns, values = ngram_row(ngrams(text), head.ngram_weights)
            responses[row] += values @ head.sparse[columns]
        if self._own:
            self._favour(responses, likeness)
        return [self._ranking(responses[row], likeness[row]) for row in range(len(spelled))]

    def _favour(self, responses: Vectors, likeness: Vectors) -> None:
        owners = self._head.owners
        near = np.stack([nearest_pair(likeness[:, owners == one]) for one in self._own], axis=1)
        best, rows = near.argmax(axis=1), np.arange(len(near))
        lead = near[rows, best] - nearest_pair(likeness[:, self._theirs])
        for row in np.flatnonzero(lead >= -_OWN_MARGIN):
            label = self._own[best[row]]
            first = responses[row].max() + _OWN_LEAD
            responses[row, label] = max(responses[row, label], first)

    def _ranking(self, responses: Vectors, likeness: Vectors) -> Ranking:
        order = np.argsort(-responses, kind="stable")
        chances = softmax(responses[None] * np.float32(self._head.sharpness))[0]
        near = nearest(likeness[self._head.owners == order[0]])
        return Ranking(
            topics=tuple((self.labels[at], float(chances[at])) for at in order),
            score=score_of(float(responses[order[0]]), near),
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
