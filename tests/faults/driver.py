"""The fault driver: a seeded town, a service that dies again and again, and what must hold.

`play(seed, …)` is one run; the same seed gives the same stories, faults and moments of death. What
the machine makes of them in between differs from run to run, so a seed that failed is run several
times: ``SEED=7 pytest tests/faults``.
"""

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from signal import SIGKILL

from config.load import load
from conversation.clock import SystemClock
from socialcare.demo.world import World, free_port, stand_ins
from socialcare.fault_points import Point
from tests.faults.incarnations import NO_STORE, Incarnations, nursery
from tests.faults.invariants import Case, broken, put_aside, repeats, text_of
from tests.faults.machine import Machine
from tests.faults.patience import HungError, patient
from tests.faults.stillness import moved, quiet
from tests.faults.store_eye import PostgresEye, SqliteEye, StoreEye
from tests.faults.town import STORIES, Town
from tests.faults.troubles import BriskClock, Restart, Trouble, Troubles, Witness
from tests.faults.weather import Weather

SQLITE = "sqlite:///socialcare.db"
LOOK_S = 0.05
LOCKED_S = 10.0
"""Seconds after a lock in which a start may still have failed over it."""
CALM_START = 0.5
"""Share of a start's time that must have been calm for its failure to count."""
WAIT_S = 4.0
"""Seconds after which somebody who did not die at their point dies where they are."""
PASSES = {
    Point.PRESSED: "big",
    Point.INTENT_COMMITTED: "refund",
    Point.BEFORE_CALL: "seed",
    Point.AFTER_CALL: "insistent",
    Point.FIRED: "unanswered",
}
"""Whose story passes a point that not everybody's does."""
ALL_STORIES = tuple(STORIES)
LEFT = """
select a.id, a.call_key, t.due_us, i.state, i.tries, i.why from approval a
left join timer t on t.name = 'signoff:' || a.id
left join inbox i on i.channel = 'timer' and i.kind = 'signoff:' || a.id where a.state = 'waiting'
"""
ERRORS = frozenset(
    {"turn failed", "turn worker failed", "delivery failed", "delivery worker failed"}
)
"""Records that mean an exception in our own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How one incarnation ends: at a point, or so many seconds after its birth or readiness."""

    point: str | None = None
    after_s: float = 0.0
    while_starting: bool = False
    story: str | None = None
    """Who arrives to be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run."""

    seed: int
    deaths: tuple[Death, ...]
    stories: tuple[str, ...] = ()
    """Who arrives first, whatever the seed says."""
    guests: int = 3
    """How many more arrive in each life."""
    troubled: bool = True
    certain: tuple[Trouble, ...] = ()
    """What goes wrong in the first life, whatever the seed says."""
    heedless_shop: bool = False
    """The shop ignores idempotency keys: acting twice would show."""
    store: str = SQLITE
    workers: int = 1
    """With two, the second one shares the store and dies at moments of its own."""
    leases_end: bool = False
    """In the end nobody waits for the leases of the dead: they are ended by hand."""
    quiet_s: float = 60.0
    """Calm seconds in which nothing moves until a town counts as never quiet."""


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What a run showed."""

    seed: int
    kills: int = 0
    at_points: Counter[str] = field(default_factory=Counter)
    guests: int = 0
    messages: int = 0
    refunds: int = 0
    replacements: int = 0
    refused_starts: int = 0
    """Starts that ended with exit 3 because the store was held by somebody else."""
    put_aside: int = 0
    """Messages whose turns died so often that a person has to look."""
    repeats: int = 0
    """Replies that a customer read twice, each excused by a lost answer or a death in mid-send."""
    excused: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    settled_s: float = 0.0
    violations: list[str] = field(default_factory=list)


def deaths(rng: random.Random, count: int) -> tuple[Death, ...]:
    """Choose how the service dies: half of the time at a point by name."""
    return tuple(_death(rng) for _ in range(count))


def _death(rng: random.Random) -> Death:
    dice = rng.random()
    if dice < 0.5:
        point = rng.choice(list(Point))
        number = rng.choice((1, 1, 2, 4))
        return Death(point=f"{point}:{number}", after_s=WAIT_S, story=PASSES.get(point, "question"))
    return Death(after_s=rng.uniform(0.0, 2.5), while_starting=dice > 0.9)


def plan_of(
    seed: int,
    *,
    kills: int,
    store: str = SQLITE,
    workers: int = 1,
    certain: tuple[Trouble, ...] = (),
) -> Plan:
    """Make a seed's plan for the long run."""
    rng = random.Random(seed)  # noqa: S311 - moments of death are no secrets
    # What is certain meets somebody who lives: no point ends that life.
    first = (Death(),) if certain else ()
    return Plan(
        seed=seed,
        deaths=(*first, *deaths(rng, kills - len(first))),
        heedless_shop=rng.random() < 0.4,
        store=store,
        workers=workers,
        certain=certain,
        # Elsewhere than on SQLite a dead worker's leases have to run out.
        quiet_s=60.0 if store == SQLITE else 90.0,
    )


@contextlib.asynccontextmanager
async def world_of(folder: Path, store: str) -> AsyncIterator[World]:
    """Open the town's stand-ins, and a configuration for the service among them."""
    folder.mkdir(parents=True, exist_ok=True)
    async with stand_ins(folder, clock=BriskClock()) as world:
        text = files("socialcare.demo").joinpath("northwind.yaml").read_text("utf-8")
        # Telegram alone: each start reaches for every channel, and X counts how often.
        before, _, after = text.partition("  slack: {stage")
        text = before + after[after.index("\ndesk:") :]
        for old, new in (
            ("human: 15m", "human: 2s"),
            ("expires: 30m", "expires: 4s"),
            (SQLITE, store),
        ):
            assert old in text, old
            text = text.replace(old, new)
        settings = load(text, env=world.environment, source="northwind.yaml")
        world.config_file.write_text(text, "utf-8")
        yield replace(world, settings=settings)


def _eye(world: World, store: str) -> StoreEye:
    if store.startswith("sqlite:"):
        return SqliteEye(world.store_file)
    return PostgresEye(store)


async def play(plan: Plan, folder: Path, *, restart: Restart | None = None) -> Verdict:
    """Play one run to its end; `restart` starts the database's server anew, where it may be."""
    log = folder / "errors.log"
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(world_of(folder, plan.store))
        ports = [world.port, *[free_port() for _ in range(plan.workers - 1)]]
        bearing = nursery(world.config_file, environment=world.environment, log=log)
        home = await stack.enter_async_context(bearing)
        service, *others = [Incarnations(home, port=port) for port in ports]
        for one in (service, *others):
            stack.push_async_callback(one.close)
        eye = _eye(world, plan.store)
        stack.callback(eye.close)
        run = _Run(
            plan, world, service, eye, log, others=others, restart=restart, machine=home.machine
        )
        try:
            await run.live_and_die()
            await run.settle()
            return await run.judged()
        finally:
            await run.close()


class _Run:
    def __init__(
        self,
        plan: Plan,
        world: World,
        service: Incarnations,
        eye: StoreEye,
        log: Path,
        *,
        others: Sequence[Incarnations],
        restart: Restart | None,
        machine: Machine,
    ) -> None:
        rng = random.Random(plan.seed)  # noqa: S311 - a seeded play, no secret
        self._plan = plan
        self._world = world
        self._service = service
        self._others = others
        self._lives: list[asyncio.Task[None]] = []
        self._rng = random.Random(plan.seed)  # noqa: S311 - the same
        self._eye = eye
        self._log = log
        self._clock = SystemClock()
        self._witness = Witness(world, eye)
        self._town = Town(
            world=world,
            rng=random.Random(rng.random()),  # noqa: S311 - the same
            owner=self._owner,
        )
        self._troubles = Troubles(
            world,
            service,
            self._witness,
            eye,
            random.Random(rng.random()),  # noqa: S311 - the same
            frozen=lambda: self._witness.look(text_of),
            restart=restart,
            machine=machine,
            first=plan.certain,
        )
        self._machine = machine
        self.verdict = Verdict(seed=plan.seed)
        self._weather = Weather(self._clock)
        world.shop.promise_days = (1, 3)
        world.shop.ignore_keys = plan.heedless_shop

    def _owner(self, conversation: str) -> str:
        owners = dict[str, str](self._eye.rows("select id, owner from conversation"))
        return owners.get(conversation, "")

    async def live_and_die(self) -> None:
        """Let the service live as often as the plan says."""
        self._town.open_desk()
        self._weather.begin()
        for number, death in enumerate(self._plan.deaths):
            await self._service.born(death.point)
            if number == 0:
                # The platform must know the way once; from here on it retries by itself.
                await self._service.ready()
                self._lives = [asyncio.create_task(self._live_beside(o)) for o in self._others]
                if self._plan.troubled:
                    self._troubles.begin()
            for story in self._plan.stories if number == 0 else ():
                await self._town.arrive(story)
            if death.story is not None:
                await self._town.arrive(death.story)
            for _ in range(self._plan.guests):
                await self._town.arrive()
            if number == 0 and self._plan.certain:
                await self._troubles.first_over.wait()
            await self._die(death)

    async def _live_beside(self, other: Incarnations) -> None:
        """Share the store with the first, and die at other moments."""
        while True:
            await other.born()
            await other.ready()
            await other.lives(self._rng.uniform(0.5, 6.0))
            await other.killed()
            self.verdict.kills += 1
            self.verdict.at_points["beside"] += 1
            self._witness.look(text_of)

    async def _die(self, death: Death) -> None:
        began = self._clock.now()
        alive = death.while_starting or await self._service.ready()
        if alive:
            await self._service.lives(death.after_s)
        by_itself = self._service.ended.done()
        status = await self._service.killed()
        if status == NO_STORE and self._store_was_away(began):
            self.verdict.refused_starts += 1
            return
        if status != -SIGKILL:
            self.verdict.violations.append(f"the service ended with {status}: {self._tail()}")
        self.verdict.kills += 1
        point = (death.point or "").partition(":")[0]
        self.verdict.at_points[point if by_itself and point else "any"] += 1
        with contextlib.suppress(Exception) if death.while_starting else contextlib.nullcontext():
            self._witness.look(text_of)

    def _store_was_away(self, began: datetime) -> bool:
        """Whether a start that began then may have failed over the store."""
        if self._clock.monotonic() - self._troubles.locked_s < LOCKED_S:
            return True
        now = self._clock.now()
        return self._weather.calm(began, now) < CALM_START * (now - began)

    async def settle(self) -> None:
        """Make everything well, and wait until nothing is under way."""
        await self._troubles.heal()
        for life in self._lives:
            life.cancel()
        for outcome in await asyncio.gather(*self._lives, return_exceptions=True):
            if isinstance(outcome, Exception):
                self.verdict.violations.append(f"a worker beside: {outcome!r}")
        began = self._clock.monotonic()
        if self._plan.leases_end:
            await self._end_leases()
        await self._service.born()
        assert await self._service.ready(), self._tail()
        try:
            await patient(
                self._quiet(),
                calm_s=self._plan.quiet_s,
                waiting=lambda: ", ".join(self._busy()),
                sign=lambda: moved(self._eye),
            )
        except HungError as error:
            left = self._eye.rows(LEFT)
            self.verdict.violations.append(
                f"never quiet: {error}; sign-offs and their ends: {left}"
            )
        self.verdict.settled_s = round(self._clock.monotonic() - began, 1)
        await self._stop(self._service, *self._others)

    async def _end_leases(self) -> None:
        """Let nobody live, and end what the dead held."""
        await self._stop(*self._others)
        for table in ("conversation", "outbox"):
            over = f"update {table} set lease_us = 1 where lease_us is not null"  # noqa: S608 - our own tables
            await self._eye.tell(over)

    async def _stop(self, *services: Incarnations) -> None:
        for one in services:
            if one.alive and (status := await one.stopped()) != 0:
                self.verdict.violations.append(f"it did not stop well: {status}, {self._tail()}")

    async def _quiet(self) -> None:
        while self._busy():
            await self._clock.sleep(LOOK_S)

    def _busy(self) -> list[str]:
        outside = {
            "updates of Telegram": self._world.telegram.waiting(),
            "events of Slack": self._world.slack.delivery.under_way,
        }
        told = [f"{count} {what}" for what, count in outside.items() if count]
        # The store last: whoever acts does so before it is asked.
        return self._town.doing() or told or quiet(self._eye, int(self._machine.wall() * 1_000_000))

    async def judged(self) -> Verdict:
        """Check the invariants."""
        case = Case(
            world=self._world,
            town=self._town,
            witness=self._witness,
            eye=self._eye,
            calm=self._weather.calm,
        )
        verdict = self.verdict
        verdict.violations += await broken(case)
        verdict.violations += list(self._errors())
        verdict.guests = len(self._town.guests)
        verdict.messages = sum(len(guest.wrote) for guest in self._town.guests)
        verdict.refunds = len(await self._world.shop.refunds())
        verdict.replacements = len(await self._world.shop.replacements())
        verdict.repeats = repeats(case)
        verdict.put_aside = sum(map(len, put_aside(case).values()))
        verdict.excused = sum(self._witness.excused.values())
        verdict.troubles = self._troubles.met
        verdict.calls = Counter(
            dict(self._eye.rows("select state, count(*) from action_call group by state"))
        )
        return verdict

    async def close(self) -> None:
        """Send everybody home."""
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        with contextlib.suppress(OSError):
            await self._troubles.heal()
        await self._town.close()
        await self._weather.close()
        self.verdict.violations += [f"the town: {each}" for each in self._town.troubles]

    def _tail(self) -> str:
        return "\n".join(self._log.read_text("utf-8").splitlines()[-3:])[-1500:]

    def _errors(self) -> Iterator[str]:
        """Find exceptions of our own code in the service's log."""
        found: Counter[str] = Counter()
        for line in self._log.read_text("utf-8").splitlines():
            if not line.startswith("{"):
                found[f"not a record: {line[:200]}"] += 1
                continue
            with contextlib.suppress(ValueError):  # a line cut off by a death
                record = json.loads(line)
                if record.get("event") in ERRORS or record.get("level") == "critical":
                    last = str(record.get("exception", "")).strip().splitlines()[-4:]
                    found[f"{record['event']}: {last}"] += 1
        yield from (f"{count} times in the log: {what}" for what, count in found.items())


def at_each_point() -> tuple[Death, ...]:
    """One death at each point, with somebody there whose story passes it."""
    return tuple(
        Death(point=point, after_s=8.0, story=PASSES.get(point, "question")) for point in Point
    )
