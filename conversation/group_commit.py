"""Group commit: everything that waits for the one writer shares its transaction.

A commit to disk costs the same for one row as for five hundred. So writers queue, and the loop
takes all that waits, kind by kind, runs one set of statements per kind and commits once. When a
batch fails, it is rolled back and each half of it is tried by itself, so that one bad item ends up
alone and harms only itself, at the price of a few commits more.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

WAITING_LIMIT = 20_000
"""Items that may wait; above it the caller is told to come back, instead of memory growing."""
BATCH_LIMIT = 1_000
"""Items that share one transaction: keeps a commit well under a tenth of a second."""

Work = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]


class QueueFull(Exception):
    """More writes wait than `WAITING_LIMIT`."""


@dataclass(slots=True)
class _Item:
    work: Work
    what: Any
    answer: "asyncio.Future[Any]"


class GroupCommit:
    """Runs works in shared transactions; one at a time, in the order they came."""

    def __init__(
        self,
        *,
        begin: Callable[[], Awaitable[object]],
        commit: Callable[[], Awaitable[object]],
        rollback: Callable[[], Awaitable[object]],
        common: tuple[type[Exception], ...],
    ) -> None:
        """Take the store's own verbs; ``common`` errors concern the store, never one item."""
        self._begin = begin
        self._commit = commit
        self._rollback = rollback
        self._common = common
        self._waiting: deque[_Item] = deque()
        self._news = asyncio.Event()
        self._closing = False
        self._loop_task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take items."""
        self._loop_task = asyncio.create_task(self._run(), name="group-commit")

    async def stop(self) -> None:
        """Write what waits, then end."""
        self._closing = True
        self._news.set()
        if self._loop_task is not None:
            await self._loop_task
            self._loop_task = None

    async def run(self, work: Work, what: Any) -> Any:
        """Have ``work`` done with ``what`` (and its like) in a transaction that is committed.

        Raises:
            QueueFull: too many wait already; nothing was queued.
        """
        if self._closing or len(self._waiting) >= WAITING_LIMIT:
            raise QueueFull
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Item(work, what, answer))
        self._news.set()
        # A caller that gives up must not undo what shares a transaction with others.
        return await asyncio.shield(answer)

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                size = min(len(self._waiting), BATCH_LIMIT)
                await self._write([self._waiting.popleft() for _ in range(size)])
            if self._closing:
                return

    async def _write(self, batch: list[_Item]) -> None:
        try:
            answers = await self._transaction(batch)
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

    async def _transaction(self, batch: list[_Item]) -> list[Any]:
        """Run the batch in one transaction: runs of the same work as one set, order kept."""
        answers: list[Any] = []
        await self._begin()
        try:
            start = 0
            while start < len(batch):
                end = start
                while end < len(batch) and batch[end].work == batch[start].work:
                    end += 1
                given = await batch[start].work([item.what for item in batch[start:end]])
                # Strict: an answer too few is found out before anything is committed.
                answers += [answer for _, answer in zip(batch[start:end], given, strict=True)]
                start = end
            await self._commit()
        except BaseException:
            await self._rollback()
            raise
        return answers


def _fail(item: _Item, error: Exception) -> None:
    if not item.answer.done():
        item.answer.set_exception(error)
        # The caller may have given up; its error is then nobody's and must not be warned about.
        item.answer.exception()
