"""Who commits on one machine wakes who works on another: by `NOTIFY`, and at worst by looking.

The worker's clock stands still but where a test moves it, so a worker that sleeps is woken by the
notification or by nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from pydantic import SecretStr

from bench.core_load import SECRET, TOKEN, Messages
from bench.core_service import CONFIGURATION, Core, Nowhere, make_core
from config.load import load
from conversation.clock import SystemClock
from conversation.postgres import PostgresStore
from conversation.store import Acceptance, News
from socialcare.sandbox.hand_clock import HandClock
from socialcare.waking import LOOK_EVERY_S

PATIENCE_S = 20
WORKERS = 2
"""Turns and deliveries; each of them sleeps on the clock when it has nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Who accepts, and who works; each with connections of their own, as on two machines."""

    url: str
    accepting: PostgresStore
    working: PostgresStore
    core: Core
    clock: HandClock
    sent: asyncio.Event

    async def writes(self) -> None:
        """Let a customer write to the one who only accepts."""
        updates = Messages()
        body = updates.request(updates.new_chat()).partition(b"\r\n\r\n")[2]
        arrivals = self.core.adapter.codec.split(body)
        acceptance = Acceptance(arrivals=arrivals, received_at=self.clock.now())
        await self.accepting.accept(acceptance)

    async def writes_unheard(self) -> None:
        """The same, and wait until others have been told and the worker has not."""
        told = asyncio.Event()
        witness = PostgresStore(self.url, clock=self.clock)
        await witness.open()
        async with asyncio.timeout(PATIENCE_S):
            await witness._news.listening.wait()
            witness.on_news(lambda news: told.set() if news is News.TURNS else None)
            await self.writes()
            await told.wait()
        assert (await witness.counts())["pending"] == 1
        await witness.close()

    async def asleep(self) -> None:
        """Wait until both workers sleep."""
        async with asyncio.timeout(PATIENCE_S):
            await self.clock.waits(least=WORKERS, patience_s=PATIENCE_S)

    async def answered(self) -> None:
        """Wait until the reply has left."""
        async with asyncio.timeout(PATIENCE_S):
            await self.sent.wait()


@pytest.fixture
async def pair(postgres_url: str) -> AsyncIterator[Pair]:
    clock = HandClock(SystemClock().now())
    accepting, working = (
        PostgresStore(postgres_url, clock=each) for each in (SystemClock(), clock)
    )
    said = {"TOKEN": TOKEN, "SECRET": SECRET, "SINK": "http://127.0.0.1:1", "STORE": postgres_url}
    settings = load(CONFIGURATION, env=said)
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        adapter = Nowhere(
            name="telegram",
            token=SecretStr(TOKEN),
            webhook_secret=SecretStr(SECRET),
            api_base="http://127.0.0.1:1",
            session=session,
            clock=clock,
        )
        core = make_core(working, adapter, settings, clock=clock)
        for store in (accepting, working):
            await store.open()
            stack.push_async_callback(store.close)
            async with asyncio.timeout(PATIENCE_S):
                await store._news.listening.wait()
        workers = [asyncio.create_task(each) for each in (core.turns.run(), core.deliveries.run())]
        pair = Pair(
            url=postgres_url,
            accepting=accepting,
            working=working,
            core=core,
            clock=clock,
            sent=adapter.expect(1),
        )
        await pair.asleep()
        yield pair
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await core.turns.drain()
        await core.deliveries.drain()


async def test_who_commits_elsewhere_wakes_a_worker_that_never_looks(pair: Pair) -> None:
    """The clock never moves: only the notification can have woken anybody."""
    await pair.writes()
    await pair.answered()
    assert pair.clock.monotonic() == 0


async def test_what_was_told_while_the_line_was_down_is_found_when_it_is_open_again(
    pair: Pair,
) -> None:
    """Whoever opens the line looks once: what was told before is lost, what it told of is not."""
    await pair.working._news.stop()
    await pair.writes_unheard()
    pair.working._news.start()
    await pair.answered()
    assert pair.clock.monotonic() == 0


async def test_word_that_is_lost_is_made_good_by_looking(pair: Pair) -> None:
    """The line is down for good: a second later the worker has looked by itself."""
    await pair.working._news.stop()
    await pair.writes_unheard()
    pair.clock.advance(LOOK_EVERY_S)
    await pair.answered()
