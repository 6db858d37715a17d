"""How soon a worker on another machine begins with what was kept on this one.

    python -m bench.wakeups [--messages 2000]

Two processes share a PostgreSQL that syncs its commits. This one keeps one message after the other,
the other one takes turns and never looks by itself (its clock's time limits never end), so that it
is woken by `NOTIFY` or not at all. Both read the machine's monotonic clock: the wait is from the
moment the accepting process knows that its commit holds to the moment the other has claimed the
conversation, and to the moment its reply would leave.
"""

import argparse
import asyncio
import contextlib
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

import aiohttp
from pydantic import SecretStr
from typing_extensions import override

from bench.core_load import SECRET, TOKEN, Messages
from bench.core_service import CONFIGURATION, Nowhere, make_core, working
from bench.core_sides import machine, percentiles
from channels.contract import OutboundMessage, Sent
from config.load import load
from conversation.clock import SystemClock
from conversation.model import Address
from conversation.postgres import PostgresStore
from conversation.store import Acceptance
from socialcare import logs
from socialcare.fault_points import Point
from tests.postgres_server import Server, server

LIMIT_S = 20.0
"""A wake-up that takes longer counts as lost, and ends the measurement."""
PAUSE_MAX_S = 0.04
"""Between two messages, so that each finds its worker asleep."""
FIRST = 50
"""Messages that warm up connections and plans."""


class Unhurried(SystemClock):
    """A clock on which nobody's patience ends: who sleeps until something rings sleeps on."""

    @override
    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Give up nothing."""
        del seconds
        return asyncio.timeout(None)


class Told(Nowhere):
    """The real channel, whose messages are only told to who measures."""

    @override
    async def send(self, address: Address, message: OutboundMessage) -> Sent:
        """Say when a message would have left."""
        del address, message
        tell("sent")
        return Sent(message_id="1")


def tell(what: str) -> None:
    """Say what happened now, in microseconds of the machine's clock."""
    print(what, int(time.monotonic() * 1e6), flush=True)


@contextlib.asynccontextmanager
async def channel() -> AsyncIterator[Told]:
    """Make the channel, whose codec both processes need."""
    async with aiohttp.ClientSession() as session:
        yield Told(
            name="telegram",
            token=SecretStr(TOKEN),
            webhook_secret=SecretStr(SECRET),
            api_base="http://127.0.0.1:1",
            session=session,
            clock=SystemClock(),
        )


async def work(url: str) -> None:
    """Be the other process, until standard input is closed."""
    said = {"TOKEN": TOKEN, "SECRET": SECRET, "SINK": "http://127.0.0.1:1", "STORE": url}
    settings = load(CONFIGURATION, env=said)
    store = PostgresStore(url, clock=SystemClock())

    def passing(point: Point) -> None:
        if point is Point.CLAIMED:
            tell("claimed")

    async with channel() as adapter:
        core = make_core(store, adapter, settings, clock=Unhurried(), passing=passing)
        await store.open()
        try:
            async with working(core):
                # Before its line is open it misses nothing: it looks once when it is.
                tell("ready")
                await asyncio.to_thread(sys.stdin.read)
        finally:
            await store.close()


async def measured(url: str, messages: int) -> dict[str, list[float]]:
    """Keep one message after the other; gives the waits in milliseconds."""
    rng, updates = random.Random(1), Messages()  # noqa: S311 - pauses are no secrets
    clock = SystemClock()
    store = PostgresStore(url, clock=clock)
    await store.open()
    words = (sys.executable, __file__, "--worker", url)
    other = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    told = other.stdout
    assert told is not None  # noqa: S101 - for the type checker
    waits: dict[str, list[float]] = {"claimed": [], "sent": []}
    try:
        async with asyncio.timeout(LIMIT_S):
            await told.readline()
        async with channel() as adapter:
            for _ in range(messages + FIRST):
                await clock.sleep(rng.uniform(0.01, PAUSE_MAX_S))
                body = updates.request(updates.new_chat()).partition(b"\r\n\r\n")[2]
                arrivals = adapter.codec.split(body)
                await store.accept(Acceptance(arrivals=arrivals, received_at=clock.now()))
                kept_us = time.monotonic() * 1e6
                for _ in waits:
                    async with asyncio.timeout(LIMIT_S):
                        what, at = (await told.readline()).decode().split()
                    waits[what].append((int(at) - kept_us) / 1_000)
    finally:
        other.kill()
        await other.wait()
        await store.close()
    return {what: found[FIRST:] for what, found in waits.items()}


async def on_a_new_database(place: Server, messages: int) -> dict[str, list[float]]:
    """Measure on an empty store."""
    async with place.new_database() as url:
        return await measured(url, messages)


def main() -> None:
    """Measure, or be the other process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--worker", help="be the other process, on this store")
    asked = parser.parse_args()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        logs.set_up(secrets=[TOKEN, SECRET], stream=nowhere)
        if asked.worker:
            asyncio.run(work(asked.worker))
            return
        with server(os.environ, durable=True) as place:
            waits = asyncio.run(on_a_new_database(place, asked.messages))
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}, {asked.messages} messages")
    for what, found in waits.items():
        line = ", ".join(f"{name} {at:.1f}" for name, at in percentiles(found))
        print(f"from the commit's answer here to {what} there, ms: {line}, most {max(found):.1f}")


if __name__ == "__main__":
    main()
