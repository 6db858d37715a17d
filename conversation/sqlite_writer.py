"""The one connection that writes to the SQLite file, on a thread of its own.

A transaction is one errand to that thread, however many statements it has: handing each statement
over by itself costs more than most of them take.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from conversation.group_commit import Body
from conversation.row_json import bindable, dumped
from conversation.sql import statements
from conversation.store import StoreUnavailable
from conversation.writes import Fields, Parameter, Writes

SQL = statements("sqlite")
GIVING = frozenset(name for name, sql in SQL.items() if "returning" in sql)
"""Statements that write and give rows back."""

T = TypeVar("T")


def given(what: Sequence[Parameter]) -> list[int | str]:
    """Put parameters the way SQLite's statements take them: every list as one JSON array."""
    return [one if isinstance(one, int | str) else dumped(one) for one in what]


class DirectSession:
    """`conversation.writes.Session` on the writer's own thread, where a statement just runs."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def all(self, name: str, *what: Parameter) -> Sequence[sqlite3.Row]:
        """Run a named statement; never waits."""
        return self._db.execute(SQL[name], given(what)).fetchall()

    async def each(self, name: str, rows: Sequence[Fields]) -> Sequence[sqlite3.Row]:
        """Run a named statement for each row: cheaper than to have SQLite take JSON apart."""
        sql = SQL[name]
        if name not in GIVING:
            self._db.executemany(sql, map(bindable, rows))
            return ()
        found: list[sqlite3.Row] = []
        for row in rows:
            found += self._db.execute(sql, bindable(row)).fetchall()
        return found


class SqliteWriter:
    """Runs transactions one after the other."""

    def __init__(self, *, lease_s: int) -> None:
        self._lease_s = lease_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._db: sqlite3.Connection | None = None

    async def open(self, path: str, prepare: Callable[[sqlite3.Connection], None]) -> None:
        """Open the file and have it prepared; raises what that raises."""

        def connect() -> None:
            self._db = sqlite3.connect(path, isolation_level=None, cached_statements=256)
            self._db.row_factory = sqlite3.Row
            prepare(self._db)

        await self._errand(connect)

    async def close(self) -> None:
        """Let go of the file, after what was begun, and end the thread."""

        def disconnect() -> None:
            if self._db is not None:
                self._db.close()
                self._db = None

        await self._errand(disconnect)
        self._thread.shutdown(wait=False)

    async def transact(self, _: Sequence[Any], body: Body[Writes]) -> list[Any]:
        """Run a body in a transaction of its own; commits where it ends well, else rolls back."""
        return await self._errand(lambda: self._transact(body))

    def _transact(self, body: Body[Writes]) -> list[Any]:
        db = self._db
        if db is None:
            raise StoreUnavailable("the store is closed")
        db.execute("begin immediate")
        try:
            answers = _ended(body(Writes(DirectSession(db), lease_s=self._lease_s)))
            db.execute("commit")
        except BaseException:
            if db.in_transaction:
                db.execute("rollback")
            raise
        return answers

    async def _errand(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _ended(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end what is written to wait for an engine, on one that answers at once."""
    try:
        work.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    work.close()
    raise RuntimeError("a statement of SQLite's waited for something else")
