"""An eye on the service's store, from outside: plain rows, read while it runs or lies dead."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg

from conversation.clock import SystemClock
from tests.faults.patience import LOOK_S, HungError, Patience

T = TypeVar("T")
Row = tuple[Any, ...]
LOCK_TRIES = 5
CALM_S = 60.0
"""Calm seconds until a store is taken for hung."""
BUSY_S = 600.0
"""Seconds that SQLite waits for a lock: whoever has it may have no processor."""
RESTING_S = 0.1
GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    OSError,
)
"""What a server says, or leaves unsaid, while it is started again."""


class StoreEye(Protocol):
    """Reads the store as an operator's shell would; one for each kind of store."""

    def rows(self, question: str) -> list[Row]:
        """Ask in SQL that every store understands."""
        ...

    async def tell(self, *statements: str) -> None:
        """Change something, as an operator's shell would."""
        ...

    def holding(self) -> AbstractAsyncContextManager[None]:
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
        with contextlib.closing(sqlite3.connect(self._file, timeout=BUSY_S)) as db:
            return db.execute(question).fetchall()

    async def tell(self, *statements: str) -> None:
        """Write to the file when it is free."""

        def write() -> None:
            with contextlib.closing(
                sqlite3.connect(self._file, timeout=BUSY_S, isolation_level=None)
            ) as db:
                for statement in statements:
                    db.execute(statement)

        await asyncio.to_thread(write)

    @contextlib.asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Take SQLite's write lock, as a backup or a shell does."""
        with contextlib.closing(
            sqlite3.connect(
                self._file, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
        ) as db:
            await asyncio.to_thread(db.execute, "begin immediate")
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
        self._clock = SystemClock()
        self._db: asyncpg.Connection | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def rows(self, question: str, *values: object) -> list[Row]:
        """Ask the database, again when it was started again meanwhile."""
        return self._done(self._ask(question, *values))

    async def _ask(self, question: str, *values: object) -> list[Row]:
        while True:
            try:
                if self._db is None:
                    self._db = await asyncpg.connect(self._url)
                return [tuple(row) for row in await self._db.fetch(question, *values)]
            except GONE:
                if self._db is not None:
                    self._db.terminate()
                    self._db = None
                await self._clock.sleep(RESTING_S)

    async def tell(self, *statements: str) -> None:
        """Tell the server, on a connection of its own."""
        db = await asyncpg.connect(self._url)
        try:
            for statement in statements:
                await db.execute(statement)
        finally:
            await db.close()

    @contextlib.asynccontextmanager
    async def holding(self) -> AsyncIterator[None]:
        """Take the inbox's and the outbox's lock, as a careless migration does."""
        db = await asyncpg.connect(self._url)
        try:
            for _ in range(LOCK_TRIES):
                # Of two who wait for each other the server ends one: this time it may be us.
                with contextlib.suppress(asyncpg.DeadlockDetectedError):
                    await db.execute("begin; lock table inbox, outbox in exclusive mode")
                    break
                await db.execute("rollback")
            yield
        finally:
            db.terminate()

    def close(self) -> None:
        """End the thread."""

        async def end() -> None:
            if self._db is not None:
                await self._db.close()

        self._done(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        patience = Patience(CALM_S)
        while True:
            try:
                return answer.result(timeout=LOOK_S)
            except TimeoutError:
                if answer.done():
                    raise
                if patience.lost():
                    answer.cancel()
                    raise HungError("the database does not answer") from None
