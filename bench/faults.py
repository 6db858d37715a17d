"""The long fault run: a thousand kills over 25 seeds, and what was broken by them.

Each seed plays a town of customers and colleagues against the real service, which is killed at
random moments and at every named point while platforms, shop and store misbehave. One JSON line a
seed goes to the results file; seeds that stand there are not played again.

    python bench/faults.py [--kills 1000] [--seeds 25] [--store sqlite|postgres] [--out FILE]
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import fields
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.faults.driver import SQLITE, Verdict, plan_of, play
from tests.postgres_server import Server, server

SEED_LIMIT_S = 900.0
"""Seconds of one seed; more means that something hangs."""
SUMS = ("kills", "guests", "messages", "refunds", "replacements", "put_aside", "repeats", "excused")


@asynccontextmanager
async def store_of(server: Server | None) -> AsyncIterator[str]:
    """Give the store's URL for one seed's configuration: an empty one."""
    if server is None:
        yield SQLITE
        return
    async with server.new_database() as url:
        yield url


async def played(
    seed: int, *, kills: int, workers: int, server: Server | None, keep: Path | None
) -> dict[str, Any]:
    """Play one seed; keeps its folder where something was broken."""
    folder = Path(tempfile.mkdtemp(prefix=f"faults-{seed}-"))
    began = time.monotonic()
    try:
        async with asyncio.timeout(SEED_LIMIT_S), store_of(server) as store:
            plan = plan_of(seed, kills=kills, store=store, workers=workers)
            verdict = await play(plan, folder / "house")
        if verdict.violations and keep is not None:
            shutil.copytree(folder, keep / f"seed-{seed}", dirs_exist_ok=True)
    except Exception as error:  # noqa: BLE001 - the other seeds are worth playing
        verdict = Verdict(seed=seed, violations=[f"the driver failed: {error!r}"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = {one.name: getattr(verdict, one.name) for one in fields(verdict)}
    return {**told, "seconds": round(time.monotonic() - began, 1)}


def table(results: list[dict[str, Any]]) -> str:
    """Lay the results out."""
    names = ("seed", *SUMS, "settled_s", "seconds", "violations")
    lines = ["  ".join(f"{name:>12}" for name in names)]
    for one in results:
        cells = [len(one[name]) if name == "violations" else one[name] for name in names]
        lines.append("  ".join(f"{cell:>12}" for cell in cells))
    total = {name: sum(one[name] for one in results) for name in SUMS}
    broken = sum(len(one["violations"]) for one in results)
    points: Counter[str] = Counter()
    for one in results:
        points.update(one["at_points"])
    lines.append("total: " + ", ".join(f"{count} {name}" for name, count in total.items()))
    lines.append("deaths: " + ", ".join(f"{point} {n}" for point, n in points.most_common()))
    lines.append(f"violations: {broken}")
    for one in results:
        lines += [f"  SEED={one['seed']}: {said}" for said in one["violations"]]
    return "\n".join(lines)


def main() -> int:
    """Play the seeds that have not been played, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="in all seeds together")
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--workers", type=int, default=None, help="2 on PostgreSQL, 1 on SQLite")
    parser.add_argument("--out", type=Path, default=None, help="the results file")
    parser.add_argument("--keep", type=Path, default=None, help="where folders of broken runs go")
    asked = parser.parse_args()
    out: Path = asked.out or Path(f"faults-{asked.store}.jsonl")
    kills = -(-asked.kills // asked.seeds)
    results = (
        [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    )
    done = {one["seed"] for one in results}
    workers = asked.workers or (2 if asked.store == "postgres" else 1)
    with server(os.environ) if asked.store == "postgres" else nullcontext() as one:
        for seed in range(asked.first, asked.first + asked.seeds):
            if seed in done:
                continue
            print(f"seed {seed}: {kills} kills", flush=True)
            result = asyncio.run(
                played(seed, kills=kills, workers=workers, server=one, keep=asked.keep)
            )
            print(f"  {result['seconds']} s, {len(result['violations'])} violations", flush=True)
            results.append(result)
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(result) + "\n")
    print(table(results))
    return 1 if any(one["violations"] for one in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
