"""The measured sides of a comparison: processes on one core, windows of load from the other."""

import asyncio
import contextlib
import json
import os
import platform
import statistics
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.core_load import Customers, Messages, Seen, Sink

MEASURED, BESIDE = 0, 1
"""The processor core of the measured side, and that of customers and stand-in."""
PEOPLE = 64
"""Customers who write without a pause, each waiting for the answer to the last message."""
CROWD_MOST = 20_000
"""Messages of one window."""
START_LIMIT_S = 60.0
END_LIMIT_S = 15.0
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

Figures = dict[str, float]


@dataclass(slots=True, kw_only=True)
class Side:
    """One measured process."""

    name: str
    pid: int
    customers: Customers
    found: list[tuple[str, Figures]] = field(default_factory=list)

    def cpu_s(self) -> float:
        """Give the processor seconds it has used so far, all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        """Give its resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text("utf-8").split()[1]) * PAGE / 1e6

    def note(self, what: str, seen: Seen, cpu_s: float) -> None:
        """Keep the figures of one window."""
        answered = len(seen.reply_ms or seen.ack_ms)
        figures = {
            "per_s": seen.per_s,
            "cpu_ms": cpu_s * 1_000 / max(1, answered),
            "lost": float(seen.lost),
            "load": os.getloadavg()[0],
        }
        for name, waits in (("ack", seen.ack_ms), ("reply", seen.reply_ms)):
            figures |= {f"{name}_{p}": at for p, at in percentiles(waits)}
        self.found.append((what, figures))

    def median(self, what: str) -> Figures:
        """Give the median of each figure over the rounds."""
        rounds = [figures for one, figures in self.found if one == what]
        names = rounds[0] if rounds else {}
        return {
            name: statistics.median(one[name] for one in rounds if name in one) for name in names
        }


def percentiles(waits: Sequence[float]) -> Iterable[tuple[str, float]]:
    """Give the median and the tails of some waits."""
    ordered = sorted(waits)
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        if ordered:
            yield name, ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# --- processes


@contextlib.asynccontextmanager
async def side(
    name: str, command: Sequence[str], *, stand_in: Sink, updates: Messages, replies: bool
) -> AsyncIterator[Side]:
    """Run one measured process; it says its port in JSON and ends with its standard input."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    customers: Customers | None = None
    try:
        port = int((await said(process, START_LIMIT_S))["port"])
        customers = Customers(port=port, sink=stand_in, updates=updates, replies=replies)
        yield Side(name=name, pid=process.pid, customers=customers)
    finally:
        if customers is not None:
            customers.hang_up()
        if process.stdin is not None:
            process.stdin.close()
        await ended(process)


async def said(process: asyncio.subprocess.Process, limit_s: float) -> Figures:
    """Read the one line of JSON that a measured process prints."""
    if process.stdout is None:
        raise RuntimeError("started without a pipe")
    async with asyncio.timeout(limit_s):
        line = await process.stdout.readline()
    if not line:
        raise SystemExit("the measured process ended at its start; see above")
    told: Figures = json.loads(line)
    return told


async def ended(process: asyncio.subprocess.Process) -> None:
    """Wait for a process to end, and make it."""
    try:
        async with asyncio.timeout(END_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


# --- windows


async def crowded(one: Side, seconds: float, most: int = CROWD_MOST) -> None:
    """Measure the rate with many who never pause."""
    before = one.cpu_s()
    seen = await one.customers.crowd(people=PEOPLE, seconds=seconds, most=most)
    one.note("crowd", seen, one.cpu_s() - before)


async def steady(one: Side, rate: float, seconds: float) -> None:
    """Measure waits at a rate that leaves room."""
    before = one.cpu_s()
    seen = await one.customers.steady(rate=rate, seconds=seconds)
    one.note(f"{rate:.0f}/s", seen, one.cpu_s() - before)


async def growth(one: Side, messages: int) -> list[Figures]:
    """Watch the memory over many messages, in ten steps."""
    grown = [{"messages": 0.0, "memory_mb": one.memory_mb()}]
    for step in range(1, 11):
        await one.customers.crowd(people=PEOPLE, seconds=120, most=messages // 10)
        grown.append({"messages": step * messages / 10, "memory_mb": one.memory_mb()})
    return grown


def stand_beside() -> None:
    """Leave the measured core to the measured."""
    if (os.cpu_count() or 1) > BESIDE:
        os.sched_setaffinity(0, {BESIDE})


def stand_anywhere() -> None:
    """Use the whole machine again."""
    os.sched_setaffinity(0, range(os.cpu_count() or 1))


def machine() -> str:
    """Say what this was measured on."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"
