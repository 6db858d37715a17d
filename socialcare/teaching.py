"""Learns the shipped heads from the shipped examples: `python -m socialcare.teaching`.

It takes a quarter of an hour (with OPENBLAS_NUM_THREADS=2) and twenty gigabytes of memory, since
every example is compared with every other one, and needs the English encoder, too
(`pip install -e '.[english]'`). Run it whenever an example has changed; a test says so. Where only
moods or risks have, what is learnt of topics stays, and it takes two minutes.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from brain.classifier import Classifier, content_key, in_order
from brain.encoder import Encoder, UseEncoder, Vectors, use_named
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example, shipped_moods, shipped_risks, shipped_topics
from brain.extras import heads_file
from brain.heads import axes_of, encoder_key, laid_down, packed, unpacked
from brain.wording import plain

MULTILINGUAL_AXES: Final = 256
ENGLISH_AXES: Final = 448
"""Of 512 and 896 numbers of a vector: as many as hold nineteen twentieths of it."""

_FOLDER = Path(__file__).parents[1] / "brain" / "learnt"


def main() -> None:
    """Learn, and write both files."""
    multilingual = UseEncoder()
    teach(multilingual, MULTILINGUAL_AXES)
    teach(JoinedEncoder(multilingual, EnglishEncoder()), ENGLISH_AXES)


def lessons() -> dict[str, Sequence[Example]]:
    """Give the examples of each head."""
    return {"topics": shipped_topics(), "moods": shipped_moods(), "risks": shipped_risks()}


def rows_of(learnt: Mapping[str, Sequence[Example]]) -> dict[str, int]:
    """Number the texts of all lessons; one that stands in two of them is there once."""
    texts = dict.fromkeys(plain(each.text) for lesson in learnt.values() for each in lesson)
    return {text: row for row, text in enumerate(texts)}


@dataclass(frozen=True, slots=True)
class _Known:
    """An encoder of texts that are encoded already."""

    name: str
    dimensions: int
    rows: Mapping[str, int]
    vectors: Vectors

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give their rows; raises KeyError where one is not known."""
        return self.vectors[[self.rows[text] for text in texts]]


def teach(encoder: Encoder, count: int) -> None:
    """Learn all heads with one encoder, of whose numbers so many are kept, and write them down."""
    texts = rows_of(lessons())
    _say(f"{encoder.name}: encoding {len(texts):,} texts")
    wide = encoder.encode(list(texts))
    before = _before(encoder, count)
    axes = axes_of(wide, count) if before is None else before["axes"]
    steps, scales = packed(wide @ axes)
    stored: dict[str, Any] = {
        "encoder": np.array(encoder_key(encoder)), "axes": axes, "rows": steps, "scales": scales,
    }  # fmt: skip
    known = _Known(encoder.name, count, texts, unpacked(steps, scales))
    for name, examples in lessons().items():
        rows = np.array([texts[plain(each.text)] for each in in_order(examples)], dtype=np.int32)
        if name == "topics" and before is not None:
            stored |= {each: kept for each, kept in before.items() if each.startswith("topics.")}
            stored["topics.rows"] = rows
            continue
        _say(f"learning {name} from {len(examples):,} examples")
        classifier = Classifier.train(examples, known)
        stored |= laid_down(name, classifier.head, rows, content_key(examples, encoder))
    _FOLDER.mkdir(exist_ok=True)
    np.savez(_file(encoder), **stored)


def _file(encoder: Encoder) -> Path:
    return _FOLDER / heads_file(english=encoder.name != use_named().name)


def _before(encoder: Encoder, count: int) -> Mapping[str, Any] | None:
    """Give what was laid down before, if its topics were learnt from the examples as they are."""
    file = _file(encoder)
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as stored:
        before = dict(stored)
    wanted = encoder_key(encoder), content_key(lessons()["topics"], encoder)
    same = (str(before["encoder"]), str(before["topics.key"])) == wanted
    return before if same and before["axes"].shape[1] == count else None


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
