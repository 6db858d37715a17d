"""A second way into the PostgreSQL store: one connection of its own, beside the service's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from conversation import postgres_tables
from conversation.care import Space
from conversation.postgres import (
    COMMAND_S,
    CONNECT_S,
    SETTINGS,
    TROUBLE,
    keep_connection,
)
from conversation.postgres_place import place, why
from conversation.postgres_session import PostgresSession
from conversation.store import StoreUnavailable, StoreUnusable
from conversation.writes import Session

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

VACUUM_S = 3_600.0
"""Seconds that clearing away old row versions may take; nobody waits for it."""
_LOST = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Others were first; the command may be given again."""
_TABLES = "content, inbox, outbox, conversation, action_call, identity, timer, media"
_LEFT = (
    "PostgreSQL keeps bytes of old rows in its files until it uses the room again, and in its WAL "
    "until that is recycled (`vacuum full` rewrites the files, while nobody can write)"
)


class PostgresCare:
    """`conversation.care.Care` on a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._place = place(url)
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def open(self) -> None:
        """Reach the database and check its tables; raises `StoreUnusable`."""
        try:
            db = await asyncpg.connect(self._url, timeout=CONNECT_S, command_timeout=COMMAND_S)
            try:
                await postgres_tables.check_tables(db)
            finally:
                await db.close(timeout=CONNECT_S)
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=1,
                timeout=CONNECT_S,
                command_timeout=COMMAND_S,
                server_settings=SETTINGS,
                reset=keep_connection,
            )
        except (asyncpg.PostgresError, ValueError, StoreUnavailable, *TROUBLE) as error:
            await self.close()
            raise StoreUnusable(f"{self._place} cannot be used: {why(error, self._url)}") from None
        except StoreUnusable as error:
            await self.close()
            raise StoreUnusable(f"{self._place}: {error}") from None

    async def close(self) -> None:
        """Hang up."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["PoolConnectionProxy[asyncpg.Record]"]:
        if self._pool is None:
            raise StoreUnavailable("the store is closed")
        try:
            async with self._pool.acquire(timeout=CONNECT_S) as db:
                yield db
        except (*TROUBLE, *_LOST) as error:
            raise StoreUnavailable(f"{self._place}: {why(error, self._url)}") from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """Open a transaction."""
        async with self._connection() as db, db.transaction():
            yield PostgresSession(db)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Session]:
        """Open a look at one moment."""
        async with (
            self._connection() as db,
            db.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield PostgresSession(db)

    async def tidy(self) -> None:
        """Do nothing: the server's autovacuum does it."""

    async def scrub(self) -> Space:
        """Clear away the old versions of erased rows, as far as the server does."""
        async with self._connection() as db:
            await db.execute(f"vacuum {_TABLES}", timeout=VACUUM_S)
        return Space(freed=False, why=_LEFT)
