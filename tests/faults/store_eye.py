"""An eye on the service's store, from outside: plain rows, read while it runs or lies dead."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

Row = tuple[Any, ...]


class StoreEye(Protocol):
    """Reads the store as an operator's shell would; one for each kind of store."""

    def rows(self, question: str) -> list[Row]:
        """Ask in SQL that every store understands."""
        ...

    def holding(self) -> contextlib.AbstractContextManager[None]:
        """Keep the service from writing for as long as the body lasts."""
        ...


class SqliteEye:
    """An eye on the SQLite file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def rows(self, question: str) -> list[Row]:
        """Ask the file."""
        with contextlib.closing(sqlite3.connect(self._file, timeout=10)) as db:
            return db.execute(question).fetchall()

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Take SQLite's write lock, as a backup or a shell does."""
        with contextlib.closing(
            sqlite3.connect(self._file, timeout=10, isolation_level=None)
        ) as db:
            db.execute("begin immediate")
            try:
                yield
            finally:
                db.execute("rollback")
