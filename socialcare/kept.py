"""Arrays in one file that are mapped from disk: they take memory only where they are used.

What is mapped is shared by all processes that read the file, and the system takes it back when
memory is short. A file is trusted only when it holds, bit for bit, what was written.
"""

import contextlib
import json
import os
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

Arrays = Mapping[str, NDArray[Any]]

TABLES_MAX: Final = 4
"""The encoder's and the language tables, and those of the version before."""
PART_AGE_S: Final = 86_400.0
"""Nobody writes one file for a day."""

_TABLES_FILE = re.compile(r"(?:use|ear)-[\w.-]+\.arrays")
_PART_FILE = re.compile(r"(?:use|ear)-[\w.-]+\.(\d+)\.part")

_MAGIC = b"socialcare arrays 1\n"
_HEAD = struct.Struct("<QI")
"""Bytes of the list of contents; sum of all that follows it."""
_EDGE = 64
"""Each array begins at a multiple of it, as the processor likes it."""
_PIECE = 1 << 20
_CONTENTS_MAX = 1 << 20


class Damaged(Exception):
    """A kept file does not hold what was written."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file.name} is damaged")


def cache() -> Path:
    """Name the folder where this user keeps what can be made again."""
    return user_cache_path("socialcare")


def writable(folder: Path) -> bool:
    """Whether something can be kept in a folder, which is made where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def is_kept(file: Path) -> bool:
    """Whether it is there; where the folder may not be looked into, nothing is."""
    try:
        return file.is_file()
    except OSError:
        return False


def used(file: Path) -> None:
    """Note that a kept file was of use, so that others go before it."""
    with contextlib.suppress(OSError):
        os.utime(file)


def tidy(folder: Path, *, now: float) -> None:
    """Let go of what nobody has used for longest, and of what was never finished.

    What is mapped stays with whoever has mapped it. Nothing but our own files is looked at.

    Args:
        folder: Where things are kept.
        now: The time, as files have it.
    """
    aged = _files(folder)
    tables = sorted(each for each in aged if _TABLES_FILE.fullmatch(each[1].name))
    for _, file in tables[:-TABLES_MAX]:
        _let_go(file)
    for at, file in aged:
        if _PART_FILE.fullmatch(file.name) and now - at > PART_AGE_S:
            _let_go(file)


def drop_unfinished(folder: Path, *, pid: int) -> None:
    """Let go of what a process has not finished that is gone."""
    for _, file in _files(folder):
        found = _PART_FILE.fullmatch(file.name)
        if found and int(found[1]) == pid:
            _let_go(file)


def _files(folder: Path) -> list[tuple[float, Path]]:
    """List what is in a folder, each with the time of its last use."""
    found = []
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            with contextlib.suppress(OSError):  # another process tidies, too
                found.append((file.stat().st_mtime, file))
    return found


def _let_go(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()


def write_arrays(file: Path, arrays: Arrays) -> None:
    """Write arrays into one file, which is there as a whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    contents, at = {}, 0
    for name, array in arrays.items():
        contents[name] = (array.dtype.str, array.shape, at)
        at += -(-array.nbytes // _EDGE) * _EDGE
    told = json.dumps(contents).encode()
    told += b" " * (-(len(_MAGIC) + _HEAD.size + len(told)) % _EDGE)
    with whole(file) as out:
        out.write(_MAGIC + _HEAD.pack(len(told), 0) + told)
        found = 0
        for array in arrays.values():
            body = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
            for piece in (body, b"\0" * (-len(body) % _EDGE)):
                found = zlib.crc32(piece, found)
                out.write(piece)
        out.seek(len(_MAGIC))
        out.write(_HEAD.pack(len(told), zlib.crc32(told, found)))


def read_arrays(file: Path) -> dict[str, NDArray[Any]]:
    """Map the arrays that `write_arrays` wrote; they can only be read.

    Raises:
        OSError: it cannot be read.
        Damaged: it does not hold what was written.
    """
    begin = len(_MAGIC) + _HEAD.size
    with file.open("rb") as stored:
        head = stored.read(begin)
        if len(head) < begin or not head.startswith(_MAGIC):
            raise Damaged(file)
        size, wanted = _HEAD.unpack(head[len(_MAGIC) :])
        if size > _CONTENTS_MAX:
            raise Damaged(file)
        told = stored.read(size)
        found = 0
        while piece := stored.read(_PIECE):
            found = zlib.crc32(piece, found)
    if zlib.crc32(told, found) != wanted:
        raise Damaged(file)
    mapped = np.memmap(file, dtype=np.uint8, mode="r", offset=0).view(np.ndarray)
    arrays = {}
    for name, (kind, shape, at) in json.loads(told).items():
        dtype = np.dtype(kind)
        begins = begin + size + at
        ends = begins + dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        arrays[name] = mapped[begins:ends].view(dtype).reshape(shape)
    return arrays


@contextlib.contextmanager
def whole(file: Path) -> Iterator[IO[bytes]]:
    """Write a file that is there as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # Of each process its own: two that start at once must not write into one.
    unfinished = file.with_suffix(f".{os.getpid()}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
