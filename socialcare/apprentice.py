"""The child process of `socialcare.apart`: learns what it is told to, writes it down, ends."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

import numpy as np

from brain.encoder import Encoder, Vectors
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example
from brain.wording import plain
from socialcare.apart import Task
from socialcare.loading import load_use
from socialcare.loading_ear import load_ear

MANY: Final = 1_000
"""Texts from which on a second core is worth its start."""

_fork = get_context("fork")  # The encoder comes along, and this process has one thread.


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
        return cls(encoder.name, encoder.dimensions, rows, encoded(list(rows), encoder))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Give their rows; raises KeyError where one is not known."""
        return self.vectors[[self.rows[text] for text in texts]]


def encoded(texts: Sequence[str], encoder: Encoder) -> Vectors:
    """Encode many texts on two cores; what the other one does not bring is done here."""
    if len(texts) < MANY or (os.cpu_count() or 1) < 2:
        return encoder.encode(texts)
    half = len(texts) // 2
    here, there = _fork.Pipe(duplex=False)

    def give() -> None:
        there.send_bytes(encoder.encode(texts[half:]).tobytes())

    helper = _fork.Process(target=give)
    helper.start()
    there.close()
    first = encoder.encode(texts[:half])
    try:
        rest = np.frombuffer(here.recv_bytes(), dtype=np.float32)
    except (EOFError, OSError):
        return np.concatenate([first, encoder.encode(texts[half:])])
    finally:
        helper.join()
    return np.concatenate([first, rest.reshape(-1, encoder.dimensions)])
