"""Group commit: everything that waits for a writer shares its transaction.

A commit to disk costs the same for one row as for five hundred. So writes queue, and a writer
takes all that waits, runs one set of statements for each run of one kind and commits once. When a
batch fails, it is rolled back and each half of it is tried by itself, so that one bad item ends up
alone and harms only itself, at the price of a few commits more.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

WAITING_LIMIT = 20_000
"""Items that may wait; above it the caller is told to come back, instead of memory growing."""
BATCH_LIMIT = 1_000
"""Items that share one transaction: keeps a commit well under a tenth of a second."""
TRIES_MAX = 6
"""How often a transaction is tried that lost against another one (a deadlock, a lost race)."""

T = TypeVar("T")
Work = Callable[[T, Sequence[Any]], Awaitable[Sequence[Any]]]
"""Does all items of one kind with what the open transaction gave; an answer for each."""
Body = Callable[[T], Coroutine[Any, Any, list[Any]]]
"""Does a whole batch with what the open transaction gave."""
Transact = Callable[[Sequence[Any], Body[T]], Awaitable[list[Any]]]
"""Opens a transaction for these items, runs the body in it and gives its answers; commits where the
body ends well, else rolls back."""


class QueueFull(Exception):
    """More writes wait than `WAITING_LIMIT`."""


@dataclass(slots=True)
class _Item(Generic[T]):
    work: Work[T]
    what: Any
    answer: "asyncio.Future[Any]"


class GroupCommit(Generic[T]):
    """Runs works in shared transactions, in the order they came where there is one writer."""

    def __init__(
        self,
        *,
        transact: Transact[T],
        common: tuple[type[Exception], ...],
        again: tuple[type[Exception], ...] = (),
        writers: int = 1,
    ) -> None:
        """Take what the store knows of its engine.

        Args:
            transact: How a transaction is opened and ended.
            common: Errors that concern the store, never one item.
            again: Errors after which the same transaction may well succeed.
            writers: Transactions that may be open at the same time.
        """
        self._transact = transact
        self._common = common
        self._again = again
        self._count = writers
        self._waiting: deque[_Item[T]] = deque()
        self._news = asyncio.Event()
        self._closing = False
        self._writers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to take items."""
        self._writers = [
            asyncio.create_task(self._run(), name=f"group-commit {number}")
            for number in range(self._count)
        ]

    async def stop(self) -> None:
        """Write what waits, then end."""
        self._closing = True
        self._news.set()
        await asyncio.gather(*self._writers)
        self._writers = []

    async def run(self, work: Work[T], what: Any) -> Any:
        """Have ``work`` done with ``what`` (and its like) in a transaction that is committed.

        Raises:
            QueueFull: too many wait already; nothing was queued.
        """
        if self._closing or len(self._waiting) >= WAITING_LIMIT:
            raise QueueFull
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Item(work, what, answer))
        self._news.set()
        # A caller that gives up takes only its answer along: what it asked for is written.
        return await answer

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            if self._waiting:
                size = min(len(self._waiting), BATCH_LIMIT)
                await self._write([self._waiting.popleft() for _ in range(size)])
            elif self._closing:
                return
            else:
                self._news.clear()

    async def _write(self, batch: list[_Item[T]]) -> None:
        try:
            answers = await self._tried(batch)
        except Exception as error:  # noqa: BLE001 - whatever failed belongs to the waiting callers
            if len(batch) == 1 or isinstance(error, self._common):
                for item in batch:
                    _fail(item, error)
                return
            half = len(batch) // 2
            await self._write(batch[:half])
            await self._write(batch[half:])
            return
        for item, answer in zip(batch, answers, strict=True):
            if not item.answer.done():
                item.answer.set_result(answer)

    async def _tried(self, batch: list[_Item[T]]) -> list[Any]:
        """Run the batch, once more for each time that it only lost a race."""
        for _ in range(TRIES_MAX - 1):
            try:
                return await self._transaction(batch)
            except self._again:
                continue
        return await self._transaction(batch)

    async def _transaction(self, batch: list[_Item[T]]) -> list[Any]:
        """Run the batch in one transaction: runs of the same work as one set, order kept."""

        async def body(opened: T) -> list[Any]:
            answers: list[Any] = []
            start = 0
            while start < len(batch):
                end = start
                while end < len(batch) and batch[end].work == batch[start].work:
                    end += 1
                given = await batch[start].work(opened, [item.what for item in batch[start:end]])
                # Strict: an answer too few is found out before anything is committed.
                answers += [answer for _, answer in zip(batch[start:end], given, strict=True)]
                start = end
            return answers

        return await self._transact([item.what for item in batch], body)


def _fail(item: _Item[Any], error: Exception) -> None:
    if not item.answer.done():
        item.answer.set_exception(error)
        # The caller may have given up; its error is then nobody's and must not be warned about.
        item.answer.exception()
