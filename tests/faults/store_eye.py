"""An eye on the service's store, from outside: plain rows, read while it runs or lies dead."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg

T = TypeVar("T")
Row = tuple[Any, ...]
LOCK_TRIES = 5


class StoreEye(Protocol):
    """Reads the store as an operator's shell would; one for each kind of store."""

    def rows(self, question: str) -> list[Row]:
        """Ask in SQL that every store understands."""
        ...

    def holding(self) -> contextlib.AbstractContextManager[None]:
        """Keep the service from writing for as long as the body lasts."""
        ...

    def close(self) -> None:
        """Look no more."""
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

    def close(self) -> None:
        """Do nothing: each look opened the file anew."""


class PostgresEye:
    """An eye on a PostgreSQL database, from a thread with a loop of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def rows(self, question: str) -> list[Row]:
        """Ask the database."""

        async def ask() -> list[Row]:
            db = await asyncpg.connect(self._url)
            try:
                return [tuple(row) for row in await db.fetch(question)]
            finally:
                await db.close()

        return self._done(ask())

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Take the inbox's and the outbox's lock, as a careless migration does."""

        async def take() -> asyncpg.Connection:
            db = await asyncpg.connect(self._url)
            for _ in range(LOCK_TRIES):
                # Of two who wait for each other the server ends one: this time it may be us.
                with contextlib.suppress(asyncpg.DeadlockDetectedError):
                    await db.execute("begin; lock table inbox, outbox in exclusive mode")
                    return db
                await db.execute("rollback")
            return db

        db = self._done(take())
        try:
            yield
        finally:
            self._done(db.close())

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)
