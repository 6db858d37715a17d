"""What goes wrong, by seed; and a witness who knows which repeats are excused."""

import asyncio
import contextvars
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from typing_extensions import override

from conversation.clock import SystemClock
from socialcare.demo.world import World
from socialcare.sandbox.faults import Fault, FaultPlan
from tests.faults.incarnations import Incarnations
from tests.faults.machine import Machine
from tests.faults.store_eye import StoreEye

Json = dict[str, Any]
Restart = Callable[[], Awaitable[None]]

AGAIN = 3
"""Old updates that come again at a time."""
LOOK_S = 0.02
LOOKS = 100
"""How often somebody is looked for who is in the middle of a turn."""
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
            if fault is not None and (fault.kind in {"answer_lost", "hang"} or fault.after_effect):
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


class Trouble(StrEnum):
    """Everything that is injected, by the name it is known by."""

    REDELIVERY = "redelivery"
    DUPLICATION = "duplication"
    REORDERING = "reordering"
    HANG = "hang"
    RESET = "reset"
    TOO_MANY_WITH_HINT = "429 with hint"
    TOO_MANY = "429 without hint"
    HTML = "5xx HTML"
    ERROR_INSIDE = "200-with-error"
    ANSWER_LOST = "answer lost"
    SLOW = "slow answer"
    OUTAGE = "outage"
    LOCKED = "database locked"
    CONNECTION_LOST = "connection lost"
    RESTARTED = "PostgreSQL restarted"
    LEASE_LOST = "lease lost in mid-turn"
    CLOCK_JUMP = "clock jump"
    SLOW_DISK = "slow disk"
    FREEZE = "freeze"


ELSEWHERE = frozenset({Trouble.CONNECTION_LOST, Trouble.RESTARTED})
"""What only a store on another machine can meet."""
OFTEN = 3
"""How much likelier a platform or the shop misbehaves than the machine and the store."""
FROM_OUTSIDE = (
    Trouble.REDELIVERY,
    Trouble.DUPLICATION,
    Trouble.REORDERING,
    Trouble.HANG,
    Trouble.RESET,
    Trouble.TOO_MANY_WITH_HINT,
    Trouble.TOO_MANY,
    Trouble.HTML,
    Trouble.ERROR_INSIDE,
    Trouble.ANSWER_LOST,
    Trouble.SLOW,
)
AHEAD_S = (-3.0, -1.0, 0.0, 2.0, 4.0)
"""How the service's clock may stand to everybody else's: more, and targets are missed by it."""
CUT = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where datname = current_database() and application_name = 'socialcare'"
)
STALL = ("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()")
"""A commit on PostgreSQL waits, its rows still locked, until the word comes that it may go on."""
FLOW = ("alter system reset synchronous_standby_names", "select pg_reload_conf()")


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
        machine: Machine,
        frozen: Callable[[], None],
        restart: Restart | None,
        first: Sequence[Trouble] = (),
    ) -> None:
        self._world = world
        self._service = service
        self._witness = witness
        self._eye = eye
        self._rng = rng
        self._machine = machine
        self._frozen = frozen
        self._restart = restart
        self._first = first
        self._clock = SystemClock()
        self._task: asyncio.Task[None] | None = None
        self._down: set[str] = set()
        self.met: Counter[str] = Counter()
        self.locked_s = float("-inf")
        """When the store was last held by somebody else, or away, on the monotonic clock."""
        self.first_over = asyncio.Event()
        """Set when what is certain to go wrong has."""

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
        self._machine.set_clock(0.0)
        for plan in (self._witness.telegram, self._witness.slack, self._world.shop.faults):
            plan.clear()
        for name in list(self._down):
            await self._come_back(name)

    def possible(self) -> list[Trouble]:
        """Name what can go wrong here, often what often does."""
        here = [one for one in Trouble if self._restart is not None or one not in ELSEWHERE]
        return here + [one for one in FROM_OUTSIDE for _ in range(OFTEN)]

    async def _run(self) -> None:
        possible = self.possible()
        for trouble in self._first:
            await self._strike(trouble)
        self.first_over.set()
        while True:
            await self._strike(self._rng.choice(possible))

    async def _strike(self, trouble: Trouble) -> None:
        self.met[trouble] += 1
        match trouble:
            case Trouble.REDELIVERY | Trouble.DUPLICATION | Trouble.REORDERING:
                await self._delivered(trouble)
            case Trouble.OUTAGE:
                await self._outage()
            case Trouble.LOCKED:
                await self._locked()
            case Trouble.CONNECTION_LOST:
                await self._away(self._eye.tell(CUT))
            case Trouble.RESTARTED:
                assert self._restart is not None
                await self._away(self._restart())
            case Trouble.LEASE_LOST:
                await self._lease_lost()
            case Trouble.CLOCK_JUMP:
                self._machine.set_clock(self._rng.choice(AHEAD_S))
            case Trouble.SLOW_DISK:
                await self._slow_disk()
            case Trouble.FREEZE:
                await self._freeze()
            case _:
                self._answered(trouble)
        await self._clock.sleep(self._rng.uniform(0.05, 0.4))

    # --- what platforms send

    async def _delivered(self, trouble: Trouble) -> None:
        twice = Fault(kind="duplicate")
        match trouble:
            case Trouble.REDELIVERY:
                # Of Slack only the retry arrives; of Telegram comes again what was taken long ago.
                self._witness.slack.next("event", Fault(kind="only_retry"))
                await self._again()
            case Trouble.DUPLICATION:
                self._witness.slack.next(self._rng.choice(("interactivity", "event")), twice)
                self._witness.telegram.next("webhook", twice)
            case _:
                self._witness.telegram.next("webhook", Fault(kind="reorder"))
                self._witness.slack.next("event", Fault(kind="slow", seconds=0.3))

    async def _again(self) -> None:
        """Post some old updates once more, each twice at once."""
        kept = self._eye.rows("select body from inbox where channel = 'telegram' order by seq")
        for (body,) in self._rng.sample(kept, min(AGAIN, len(kept))):
            raw = body[1:].encode()
            post = self._world.telegram.post_raw
            await asyncio.gather(post(raw), post(raw))

    # --- what platforms and the shop answer

    def _answered(self, trouble: Trouble) -> None:
        """Spoil an answer of Telegram's, of Slack's or of the shop's, whoever knows this one."""
        telegram, slack = self._witness.telegram, self._witness.slack
        shop = self._world.shop.faults
        write = self._rng.choice(("refund", "replacement"))
        read = self._rng.choice(("order", "charges", "find_refund", "find_replacement"))
        post = self._rng.choice(("chat.postMessage", "chat.postMessage", "chat.update"))
        after = self._rng.random() < 0.6
        html = Fault(kind="status", status=502)
        choices: dict[Trouble, tuple[tuple[FaultPlan, str, Fault], ...]] = {
            Trouble.HANG: (
                (shop, write, Fault(kind="hang", after_effect=after)),
                (shop, read, Fault(kind="hang")),
                (telegram, "sendMessage", Fault(kind="hang")),
            ),
            Trouble.RESET: (
                (shop, write, Fault(kind="reset", after_effect=after)),
                (shop, read, Fault(kind="reset")),
                (telegram, "sendMessage", Fault(kind="reset")),
            ),
            Trouble.TOO_MANY_WITH_HINT: (
                (telegram, "sendMessage", Fault(kind="too_many", retry_after=1)),
                (slack, post, Fault(kind="too_many", retry_after=1)),
            ),
            Trouble.TOO_MANY: (
                (telegram, "sendMessage", Fault(kind="too_many")),
                (slack, post, Fault(kind="too_many")),
            ),
            Trouble.HTML: (
                (telegram, "sendMessage", html),
                (telegram, "sendMessage", replace(html, after_effect=True)),
                (slack, post, replace(html, status=503)),
                (shop, write, replace(html, after_effect=after)),
                (shop, read, BUSY),
            ),
            Trouble.ERROR_INSIDE: ((slack, post, Fault(kind="error_inside")),),
            Trouble.ANSWER_LOST: (
                (telegram, "sendMessage", Fault(kind="answer_lost")),
                (slack, post, Fault(kind="answer_lost")),
            ),
            Trouble.SLOW: ((telegram, "sendMessage", Fault(kind="slow", seconds=0.4)),),
        }
        plan, where, fault = self._rng.choice(choices[trouble])
        plan.next(where, fault)
        if self._rng.random() < 0.3:
            for each in (shop, telegram):
                each.release()

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

    # --- the store and the machine

    async def _locked(self) -> None:
        async with self._eye.holding():
            self.locked_s = float("inf")
            await self._clock.sleep(self._rng.choice((0.3, 1.0, 6.0)))
            self.locked_s = self._clock.monotonic()

    async def _away(self, work: Awaitable[None]) -> None:
        self.locked_s = float("inf")
        await work
        self.locked_s = self._clock.monotonic()

    async def _lease_lost(self) -> None:
        """Let a while pass, as it were, in which who thinks about something was given up."""
        leased = "from conversation where lease_us > 1"
        for _ in range(LOOKS):
            if self._eye.rows(f"select 1 {leased}"):
                break
            await self._clock.sleep(LOOK_S)
        await self._eye.tell("update conversation set lease_us = 1 where lease_us is not null")

    async def _slow_disk(self) -> None:
        self.locked_s = float("inf")
        try:
            for _ in range(self._rng.choice((2, 4))):
                stalled_s = self._rng.uniform(0.1, 0.8)
                self._machine.slow_disk(stalled_s)
                if self._restart is not None:
                    await self._eye.tell(*STALL)
                await self._clock.sleep(stalled_s)
                if self._restart is not None:
                    await self._eye.tell(*FLOW)
                await self._clock.sleep(0.1)
        finally:
            self._machine.slow_disk(0.0)
            if self._restart is not None:
                await self._eye.tell(*FLOW)
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
