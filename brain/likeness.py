"""How like texts are, and how strongly examples pull by it: the classifier's arithmetic, pure."""

import math

import numpy as np

from brain.encoder import Vectors

_NARROW = np.float32(3.0)
"""How quickly an example's pull falls off with distance."""
NGRAM_SHARE = np.float32(0.3)
"""Of what two texts share in n-grams, beside the likeness of their vectors."""
_NEAREST = 3


def softmax(logits: Vectors) -> Vectors:
    """Turn each row into chances that make 1."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def pull(likeness: Vectors) -> Vectors:
    """Turn likeness into pull: a Gaussian of the distance."""
    return pulled(likeness.copy())


def pulled(likeness: Vectors) -> Vectors:
    """Turn likeness into pull, in its place."""
    likeness -= np.float32(1)
    likeness *= _NARROW
    np.exp(likeness, out=likeness)
    return likeness


def nearest_pair(likeness: Vectors) -> Vectors:
    """Give for each text how like it the two nearest are."""
    return np.asarray(np.sort(likeness, axis=1)[:, -2:].mean(axis=1), dtype=np.float32)


def nearest(likeness: Vectors) -> float:
    """Say how like a text the nearest examples are; none: not at all."""
    top = np.sort(likeness)[-_NEAREST:]
    return max(0.0, float(top.mean())) if top.size else 0.0


def score_of(response: float, near: float) -> float:
    """Say how surely a text is what it is taken for, 0 to 1."""
    return min(1.0, max(0.0, response)) * math.sqrt(near)
