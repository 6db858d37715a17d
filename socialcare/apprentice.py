"""The child process of `socialcare.apart`: learns what it is told to, writes it down, ends."""

import sys

from brain.encoder import Encoder
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example
from socialcare.apart import Task
from socialcare.learning import trained
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
    encoder: Encoder = load_use(*task.folders).encoder
    if task.english:
        encoder = JoinedEncoder(encoder, EnglishEncoder())
    for lesson in task.lessons:
        trained([Example(label=label, text=text) for label, text in lesson], encoder, *task.folders)
