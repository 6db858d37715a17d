"""What a brand teaches of its own, learnt on top of the shipped head; a second at most.

The shipped head stays as it is but for a correction: what it says of the brand's examples and they
do not mean is made good, while what it says of a sample of our own examples, and of those nearest
to the brand's, is to stay. The correction is the same least squares, over these few texts alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from brain.classifier import Classifier, Head, Seen, in_order
from brain.encoder import Vectors, ngrams
from brain.examples import Example
from brain.lesson import DECAY, likeness_of, summed_up
from brain.wording import plain

ANCHORS_EACH: Final = 15
"""Of our examples of each label, spread evenly, what is said shall stay."""
ANCHORS_NEAR: Final = 5
"""And of so many that are nearest to each of the brand's."""
NOBODY: Final = -1
"""Owner of an example whose topic is switched off."""


def taught(
    base: Classifier, own: Sequence[Example], ours: Sequence[Example], *, off: Collection[str] = ()
) -> Classifier:
    """Learn a brand's examples on top of a shipped head.

    Args:
        base: The shipped head.
        own: The brand's examples; of its own topics, or of shipped ones.
        ours: The examples that the head was learnt from. What the brand gives to another topic
            than we do is the brand's to say.
        off: Topics that are switched off: nothing is said to be about them.

    Raises:
        ValueError: ``ours`` are not what the head was learnt from.
    """
    head = base.head
    if own:
        head = _corrected(base, in_order(own), in_order(ours))
    return base.with_head(without(head, off) if off else head)


def without(head: Head, off: Collection[str]) -> Head:
    """Leave topics out; their examples go on telling what is not about another one."""
    left = [at for at, label in enumerate(head.labels) if label not in off]
    numbers = np.full(len(head.labels) + 1, NOBODY)  # The last one stands for nobody's.
    numbers[left] = np.arange(len(left))
    return replace(
        head,
        labels=tuple(head.labels[at] for at in left),
        owners=numbers[head.owners],
        pulls=head.pulls[:, left],
        sparse=head.sparse[:, left],
        bias=head.bias[left],
    )


def _corrected(base: Classifier, own: Sequence[Example], ours: Sequence[Example]) -> Head:
    if len(ours) != len(base.head.owners):
        why = "the head was learnt from other examples; run `python -m socialcare.teaching`"
        raise ValueError(why)
    head = _with_room(base.head, sorted({each.label for each in own} - set(base.labels)))
    numbers = {label: number for number, label in enumerate(head.labels)}
    mine = np.array([numbers[each.label] for each in own])
    seen = base.seen([each.text for each in own])
    head = _given_away(head, dict(zip(seen.spelled, mine.tolist(), strict=True)), ours)
    anchors = _anchors(head, seen, ours)

    counted = [*(ngrams(plain(ours[at].text)) for at in anchors), *seen.counted]
    rows = np.concatenate([head.known[head.rows[anchors]], seen.vectors])
    system = likeness_of(rows, counted, head.ngram_weights)
    system[np.diag_indices_from(system)] += DECAY / _heft(head, mine, len(anchors))
    wanted = np.zeros((len(rows), len(head.labels)))
    wanted[len(anchors) :] = -base.with_head(head).responses(seen)
    wanted[np.arange(len(anchors), len(rows)), mine] += 1
    pulls = np.linalg.solve(system, wanted).astype(np.float32)

    changed = head.pulls.copy()
    changed[anchors] += pulls[: len(anchors)]
    return replace(
        head,
        owners=np.concatenate([head.owners, mine]),
        known=_with_rows(head.known, seen.vectors),
        rows=np.concatenate([head.rows, len(head.known) + np.arange(len(own))]),
        pulls=np.concatenate([changed, pulls[len(anchors) :]]),
        sparse=(head.sparse + summed_up(pulls, counted, head.ngram_weights)).astype(np.float16),
    )


def _with_rows(known: Vectors, more: Vectors) -> Vectors:
    """Add rows, column by column as the shipped ones lie (`shipped_heads` says why)."""
    grown = np.empty((len(known) + len(more), known.shape[1]), dtype=np.float32, order="F")
    grown[: len(known)], grown[len(known) :] = known, more
    return grown


def _with_room(head: Head, labels: Sequence[str]) -> Head:
    """Add topics towards which nothing pulls yet."""

    def wider(array: NDArray[Any]) -> NDArray[Any]:
        room = np.zeros((*array.shape[:-1], len(labels)), dtype=array.dtype)
        return np.concatenate([array, room], axis=-1)

    return replace(
        head,
        labels=(*head.labels, *labels),
        pulls=wider(head.pulls),
        sparse=wider(head.sparse),
        bias=wider(head.bias),
    )


def _given_away(head: Head, mine: dict[str, int], ours: Sequence[Example]) -> Head:
    """Let the brand's topic own our examples that the brand gives to it, word for word."""
    owners = head.owners.copy()
    for at, each in enumerate(ours):
        owners[at] = mine.get(plain(each.text), owners[at])
    return replace(head, owners=owners)


def _anchors(head: Head, own: Seen, ours: Sequence[Example]) -> NDArray[np.int64]:
    theirs = set(own.spelled)
    chosen: set[int] = set()
    for label in range(len(head.labels)):
        held = np.flatnonzero(head.owners[: len(ours)] == label)
        chosen.update(held[:: max(1, len(held) // ANCHORS_EACH)][:ANCHORS_EACH].tolist())
    for likeness in own.likeness(head.known)[:, head.rows]:
        chosen.update(np.argpartition(likeness, -ANCHORS_NEAR)[-ANCHORS_NEAR:].tolist())
    return np.array(
        sorted(at for at in chosen if plain(ours[at].text) not in theirs), dtype=np.int64
    )


def _heft(head: Head, mine: NDArray[Any], anchors: int) -> NDArray[Any]:
    """Say how much each text counts: every topic alike, whoever its examples are from."""
    sizes = np.bincount(head.owners[head.owners >= 0], minlength=len(head.labels))
    sizes = sizes + np.bincount(mine, minlength=len(head.labels))
    count = len(head.owners)
    return np.concatenate(
        [np.full(anchors, count / max(1, anchors)), count / (len(head.labels) * sizes[mine])]
    )
