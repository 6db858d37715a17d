"""Which topic a text is about, and how sure: kernel ridge regression over vectors and n-grams.

Each example pulls the texts that are like it towards its label; likeness is a Gaussian of the
distance of sentence vectors, plus shared n-grams. It is solved exactly, and what the head would say
of each example if it had never seen it comes from the same solution: probabilities and threshold
are calibrated on that.

What is unlike every example must be refused although a softmax always has a favourite. The pull
itself falls off with distance, so the score is the pull times likeness to the nearest examples.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brain.encoder import Encoder, NamedEncoder, Vectors, ngram_row, ngrams
from brain.examples import Example
from brain.lesson import Lesson, sharpest, summed_up, threshold_of
from brain.likeness import nearest, nearest_pair, pull, score_of, softmax
from brain.wording import plain

FORMAT = 5
"""Raised whenever the features or the training change: the shipped heads must be learnt anew."""
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
    """Index of the label of each example; below 0 it has none."""
    known: Vectors
    """The texts that it was learnt from, and those of other heads that share them."""
    rows: NDArray[np.int64]
    """Which of them is each example."""
    pulls: Vectors
    """Of each example towards each label."""
    ngram_weights: Vectors
    sparse: NDArray[np.float16]
    """Of each n-gram towards each label."""
    bias: Vectors
    sharpness: float
    threshold: float


class Seen:
    """Texts as heads see them: encoded once, counted once, and compared once with what is known."""

    def __init__(self, spelled: Sequence[str], vectors: Vectors) -> None:
        """Take texts that are spelled plainly, and their vectors."""
        self.spelled = tuple(spelled)
        self.vectors = vectors
        self._counted: tuple[Counter[int], ...] | None = None
        self._compared: tuple[Vectors, Vectors] | None = None

    @property
    def counted(self) -> tuple[Counter[int], ...]:
        """Their n-grams."""
        if self._counted is None:
            self._counted = tuple(map(ngrams, self.spelled))
        return self._counted

    def likeness(self, known: Vectors) -> Vectors:
        """Say how like each known text they are, a row each."""
        if self._compared is None or self._compared[0] is not known:
            self._compared = known, self.vectors @ known.T
        return self._compared[1]


def content_key(examples: Sequence[Example], encoder: NamedEncoder) -> str:
    """Name a trained head by what made it: change an example or the encoder and it is another."""
    digest = hashlib.sha256(f"{FORMAT}|{encoder.name}|{encoder.dimensions}".encode())
    for example in in_order(examples):
        digest.update(f"\x00{example.label}\x01{example.text}".encode())
    return digest.hexdigest()


def in_order(examples: Iterable[Example]) -> list[Example]:
    """Give them in the order in which a head has them: each once, by label and text."""
    return sorted(set(examples), key=lambda each: (each.label, each.text))


class Classifier:
    """A trained head with its encoder; `rank` is a pure function of the texts."""

    def __init__(self, head: Head, encoder: Encoder, *, own: Collection[str] = ()) -> None:
        self._head = head
        self._encoder = encoder
        self._own = [number for number, label in enumerate(head.labels) if label in own]
        self._theirs = ~np.isin(head.owners, self._own)

    @property
    def head(self) -> Head:
        """What it has learnt."""
        return self._head

    def with_head(self, head: Head) -> "Classifier":
        """Give one that has learnt something else, with the same encoder."""
        return Classifier(head, self._encoder)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows."""
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
        ordered = in_order(examples)
        labels = tuple(sorted({example.label for example in ordered}))
        if len(labels) < 2:
            raise ValueError("a classifier needs examples of two labels at least")
        texts = [plain(example.text) for example in ordered]
        numbers = {label: number for number, label in enumerate(labels)}
        owners = np.array([numbers[example.label] for example in ordered], dtype=np.int64)
        counted = [ngrams(text) for text in texts]
        lesson = Lesson(
            owners=owners, count=len(labels), vectors=encoder.encode(texts), counted=counted
        )
        pulls, responses = lesson.learnt()
        head = Head(
            labels=labels,
            owners=owners,
            known=lesson.vectors,
            rows=np.arange(len(owners)),
            pulls=pulls,
            ngram_weights=lesson.weights,
            sparse=summed_up(pulls, counted, lesson.weights).astype(np.float16),
            bias=pulls.sum(axis=0) + np.float32(1 / len(labels)),
            sharpness=sharpest(responses, owners),
            threshold=threshold_of(responses, owners, lesson.vectors),
        )
        return cls(head, encoder)

    def favouring(self, own: Collection[str]) -> "Classifier":
        """Give the same head for a brand's own topics, whose few examples would lose to ours.

        Such a topic is first where a text is about as near to it as to anything else.
        """
        return Classifier(self._head, self._encoder, own=own)

    def rank(self, texts: Sequence[str]) -> list[Ranking]:
        """Rank the topics of each text."""
        return self.ranked(self.seen(texts))

    def seen(self, texts: Sequence[str]) -> Seen:
        """Spell texts plainly and encode them."""
        spelled = [plain(text) for text in texts]
        return Seen(spelled, self._encoder.encode(spelled))

    def ranked(self, seen: Seen, which: slice = slice(None)) -> list[Ranking]:
        """Rank the topics of texts that were seen already, or of some of them."""
        likeness = self._likeness(seen, which)
        responses = self._responses(seen.counted[which], likeness)
        if self._own:
            self._favour(responses, likeness)
        return [self._ranking(*each) for each in zip(responses, likeness, strict=True)]

    def responses(self, seen: Seen) -> Vectors:
        """Say how strongly each label's examples pull each text, about 0 to 1."""
        return self._responses(seen.counted, self._likeness(seen, slice(None)))

    def _likeness(self, seen: Seen, which: slice) -> Vectors:
        return np.take(seen.likeness(self._head.known)[which], self._head.rows, axis=1)

    def _responses(self, counted: Sequence[Counter[int]], likeness: Vectors) -> Vectors:
        head = self._head
        responses = pull(likeness) @ head.pulls + head.bias
        for row, counts in enumerate(counted):
            columns, values = ngram_row(counts, head.ngram_weights)
            responses[row] += values @ head.sparse[columns]
        return responses

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
