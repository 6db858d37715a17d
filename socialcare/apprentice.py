"""The child process of `socialcare.apart`: learns what it is told to, writes it down, ends.

It encodes the lessons and then begins anew with their vectors: the encoder's memory is given back
before learning takes its own, and learning may use every core, which encoding must not.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from tempfile import TemporaryFile
from typing import Final

import numpy as np

from brain.encoder import Encoder, Vectors
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example
from brain.wording import plain
from socialcare.apart import Encoded, Task
from socialcare.loading import load_use
from socialcare.loading_ear import load_ear

MANY: Final = 1_000
"""Texts from which on a second core is worth its start."""
CORES_MAX: Final = 4
"""Cores that learning is given."""

_fork = get_context("fork")  # The encoder comes along, and this process has one thread.


def main() -> None:
    """Read the task from stdin and do it; behind a task that is encoded stand the vectors."""
    task = Task.model_validate_json(sys.stdin.buffer.readline())
    if task.encoded is None:
        prepare(task)
    else:
        learn(task, task.encoded, sys.stdin.buffer.read())


def prepare(task: Task) -> None:
    """Keep the tables where they are not kept yet, encode the lessons and go on with them."""
    # On the other core, and over before the lessons take memory.
    ear = _fork.Process(target=_keep_ear, args=(task,))
    ear.start()
    loaded = load_use(*task.folders)
    loaded.keep()
    ear.join()
    if not task.lessons:
        return
    encoder = JoinedEncoder(loaded.encoder, EnglishEncoder()) if task.english else loaded.encoder
    about = Encoded(name=encoder.name, dimensions=encoder.dimensions)
    vectors = encoded(list(_rows(task)), encoder)
    _begin_anew(task.model_copy(update={"encoded": about}), vectors)


def learn(task: Task, about: Encoded, vectors: bytes) -> None:
    """Learn from the lessons, of which every text is encoded already."""
    from socialcare.learning import trained  # noqa: PLC0415 - tables need no more than they are

    table = np.frombuffer(vectors, dtype=np.float32).reshape(-1, about.dimensions)
    known = _Known(about.name, about.dimensions, _rows(task), table)
    for lesson in task.lessons:
        examples = [Example(label=label, text=text) for label, text in lesson]
        trained(examples, known, *task.folders)


def _begin_anew(task: Task, vectors: Vectors) -> None:
    with TemporaryFile() as file:
        file.write(task.model_dump_json().encode() + b"\n")
        file.write(vectors.tobytes())
        file.seek(0)
        os.dup2(file.fileno(), sys.stdin.fileno())
        cores = str(min(CORES_MAX, os.cpu_count() or 1))
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": cores}  # noqa: TID251 - the library's
        os.execve(sys.executable, sys.orig_argv, environment)  # noqa: S606 - ourselves


def _keep_ear(task: Task) -> None:
    load_ear(["en"], *task.folders).keep()


def _rows(task: Task) -> dict[str, int]:
    """Number the lessons' texts; one that stands in two lessons is encoded once."""
    texts = dict.fromkeys(plain(text) for lesson in task.lessons for _, text in lesson)
    return {text: row for row, text in enumerate(texts)}


@dataclass(frozen=True, slots=True)
class _Known:
    """An encoder of texts that another one has encoded."""

    name: str
    dimensions: int
    rows: Mapping[str, int]
    vectors: Vectors

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
