"""F40: three processes are replaced one by one by a newer version, and nobody notices."""

import asyncio
import contextlib
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from conversation.clock import SystemClock
from conversation.postgres import PostgresStore
from socialcare.demo.world import World, free_port
from socialcare.sandbox.telegram_people import Customer
from tests.faults.driver import ERRORS, world_of
from tests.faults.incarnations import NEXT, NO_STORE, Incarnations, nursery
from tests.faults.next_version import TABLES, update
from tests.faults.patience import patient
from tests.journeys.house import update as webhook

PROCESSES = 3
CUSTOMERS = 6
ASKED = (("when do you open on saturday?", "9:00 to 18:00"), ("what does shipping cost?", "3.95"))
CALM_S = 30.0
AGAIN_S = 0.05
"""Seconds after which the platform comes again."""
SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
NOBODY = "nobody listens"
BUSY = 503
"""What platforms answer by coming again."""


@dataclass(kw_only=True)
class Balancer:
    """What stands in front: any request to any process, to the next one where nobody listens."""

    behind: list[Incarnations]
    session: aiohttp.ClientSession
    secret: str
    told: Counter[str] = field(default_factory=Counter)
    """How often which status came back, 200 left out."""
    _turn: Iterator[int] = field(default_factory=itertools.count)

    async def post(self, body: bytes) -> None:
        """Deliver an update as its platform does: until it is taken."""
        clock = SystemClock()
        while True:
            status = await self._once(body)
            if status == "200":
                return
            self.told[status] += 1
            await clock.sleep(AGAIN_S)

    async def _once(self, body: bytes) -> str:
        for _ in self.behind:
            process = self.behind[next(self._turn) % len(self.behind)]
            url = f"{process.url}/webhooks/telegram"
            try:
                async with self.session.post(
                    url, data=body, headers={SECRET: self.secret}
                ) as answer:
                    return str(answer.status)
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError as error:
                return type(error).__name__
        return NOBODY


@dataclass(kw_only=True)
class Talk:
    """A customer who asks one thing after the other, each when the last one was answered."""

    customer: Customer
    numbers: Iterator[int]
    asked: int = 0
    bell: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def goes_on(self, balancer: Balancer, over: asyncio.Event) -> None:
        """Ask and wait for the answer, until told to stop."""
        seen = None
        while not over.is_set():
            question, answer = ASKED[self.asked % len(ASKED)]
            number = next(self.numbers)
            await balancer.post(webhook(self.customer, question, update_id=number))
            seen = await self.customer.sees(answer, after=seen, timeout=CALM_S)
            async with self.bell:
                self.asked += 1
                self.bell.notify_all()

    async def has_heard(self, more: int) -> None:
        """Wait until so many more were answered."""
        wanted = self.asked + more
        async with self.bell:
            await self.bell.wait_for(lambda: self.asked >= wanted)


@contextlib.asynccontextmanager
async def talking(
    world: World, balancer: Balancer, over: asyncio.Event
) -> AsyncIterator[list[Talk]]:
    """Let customers write for as long as the body lasts, and to the end of their last question."""
    numbers = itertools.count(700_000)
    talks = [
        Talk(customer=world.telegram.customer(first_name=f"Guest {number}"), numbers=numbers)
        for number in range(CUSTOMERS)
    ]
    async with asyncio.TaskGroup() as group:
        for talk in talks:
            group.create_task(talk.goes_on(balancer, over))
        yield talks
        over.set()


async def all_heard(talks: list[Talk], more: int) -> None:
    """Wait until everybody was answered so often, whoever is at work now."""

    async def heard() -> None:
        await asyncio.gather(*(talk.has_heard(more) for talk in talks))

    await patient(heard(), calm_s=CALM_S, waiting=lambda: "a customer waits")


async def migrate(url: str) -> None:
    """Give `socialcare migrate` of the next version."""
    patch = update()
    try:
        store = PostgresStore(url, clock=SystemClock(), migrate=True)
        await store.open()
        await store.close()
    finally:
        patch.undo()


@pytest.mark.timeout(120)
async def test_a_rolling_restart_without_a_gap(postgres_url: str, tmp_path: Path) -> None:
    """Steady traffic, a migration under it, then each process in turn; the old ones go on."""
    log = tmp_path / "errors.log"
    async with contextlib.AsyncExitStack() as stack:
        world = await stack.enter_async_context(world_of(tmp_path / "house", postgres_url))
        home = await stack.enter_async_context(
            nursery(world.config_file, environment=world.environment, log=log)
        )
        first, *others = [Incarnations(home, port=free_port()) for _ in range(PROCESSES + 1)]
        processes = [*others]
        for one in (first, *processes):
            stack.push_async_callback(one.close)
        for one in processes:
            await one.born()
        for one in processes:
            assert await one.ready(), log.read_text("utf-8")
        session = await stack.enter_async_context(aiohttp.ClientSession())
        balancer = Balancer(
            behind=processes, session=session, secret=world.environment["DEMO_TELEGRAM_SECRET"]
        )
        async with talking(world, balancer, asyncio.Event()) as talks:
            await all_heard(talks, 1)
            # The next version's tables come while the old one is at work, which goes on …
            await migrate(postgres_url)
            await all_heard(talks, 2)
            # … but one that starts is told that its time is over, and touches nothing.
            await first.born()
            assert await patient(first_end(first), calm_s=CALM_S, waiting=str) == NO_STORE
            for one in processes:
                assert await one.stopped() == 0
                await one.born(version=NEXT)
                assert await one.ready(), log.read_text("utf-8")
                await all_heard(talks, 1)
        for one in processes:
            assert await one.stopped() == 0
    assert f"newer socialcare (tables {TABLES}" in log.read_text("utf-8")
    assert set(balancer.told) <= {str(BUSY), "ServerDisconnectedError"}, balancer.told
    for talk in talks:
        said = [message.text for message in talk.customer.chat]
        wanted = [ASKED[number % len(ASKED)][1] for number in range(talk.asked)]
        assert len(said) == len(wanted), "nothing lost, nothing doubled"
        assert all(words in text for words, text in zip(wanted, said, strict=True)), said
    assert await left_over(postgres_url) == 0
    assert errors(log) == []


async def first_end(one: Incarnations) -> int:
    """Wait for the end of a process."""
    return await asyncio.shield(one.ended)


async def left_over(url: str) -> int:
    """Count what nobody has finished."""
    db = await asyncpg.connect(url)
    try:
        return int(
            await db.fetchval(
                "select (select count(*) from inbox where state not in ('taken'))"
                " + (select count(*) from outbox where state <> 'sent')"
                " + (select count(*) from conversation where lease_us is not null)"
            )
        )
    finally:
        await db.close()


def errors(log: Path) -> list[str]:
    """Find exceptions of our own code in the processes' log."""
    records = [
        json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")
    ]
    return [str(one) for one in records if one.get("event") in ERRORS]
