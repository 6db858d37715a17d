"""Measure the durable core beside the bare limit of aiohttp, in the same run.

    python -m bench.core [--store URL] [--rounds 3] [--seconds 4] [--memory 1000000] [--out FILE]

``--store postgres`` runs a PostgreSQL server of its own for as long as it measures, with a server's
usual durability and on any core. ``--memory`` then sends that many messages more and tells the
resident memory ten times on the way.

Every measured side is a process of its own (`bench/core_service.py`) on one processor core; the
customers and the stand-in of Telegram share the other one. Rounds are interleaved, so that what
else runs on the machine hurts all sides alike; of each figure the median of the rounds is told.
All ends by itself, and nothing leaves 127.0.0.1.

    verify   checks the secret, answers 200
    bare     checks the secret, posts one reply, answers 200: the limit that ours is held against
    accept   ours: checks, stores durably, answers 200; no turns
    whole    ours: webhook, store, turn (a brain that answers at once), reply by the real adapter
    turns    ours without HTTP, a sender that does nothing; free to use every core
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

from bench.core_load import Messages, sink
from bench.core_sides import (
    CROWD_MOST,
    MEASURED,
    PEOPLE,
    Figures,
    Side,
    crowded,
    ended,
    growth,
    machine,
    said,
    side,
    stand_anywhere,
    stand_beside,
    steady,
)
from tests.postgres_server import server

RATES = (20.0, 50.0, 200.0)
WARM_S = 1.0
TURNS_LIMIT_S = 180.0
WAITS = ("p50", "p95", "p99")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Medians over the rounds."""

    machine: str
    at: str
    store: str
    rounds: int
    seconds: float
    crowd: dict[str, Figures]
    steady: dict[str, dict[str, Figures]]
    alone: Figures
    memory: list[Figures]


# --- measuring


def command(what: str, asked: argparse.Namespace, folder: Path, **more: object) -> list[str]:
    """Write the command of a measured process, with a folder of its own."""
    home = folder / f"{what}-{len(list(folder.iterdir()))}"
    home.mkdir()
    options = {"store": asked.store, "folder": home, **more}
    script = Path(__file__).with_name("core_service.py")
    given = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [sys.executable, str(script), what, *given]


async def over_http(
    asked: argparse.Namespace, folder: Path
) -> tuple[dict[str, Figures], dict[str, dict[str, Figures]], list[Figures]]:
    """Measure the sides that customers write to."""
    grown: list[Figures] = []
    async with contextlib.AsyncExitStack() as stack:
        stand_in, updates = await stack.enter_async_context(sink()), Messages()
        sides: list[Side] = []
        for name in ("verify", "bare", "accept", "whole"):
            words = command(name, asked, folder, sink=stand_in.url, core=MEASURED)
            replies = name in {"bare", "whole"}
            opened = side(name, words, stand_in=stand_in, updates=updates, replies=replies)
            sides.append(await stack.enter_async_context(opened))
        stand_beside()
        talking = [one for one in sides if one.customers.replies]
        for one in sides:
            await one.customers.crowd(people=PEOPLE, seconds=WARM_S, most=CROWD_MOST)
        for number in range(asked.rounds):
            tell(f"round {number + 1} of {asked.rounds}")
            for one in sides:
                await crowded(one, asked.seconds)
            for rate in RATES:
                for one in talking:
                    await steady(one, rate, asked.seconds)
        if asked.memory:
            tell(f"memory over {asked.memory} messages")
            grown = await growth(sides[-1], asked.memory)
        return (
            {one.name: one.median("crowd") for one in sides},
            {
                f"{rate:.0f}/s": {one.name: one.median(f"{rate:.0f}/s") for one in talking}
                for rate in RATES
            },
            grown,
        )


async def turns_alone(asked: argparse.Namespace, folder: Path) -> Figures:
    """Have the core run without HTTP."""
    process = await asyncio.create_subprocess_exec(
        *command("turns", asked, folder, messages=asked.messages),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        return await said(process, TURNS_LIMIT_S) | {"load": os.getloadavg()[0]}
    finally:
        await ended(process)


async def measure(asked: argparse.Namespace) -> Report:
    """Run all rounds."""
    alone: list[Figures] = []
    with tempfile.TemporaryDirectory(prefix="socialcare-bench-") as home:
        folder = Path(home)
        crowd, paced, grown = await over_http(asked, folder)
        # The core alone comes after the others have ended, and may use the whole machine.
        stand_anywhere()
        for number in range(asked.rounds):
            tell(f"core alone, round {number + 1} of {asked.rounds}")
            alone.append(await turns_alone(asked, folder))
    return Report(
        machine=machine(),
        at=datetime.now(UTC).isoformat(timespec="minutes"),
        store=asked.store.partition(":")[0],
        rounds=asked.rounds,
        seconds=asked.seconds,
        crowd=crowd,
        steady=paced,
        alone={name: statistics.median(one[name] for one in alone) for name in alone[0]},
        memory=grown,
    )


# --- telling


def table(report: Report) -> str:
    """Write the figures as Markdown tables."""
    rounds = f"medians of {report.rounds} rounds of {report.seconds} s"
    lines = [
        f"{report.machine}, {report.at}, store: {report.store}, {rounds}",
        "",
        *crowd_rows(report.crowd),
        "",
        *steady_rows(report.steady),
        "",
        *alone_rows(report.alone),
    ]
    if report.memory:
        lines += ["", "| messages | resident memory, MB |", "|---|---|"]
        lines += [f"| {one['messages']:.0f} | {one['memory_mb']:.0f} |" for one in report.memory]
    return "\n".join(lines) + "\n"


def crowd_rows(crowd: dict[str, Figures]) -> Iterator[str]:
    """Give the rates without a pause, each beside the bare limit."""
    yield (
        f"| {PEOPLE} customers without a pause | per second | of bare | CPU ms a message | of bare "
        "| p50 / p95 / p99 ms | lost | load average |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    bare = crowd["bare"]
    for name, one in crowd.items():
        kind = "reply" if "reply_p50" in one else "ack"
        yield (
            f"| {name} | {one['per_s']:.0f} | {one['per_s'] / bare['per_s']:.2f} "
            f"| {one['cpu_ms']:.2f} | {bare['cpu_ms'] / one['cpu_ms']:.2f} | {waits(one, kind)} "
            f"| {one['lost']:.0f} | {one['load']:.1f} |"
        )


def steady_rows(steady: dict[str, dict[str, Figures]]) -> Iterator[str]:
    """Give the waits at steady rates."""
    yield (
        "| steady rate | | ack p50 / p95 / p99 ms | first reply p50 / p95 / p99 ms "
        "| CPU ms a message | lost | load average |"
    )
    yield "|---|---|---|---|---|---|---|"
    for rate, sides in steady.items():
        for name, one in sides.items():
            yield (
                f"| {rate} | {name} | {waits(one, 'ack')} | {waits(one, 'reply')} "
                f"| {one['cpu_ms']:.2f} | {one['lost']:.0f} | {one['load']:.1f} |"
            )


def alone_rows(alone: Figures) -> Iterator[str]:
    """Give the core without HTTP."""
    yield "| core alone: accepts/s | turns/s | one after the other/s | CPU ms | load average |"
    yield "|---|---|---|---|---|"
    rates = " | ".join(f"{alone[f'{name}_per_s']:.0f}" for name in ("accepts", "turns", "both"))
    yield f"| {rates} | {alone['cpu_ms']:.2f} | {alone['load']:.1f} |"


def waits(one: Figures, kind: str) -> str:
    """Write three percentiles."""
    return " / ".join(f"{one.get(f'{kind}_{place}', 0.0):.1f}" for place in WAITS)


def tell(text: str) -> None:
    """Show that it goes on."""
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def database(store: str) -> Iterator[str]:
    """Give the store's URL; for `postgres` that of a server which is gone after."""
    if store != "postgres":
        yield store
        return
    with server(os.environ, durable=True) as one:
        yield one.url


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--store", default="sqlite:///core.db", help="or `postgres`, or a PostgreSQL's URL"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each window")
    parser.add_argument("--messages", type=int, default=4_000, help="of the core alone")
    parser.add_argument("--memory", type=int, default=0, help="messages to watch the memory over")
    parser.add_argument("--out", type=Path, default=None, help="also write the figures as JSON")
    asked = parser.parse_args()
    with database(asked.store) as asked.store:
        report = asyncio.run(measure(asked))
    print(table(report))
    if asked.out is not None:
        asked.out.write_text(json.dumps(asdict(report), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
