"""The long fault run: a thousand kills over 25 seeds, and what was broken by them.

Each seed plays a town of customers and colleagues against the real service, which is killed at
random moments and at every named point while platforms, shop and store misbehave. A seed waits more
than it works, so several are played side by side, each with a house, ports and a database server of
its own. One JSON line a seed goes to the results file; seeds that stand there are not played again.

    python bench/faults.py [--kills 1000] [--seeds 25] [--store sqlite|postgres] [--beside N]
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import asynccontextmanager, nullcontext
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.faults.driver import SQLITE, Verdict, plan_of, play
from tests.faults.patience import HungError, patient
from tests.postgres_server import Server, server

SEED_LIMIT_S = 900.0
"""Calm seconds of one seed; more means that something hangs."""
SUMS = ("kills", "guests", "messages", "refunds", "replacements", "put_aside", "repeats", "excused")


@asynccontextmanager
async def store_of(server: Server | None) -> AsyncIterator[str]:
    """Give the store's URL for one seed's configuration: an empty one."""
    if server is None:
        yield SQLITE
        return
    async with server.new_database() as url:
        yield url


async def verdict_of(
    seed: int, *, kills: int, workers: int, server: Server | None, folder: Path
) -> Verdict:
    """Play one seed in a folder."""
    async with store_of(server) as store:
        plan = plan_of(seed, kills=kills, store=store, workers=workers)
        restart = server.restart if server is not None and server.ours else None
        return await patient(
            play(plan, folder / "house", restart=restart),
            calm_s=SEED_LIMIT_S,
            waiting=lambda: "the seed's end",
        )


def played(
    seed: int, *, kills: int, workers: int, postgres: bool, keep: Path | None
) -> dict[str, Any]:
    """Play one seed in this process; keeps its folder where something was broken."""
    folder = Path(tempfile.mkdtemp(prefix=f"faults-{seed}-"))
    began, used = time.monotonic(), cpu_s()
    try:
        with server(os.environ) if postgres else nullcontext() as one:
            work = verdict_of(seed, kills=kills, workers=workers, server=one, folder=folder)
            verdict = asyncio.run(work)
    except (Exception, HungError) as error:  # noqa: BLE001 - the other seeds are worth playing
        verdict = Verdict(seed=seed, violations=[f"the driver failed: {error!r}"])
    if verdict.violations and keep is not None:
        shutil.copytree(folder, keep / f"seed-{seed}", dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    told = {one.name: getattr(verdict, one.name) for one in fields(verdict)}
    spent = {"seconds": time.monotonic() - began, "cpu_s": cpu_s() - used}
    return {**told, **{name: round(value, 1) for name, value in spent.items()}}


def cpu_s() -> float:
    """Say what processor time this process and its ended children have used, in seconds."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def table(results: list[dict[str, Any]]) -> str:
    """Lay the results out."""
    names = ("seed", *SUMS, "settled_s", "seconds", "cpu_s", "violations")
    lines = ["  ".join(f"{name:>12}" for name in names)]
    for one in results:
        cells = [len(one[name]) if name == "violations" else one.get(name, "") for name in names]
        lines.append("  ".join(f"{cell:>12}" for cell in cells))
    total = {name: sum(one[name] for one in results) for name in SUMS}
    broken = sum(len(one["violations"]) for one in results)
    for name in ("at_points", "troubles"):
        counted: Counter[str] = Counter()
        for one in results:
            counted.update(one[name])
        lines.append(f"{name}: " + ", ".join(f"{what} {n}" for what, n in counted.most_common()))
    lines.append("total: " + ", ".join(f"{count} {name}" for name, count in total.items()))
    lines.append(f"violations: {broken}")
    for one in results:
        lines += [f"  SEED={one['seed']}: {said}" for said in one["violations"]]
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """Read what was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="in all seeds together")
    parser.add_argument("--seeds", type=int, default=25)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--workers", type=int, default=None, help="2 on PostgreSQL, 1 on SQLite")
    parser.add_argument("--beside", type=int, default=3, help="seeds played at the same time")
    parser.add_argument("--out", type=Path, default=None, help="the results file")
    parser.add_argument("--keep", type=Path, default=None, help="where folders of broken runs go")
    return parser.parse_args()


def main() -> int:
    """Play the seeds that have not been played, and print the table."""
    asked = arguments()
    out: Path = asked.out or Path(f"faults-{asked.store}.jsonl")
    kills = -(-asked.kills // asked.seeds)
    results = (
        [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    )
    done = {one["seed"] for one in results}
    postgres = asked.store == "postgres"
    how = {
        "kills": kills,
        "workers": asked.workers or (2 if postgres else 1),
        "postgres": postgres,
        "keep": asked.keep,
    }
    left = [s for s in range(asked.first, asked.first + asked.seeds) if s not in done]
    began = time.monotonic()
    with ProcessPoolExecutor(asked.beside, get_context("spawn"), max_tasks_per_child=1) as pool:
        for played_one in as_completed([pool.submit(played, seed, **how) for seed in left]):
            result = played_one.result()
            results.append(result)
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(result) + "\n")
            print(
                f"seed {result['seed']}: {result['kills']} kills, {result['seconds']} s,"
                f" {len(result['violations'])} violations",
                flush=True,
            )
    print(table(sorted(results, key=lambda one: int(one["seed"]))))
    print(f"this time {len(left)} seeds in {time.monotonic() - began:.0f} s")
    return 1 if any(one["violations"] for one in results) else 0


if __name__ == "__main__":
    raise SystemExit(main())
