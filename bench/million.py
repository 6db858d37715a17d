"""A year of traffic: what a million old messages change, and what a million new ones leave behind.

    python -m bench.million rows [--store sqlite|postgres] [--messages 1000000]
    python -m bench.million memory [--messages 1000000]

`rows` sets the core on a store with a million messages beside one on a store with a few hundred, in
turn: how long it takes to open, to answer, and to forget; and looks whether a statement walks a
table. `memory` has the core answer a million messages over HTTP and prints its resident memory on
the way, one line a step, so that a run that is broken off has told what it saw.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

from bench.core_load import Messages, Sink, sink
from bench.core_sides import (
    MEASURED,
    PEOPLE,
    Figures,
    Side,
    ended,
    machine,
    said,
    side,
    stand_anywhere,
    stand_beside,
    steady,
)
from bench.million_rows import BIG, YEAR_US, multiply, shell
from config.load import load
from conversation.clock import SystemClock
from conversation.forgetting import find_old, forget_old
from conversation.postgres import SETTINGS
from conversation.sql import statements
from socialcare.stores import make_care, make_store
from tests.postgres_server import Server, server

SEED = 400
"""Messages of the small store, and those that are multiplied."""
RATE = 20.0
TURNS = 2_000
STEPS = 20
LONG_S = 7_200.0
"""At most; on a quiet machine a million messages take about half an hour."""
FORGET = 200
"""Conversations that are forgotten to see how fast that goes."""
CLOCK = SystemClock()
SETTINGS_TEXT = """
brand: {name: Bench, languages: [en]}
store: {url: "${STORE}"}
channels: {telegram: {token: "7000000001:none", webhook_secret: none}}
desk:
  slack: {channel: C0123456789, bot_token: xoxb-none, signing_secret: nobody-asks}
  roles: {colleague: {members: [S0CARE]}}
"""


@dataclass(slots=True, kw_only=True)
class Shelf:
    """One store, and what was found on it."""

    name: str
    url: str
    folder: Path
    used: int = SEED
    """Event ids that were given away."""
    found: dict[str, list[float]] = field(default_factory=dict)

    walks: list[str] = field(default_factory=list)

    def note(self, **figures: float) -> None:
        """Keep figures of one round."""
        for name, value in figures.items():
            self.found.setdefault(name, []).append(value)

    def command(self, what: str, **more: object) -> list[str]:
        """Write the command of a measured process on it."""
        options = {"store": self.url, "folder": self.folder, "first": self.used + 1, **more}
        script = Path(__file__).with_name("core_service.py")
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        return [sys.executable, str(script), what, "--kept", *words]


async def turns(one: Shelf, messages: int) -> Figures:
    """Have the core answer messages without HTTP."""
    process = await asyncio.create_subprocess_exec(
        *one.command("turns", messages=messages), stdout=asyncio.subprocess.PIPE
    )
    try:
        return await said(process, 600.0)
    finally:
        one.used += messages
        await ended(process)


async def opened_s(one: Shelf) -> float:
    """Say how long opening the store takes."""
    settings = load(SETTINGS_TEXT, env={"STORE": one.url}, source="million")
    store = make_store(settings, folder=one.folder, clock=CLOCK)
    began = time.perf_counter()
    await store.open()
    took = time.perf_counter() - began
    await store.close()
    return took


@contextlib.asynccontextmanager
async def serving(one: Shelf, stand_in: Sink, *, life_s: float) -> AsyncIterator[Side]:
    """Have the core serve it over HTTP."""
    words = one.command("whole", sink=stand_in.url, core=MEASURED, life=life_s)
    updates = Messages(first=one.used + 1)
    async with side(one.name, words, stand_in=stand_in, updates=updates, replies=True) as it:
        yield it


async def answering(one: Shelf, stand_in: Sink, seconds: float) -> None:
    """Measure waits at a steady rate."""
    async with serving(one, stand_in, life_s=600.0) as it:
        await steady(it, RATE, 1.0)
        it.found.clear()
        await steady(it, RATE, seconds)
        told = it.median(f"{RATE:.0f}/s")
        one.note(memory_mb=it.memory_mb(), **{n: told[n] for n in ("reply_p50", "reply_p95")})
    one.used += int(RATE * (seconds + 2)) + 100


async def forgetting(one: Shelf) -> None:
    """Measure a day's look for what is old, and the forgetting of some of it."""
    settings = load(SETTINGS_TEXT, env={"STORE": one.url}, source="million")
    care = make_care(settings, folder=one.folder)
    await care.open()
    now = datetime.now(UTC)
    began = time.perf_counter()
    after: str | None = ""
    stale: list[str] = []
    # Copies are spread over the year: those of its first hours are forgotten.
    before = now - timedelta(microseconds=YEAR_US) + timedelta(hours=12)
    while after is not None:
        async with care.looking() as session:
            page = await find_old(session, before=before, after=after, limit=200)
        stale += page.stale
        after = page.last
    one.note(look_s=time.perf_counter() - began)
    began = time.perf_counter()
    for conversation in stale[:FORGET]:
        async with care.writing() as session:
            await forget_old(session, conversation, before=before, at=now)
    if stale:
        one.note(forgotten_per_s=len(stale[:FORGET]) / (time.perf_counter() - began))
    await care.close()


async def walks(one: Shelf) -> list[str]:
    """Name the statements that walk a big table from end to end."""
    found = []
    async with shell(one.url, one.folder) as it:
        lite = one.url.startswith("sqlite:")
        if not lite:
            for name, value in SETTINGS.items():
                await it.run(f"set {name} = '{value}'")
            await it.run("set plan_cache_mode = force_generic_plan")
        for name, statement in statements("sqlite" if lite else "postgres").items():
            if lite:
                text = re.sub(r":\w+|\?\d", "null", statement)
                rows = await it.run(f"explain query plan {text}")
                steps = [str(row[-1]) for row in rows]
                met = [s for s in steps if re.match(rf"SCAN ({'|'.join(BIG)})\b", s)]
                found += [f"{name}: {s}" for s in met if " INDEX " not in s]
                continue
            await it.run(f"prepare {name} as {statement}")
            numbers = [int(n) for n in re.findall(r"\$(\d)", statement)]
            given = f"({', '.join(['null'] * max(numbers))})" if numbers else ""
            plan = "\n".join(str(row[0]) for row in await it.run(f"explain execute {name}{given}"))
            if re.search(rf"Seq Scan on ({'|'.join(BIG)})\b", plan):
                found.append(name)
    return found


# --- a million old ones


async def shelves(place: Server | None, home: Path) -> list[Shelf]:
    """Make a small store, and one that is to be filled."""
    made = []
    for name in ("few", "many"):
        folder = home / name
        folder.mkdir()
        if place is not None:
            await place.tell(f"create database {name}")
        url = "sqlite:///core.db" if place is None else place.database(name)
        made.append(Shelf(name=name, url=url, folder=folder))
    return made


async def filled(one: Shelf, messages: int) -> None:
    """Multiply what the core has made until so many messages are there."""
    async with shell(one.url, one.folder) as it:
        await multiply(it, max(1, messages // SEED - 1))
        if not one.url.startswith("sqlite:"):
            await it.run("vacuum analyze")
        for table in sorted(BIG):
            (row,) = await it.run(f"select count(*) from {table}")  # noqa: S608 - our own tables
            print(f"  {row[0]:>10} rows of {table}", flush=True)


async def rows(place: Server | None, messages: int, rounds: int, seconds: float) -> list[Shelf]:
    """Measure the small store and the big one in turn."""
    with tempfile.TemporaryDirectory(prefix="socialcare-million-") as home:
        both = await shelves(place, Path(home))
        for one in both:
            one.used = 0
            await turns(one, SEED)
        began = time.perf_counter()
        await filled(both[1], messages)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        async with sink() as stand_in:
            for number in range(rounds):
                for one in both:
                    print(f"round {number + 1} of {rounds}: {one.name}", flush=True)
                    one.note(open_s=await opened_s(one))
                    stand_anywhere()
                    told = await turns(one, TURNS)
                    one.note(accepts_per_s=told["accepts_per_s"], turns_per_s=told["turns_per_s"])
                    stand_beside()
                    await answering(one, stand_in, seconds)
                    await forgetting(one)
        for one in both:
            one.walks = await walks(one)
        return both


def table(both: list[Shelf]) -> str:
    """Write the medians as a Markdown table."""
    few, many = both
    at = datetime.now(UTC).isoformat(timespec="minutes")
    lines = [
        f"{machine()}, {at}, load {os.getloadavg()[0]:.1f}",
        "",
        "| | few hundred messages | many |",
        "|---|---|---|",
    ]
    names = dict.fromkeys([*few.found, *many.found])
    for name in names:
        cells = [one.found.get(name, []) for one in both]
        told = [f"{statistics.median(cell):.3g}" if cell else "" for cell in cells]
        lines.append(f"| {name} | {told[0]} | {told[1]} |")
    walked = [", ".join(one.walks) or "none" for one in both]
    lines.append(f"| statements that walk a big table | {walked[0]} | {walked[1]} |")
    return "\n".join(lines) + "\n"


# --- a million new ones


async def memory(messages: int) -> None:
    """Watch the core's memory while it answers so many messages."""
    with tempfile.TemporaryDirectory(prefix="socialcare-million-") as home:
        one = Shelf(name="memory", url="sqlite:///core.db", folder=Path(home), used=0)
        async with sink() as stand_in, serving(one, stand_in, life_s=LONG_S) as it:
            stand_beside()
            began = time.perf_counter()
            for step in range(STEPS + 1):
                told = {
                    "messages": step * messages // STEPS,
                    "resident_mb": round(it.memory_mb(), 1),
                    "store_mb": round((one.folder / "core.db").stat().st_size / 1e6, 1),
                    "seconds": round(time.perf_counter() - began),
                }
                print(json.dumps(told), flush=True)
                if step < STEPS:
                    most = messages // STEPS
                    await it.customers.crowd(people=PEOPLE, seconds=LONG_S, most=most)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=("rows", "memory"))
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of the steady rate")
    asked = parser.parse_args()
    if asked.what == "memory":
        asyncio.run(memory(asked.messages))
        return
    postgres = asked.store == "postgres"
    with server(os.environ, durable=True) if postgres else contextlib.nullcontext() as place:
        print(table(asyncio.run(rows(place, asked.messages, asked.rounds, asked.seconds))))


if __name__ == "__main__":
    main()
