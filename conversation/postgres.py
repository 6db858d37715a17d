"""The PostgreSQL store: any number of processes, on any number of machines, share the work.

Each process has a few writers, whose transactions are shared as on SQLite. What keeps processes
apart are row locks: a transaction first locks, in one order, the conversations it is about; claims
and takes skip what is locked. A claimed conversation is leased until a moment of the server's
clock, so machines may disagree about the time; a worker that was given up is fenced off by its
token. Workers on other machines are woken by `NOTIFY`, and look each second anyway.

A connection that breaks undoes its transaction. One that breaks during the commit itself leaves
it unknown whether it held: every write is therefore safe to repeat (`conversation.store`).
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from typing_extensions import override

from conversation import postgres_tables
from conversation.clock import Clock
from conversation.group_commit import Body, GroupCommit, QueueFull
from conversation.group_commit import Work as Writing
from conversation.operations import Operations
from conversation.postgres_news import NewsLine
from conversation.postgres_place import place, why
from conversation.postgres_session import PostgresSession
from conversation.store import (
    Delivery,
    News,
    StoreUnavailable,
    StoreUnusable,
    Work,
)
from conversation.touching import conversations_of, made_by, news_of, proofs_of
from conversation.writes import Raced, Writes

LEASE_S = 30
"""Seconds after which the others take over what a process that died was working on."""
WRITERS = 3
"""Transactions of one process at a time: while one waits for the disk the next ones gather."""
READERS = 4
CONNECT_S = 5.0
"""Seconds until a server that does not answer counts as absent."""
COMMAND_S = 30.0
"""Seconds of one statement; a network that swallows everything may not hold a writer for ever."""

SETTINGS = {
    "application_name": "socialcare",
    # What is acknowledged survives a crash of the server, whatever its own setting.
    "synchronous_commit": "on",
    # Another process that froze in mid-transaction holds its rows this long, and no longer.
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "5s",
    "jit": "off",
    # Every statement finds its rows by an index. Plans are kept, and one that was made while a
    # table was empty would walk it from end to end when it is full.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
TROUBLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # What the driver says of a connection that was ended while nobody used it.
    asyncpg.InternalClientError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidTransactionStateError,
    asyncpg.LockNotAvailableError,
    OSError,
    TimeoutError,
)
"""The server, the way to it, or the database is in trouble; no item is to blame."""
_AGAIN = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    # Tables were changed under a plan that was kept.
    asyncpg.InvalidCachedStatementError,
    Raced,
)


class PostgresStore(Operations):
    """`conversation.store.Store` on a PostgreSQL database."""

    def __init__(
        self, url: str, *, clock: Clock, migrate: bool = False, writers: int = WRITERS
    ) -> None:
        """Take a place.

        Args:
            url: ``postgresql://user:password@host:port/database``.
            clock: Time, for pauses and limits; leases go by the server's clock.
            migrate: Bring the tables up to date when opening, instead of refusing older ones.
            writers: Transactions at a time.
        """
        self._url = url
        self._place = place(url)
        self._clock = clock
        self._migrates = migrate
        self._count = writers
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._group: GroupCommit[Writes] | None = None
        self._news = NewsLine(connect=self._connect, clock=clock)

    # --- opening and closing

    async def open(self) -> None:
        """Reach the database and check its tables; raises `StoreUnusable`."""
        try:
            db = await self._connect()
            try:
                await postgres_tables.check(db)
                if self._migrates:
                    await postgres_tables.migrate(db)
                await postgres_tables.check_tables(db)
            finally:
                await db.close(timeout=CONNECT_S)
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._count + READERS,
                timeout=CONNECT_S,
                command_timeout=COMMAND_S,
                server_settings=SETTINGS,
                reset=keep_connection,
            )
        except (asyncpg.PostgresError, ValueError, *TROUBLE) as error:
            raise StoreUnusable(f"{self._place} cannot be used: {why(error, self._url)}") from None
        except StoreUnusable as error:
            raise StoreUnusable(f"{self._place}: {error}") from None
        self._group = GroupCommit(
            transact=self._transact, common=TROUBLE, again=_AGAIN, writers=self._count
        )
        self._group.start()
        self._news.start()

    async def close(self) -> None:
        """Write what waits and hang up."""
        if self._group is not None:
            await self._group.stop()
            self._group = None
        await self._news.stop()
        if self._pool is not None:
            pool, self._pool = self._pool, None
            # Whoever is cut off from the server need not wait for its farewell; the pool then
            # drops its connections by itself.
            with suppress(TimeoutError, *TROUBLE):
                async with self._clock.timeout(CONNECT_S):
                    await pool.close()

    async def _connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(
            self._url, timeout=CONNECT_S, command_timeout=COMMAND_S, server_settings=SETTINGS
        )

    # --- writing

    async def _transact(self, items: Sequence[Any], body: Body[Writes]) -> list[Any]:
        async with self._connection() as db, db.transaction():
            session = PostgresSession(db)
            await _hold(session, items)
            answers = await body(Writes(session, lease_s=LEASE_S))
        self._news.note({news for item in items for news in news_of(item)})
        return answers

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["PoolConnectionProxy[asyncpg.Record]"]:
        if self._pool is None:
            raise StoreUnavailable("the store is closed")
        async with self._pool.acquire(timeout=CONNECT_S) as db:
            yield db

    @override
    async def _write(self, work: Writing[Writes], what: object) -> Any:
        if self._group is None:
            raise StoreUnavailable("the store is closed")
        with self._told():
            try:
                return await self._group.run(work, what)
            except QueueFull as error:
                raise StoreUnavailable("too many writes wait, or it is closing") from error

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell the database's troubles as the contract does."""
        try:
            yield
        except (*TROUBLE, *_AGAIN) as error:
            raise StoreUnavailable(f"{self._place}: {why(error, self._url)}") from error

    async def renew(
        self, *, works: Sequence[Work] = (), deliveries: Sequence[Delivery] = ()
    ) -> None:
        """Keep what is being worked on and sent from the other processes."""
        claims = [{"id": one.row.id, "token": one.row.token} for one in works]
        sendings = [{"id": one.id, "tries": one.tries} for one in deliveries]
        async with self._look() as session:
            if claims:
                await session.all("renew_claims", claims, LEASE_S * 1_000_000)
            if sendings:
                await session.all("renew_sendings", sendings, LEASE_S * 1_000_000)

    def hint(self, conversation: str) -> None:
        """Tell other processes that an answer is being written there."""
        self._news.hint(conversation)

    def on_hint(self, heard: Callable[[str], None]) -> None:
        """Call back with the conversation of each hint."""
        self._news.on_hint(heard)

    def on_news(self, heard: Callable[[News], None]) -> None:
        """Call back when other processes have written."""
        self._news.on_news(heard)

    # --- reading

    @override
    @asynccontextmanager
    async def _look(self) -> AsyncIterator[PostgresSession]:
        with self._told():
            async with self._connection() as db:
                yield PostgresSession(db)

    @override
    @asynccontextmanager
    async def _look_still(self) -> AsyncIterator[PostgresSession]:
        with self._told():
            async with (
                self._connection() as db,
                db.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield PostgresSession(db)

    async def probe(self) -> None:
        """See that it can be written: a server without room refuses every write alike."""
        await self._write(Writes.probe, None)


async def keep_connection(_: object) -> None:
    """Leave a connection as it is: it has no state of a session, and asking costs a round trip."""


async def _hold(session: PostgresSession, items: Sequence[object]) -> None:
    """Make and lock the conversations that a transaction is about, before everything else."""
    proved = sorted({one for item in items for one in proofs_of(item)})
    if proved:
        await session.all("proof_hold", proved)
    made = {one.conversation: row for item in items for one, row in made_by(item)}
    if made:
        await session.all("conversation_make", list(made.values()))
    named = sorted({one for item in items for one in conversations_of(item)})
    if named:
        await session.all("conversation_hold", named)
