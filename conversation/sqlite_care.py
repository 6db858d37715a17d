"""A second way into the SQLite store's file, while `run` has it or nobody does.

No lock file is taken: SQLite itself keeps writers apart, each waiting a while for the other. What
is written here is seen by the service at its next look, within a second.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import aiosqlite

from conversation.care import Space
from conversation.sql import migrations
from conversation.sqlite import BUSY_MS, PRAGMAS, SqliteSession
from conversation.sqlite_connection import connected
from conversation.store import StoreUnavailable, StoreUnusable
from conversation.writes import Session

TIDY_BUSY_MS = 50
"""Tidying gives way to readers at once: the next round comes within the hour."""
VACUUM_MAX_BYTES = 256 * 1024 * 1024
"""Larger files are not rewritten by themselves: writers would wait longer than `BUSY_MS`. Their
free pages are used again, so a file stays at the size of its fullest day."""
VACUUM_FREE_SHARE = 0.5
"""A smaller file is rewritten when half of it is empty."""
_DAMAGED = sqlite3.DatabaseError
"""Itself, not what is derived from it: the file, not one item."""


class SqliteCare:
    """`conversation.care.Care` on one SQLite file."""

    def __init__(self, path: str, *, busy_ms: int = BUSY_MS) -> None:
        self._path = path
        self._busy_ms = busy_ms
        self._db: aiosqlite.Connection | None = None
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Reach a file that is there and up to date; raises `StoreUnusable`."""
        uri = f"file:{quote(self._path)}?mode=rw"
        self._see()
        try:
            # First without a thread: one of a connection that fails would stay behind.
            sqlite3.connect(uri, uri=True).close()
            self._db = await connected(
                lambda: aiosqlite.connect(uri, uri=True, isolation_level=None)
            )
            self._db.row_factory = aiosqlite.Row
            for pragma in PRAGMAS:
                await self._db.execute_fetchall(pragma.format(busy_ms=self._busy_ms))
            found = await self._number("user_version")
        except sqlite3.Error as error:
            await self.close()
            raise StoreUnusable(f"{self._path} cannot be opened: {error}") from error
        known = migrations("sqlite")[-1][0]
        if found != known:
            await self.close()
            raise StoreUnusable(_of_version(self._path, found, known))

    def _see(self) -> None:
        if not Path(self._path).exists():
            raise StoreUnusable(f"{self._path} is not there: `socialcare migrate` makes it")

    async def close(self) -> None:
        """Let go of the file."""
        if self._db is not None:
            await self._db.close()
            self._db = None

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._db is None:
            raise StoreUnavailable("the store is closed")
        return self._db

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """Open a transaction."""
        async with self._between("begin immediate", "commit") as session:
            yield session

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Session]:
        """Open a look at one moment."""
        async with self._between("begin", "rollback") as session:
            yield session

    @asynccontextmanager
    async def _between(self, begin: str, end: str) -> AsyncIterator[Session]:
        async with self._turn:
            db = self._open
            try:
                await db.execute(begin)
                yield SqliteSession(db)
                await db.execute(end)
            except BaseException as error:
                if db.in_transaction:
                    await db.execute("rollback")
                if isinstance(error, sqlite3.OperationalError) or type(error) is _DAMAGED:
                    raise StoreUnavailable(str(error)) from error
                raise

    # --- room

    async def tidy(self) -> None:
        """Cut the WAL, which never shrinks by itself after a burst; rewrite a half-empty file.

        A checkpoint that a reader stands in the way of is left for the next round.
        """
        async with self._turn:
            await self._pragma(f"busy_timeout = {TIDY_BUSY_MS}")
            try:
                free, pages = await self._number("freelist_count"), await self._number("page_count")
                size = pages * await self._number("page_size")
                if free > pages * VACUUM_FREE_SHARE and size <= VACUUM_MAX_BYTES:
                    await self._open.execute_fetchall("vacuum")
                await self._pragma("wal_checkpoint(truncate)")
            except sqlite3.OperationalError as error:
                raise StoreUnavailable(str(error)) from error
            finally:
                await self._pragma(f"busy_timeout = {self._busy_ms}")

    async def scrub(self) -> Space:
        """Write the file anew without what was erased, and leave an empty WAL."""
        async with self._turn:
            try:
                await self._open.execute_fetchall("vacuum")
                busy = await self._number("wal_checkpoint(truncate)")
            except sqlite3.OperationalError as error:
                return Space(freed=False, why=f"the file could not be written anew: {error}")
        if busy:
            return Space(freed=False, why="a long read keeps the WAL; erase again when it is over")
        return Space(freed=True)

    async def _number(self, pragma: str) -> int:
        rows = list(await self._pragma(pragma))
        return int(rows[0][0]) if rows else 0

    async def _pragma(self, pragma: str) -> list[aiosqlite.Row]:
        return list(await self._open.execute_fetchall(f"pragma {pragma}"))


def _of_version(path: str, found: int, known: int) -> str:
    if found > known:
        return f"{path} was written by a newer socialcare (tables {found}, this one knows {known})"
    told = "has no tables yet" if not found else f"has older tables ({found}, not {known})"
    return f"{path} {told}: run `socialcare migrate`"
