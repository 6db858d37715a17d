"""The child process of `socialcare.apart`: learns what it is told to, writes it down, ends."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from brain.encoder import Encoder, Vectors
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example
from brain.wording import plain
from socialcare.apart import Task
from socialcare.loading import load_use
from socialcare.loading_ear import load_ear


def main() -> None:
    """Read the task from stdin and do it."""
    do(Task.model_validate_json(sys.stdin.buffer.read()))


def do(task: Task) -> None:
    """Keep the tables, or learn from the lessons."""
    if not task.lessons:
        load_ear(["en"], *task.folders).keep()  # first, so that the two are never held together
        load_use(*task.folders).keep()
        return
    from socialcare.learning import trained  # noqa: PLC0415 - tables need no more than they are

    lessons = [[Example(label=label, text=text) for label, text in one] for one in task.lessons]
    # Encoder and learning take memory one after the other, and a text of two lessons is read once.
    known = _Known.of(_encoder(task), (plain(each.text) for lesson in lessons for each in lesson))
    for lesson in lessons:
        trained(lesson, known, *task.folders)


def _encoder(task: Task) -> Encoder:
    multilingual = load_use(*task.folders).encoder
    return JoinedEncoder(multilingual, EnglishEncoder()) if task.english else multilingual


@dataclass(frozen=True, slots=True)
class _Known:
    """An encoder of texts that another one has encoded."""

    name: str
    dimensions: int
    rows: Mapping[str, int]
    vectors: Vectors

    @classmethod
    def of(cls, encoder: Encoder, texts: Iterable[str]) -> "_Known":
        rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        return cls(encoder.name, encoder.dimensions, rows, encoder.encode(list(rows)))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give their rows; raises KeyError where one is not known."""
        return self.vectors[[self.rows[text] for text in texts]]
