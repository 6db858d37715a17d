"""The child process of `socialcare.apart`: makes the tables that loading maps, and ends."""

import sys
from multiprocessing import get_context

from socialcare.apart import Task
from socialcare.loading import load_use
from socialcare.loading_ear import load_ear

_fork = get_context("fork")


def main() -> None:
    """Read the task from stdin and keep the tables where they are not kept yet."""
    task = Task.model_validate_json(sys.stdin.buffer.read())
    ear = _fork.Process(target=_keep_ear, args=(task,))  # On the other core.
    ear.start()
    load_use(*task.folders).keep()
    ear.join()


def _keep_ear(task: Task) -> None:
    load_ear(["en"], *task.folders).keep()
