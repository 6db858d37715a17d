"""A thousand web chats at once: what a socket costs, and how long words take there and back.

The service runs as in production in a process of its own (SQLite, the embedded brain, the demo's
brand), the visitors in another one. Measured are the service's memory before and after the sockets
were opened and idle, the time from a message to its acknowledgement (it is on disk) and to the
bot's answer on the page, at a steady rate and as one burst, and the sign of life nobody asked for.

    python bench/webchat.py [--sockets 1000] [--messages 600] [--rate 20]
"""

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import aiohttp

from bench.core_sides import machine
from conversation.clock import SystemClock
from socialcare import logs
from socialcare.app import Service
from socialcare.chat.limits import Limits, Rate
from socialcare.demo.world import stand_ins

QUESTION = "when do you open on saturday?"
LIMIT_S = 120.0
OPENING = 50
"""Sockets that are opened at the same time."""
FREE = Rate(burst=1_000_000, per_minute=1_000_000)
LIMITS = Limits(messages_of_address=FREE, opened=FREE, strangers=FREE, sockets_of_address=100_000)
"""All visitors come from one address here."""


async def serve() -> None:
    """Run the service until standard input is closed."""
    logs.set_up(secrets=())
    with tempfile.TemporaryDirectory(prefix="bench-webchat-") as name:
        async with stand_ins(Path(name), clock=SystemClock()) as world:
            service = Service(
                world.settings, folder=world.folder, clock=world.clock, chat_limits=LIMITS
            )
            await service.start(port=0)
            await service.ready()
            print(json.dumps({"url": service.url}), flush=True)
            await asyncio.to_thread(sys.stdin.read)
            await service.stop()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, int]]:
    """Start the service; gives its address and its process's id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(LIMIT_S):
            assert process.stdout is not None  # noqa: S101 - for the type checker
            told = json.loads(await process.stdout.readline())
        yield told["url"], process.pid
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def memory_kb(pid: int) -> int:
    """Read what a process holds in memory."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise LookupError(pid)


@dataclass(slots=True, kw_only=True)
class Visitor:
    """One page."""

    ws: aiohttp.ClientWebSocketResponse
    number: int = 0
    sent: dict[str, float] = field(default_factory=dict)
    acks_s: list[float] = field(default_factory=list)
    answers_s: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> None:
        """Send a question."""
        self.number += 1
        name, now = f"message-{self.number:06}", time.perf_counter()
        self.sent[name] = now
        self.waiting.append(now)
        self.idle.clear()
        await self.ws.send_json({"type": "message", "id": name, "text": QUESTION})

    async def read(self) -> None:
        """Note when what was said came back."""
        async for message in self.ws:
            frame: dict[str, Any] = json.loads(message.data)
            now = time.perf_counter()
            match frame["type"]:
                case "ack":
                    self.acks_s.append(now - self.sent.pop(frame["id"]))
                case "line" if frame["author"] == "bot" and self.waiting:
                    self.answers_s.append(now - self.waiting.pop(0))
                    self.idle.set()
                case "beat":
                    await self.ws.send_str('{"type":"beat"}')
                case _:
                    pass


async def opened(session: aiohttp.ClientSession, url: str, count: int) -> list[Visitor]:
    """Open so many sockets and be welcomed on each."""
    places = asyncio.Semaphore(OPENING)

    async def one() -> Visitor:
        async with places:
            ws = await session.ws_connect(f"{url}/chat/webchat/ws", headers={"Origin": url})
            await ws.send_json({"type": "hello"})
            while (await ws.receive_json())["type"] != "now":
                pass
            return Visitor(ws=ws)

    return await asyncio.gather(*(one() for _ in range(count)))


def told(what: str, seconds: Sequence[float]) -> str:
    """Put times into a line."""
    cuts = statistics.quantiles(seconds, n=100)
    p50, p95, p99 = (cuts[n - 1] * 1_000 for n in (50, 95, 99))
    return f"{what:<34} n {len(seconds):>5}  p50 {p50:8.1f}  p95 {p95:8.1f}  p99 {p99:8.1f} ms"


async def measure(asked: argparse.Namespace) -> None:
    """Open, wait, talk, and print."""
    print(machine())
    connector = aiohttp.TCPConnector(limit=0)
    async with serving() as (url, pid), aiohttp.ClientSession(connector=connector) as session:
        # What is made once, at the first visit, is no socket's cost.
        warm = await opened(session, url, 10)
        before_kb = memory_kb(pid)
        began = time.perf_counter()
        visitors = await opened(session, url, asked.sockets)
        took_s = time.perf_counter() - began
        await asyncio.sleep(5)
        each_kb = (memory_kb(pid) - before_kb) / asked.sockets
        print(f"{asked.sockets} sockets opened in {took_s:.1f} s, {each_kb:.1f} kB each")
        readers = [asyncio.create_task(one.read()) for one in visitors]
        async with asyncio.timeout(LIMIT_S):
            for one in random.Random(1).choices(visitors, k=asked.messages):  # noqa: S311 - a load
                await one.ask()
                await asyncio.sleep(1 / asked.rate)
            await asyncio.gather(*(one.idle.wait() for one in visitors if one.number))
        print(told(f"steady, {asked.rate}/s: acknowledged", _all(visitors, "acks_s")))
        print(told(f"steady, {asked.rate}/s: answered", _all(visitors, "answers_s")))
        for one in visitors:
            one.acks_s.clear()
            one.answers_s.clear()
        began = time.perf_counter()
        async with asyncio.timeout(LIMIT_S):
            await asyncio.gather(*(one.ask() for one in visitors))
            await asyncio.gather(*(one.idle.wait() for one in visitors))
        print(told("all at once: acknowledged", _all(visitors, "acks_s")))
        print(told("all at once: answered", _all(visitors, "answers_s")))
        print(f"all at once: {asked.sockets / (time.perf_counter() - began):.0f} answers/s")
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        await asyncio.gather(*(one.ws.close() for one in (*warm, *visitors)))


def _all(visitors: Sequence[Visitor], name: str) -> list[float]:
    return [second for one in visitors for second in getattr(one, name)]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=1_000)
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--serve", action="store_true")
    asked = parser.parse_args()
    asyncio.run(serve() if asked.serve else measure(asked))


if __name__ == "__main__":
    main()
