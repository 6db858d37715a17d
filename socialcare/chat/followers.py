"""Following the log for sockets: whoever commits, the process that holds the socket reads it there.

Theory of operation. A feed is one socket's place in one conversation's log and a short queue of
frames. One task looks for what is behind the feeds' places, for many conversations in one query:
at once where a bell rang (a worker of this process wrote, or another process told so), and each
second for all of them, since bells may be lost. A look gives each feed entries in the log's order,
each once, for the place moves with the queue; a feed whose queue is full stands still and rings
when it has room. What a socket was not told when it breaks, its page asks for with the place it
knows. So nothing is lost or doubled, and a slow reader costs a queue and no more.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from channels.webchat.lines import KINDS, NOW, line
from conversation.clock import Clock
from conversation.entries import LogEntry
from conversation.store import Store, StoreUnavailable

LOOK_EVERY_S: Final = 1.0
"""The safety net: what nobody rang for is seen this soon."""
AT_ONCE: Final = 500
"""Conversations of one query."""
ENTRIES_MAX: Final = 2_000
"""Entries of one query."""
QUEUE_MAX: Final = 64
"""Frames that wait for one socket."""
SPARE: Final = 8
"""Places of the queue that entries leave to answers: acknowledgements are never put off."""

_log = structlog.get_logger(__name__)


class Feed:
    """What one socket is to be told, in order."""

    def __init__(self, conversation: str, *, position: int) -> None:
        self.conversation = conversation
        self.position = position
        """The last entry that it was given, shown or not."""
        self.queue: asyncio.Queue[str] = asyncio.Queue(QUEUE_MAX)
        self.behind = True
        """Whether entries of before its time are still to come."""
        self.waits = False
        """Whether entries wait for room."""

    @property
    def has_room(self) -> bool:
        """Whether it can be given entries."""
        return self.queue.qsize() < QUEUE_MAX - SPARE

    def answer(self, frame: str) -> bool:
        """Tell it something that is not in the log; False: its reader is gone or drowning."""
        try:
            self.queue.put_nowait(frame)
        except asyncio.QueueFull:
            return False
        return True

    def hint(self, frame: str) -> None:
        """Tell it something that nobody misses."""
        if self.has_room:
            self.queue.put_nowait(frame)

    def give(self, entry: LogEntry, frame: str | None) -> None:
        """Give it the next entry, if it is one and there is room."""
        if entry.position <= self.position or self.waits:
            return
        if frame is not None:
            if not self.has_room:
                self.waits = True
                return
            self.queue.put_nowait(frame)
        self.position = entry.position


class Followers:
    """All feeds of a process."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._feeds: dict[str, set[Feed]] = {}
        self._stale: set[str] = set()
        self._bell = asyncio.Event()

    def join(self, feed: Feed) -> None:
        """Begin to feed a socket."""
        self._feeds.setdefault(feed.conversation, set()).add(feed)
        self.ring(feed.conversation)

    def leave(self, feed: Feed) -> None:
        """Feed it no more."""
        feeds = self._feeds.get(feed.conversation, set())
        feeds.discard(feed)
        if not feeds:
            self._feeds.pop(feed.conversation, None)

    def ring(self, conversation: str) -> None:
        """Hear that a conversation's log has grown."""
        if conversation in self._feeds:
            self._stale.add(conversation)
            self._bell.set()

    def ring_all(self) -> None:
        """Hear that some log has grown."""
        if self._feeds:
            self._stale.update(self._feeds)
            self._bell.set()

    def hint(self, conversation: str, frame: str, *, but: Feed | None = None) -> None:
        """Tell a conversation's sockets something that nobody misses."""
        for feed in self._feeds.get(conversation, ()):
            if feed is not but:
                feed.hint(frame)

    async def run(self) -> None:
        """Feed, for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with self._clock.timeout(LOOK_EVERY_S):
                    await self._bell.wait()
            if not self._bell.is_set():
                self._stale.update(self._feeds)
            self._bell.clear()
            try:
                await self.look()
            except StoreUnavailable as error:
                _log.warning("store unavailable", worker="chat", why=str(error))
                await self._clock.sleep(LOOK_EVERY_S)
                self.ring_all()

    async def look(self) -> None:
        """Give feeds what has come."""
        stale, self._stale = self._stale, set()
        named = sorted(stale)
        for start in range(0, len(named), AT_ONCE):
            await self._look(named[start : start + AT_ONCE])

    async def _look(self, conversations: Sequence[str]) -> None:
        # Those that join during the query have rung, and may begin before what it gives.
        feeds = {
            one: tuple(feed for feed in self._feeds.get(one, ()) if not feed.waits)
            for one in conversations
        }
        after = {one: min(feed.position for feed in some) for one, some in feeds.items() if some}
        try:
            entries = await self._store.entries_after(after, kinds=KINDS, limit=ENTRIES_MAX)
        except StoreUnavailable:
            self._stale.update(conversations)
            raise
        for entry in entries:
            frame = line(entry)
            for feed in feeds[entry.conversation]:
                feed.give(entry, frame)
        if len(entries) == ENTRIES_MAX:
            unread = {one for one in after if one >= entries[-1].conversation}
            self._stale |= unread
            self._bell.set()
            after = {one: at for one, at in after.items() if one not in unread}
        for one in after:
            _tell_caught_up(feeds[one])


def _tell_caught_up(feeds: Iterable[Feed]) -> None:
    for feed in feeds:
        if feed.behind and not feed.waits:
            feed.behind = not feed.answer(NOW)
