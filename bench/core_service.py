"""The measured side of `bench/core.py`, a process of its own: the bare limit, or our core.

    python bench/core_service.py WHAT --sink URL --folder FOLDER [--core N]

It prints one line of JSON when it listens, and ends when its standard input is closed, at the
latest after `--life` seconds. With `--kept` the store is used as it stands, and stays. WHAT is one
of

    verify   an aiohttp handler that checks the secret and answers 200
    bare     the same, and it posts one reply to the sink before it answers
    accept   our webhook and store, and nothing that takes turns
    whole    our webhook, store, turns and deliveries, with a brain that answers at once
    turns    no HTTP at all: accepts, turns and deliveries of the core alone, then it ends
"""

import argparse
import asyncio
import contextlib
import gc
import hmac
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

import aiohttp
import asyncpg
from aiohttp import web
from pydantic import SecretStr
from typing_extensions import override

from actions.action import Outcome
from actions.engine import Engine
from bench.core_load import MESSAGES_OF_ONE, SECRET, SECRET_HEADER, TOKEN, Messages
from brain.decision import Brain, Decision, Turn, Understood
from brain.shipped import prepare
from channels.contract import Capabilities, OutboundMessage, Sent
from channels.telegram.adapter import TelegramAdapter
from config.load import load
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import Clock, SystemClock
from conversation.model import Address
from conversation.store import Acceptance, News, Store
from socialcare import logs
from socialcare.backlog import Backlog
from socialcare.channel_alarms import ChannelAlarms
from socialcare.deliveries import Deliveries
from socialcare.fault_points import Passing, unheard
from socialcare.figures import Figures
from socialcare.intake import Intake
from socialcare.server import Front
from socialcare.stores import keep_leases, make_store
from socialcare.thinking import Thinker
from socialcare.turns import Turns
from socialcare.waking import Wake

LIFE_S = 900.0
PRODUCERS = 64
"""Requests that are accepted at the same time."""
WORDS = "We are open on Saturdays from 9:00 to 18:00."
CONFIGURATION = """
brand: {name: Bench, languages: [en]}
store: {url: "${STORE}"}
channels:
  telegram: {stage: autonomous, token: "${TOKEN}", webhook_secret: "${SECRET}", api_base: "${SINK}"}
desk:
  slack: {channel: C0123456789, bot_token: xoxb-none, signing_secret: nobody-asks}
  roles: {colleague: {members: [S0CARE]}}
"""
CLOCK = SystemClock()


class QuickBrain:
    """A brain that answers at once."""

    ready = True

    async def topics(self, turn: Turn) -> Understood:
        """Understand nothing in particular."""
        del turn
        return Understood(language="en")

    async def decide(self, turn: Turn, stage: Stage, outcomes: Sequence[Outcome]) -> Decision:
        """Say the same every time."""
        del stage, outcomes
        return Decision(
            understood=Understood(language="en"),
            words=WORDS,
            memory=turn.state.memory,
            brain="quick",
        )


class Unpaced(TelegramAdapter):
    """The real channel, for a stand-in that takes more than thirty messages a second."""

    _unpaced: ClassVar[dict[Surface, Capabilities]] = {}

    @override
    def capabilities(self, surface: Surface) -> Capabilities:
        """Leave Telegram's rates out: they would be all that is measured."""
        if surface not in self._unpaced:
            self._unpaced[surface] = replace(super().capabilities(surface), rates=())
        return self._unpaced[surface]


class Nowhere(Unpaced):
    """The real channel, but its messages go nowhere."""

    sent = 0

    def expect(self, total: int) -> asyncio.Event:
        """Give what is set once so many were sent."""
        self._total, self._all = total, asyncio.Event()
        return self._all

    @override
    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Count a message."""
        del address, message
        self.sent += 1
        if self.sent == self._total:
            self._all.set()
        return Sent(message_id=str(self.sent))

    @override
    async def show_typing(self, address: Address, *, message_id: str | None = None) -> None:
        """Show nothing."""


# --- the bare limit


def bare(sink: str, session: aiohttp.ClientSession, *, reply: bool) -> web.Application:
    """Make the least that an aiohttp bot can do."""

    async def webhook(request: web.Request) -> web.Response:
        body = await request.read()
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), SECRET):
            return web.Response(status=401)
        if reply:
            chat = json.loads(body)["message"]["chat"]["id"]
            message = {"chat_id": chat, "text": WORDS}
            async with session.post(f"{sink}/bot{TOKEN}/sendMessage", json=message) as answer:
                await answer.read()
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/webhooks/telegram", webhook)
    return app


# --- our core


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """The service's durable half around a brain that needs no time."""

    store: Store
    adapter: TelegramAdapter
    turns: Turns
    deliveries: Deliveries
    backlog: Backlog
    front: Front


def make_core(
    store: Store,
    adapter: TelegramAdapter,
    settings: Settings,
    *,
    brain: Brain | None = None,
    clock: Clock = CLOCK,
    passing: Passing = unheard,
) -> Core:
    """Join the parts as the service does."""
    figures, brain = Figures(), brain or QuickBrain()
    for_turns, for_deliveries = (Wake(clock=clock, next_due=store.next_due) for _ in range(2))
    adapters = {adapter.name: adapter}
    thinker = Thinker(
        store=store,
        brain=brain,
        engine=Engine(
            settings=settings, connectors={}, clock=clock, ledger=store.calls, used=store.used
        ),
        settings=settings,
        adapters=adapters,
        clock=clock,
        figures=figures,
        passing=passing,
    )
    turns = Turns(
        store=store,
        brain=brain,
        thinker=lambda: thinker,
        clock=clock,
        figures=figures,
        passing=passing,
        wake=for_turns,
        deliveries=for_deliveries,
    )
    deliveries = Deliveries(
        store=store,
        settings=lambda: settings,
        adapters=adapters,
        desk=None,
        clock=clock,
        figures=figures,
        passing=passing,
        wake=for_deliveries,
        turns=for_turns,
        rng=random.Random(1),  # noqa: S311 - jitter between retries is no secret
        alarms=ChannelAlarms(store),
    )

    async def nothing_missing() -> dict[str, str]:
        return {}

    backlog = Backlog(store=store, clock=clock)
    heard = {News.TURNS: for_turns, News.DELIVERIES: for_deliveries}
    store.on_news(lambda news: heard[news].set() if news in heard else None)
    front = Front(
        intake=Intake(store=store, clock=clock, figures=figures, turns=for_turns),
        backlog=backlog,
        adapters=adapters,
        desk=None,
        clock=clock,
        figures=figures,
        turns=for_turns,
        deliveries=for_deliveries,
        readiness=nothing_missing,
    )
    return Core(
        store=store,
        adapter=adapter,
        turns=turns,
        deliveries=deliveries,
        backlog=backlog,
        front=front,
    )


@contextlib.asynccontextmanager
async def place(url: str) -> AsyncIterator[str]:
    """Give a store's URL that nobody else uses: on PostgreSQL a database that is gone after."""
    if not url.startswith("postgresql:"):
        yield url
        return
    name = f"bench_{os.getpid()}"
    db = await asyncpg.connect(url)
    try:
        await db.execute(f"create database {name}")
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            await db.execute(f"drop database {name} with (force)")
    finally:
        await db.close()


@contextlib.asynccontextmanager
async def core(asked: argparse.Namespace, kind: type[TelegramAdapter]) -> AsyncIterator[Core]:
    """Open our core, nothing of it running yet."""
    kept = contextlib.nullcontext(asked.store) if asked.kept else place(asked.store)
    async with kept as url, aiohttp.ClientSession() as session:
        said = {"TOKEN": TOKEN, "SECRET": SECRET, "SINK": asked.sink, "STORE": url}
        settings = load(CONFIGURATION, env=said)
        store = make_store(settings, folder=asked.folder, clock=CLOCK, migrate=True)
        await store.open()
        try:
            adapter = kind(
                name="telegram",
                token=SecretStr(TOKEN),
                webhook_secret=SecretStr(SECRET),
                api_base=asked.sink,
                session=session,
                clock=CLOCK,
            )
            yield make_core(store, adapter, settings)
        finally:
            await store.close()


@contextlib.asynccontextmanager
async def working(ours: Core) -> AsyncIterator[None]:
    """Let turns and deliveries run."""
    leases = keep_leases(
        ours.store, works=ours.turns.works, deliveries=ours.deliveries.under_way, clock=CLOCK
    )
    works = (ours.turns.run(), ours.deliveries.run(), ours.backlog.run(), leases)
    workers = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await ours.turns.drain()
        await ours.deliveries.drain()


async def alone(ours: Core, messages: int, *, first: int) -> dict[str, float]:
    """Measure the core without HTTP: accepting alone, then the turns and deliveries of it all."""
    updates, adapter = Messages(first=first), ours.adapter
    assert isinstance(adapter, Nowhere)  # noqa: S101 - for the type checker
    chats = [updates.new_chat() for _ in range(messages // MESSAGES_OF_ONE)]
    bodies = [updates.request(chat).partition(b"\r\n\r\n")[2] for chat in chats * MESSAGES_OF_ONE]
    left = iter(bodies)

    async def produce() -> None:
        for body in left:
            arrivals = adapter.codec.split(body)
            await ours.store.accept(Acceptance(arrivals=arrivals, received_at=CLOCK.now()))

    # A turn takes all that waits of its conversation: one message each, so that none is saved.
    spent, accepting, thinking = 0.0, 0.0, 0.0
    for batch in range(MESSAGES_OF_ONE):
        left = iter(bodies[batch * len(chats) : (batch + 1) * len(chats)])
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(produce() for _ in range(PRODUCERS)))
        accepted = time.perf_counter()
        async with asyncio.timeout(LIFE_S), working(ours):
            await adapter.expect((batch + 1) * len(chats)).wait()
        ended = time.perf_counter()
        accepting += accepted - began
        thinking += ended - accepted
        spent += time.process_time() - cpu
    return {
        "accepts_per_s": len(bodies) / accepting,
        "turns_per_s": len(bodies) / thinking,
        "both_per_s": len(bodies) / (accepting + thinking),
        "cpu_ms": spent * 1_000 / len(bodies),
    }


# --- the process


async def serve(app: web.Application, *, life_s: float) -> None:
    """Listen on a free port, say which, and go on until standard input is closed."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(life_s):
            await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


async def run(asked: argparse.Namespace) -> None:
    """Be what was asked for."""
    prepare()
    gc.freeze()  # As the service does once it has started; the bare side may as well.
    gc.set_threshold(20_000, 20, 50)
    match asked.what:
        case "verify" | "bare":
            async with aiohttp.ClientSession() as session:
                app = bare(asked.sink, session, reply=asked.what == "bare")
                await serve(app, life_s=asked.life)
        case "accept":
            async with core(asked, TelegramAdapter) as ours:
                await serve(ours.front.application(), life_s=asked.life)
        case "whole":
            async with core(asked, Unpaced) as ours, working(ours):
                await serve(ours.front.application(), life_s=asked.life)
        case _:
            async with core(asked, Nowhere) as ours:
                print(json.dumps(await alone(ours, asked.messages, first=asked.first)), flush=True)


def main() -> None:
    """Read the command and run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["verify", "bare", "accept", "whole", "turns"])
    parser.add_argument("--sink", default="http://127.0.0.1:1")
    parser.add_argument("--store", default="sqlite:///core.db")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--core", type=int, default=None, help="the one processor core to run on")
    parser.add_argument("--messages", type=int, default=4_000)
    parser.add_argument("--life", type=float, default=LIFE_S, help="seconds, at most")
    parser.add_argument("--first", type=int, default=1, help="number of the first message")
    parser.add_argument("--kept", action="store_true", help="the store as it stands")
    asked = parser.parse_args()
    if asked.core is not None:
        os.sched_setaffinity(0, {asked.core})
    with Path(os.devnull).open("w", encoding="utf-8") as stream:
        # Written as in service, then thrown away.
        logs.set_up(secrets=[TOKEN, SECRET], stream=stream)
        asyncio.run(run(asked))


if __name__ == "__main__":
    main()
