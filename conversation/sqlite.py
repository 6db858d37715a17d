"""The SQLite store: one file, one writer, one process at a time.

WAL with ``synchronous=FULL``: what `commit` has returned survives a power cut. Writes go through
`GroupCommit` to `SqliteWriter`; reads use a connection of their own and see only what is committed.
A lock file beside the database keeps a second process out (SQLite itself would let it in).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any

import aiosqlite
import structlog
from typing_extensions import override

from conversation.clock import Clock
from conversation.group_commit import GroupCommit, QueueFull
from conversation.group_commit import Work as Writing
from conversation.operations import Operations
from conversation.row_json import bindable
from conversation.sql import migrations
from conversation.sqlite_check import AT_ONCE_BYTES, LaterCheck, advice, damage
from conversation.sqlite_connection import connected
from conversation.sqlite_lock import take_lock
from conversation.sqlite_writer import SQL, SqliteWriter, given
from conversation.store import (
    Delivery,
    News,
    StoreUnavailable,
    StoreUnusable,
    Work,
)
from conversation.writes import Fields, Parameter, Writes

_log = structlog.get_logger(__name__)
BUSY_MS = 5_000
"""Milliseconds that SQLite waits for another process's write (a backup, a shell)."""
LEASE_S = 180
"""Seconds a claim lasts; longer than any turn may take, since nobody renews it here."""

PRAGMAS = (
    "pragma busy_timeout = {busy_ms}",
    # What is deleted or rewritten is overwritten: most builds of SQLite leave its bytes lying.
    "pragma secure_delete = on",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma cache_size = -65536",
    "pragma wal_autocheckpoint = 4000",
)


class SqliteSession:
    """`conversation.writes.Session` on a connection of aiosqlite."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self.db = db

    async def all(self, name: str, *what: Parameter) -> Sequence[aiosqlite.Row]:
        """Run a named statement."""
        # One errand to the connection's thread; a cursor of its own would cost three.
        return list(await self.db.execute_fetchall(SQL[name], given(what)))

    async def each(self, name: str, rows: Sequence[Fields]) -> Sequence[aiosqlite.Row]:
        """Run a named statement for each row."""
        found: list[aiosqlite.Row] = []
        for row in rows:
            found += await self.db.execute_fetchall(SQL[name], bindable(row))
        return found


class SqliteStore(Operations):
    """`conversation.store.Store` on one SQLite file."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        busy_ms: int = BUSY_MS,
        check_at_once_bytes: int = AT_ONCE_BYTES,
    ) -> None:
        self._path = path
        self._check_at_once_bytes = check_at_once_bytes
        self._check: LaterCheck | None = None
        self._damaged: str | None = None
        self._clock = clock
        self._busy_ms = busy_ms
        self._lock: IO[str] | None = None
        self._writer: SqliteWriter | None = None
        self._reader: aiosqlite.Connection | None = None
        self._reading = asyncio.Lock()
        self._doubt = False
        self._group: GroupCommit[Writes] | None = None

    # --- opening and closing

    async def open(self) -> None:
        """Take the file, bring its tables up to date; raises `StoreUnusable`."""
        self._lock = await take_lock(self._path, self._clock)
        try:
            self._reach_file()
            self._writer = SqliteWriter(lease_s=LEASE_S)
            await self._writer.open(str(self._path), self._prepare)
            self._reader = await self._connect()
            await self._reader.execute("pragma query_only = on")
            if self._big():
                self._check = LaterCheck(self._path, self._found)
        except (sqlite3.Error, OSError) as error:
            await self.close()
            raise StoreUnusable(f"{self._path} cannot be opened: {error}") from error
        except BaseException:
            await self.close()
            raise
        self._group = GroupCommit(
            transact=self._writer.transact, common=(sqlite3.OperationalError,)
        )
        self._group.start()

    async def close(self) -> None:
        """Write what waits and let go of the file."""
        if self._group is not None:
            await self._group.stop()
            self._group = None
        if self._check is not None:
            await self._check.stop()
            self._check = None
        for connection in (self._reader, self._writer):
            if connection is not None:
                await connection.close()
        self._reader = self._writer = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _reach_file(self) -> None:
        """Find out here what stands in the way: a connection that fails leaves a thread behind."""
        with self._path.open("ab"):
            pass

    def _big(self) -> bool:
        return self._path.stat().st_size > self._check_at_once_bytes

    def _found(self, what: str) -> None:
        """Take nothing more: who writes on into a damaged file makes it worse."""
        self._damaged = advice(self._path, what, so_far="nothing more is written")
        _log.critical("store damaged", why=self._damaged)

    async def checked(self) -> None:
        """Wait until a big file has been looked through."""
        if self._check is not None:
            await self._check.done()

    async def _connect(self) -> aiosqlite.Connection:
        connection = await connected(
            lambda: aiosqlite.connect(self._path, isolation_level=None, cached_statements=256)
        )
        connection.row_factory = aiosqlite.Row
        try:
            for pragma in PRAGMAS:
                await connection.execute_fetchall(pragma.format(busy_ms=self._busy_ms))
        except BaseException:
            # Nobody else knows of it yet, and its thread would outlive the process's end.
            await connection.close()
            raise
        return connection

    def _prepare(self, db: sqlite3.Connection) -> None:
        """Check the file, bring its tables up to date, and void what a process that died held."""
        for pragma in PRAGMAS:
            db.execute(pragma.format(busy_ms=self._busy_ms))
        self._check_and_migrate(db)
        # This process is alone with the file.
        db.execute(SQL["recover_leases"])
        db.execute(SQL["recover_outbox"])

    def _check_and_migrate(self, db: sqlite3.Connection) -> None:
        if not self._big() and (found := damage(db)) is not None:
            raise StoreUnusable(advice(self._path, found, so_far="nothing was changed"))
        (version,) = db.execute("pragma user_version").fetchone()
        known = migrations("sqlite")
        if version > known[-1][0]:
            raise StoreUnusable(
                f"{self._path} was written by a newer socialcare (tables {version}, "
                f"this one knows {known[-1][0]}); update socialcare"
            )
        # Only now: what is refused above is left as it was, byte for byte.
        db.execute("pragma journal_mode = wal")
        new = [f"{script}; pragma user_version = {n};" for n, script in known if n > version]
        if new:
            # All or none, and one wait for the disk.
            db.executescript("\n".join(("begin immediate;", *new, "commit;")))

    # --- writing

    @override
    async def _write(self, work: Writing[Writes], what: object) -> Any:
        if self._group is None:
            raise StoreUnavailable("the store is closed")
        if self._damaged is not None:
            raise StoreUnavailable(self._damaged)
        try:
            return await self._group.run(work, what)
        except QueueFull as error:
            raise StoreUnavailable("too many writes wait, or the store is closing") from error
        except sqlite3.Error as error:
            if _concerns_store(error):
                self._doubt = True
                raise StoreUnavailable(str(error)) from error
            raise

    async def renew(
        self, *, works: Sequence[Work] = (), deliveries: Sequence[Delivery] = ()
    ) -> None:
        """Do nothing: no other process can take anything away."""

    def hint(self, conversation: str) -> None:
        """Do nothing: there is no other process."""

    def on_hint(self, heard: Callable[[str], None]) -> None:
        """Do nothing: there is no other process."""

    def on_news(self, heard: Callable[[News], None]) -> None:
        """Do nothing: there is no other process."""

    # --- reading

    @override
    @asynccontextmanager
    async def _look(self) -> AsyncIterator[SqliteSession]:
        async with self._reading:
            if self._reader is None:
                raise StoreUnavailable("the store is closed")
            try:
                yield SqliteSession(self._reader)
            except sqlite3.OperationalError as error:
                raise StoreUnavailable(str(error)) from error

    @override
    @asynccontextmanager
    async def _look_still(self) -> AsyncIterator[SqliteSession]:
        async with self._look() as session:
            await session.db.execute("begin")
            try:
                yield session
            finally:
                await session.db.execute("rollback")

    async def probe(self) -> None:
        """After a write that the store refused, see whether it takes one by now."""
        if self._doubt or self._damaged is not None:
            await self._write(Writes.probe, None)
            self._doubt = False


def _concerns_store(error: sqlite3.Error) -> bool:
    """Say whether the store itself is in trouble (locked, full, damaged), not one item."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
