"""Word between processes that share a database: `NOTIFY` and `LISTEN` on a connection of its own.

`NOTIFY` takes a lock of the whole server when it commits, so it is never part of a transaction
that writes: a transaction only notes that there is news, and one task tells all that was noted
meanwhile in one statement. Word may be lost (a connection that breaks); workers look now and then
anyway.
"""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from conversation.clock import Clock
from conversation.store import News

CHANNEL = "socialcare_news"
CONNECT_AGAIN_S = 1.0
HINT = "hint:"
"""Begins a word that is worth nothing a moment later."""
HINTS_MAX = 1_000
"""Words that wait to be told; more hints are let fall."""
TROUBLE = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)

Connect = Callable[[], Awaitable[asyncpg.Connection]]
_log = structlog.get_logger(__name__)


class NewsLine:
    """One process's end of the line."""

    def __init__(self, *, connect: Connect, clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._heard: Callable[[News], None] = lambda _: None
        self._heard_hint: Callable[[str], None] = lambda _: None
        self._noted: set[str] = set()
        self._bell = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()
        """Set while the line is open."""

    def on_news(self, heard: Callable[[News], None]) -> None:
        """Call back for each word of another process."""
        self._heard = heard

    def note(self, news: set[News]) -> None:
        """Tell the others soon."""
        if news:
            self._noted |= news
            self._bell.set()

    def on_hint(self, heard: Callable[[str], None]) -> None:
        """Call back with what another process hints at."""
        self._heard_hint = heard

    def hint(self, about: str) -> None:
        """Hint at something soon; while the line is down nobody hears of it, ever."""
        if self.listening.is_set() and len(self._noted) < HINTS_MAX:
            self._noted.add(HINT + about)
            self._bell.set()

    def start(self) -> None:
        """Begin to listen, and never give up."""
        self._task = asyncio.create_task(self._run(), name="store news")

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                db = await self._connect()
            except TROUBLE as error:
                _log.warning("no news from the store", why=type(error).__name__)
                await self._clock.sleep(CONNECT_AGAIN_S)
                continue
            try:
                await self._talk(db)
            except TROUBLE as error:
                _log.warning("no news from the store", why=type(error).__name__)
            finally:
                self.listening.clear()
                db.terminate()

    async def _talk(self, db: asyncpg.Connection) -> None:
        """Listen and tell until the connection ends."""
        db.add_termination_listener(lambda _: self._bell.set())
        await db.add_listener(CHANNEL, self._take)
        self.listening.set()
        # What came while nobody listened: everybody looks once.
        self._hear(*News)
        while not db.is_closed():
            await self._bell.wait()
            self._bell.clear()
            told, self._noted = self._noted, set()
            if told and not db.is_closed():
                await db.execute(
                    "select pg_notify($1, word) from unnest($2::text[]) as word",
                    CHANNEL,
                    list(told),
                )

    def _take(self, db: object, pid: int, _channel: str, word: object) -> None:
        own = isinstance(db, asyncpg.Connection) and pid == db.get_server_pid()
        if own:
            return
        if word in tuple(News):
            self._hear(News(str(word)))
        elif isinstance(word, str) and word.startswith(HINT):
            self._heard_hint(word.removeprefix(HINT))

    def _hear(self, *news: News) -> None:
        for one in news:
            self._heard(one)
