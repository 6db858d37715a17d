"""The SQLite store: one file, one writer, one process at a time.

WAL with ``synchronous=FULL``: what `commit` has returned survives a power cut. Writes go through
`GroupCommit`; reads use a connection of their own and see only what is committed. A lock file
beside the database keeps a second process out (SQLite itself would let it in).
"""

import asyncio
import fcntl
import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import aiosqlite

from conversation.clock import Clock
from conversation.events import Erased, Event
from conversation.group_commit import GroupCommit, QueueFull
from conversation.ledger import Approval, CallRecord
from conversation.sql import migrations, statements
from conversation.sqlite_rows import (
    Claim,
    Take,
    approval_of,
    call_of,
    conversation_of,
    entry_of,
    moment,
    post_of,
    state_of,
)
from conversation.sqlite_writes import Writes
from conversation.state import ConversationState
from conversation.store import (
    Acceptance,
    Accepted,
    Commit,
    CommitResult,
    ConversationRow,
    Delivery,
    DeskPosted,
    Settlement,
    StoreUnavailable,
    StoreUnusable,
    Work,
)

LOCK_WAIT_S = 15
"""Seconds that a starting process waits for the one before it to let go of the file."""
LOCK_LOOK_S = 0.25
BUSY_MS = 5_000
"""Milliseconds that SQLite waits for another process's write (a backup, a shell)."""

SQL = statements("sqlite")
_PRAGMAS = (
    "pragma busy_timeout = {busy_ms}",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma cache_size = -65536",
    "pragma wal_autocheckpoint = 4000",
)


class SqliteStore:
    """`conversation.store.Store` on one SQLite file."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        busy_ms: int = BUSY_MS,
    ) -> None:
        self._path = path
        self._clock = clock
        self._busy_ms = busy_ms
        self._lock: IO[str] | None = None
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._reading = asyncio.Lock()
        self._group: GroupCommit | None = None
        self._writes: Writes | None = None

    # --- opening and closing

    async def open(self) -> None:
        """Take the file, bring its tables up to date; raises `StoreUnusable`."""
        await self._take_lock()
        try:
            self._reach_file()
            self._writer = await self._connect()
            await self._check_and_migrate(self._writer)
            await self._recover(self._writer)
            self._reader = await self._connect()
            await self._reader.execute("pragma query_only = on")
        except (sqlite3.Error, OSError) as error:
            await self.close()
            raise StoreUnusable(f"{self._path} cannot be opened: {error}") from error
        except BaseException:
            await self.close()
            raise
        self._writes = Writes(self._writer)
        self._group = GroupCommit(
            begin=lambda: self._db.execute("begin immediate"),
            commit=lambda: self._db.execute("commit"),
            rollback=self._roll_back,
            common=(sqlite3.OperationalError,),
        )
        self._group.start()

    async def close(self) -> None:
        """Write what waits and let go of the file."""
        if self._group is not None:
            await self._group.stop()
            self._group = None
        for connection in (self._reader, self._writer):
            if connection is not None:
                await connection.close()
        self._reader = self._writer = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def _take_lock(self) -> None:
        path = self._path.with_name(self._path.name + ".lock")
        try:
            lock = path.open("a")
        except OSError as error:
            raise StoreUnusable(f"{path} cannot be written: {error.strerror}") from error
        try:
            await self._wait_for(lock)
        except BaseException:
            lock.close()
            raise
        self._lock = lock

    async def _wait_for(self, lock: IO[str]) -> None:
        waited_s = 0.0
        while not _locked(lock):
            if waited_s >= LOCK_WAIT_S:
                raise StoreUnusable(
                    f"{self._path} is held by another running socialcare; stop it first"
                )
            await self._clock.sleep(LOCK_LOOK_S)
            waited_s += LOCK_LOOK_S

    def _reach_file(self) -> None:
        """Find out here what stands in the way: a connection that fails leaves a thread behind."""
        with self._path.open("ab"):
            pass

    async def _connect(self) -> aiosqlite.Connection:
        connection = await aiosqlite.connect(
            self._path, isolation_level=None, cached_statements=256
        )
        connection.row_factory = aiosqlite.Row
        try:
            for pragma in _PRAGMAS:
                await connection.execute_fetchall(pragma.format(busy_ms=self._busy_ms))
        except BaseException:
            # Nobody else knows of it yet, and its thread would outlive the process's end.
            await connection.close()
            raise
        return connection

    async def _check_and_migrate(self, db: aiosqlite.Connection) -> None:
        async with db.execute("pragma quick_check(1)") as cursor:
            row = await cursor.fetchone()
        if row is None or row[0] != "ok":
            raise StoreUnusable(
                f"{self._path} is damaged ({row[0] if row else 'no answer'}); nothing was changed. "
                "Restore a backup, or move the file away to begin anew"
            )
        async with db.execute("pragma user_version") as cursor:
            version = (await cursor.fetchone() or (0,))[0]
        known = migrations("sqlite")
        if version > known[-1][0]:
            raise StoreUnusable(
                f"{self._path} was written by a newer socialcare (tables {version}, "
                f"this one knows {known[-1][0]}); update socialcare"
            )
        # Only now: what is refused above is left as it was, byte for byte.
        await db.execute_fetchall("pragma journal_mode = wal")
        for number, script in known:
            if number > version:
                await db.executescript(
                    f"begin immediate; {script}; pragma user_version = {number}; commit;"
                )

    async def _recover(self, db: aiosqlite.Connection) -> None:
        """Void what a process that died held: this one is alone with the file."""
        await db.execute(SQL["recover_leases"])
        await db.execute(SQL["recover_outbox"])

    @property
    def _db(self) -> aiosqlite.Connection:
        if self._writer is None:
            raise StoreUnavailable("the store is closed")
        return self._writer

    async def _roll_back(self) -> None:
        if self._db.in_transaction:
            await self._db.execute("rollback")

    # --- writing

    async def _write(self, work: str, what: object) -> Any:
        if self._group is None or self._writes is None:
            raise StoreUnavailable("the store is closed")
        try:
            return await self._group.run(getattr(self._writes, work), what)
        except QueueFull as error:
            raise StoreUnavailable("too many writes wait, or the store is closing") from error
        except sqlite3.Error as error:
            if _concerns_store(error):
                raise StoreUnavailable(str(error)) from error
            raise

    async def accept(self, acceptance: Acceptance) -> Accepted:
        """Keep arrivals, once each, and wake their conversations."""
        result: Accepted = await self._write("accept", acceptance)
        return result

    async def claim(self, *, now: datetime, limit: int) -> Sequence[Work]:
        """Take conversations that have something to do."""
        result: Sequence[Work] = await self._write("claim", Claim(now=now, limit=limit))
        return result

    async def commit(self, commit: Commit) -> CommitResult:
        """Make a turn's results true, or none of them."""
        result: CommitResult = await self._write("commit", commit)
        return result

    async def take(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due messages, at most one per destination."""
        result: Sequence[Delivery] = await self._write("take", Take(now=now, limit=limit))
        return result

    async def settle(self, settlement: Settlement) -> None:
        """Note what became of a delivery."""
        await self._write("settle", settlement)

    async def fire(self, *, now: datetime, limit: int) -> int:
        """Turn due timers into arrivals."""
        result: int = await self._write("fire", Take(now=now, limit=limit))
        return result

    # --- reading

    async def _read(self, name: str, parameters: Sequence[object]) -> list[aiosqlite.Row]:
        async with self._reading:
            return await self._rows(name, parameters)

    async def _rows(self, name: str, parameters: Sequence[object]) -> list[aiosqlite.Row]:
        if self._reader is None:
            raise StoreUnavailable("the store is closed")
        try:
            return list(await self._reader.execute_fetchall(SQL[name], tuple(parameters)))
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(str(error)) from error

    async def next_due(self) -> datetime | None:
        """Say when the next timer, retry or wake-up is due."""
        rows = await self._read("next_due", ())
        return moment(rows[0][0]) if rows and rows[0][0] is not None else None

    async def calls(self, keys: Sequence[str]) -> Mapping[str, CallRecord]:
        """Look up rows of the ledger."""
        rows = await self._read("calls", (json.dumps(list(keys)),))
        return {row["key"]: call_of(row) for row in rows}

    async def approval(self, approval_id: str) -> tuple[Approval, CallRecord] | None:
        """Look up a sign-off with its call."""
        rows = await self._read("approval", (approval_id,))
        if not rows:
            return None
        approval = approval_of(rows[0])
        calls = await self.calls([approval.call_key])
        return approval, calls[approval.call_key]

    async def conversation(
        self, conversation: str
    ) -> tuple[ConversationRow, ConversationState] | None:
        """Look up a conversation as it stands now."""
        async with self._reading:
            if self._reader is None:
                raise StoreUnavailable("the store is closed")
            await self._reader.execute("begin")
            try:
                rows = await self._rows("conversations", (json.dumps([conversation]),))
                entries = await self._rows("entries", (json.dumps([conversation]),))
            finally:
                await self._reader.execute("rollback")
        if not rows:
            return None
        return conversation_of(rows[0]), state_of(rows[0], entries)

    async def posted(self, keys: Sequence[str]) -> Mapping[str, DeskPosted]:
        """Look up where posts of ours stand at the desk."""
        rows = await self._read("posts", (json.dumps(list(keys)),))
        return {row["key"]: post_of(row) for row in rows}

    async def posted_at(self, *, channel: str, ts: str) -> DeskPosted | None:
        """Find the post of ours at this place of the desk."""
        rows = await self._read("post_at", (channel, ts))
        return post_of(rows[0]) if rows else None

    async def log(self, conversation: str) -> Sequence[tuple[datetime, Event | Erased]]:
        """Read a conversation's whole log, in order."""
        return [entry_of(row) for row in await self._read("entries_all", (conversation,))]

    async def counts(self) -> Mapping[str, int]:
        """Count what waits."""
        return {row["what"]: row["n"] for row in await self._read("counts", ())}


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _concerns_store(error: sqlite3.Error) -> bool:
    """Say whether the store itself is in trouble (locked, full, damaged), not one item."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
