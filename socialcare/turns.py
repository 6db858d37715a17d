"""The turn worker: claims conversations with something to do, one turn at a time each.

Many conversations are thought about at once; a burst of messages is one turn. A turn that fails
is tried again with growing pauses; what makes it fail for ever is put aside (`reading.TRIES_MAX`),
so no message can stop its conversation, and no conversation the others.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from brain.decision import Brain, Remembering
from conversation.clock import Clock
from conversation.store import Commit, CommitResult, Store, StoreUnavailable, Work
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.thinking import Thinker
from socialcare.waking import Wake, Written, unfollowed

AT_ONCE = 128
"""Conversations thought about at the same time: most of them wait for a model or a shop."""
RETHINKS_MAX = 2
"""How often newer messages make a turn begin anew; a flood may not keep a customer waiting."""
PAUSE_MAX = timedelta(minutes=1)
BRAIN_LOOK_S = 0.05
SUSPECT_TRIES = 4
"""Turns over an arrival, the coming one included, that make it suspect: thinking again when newer
messages came takes three at most."""
SUSPECT_S = 5.0
"""Seconds that others wait for a suspect's turn when the service starts."""

_log = structlog.get_logger(__name__)


class Turns:
    """The worker that thinks."""

    def __init__(
        self,
        *,
        store: Store,
        brain: Brain,
        thinker: Callable[[], Thinker],
        clock: Clock,
        figures: Figures,
        wake: Wake,
        deliveries: Wake,
        written: Written = unfollowed,
        passing: Passing = unheard,
    ) -> None:
        self._store = store
        self._brain = brain
        self._thinker = thinker
        self._clock = clock
        self._figures = figures
        self._wake = wake
        self._deliveries = deliveries
        self._written = written
        self._passing = passing
        self._running: dict[asyncio.Task[None], Work] = {}
        self._rethinks: Counter[str] = Counter()

    async def run(self) -> None:
        """Take turns, for ever; none before the brain is ready."""
        while not self._brain.ready:
            await self._clock.sleep(BRAIN_LOOK_S)
        while await self._take_suspect():
            pass
        while True:
            room = AT_ONCE - len(self._running)
            if room > 0:
                try:
                    await self._claim(room)
                except StoreUnavailable as error:
                    _log.warning("store unavailable", worker="turns", why=str(error))
                    await self._clock.sleep(1.0)
                    continue
            # What came since the claim has rung the bell; nothing else needs another look.
            await self._wake.wait()

    async def _take_suspect(self) -> bool:
        """Take the oldest work alone, if a process may have died over it; False: none is left.

        Whoever was thought about together with a message that ends the process would be put aside
        with it, for nobody can tell afterwards whose turn it was.
        """
        before = set(self._running)
        try:
            await self._claim(1)
        except StoreUnavailable:
            await self._clock.sleep(1.0)
            return True
        new = {task: work for task, work in self._running.items() if task not in before}
        if not any(one.tries >= SUSPECT_TRIES for work in new.values() for one in work.pending):
            return False
        with contextlib.suppress(TimeoutError):
            async with self._clock.timeout(SUSPECT_S):
                await asyncio.wait(new)
        return True

    async def _claim(self, room: int) -> None:
        claiming = asyncio.create_task(self._store.claim(now=self._clock.now(), limit=room))
        try:
            works = await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # The store gives what it gives; `drain` waits for it, lest it lie there for a lease.
            with contextlib.suppress(StoreUnavailable):
                self._begin(await claiming)
            raise
        self._begin(works)

    def _begin(self, works: Sequence[Work]) -> None:
        if works:
            self._passing(Point.CLAIMED)
        for work in works:
            task = asyncio.create_task(self._take(work))
            self._running[task] = work
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("turn worker failed", exc_info=task.exception())

    def works(self) -> tuple[Work, ...]:
        """Give what is being thought about."""
        return tuple(self._running.values())

    async def drain(self) -> None:
        """Wait until the turns under way are over."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _take(self, work: Work) -> None:
        conversation = work.row.id
        began = self._clock.monotonic()
        patient = self._rethinks[conversation] < RETHINKS_MAX
        thinker = self._thinker()
        try:
            result = await thinker.take(work, patient=patient)
        except StoreUnavailable as error:
            _log.warning("turn put off", conversation=conversation, why=str(error))
            await self._put_off(work)
            return
        except Exception as error:  # noqa: BLE001 - one conversation must never stop the others
            _log.error("turn failed", conversation=conversation, exc_info=error)
            self._figures.turns.labels(work.row.address.channel, "failed").inc()
            await self._put_off(work)
            return
        finally:
            if isinstance(thinker.brain, Remembering):
                thinker.brain.forget(work.turn)
        if result is CommitResult.STALE:
            self._rethinks[conversation] += 1
        else:
            self._rethinks.pop(conversation, None)
        self._figures.turn_seconds.observe(self._clock.monotonic() - began)
        self._deliveries.set()
        self._written(conversation)
        if result is not CommitResult.COMMITTED:
            _log.info("turn taken anew", conversation=conversation, result=result)

    async def _put_off(self, work: Work) -> None:
        """Let go of a conversation whose turn failed, and come back later each time."""
        tries = max((pending.tries for pending in work.pending), default=1)
        pause = min(PAUSE_MAX, timedelta(seconds=2 ** min(tries, 6) / 2))
        now = self._clock.now()
        commit = Commit(
            conversation=work.row.id,
            token=work.row.token,
            at=now,
            seen=work.row.accepted,
            release=True,
            wake_at=now + pause,
        )
        try:
            await self._store.commit(commit)
        except StoreUnavailable as error:
            # The lease runs out by itself; nothing is lost but time.
            _log.warning("turn not released", conversation=work.row.id, why=str(error))
