"""What a test does to the machine of a service: its clock is set, its disk gets slow.

Both stand in a file of sixteen bytes that the driver writes and every process of the service has
mapped, so that a change is felt at once and costs nothing to look at.
"""

import mmap
import sqlite3
import struct
import time
from pathlib import Path

from typing_extensions import override

_FORM = struct.Struct("dd")


class Machine:
    """The file, for both sides."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_FORM.size))
        with file.open("r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), _FORM.size)

    @property
    def ahead_s(self) -> float:
        """How far the service's clock is ahead of ours, in seconds."""
        return self._read()[0]

    @property
    def commit_s(self) -> float:
        """How long a commit waits for the disk besides, in seconds."""
        return self._read()[1]

    def set_clock(self, ahead_s: float) -> None:
        """Set the service's clock, ahead or back."""
        _FORM.pack_into(self._map, 0, ahead_s, self.commit_s)

    def slow_disk(self, commit_s: float) -> None:
        """Make every commit to a file wait that long, or no longer."""
        _FORM.pack_into(self._map, 0, self.ahead_s, commit_s)

    def wall(self) -> float:
        """Tell the time as the service's machine does."""
        return time.time() + self.ahead_s  # noqa: TID251 - it is the machine whose clock is set

    def _read(self) -> tuple[float, float]:
        ahead_s, commit_s = _FORM.unpack_from(self._map)
        return ahead_s, commit_s


def with_slow_commits(machine: Machine) -> None:
    """Have SQLite's commits wait as the machine says, for the rest of this process.

    The thread that commits waits, with the file's lock in its hands and before anybody is told, as
    it does in `fsync` on a disk that has much to do; the loop and everybody who reads go on.
    """

    class Slow(sqlite3.Connection):
        @override
        def execute(self, sql: str, /, *given: object) -> sqlite3.Cursor:
            if sql == "commit" and machine.commit_s:
                time.sleep(machine.commit_s)  # noqa: TID251 - it is the disk that is slow
            return super().execute(sql, *given)  # type: ignore[arg-type]  # whatever was given

    connect = sqlite3.connect

    def slow(*given: object, **more: object) -> sqlite3.Connection:
        return connect(*given, **({"factory": Slow} | more))  # type: ignore[call-overload,no-any-return]  # as they came

    sqlite3.connect = slow  # type: ignore[assignment]  # takes whatever it does
