"""How the weights of `brain.weighing` are found: logistic regression over labelled messages.

`python bench/weights.py [--encoder multilingual|english]` prints them, and what recall and
precision were on halves of the messages that the weights were not found on. The messages are those
of `bench/issues/social.yaml` and `market.yaml`, the development sets: figures on them flatter
whatever was chosen with their help.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not this file

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from ruamel.yaml import YAML

from bench import brain as measured
from brain import weighing
from brain.examples import shipped_traits
from brain.heads import shipped_heads
from brain.issues import weighed
from brain.triage import Triage

MESSAGES = ("social.yaml", "market.yaml")
RIDGE = 1.0
"""How far the weights are held back."""
ROUNDS = 3
"""How often the messages are halved."""
_NOW, _ZONE = datetime(2026, 11, 18, 10, tzinfo=UTC), ZoneInfo("Europe/London")

Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One labelled message, with what speaks for each reading of a part of it."""

    text: str
    topics: frozenset[str]
    parts: Rows
    true: Rows


def main() -> None:
    """Find the weights and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--encoder", choices=("multilingual", "english", "both"), default="both")
    kinds = parser.parse_args().encoder
    cache = user_cache_path("socialcare") / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    ears = []
    for kind in ("multilingual", "english") if kinds == "both" else (kinds,):
        encoder = measured.Remembering(measured.encoder_of(kind), cache)
        triage = measured.triage_of(shipped_heads(encoder))
        ears.append((kind, triage, [_message(triage, row) for row in _rows()]))
        encoder.keep()
    for kind, triage, messages in ears:
        rounds = [
            _halves([m for _, _, m in ears], messages, triage, seed) for seed in range(ROUNDS)
        ]
        figures = [statistics.fmean(each) for each in zip(*rounds, strict=True)]
        print(f"{kind}: on halves not seen, recall {figures[0]:.3f}, precision {figures[1]:.3f}")
    weights = _found([message for _, _, messages in ears for message in messages])
    print("WEIGHTS:", ", ".join(f"{each:.2f}" for each in weights[:-1]), f"BIAS: {weights[-1]:.2f}")


def _rows() -> Sequence[dict[str, object]]:
    folder = Path(__file__).parent / "issues"
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in MESSAGES]
    return [row for text in texts for row in YAML(typ="safe", pure=True).load(text)]


def _message(triage: Triage, row: dict[str, object]) -> Message:
    traits = shipped_traits()
    aside = traits.small_talk | traits.outside | traits.context
    text, topics = str(row["text"]), frozenset(map(str, row["topics"])) - aside  # type: ignore[call-overload] # a list in YAML
    found = [
        (issue.topic, evidence)
        for _, issue, evidence in weighed(triage.ranked(text), traits)
        if issue.topic not in aside
    ]
    return Message(
        text=text,
        topics=topics,
        parts=np.array([each.parts for _, each in found]).reshape(
            len(found), len(weighing.WEIGHTS)
        ),
        true=np.array([float(topic in topics) for topic, _ in found]),
    )


def _halves(
    all_of: Sequence[Sequence[Message]], asked: Sequence[Message], triage: Triage, seed: int
) -> tuple[float, float]:
    order = list(range(len(asked)))
    random.Random(seed).shuffle(order)  # noqa: S311 - a fixed order, not a secret
    right = wanted = said = 0
    for side in (0, 1):
        taught = [each[at] for each in all_of for at in order[1 - side :: 2]]
        *weights, bias = _found(taught).tolist()
        weighing.WEIGHTS, weighing.BIAS = tuple(weights), bias  # type: ignore[misc] # only here
        for at in order[side::2]:
            message = asked[at]
            read = measured.topics_of(triage, message.text, message.topics)
            right += len(read & message.topics)
            wanted, said = wanted + len(message.topics), said + len(read)
    return right / wanted, right / said


def _found(messages: Sequence[Message]) -> Rows:
    """Fit by Newton's steps; the bias is last. Each message counts by the root of its readings."""
    told = [each for each in messages if len(each.true)]
    rows = np.concatenate([each.parts for each in told])
    true = np.concatenate([each.true for each in told])
    share = np.concatenate([np.full(len(each.true), len(each.true) ** -0.5) for each in told])
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled = np.column_stack([(rows - middle) / spread, np.ones(len(rows))])
    held = np.diag([*([RIDGE] * rows.shape[1]), 1e-6])
    weights = np.zeros(scaled.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (share * (p - true)) + held @ weights
        curve = (scaled.T * (share * p * (1 - p))) @ scaled + held
        weights -= np.linalg.solve(curve, slope)
    plain = weights[:-1] / spread
    return np.array([*plain, weights[-1] - plain @ middle])


if __name__ == "__main__":
    main()
