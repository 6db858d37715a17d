"""A first start makes its tables in a process of its own, whose memory goes back when it ends.

The child writes what loading maps where a later start finds it, and the service takes it from
there, as if it had been there before. Whatever becomes of the child, nothing is lost: killed, it is
asked once more, and what it did not bring the service makes by itself.
"""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from socialcare.kept import cache, drop_unfinished, writable

LIMIT_S: Final = 180.0
"""Seconds for one child; a loaded machine needs tens of them."""
TRIES: Final = 2
"""The system kills what is largest where memory is short: a child may go under that should not."""
_TOLD_MAX = 500
_BEGIN = "import sys; sys.path[:] = sys.argv[1:]; from socialcare.apprentice import main; main()"

_log = structlog.get_logger(__name__)


class Task(BaseModel):
    """What a child is to do."""

    model_config = ConfigDict(frozen=True)

    folders: tuple[Path, ...]
    """Where kept things may lie; it writes into the first."""


class Stopped(Exception):
    """The service ends: nothing more is to be made."""


class Apart:
    """Runs the child processes of one service, one at a time."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        """Take how a child is called, for tests; it gets its task on stdin."""
        self._command = list(command or (sys.executable, "-P", "-c", _BEGIN, *sys.path))
        self._one_at_a_time = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._spare: TemporaryDirectory[str] | None = None
        if not writable(cache()):
            self._spare = _spare()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where kept things may lie, first the one that can be written."""
        return (cache(),) if self._spare is None else (Path(self._spare.name), cache())

    def run(self) -> bool:
        """Have a child make the tables; False where it could not.

        Raises:
            Stopped: the service ends.
        """
        task = Task(folders=self.folders)
        with self._one_at_a_time:
            return any(self._tried(task.model_dump_json().encode()) for _ in range(TRIES))

    def stop(self) -> None:
        """End what is under way; nothing begins any more."""
        self._stopping.set()
        child = self._child
        if child is not None:
            child.kill()

    def close(self) -> None:
        """End, and let go of the folder that stood in for the cache; what is mapped stays."""
        self.stop()
        if self._spare is not None:
            self._spare.cleanup()

    def _tried(self, task: bytes) -> bool:
        if self._stopping.is_set():
            raise Stopped
        try:
            # In a session of its own: Ctrl-C at a terminal is the service's to obey.
            with subprocess.Popen(  # noqa: S603 - ourselves
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            ) as child:
                self._child = child
                if self._stopping.is_set():
                    child.kill()
                told = _told(child, task)
            drop_unfinished(self.folders[0], pid=child.pid)
        except OSError as error:
            _log.info("no process to make tables in", why=error.strerror)
            return False
        finally:
            self._child = None
        if self._stopping.is_set():
            raise Stopped
        if child.returncode:
            _log.info("making tables apart failed", code=child.returncode, why=told)
        return child.returncode == 0


def _told(child: "subprocess.Popen[bytes]", task: bytes) -> str:
    try:
        _, told = child.communicate(task, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        _, told = child.communicate()
    return told.decode(errors="replace")[-_TOLD_MAX:]


def _spare() -> "TemporaryDirectory[str] | None":
    try:
        return TemporaryDirectory(prefix="socialcare-")
    except OSError:
        return None
