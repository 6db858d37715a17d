"""The PostgreSQL store: any number of processes, on any number of machines, share the work.

Each process has a few writers, whose transactions are shared as on SQLite. What keeps processes
apart are row locks: a transaction first locks, in one order, the conversations it is about; claims
and takes skip what is locked. A claimed conversation is leased until a moment of the server's
clock, so machines may disagree about the time; a worker that was given up is fenced off by its
token. Workers on other machines are woken by `NOTIFY`, and look each second anyway.

A connection that breaks undoes its transaction. One that breaks during the commit itself leaves
it unknown whether it held: every write is therefore safe to repeat (`conversation.store`).
"""

# Longer than 400 lines: every operation of the contract, most of them one line of work.

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from conversation import postgres_tables
from conversation.ceilings import Ceiling, Used
from conversation.clock import Clock
from conversation.entries import LogEntry
from conversation.events import Erased, Event
from conversation.feed_steps import step_feeds
from conversation.feeds import FeedAsk, FeedHeld
from conversation.group_commit import Body, GroupCommit, QueueFull
from conversation.group_commit import Work as Writing
from conversation.invitations import Invite, Redeem, Redemption
from conversation.inviting import invite_all, keep_key, redeem_all
from conversation.joining import commit_all
from conversation.kin import Relative, Spoken
from conversation.ledger import Approval, CallRecord
from conversation.media import Media, MediaHeld
from conversation.notice_steps import step_notices
from conversation.notices import Notice, NoticeAsk
from conversation.postgres_news import NewsLine
from conversation.postgres_place import place, why
from conversation.postgres_session import PostgresSession
from conversation.reads import Reads
from conversation.rows import Claim, Take
from conversation.spend_steps import spend_all
from conversation.spending import Spend, Spent
from conversation.state import ConversationState
from conversation.store import (
    Acceptance,
    Accepted,
    Commit,
    CommitResult,
    ConversationRow,
    Delivery,
    DeskPosted,
    News,
    Pending,
    Settlement,
    StoreUnavailable,
    StoreUnusable,
    Work,
)
from conversation.storm_steps import step_storms
from conversation.storms import StormAsk, StormSeen
from conversation.touching import conversations_of, made_by, news_of, proofs_of
from conversation.trace import Trace
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


class PostgresStore:
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
        self._reads = Reads(look=self._look, still=self._look_still)

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

    async def accept(self, acceptance: Acceptance) -> Accepted:
        """Keep arrivals, once each, and wake their conversations."""
        result: Accepted = await self._write(Writes.accept, acceptance)
        return result

    async def claim(self, *, now: datetime, limit: int) -> Sequence[Work]:
        """Take conversations that have something to do."""
        result: Sequence[Work] = await self._write(Writes.claim, Claim(now=now, limit=limit))
        return result

    async def commit(self, commit: Commit) -> CommitResult:
        """Make a turn's results true, or none of them."""
        result: CommitResult = await self._write(commit_all, commit)
        return result

    async def take(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due messages, at most one per destination."""
        result: Sequence[Delivery] = await self._write(Writes.take, Take(now=now, limit=limit))
        return result

    async def settle(self, settlement: Settlement) -> None:
        """Note what became of a delivery."""
        await self._write(Writes.settle, settlement)

    async def fire(self, *, now: datetime, limit: int) -> int:
        """Turn due timers into arrivals."""
        result: int = await self._write(Writes.fire, Take(now=now, limit=limit))
        return result

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

    @asynccontextmanager
    async def _look(self) -> AsyncIterator[PostgresSession]:
        with self._told():
            async with self._connection() as db:
                yield PostgresSession(db)

    @asynccontextmanager
    async def _look_still(self) -> AsyncIterator[PostgresSession]:
        with self._told():
            async with (
                self._connection() as db,
                db.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield PostgresSession(db)

    async def next_due(self) -> datetime | None:
        """Say when the next timer, retry or wake-up is due."""
        return await self._reads.next_due()

    async def calls(self, keys: Sequence[str]) -> Mapping[str, CallRecord]:
        """Look up rows of the ledger."""
        return await self._reads.calls(keys)

    async def used(self, ceilings: Sequence[Ceiling], *, key: str) -> Sequence[Used]:
        """Sum up the ledger below each ceiling."""
        return await self._reads.used(ceilings, key=key)

    async def approval(self, approval_id: str) -> tuple[Approval, CallRecord] | None:
        """Look up a sign-off with its call."""
        return await self._reads.approval(approval_id)

    async def conversation(
        self, conversation: str
    ) -> tuple[ConversationRow, ConversationState] | None:
        """Look up a conversation as it stands now."""
        return await self._reads.conversation(conversation)

    async def posted(self, keys: Sequence[str]) -> Mapping[str, DeskPosted]:
        """Look up where posts of ours stand at the desk."""
        return await self._reads.posted(keys)

    async def posted_at(self, *, channel: str, ts: str) -> DeskPosted | None:
        """Find the post of ours at this place of the desk."""
        return await self._reads.posted_at(channel=channel, ts=ts)

    async def log(self, conversation: str) -> Sequence[tuple[datetime, Event | Erased]]:
        """Read a conversation's whole log, in order."""
        return await self._reads.log(conversation)

    async def entries_after(
        self, after: Mapping[str, int], *, kinds: Sequence[str], limit: int
    ) -> Sequence[LogEntry]:
        """Read what logs hold behind a position of each, in order."""
        return await self._reads.entries_after(after, kinds=kinds, limit=limit)

    async def arrivals(self, conversation: str, *, before: int, limit: int) -> Sequence[Pending]:
        """Read a conversation's arrivals that came before one, latest first."""
        return await self._reads.arrivals(conversation, before=before, limit=limit)

    async def media(self, media_id: str) -> Media | None:
        """Read a file that a customer sent."""
        return await self._reads.media(media_id)

    async def media_held(self, conversation: str) -> MediaHeld:
        """Say how much a conversation holds in files."""
        return await self._reads.media_held(conversation)

    async def traces(self, conversation: str, *, last: int) -> Sequence[Trace]:
        """Tell a conversation's last turns."""
        return await self._reads.traces(conversation, last=last)

    async def relatives(self, conversation: str) -> Sequence[Relative]:
        """Find the customer's other conversations, and those of who may be the same person."""
        return await self._reads.relatives(conversation)

    async def arrived_in(self, *, channel: str, account: str, event_id: str) -> str | None:
        """Name the conversation that an arrival was kept in."""
        return await self._reads.arrived_in(channel=channel, account=account, event_id=event_id)

    async def spoke(self, spoken: Spoken) -> bool:
        """Say whether words were sent by us in public, or are just being sent."""
        return await self._reads.spoke(spoken)

    async def invitation_key(self) -> str:
        """Give what invitations are signed with."""
        result: str = await self._write(keep_key, None)
        return result

    async def invite(self, invite: Invite) -> None:
        """Note an invitation."""
        await self._write(invite_all, invite)

    async def redeem(self, redeem: Redeem) -> Redemption:
        """Let who arrived with an invitation be who was invited."""
        result: Redemption = await self._write(redeem_all, redeem)
        return result

    async def feed(self, ask: FeedAsk) -> FeedHeld | None:
        """Take, keep or let a feed that platforms hold for us."""
        result: FeedHeld | None = await self._write(step_feeds, ask)
        return result

    async def notice(self, ask: NoticeAsk) -> Sequence[Notice]:
        """Keep, take or settle what the desk must hear of a whole channel."""
        result: Sequence[Notice] = await self._write(step_notices, ask)
        return result

    async def storm(self, ask: StormAsk) -> StormSeen:
        """Look how stormy it is in public on a channel, and note a complaint that was made."""
        result: StormSeen = await self._write(step_storms, ask)
        return result

    async def spend(self, spend: Spend) -> Spent:
        """Count what is spent, if all its budgets allow it."""
        result: Spent = await self._write(spend_all, spend)
        return result

    async def probe(self) -> None:
        """See that it can be written: a server without room refuses every write alike."""
        await self._write(Writes.probe, None)

    async def counts(self) -> Mapping[str, int]:
        """Count what waits."""
        return await self._reads.counts()


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
