"""What goes wrong, by seed; and a witness who knows which repeats are excused."""

import asyncio
import contextvars
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from typing_extensions import override

from conversation.clock import SystemClock
from socialcare.demo.world import World
from socialcare.sandbox.faults import Fault, FaultPlan
from tests.faults.incarnations import Incarnations
from tests.faults.store_eye import StoreEye

Json = dict[str, Any]
Restart = Callable[[], Awaitable[None]]

FREEZE_S = 3.0
"""Longer than the shop's timeout, shorter than a lease."""
BUSY = Fault(kind="status", status=503, body="busy", content_type="text/plain")
_spoiling: contextvars.ContextVar[Fault | None] = contextvars.ContextVar("spoiling", default=None)


class BriskClock(SystemClock):
    """The stand-ins' clock: platforms that wait a minute before a retry wait half a second."""

    @override
    async def sleep(self, seconds: float) -> None:
        """Wait that long, at most half a second."""
        await super().sleep(min(seconds, 0.5))


class ToldPlan(FaultPlan):
    """Says to the call it spoils that it is spoiled, and counts what it spoiled."""

    def __init__(self) -> None:
        super().__init__()
        self.struck: Counter[tuple[str, str]] = Counter()

    @override
    def take(self, where: str, *, any_call: bool = True) -> Fault | None:
        """Give the fault this call meets."""
        fault = super().take(where, any_call=any_call)
        _spoiling.set(fault)
        if fault is not None:
            self.struck[where, fault.kind] += 1
        return fault


class Witness:
    """Knows what may have been sent twice: answers that were lost, deaths in mid-send."""

    def __init__(self, world: World, eye: StoreEye) -> None:
        self._eye = eye
        self.excused: Counter[tuple[str, str]] = Counter()
        """Per conversation or chat, and text."""
        self.desk_excused = 0
        self._noted: set[tuple[int, int]] = set()
        world.telegram.faults = self.telegram = ToldPlan()
        world.telegram.deliveries._faults = self.telegram
        world.slack.faults = self.slack = ToldPlan()
        world.slack.delivery._faults = self.slack
        show = world.telegram._methods["sendmessage"]

        async def shown(params: Json) -> Any:
            told = await show(params)
            fault = _spoiling.get()
            if fault is not None and (fault.kind == "answer_lost" or fault.after_effect):
                self.excused[str(params["chat_id"]), told["text"]] += 1
            return told

        world.telegram._methods["sendmessage"] = shown

    def look(self, text_of: Callable[[str], str]) -> None:
        """Note what is being sent at this moment, for the process is dead or frozen."""
        for row, tries, conversation, kind, payload in self._eye.rows(
            "select id, tries, conversation, kind, payload from outbox where state = 'sending'"
        ):
            if (row, tries) in self._noted:
                continue  # as the dead left it: until its lease is over nobody else sends it
            self._noted.add((row, tries))
            if kind == "reply":
                self.excused[conversation, text_of(payload)] += 1
            else:
                self.desk_excused += 1

    @property
    def lost_posts(self) -> int:
        """How often Slack's answer to a post may have been lost."""
        lost = self.slack.struck["chat.postMessage", "answer_lost"]
        return lost + self.desk_excused


class Troubles:
    """Injects one thing after the other until told to stop."""

    def __init__(
        self,
        world: World,
        service: Incarnations,
        witness: Witness,
        eye: StoreEye,
        rng: random.Random,
        *,
        frozen: Callable[[], None],
        restart: Restart | None,
    ) -> None:
        self._world = world
        self._service = service
        self._witness = witness
        self._eye = eye
        self._rng = rng
        self._frozen = frozen
        self._restart = restart
        self._clock = SystemClock()
        self._task: asyncio.Task[None] | None = None
        self._down: set[str] = set()
        self.met: Counter[str] = Counter()
        self.locked_s = float("-inf")
        """When the store was last held by somebody else, or away, on the monotonic clock."""

    def begin(self) -> None:
        """Begin to trouble."""
        self._task = asyncio.create_task(self._run())

    async def heal(self) -> None:
        """Stop, and make everything well again."""
        if self._task is not None:
            self._task.cancel()
            outcome = (await asyncio.gather(self._task, return_exceptions=True))[0]
            if isinstance(outcome, Exception):
                raise outcome
            self._task = None
        self._service.signal(signal.SIGCONT)
        for plan in (self._witness.telegram, self._witness.slack, self._world.shop.faults):
            plan.clear()
        for name in list(self._down):
            await self._come_back(name)

    async def _run(self) -> None:
        kinds = (
            *[self._telegram] * 4,
            *[self._shop] * 5,
            *[self._slack] * 3,
            *[self._deliveries] * 3,
            self._outage,
            self._locked,
            self._freeze,
            *([] if self._restart is None else [self._store_restarts]),
        )
        while True:
            trouble = self._rng.choice(kinds)
            self.met[trouble.__name__.strip("_")] += 1
            await trouble()
            await self._clock.sleep(self._rng.uniform(0.05, 0.4))

    async def _telegram(self) -> None:
        fault = self._rng.choice(
            (
                Fault(kind="too_many", retry_after=1),
                Fault(kind="too_many"),
                Fault(kind="status", status=502),
                Fault(kind="answer_lost"),
                Fault(kind="reset"),
                Fault(kind="status", status=500, after_effect=True),
                Fault(kind="slow", seconds=0.4),
            )
        )
        self._witness.telegram.next("sendMessage", fault)

    async def _deliveries(self) -> None:
        twice = Fault(kind="duplicate")
        self._witness.slack.next(self._rng.choice(("interactivity", "event")), twice)
        fault = self._rng.choice((twice, Fault(kind="reorder"), Fault(kind="slow", seconds=0.3)))
        self._witness.telegram.next("webhook", fault)

    async def _shop(self) -> None:
        lost = (
            Fault(kind="reset", after_effect=True),
            Fault(kind="hang", after_effect=True),
            Fault(kind="status", status=500, after_effect=True),
        )
        write = self._rng.choice(("refund", "replacement"))
        plan = self._world.shop.faults
        match self._rng.randrange(4):
            case 0 | 1:
                plan.next(write, self._rng.choice(lost))
            case 2:
                plan.next(write, self._rng.choice((BUSY, Fault(kind="reset"))))
            case _:
                where = self._rng.choice(("order", "charges", "find_refund", "find_replacement"))
                plan.next(where, self._rng.choice((BUSY, Fault(kind="hang"), Fault(kind="reset"))))
        if self._rng.random() < 0.3:
            plan.release()

    async def _slack(self) -> None:
        fault = self._rng.choice(
            (
                Fault(kind="too_many", retry_after=1),
                Fault(kind="too_many"),
                Fault(kind="status", status=503),
                Fault(kind="answer_lost"),
                Fault(kind="error_inside"),
            )
        )
        method = self._rng.choice(("chat.postMessage", "chat.postMessage", "chat.update"))
        self._witness.slack.next(method, fault)

    async def _outage(self) -> None:
        name = self._rng.choice(("slack", "telegram", "shop"))
        await self._stand_in(name).go_down()
        self._down.add(name)
        await self._clock.sleep(self._rng.uniform(0.3, 2.0))
        await self._come_back(name)

    async def _come_back(self, name: str) -> None:
        await self._stand_in(name).come_back()
        self._down.discard(name)

    def _stand_in(self, name: str) -> Any:
        return {
            "slack": self._world.slack,
            "telegram": self._world.telegram,
            "shop": self._world.shop,
        }[name]

    async def _locked(self) -> None:
        async with self._eye.holding():
            self.locked_s = float("inf")
            await self._clock.sleep(self._rng.choice((0.3, 1.0, 6.0)))
            self.locked_s = self._clock.monotonic()

    async def _store_restarts(self) -> None:
        assert self._restart is not None
        self.locked_s = float("inf")
        await self._restart()
        self.locked_s = self._clock.monotonic()

    async def _freeze(self) -> None:
        pid = self._service.pid
        self._service.signal(signal.SIGSTOP)
        try:
            await self._clock.sleep(0.05)
            self._frozen()
            await self._clock.sleep(FREEZE_S)
        finally:
            if self._service.pid == pid:
                self._service.signal(signal.SIGCONT)
