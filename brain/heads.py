"""The heads that the product ships with: what our examples teach, learnt once and laid down.

A start reads them, in a fraction of a second; `python -m socialcare.teaching` makes them anew when
an example has changed. What a brand teaches of its own is learnt on top of them (`brain.taught`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from brain.classifier import FORMAT, Classifier, Head
from brain.encoder import Encoder, NamedEncoder, Vectors, use_named
from brain.extras import INSTALL_AGAIN, LEARNT, heads_file

Arrays = Mapping[str, NDArray[Any]]

LESSONS: Final = ("topics", "moods", "risks")
_STEPS = 127


class HeadsUnfit(Exception):
    """What is shipped was learnt with another encoder."""

    def __init__(self, encoder: NamedEncoder) -> None:
        super().__init__(f"no heads are shipped for the encoder {encoder.name}; {INSTALL_AGAIN}")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """An encoder of whose vectors only that is kept in which our examples differ most.

    Half of the numbers hold nineteen twentieths of it, in half the memory and half the time.
    """

    encoder: Encoder
    axes: Vectors
    """What each number of the wide vectors adds to each of the narrow ones."""

    @property
    def name(self) -> str:
        """The wide encoder's."""
        return self.encoder.name

    @property
    def dimensions(self) -> int:
        """Columns of the narrow vectors."""
        return len(self.axes[0])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Turn n texts into n rows, a little shorter than 1."""
        return self.encoder.encode(texts) @ self.axes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """What our examples teach."""

    encoder: Encoder
    """What turns texts into the vectors that they know."""
    topics: Classifier
    moods: Classifier
    risks: Classifier

    def with_topics(self, topics: Classifier) -> "Heads":
        """Give them with what a brand teaches on top; all know the same texts as before."""
        known = topics.head.known
        moods, risks = (
            one.with_head(replace(one.head, known=known)) for one in (self.moods, self.risks)
        )
        return replace(self, topics=topics, moods=moods, risks=risks)


def shipped_heads(encoder: Encoder) -> Heads:
    """Read them for an encoder: the multilingual one alone, or with the English one beside it.

    Raises:
        HeadsUnfit: they were learnt with another one.
        OSError: none are shipped for the installed release; `heads_shipped` tells before.
    """
    english = encoder.name != use_named().name
    with _opened(english=english) as file, np.load(file, allow_pickle=False) as stored:
        arrays = dict(stored)
    if str(arrays["encoder"]) != encoder_key(encoder):
        raise HeadsUnfit(encoder)
    narrowed = Narrowed(encoder, arrays["axes"])
    # Column by column: texts are compared with all of them twice as fast.
    known = np.asfortranarray(unpacked(arrays["rows"], arrays["scales"]))
    heads = {name: _classifier(name, arrays, known, narrowed) for name in LESSONS}
    return Heads(encoder=narrowed, **heads)


def learnt_keys(*, english: bool) -> dict[str, str]:
    """Name what each shipped head was learnt from, as `content_key` does."""
    with _opened(english=english) as file, np.load(file, allow_pickle=False) as stored:
        return {name: str(stored[f"{name}.key"]) for name in LESSONS}


def axes_of(rows: Vectors, count: int) -> Vectors:
    """Give the directions in which most of these rows lies, dimensions x count."""
    sizes, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))
    chosen = axes[:, np.argsort(-sizes)[:count]]
    # A direction has no sign of its own: the same rows must always give the same axes.
    signs = np.sign(chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])])
    return np.asarray(chosen * signs, dtype=np.float32)


def packed(rows: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Lay rows down in a byte a number: as steps, and how large a step of each row is."""
    scales = np.abs(rows).max(axis=1) / _STEPS
    steps = rows / np.maximum(scales, np.float32(1e-12))[:, None]
    return np.rint(steps).astype(np.int8), scales.astype(np.float32)


def unpacked(steps: NDArray[np.int8], scales: NDArray[np.float32]) -> Vectors:
    """Give the rows that were `packed`, each number wrong by half a step at most."""
    rows = steps.astype(np.float32)
    rows *= scales[:, None]
    return rows


def laid_down(name: str, head: Head, rows: NDArray[np.int32], key: str) -> dict[str, Any]:
    """Give a head as arrays, its examples as numbers of rows; `_classifier` reads them."""
    return {
        f"{name}.key": np.array(key),
        f"{name}.labels": np.array(head.labels),
        f"{name}.owners": head.owners.astype(np.int16),
        f"{name}.rows": rows,
        f"{name}.pulls": head.pulls.astype(np.float16),
        f"{name}.weights": head.ngram_weights,
        f"{name}.sparse": head.sparse,
        f"{name}.bias": head.bias,
        f"{name}.calibration": np.array([head.sharpness, head.threshold]),
    }


def encoder_key(encoder: NamedEncoder) -> str:
    """Name the encoder that heads are learnt with, and the way in which they are."""
    return f"{FORMAT}|{encoder.name}"


def _classifier(name: str, stored: Arrays, known: Vectors, encoder: Encoder) -> Classifier:
    sharpness, threshold = stored[f"{name}.calibration"].tolist()
    head = Head(
        labels=tuple(stored[f"{name}.labels"].tolist()),
        owners=stored[f"{name}.owners"].astype(np.int64),
        known=known,
        rows=stored[f"{name}.rows"].astype(np.int64),
        pulls=stored[f"{name}.pulls"].astype(np.float32),
        ngram_weights=stored[f"{name}.weights"],
        sparse=stored[f"{name}.sparse"],
        bias=stored[f"{name}.bias"],
        sharpness=sharpness,
        threshold=threshold,
    )
    return Classifier(head, encoder)


def _opened(*, english: bool) -> IO[bytes]:
    return LEARNT.joinpath(heads_file(english=english)).open("rb")
