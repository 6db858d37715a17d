"""Ten thousand take-overs, each at another moment: the bot says nothing after any of them.

    python -m bench.takeovers [--store sqlite|postgres] [--conversations 10000] [--seeds 10]

Real workers on a real store, with a brain that answers at once; a colleague takes each conversation
over as the workers pass a named point, some steps of the loop later. Seeds are printed: one that
shows something is played again by `--first SEED --seeds 1`.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

from socialcare import logs
from tests.faults.takeovers import Found, interleave
from tests.postgres_server import Server, server


async def played(place: Server | None, *, seed: int, conversations: int) -> Found:
    """Play one seed on a store of its own."""
    with tempfile.TemporaryDirectory(prefix="socialcare-takeovers-") as home:
        if place is None:
            url = "sqlite:///care.db"
            return await interleave(url, Path(home), seed=seed, conversations=conversations)
        async with place.new_database() as url:
            return await interleave(url, Path(home), seed=seed, conversations=conversations)


def main() -> int:
    """Play the seeds, and tell what they showed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--conversations", type=int, default=10_000, help="in all seeds together")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    violations, moments, in_flight, total = 0, Counter[str](), 0, 0
    postgres = asked.store == "postgres"
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        server(os.environ) if postgres else contextlib.nullcontext() as place,
    ):
        logs.set_up(secrets=[], stream=nowhere)
        for seed in range(asked.first, asked.first + asked.seeds):
            began = time.monotonic()
            count = -(-asked.conversations // asked.seeds)
            found = asyncio.run(played(place, seed=seed, conversations=count))
            took = time.monotonic() - began
            print(
                f"SEED={seed}: {found.played} take-overs in {took:.0f} s, the bot had spoken in"
                f" {found.spoke}, {len(found.violations)} violations",
                flush=True,
            )
            for one in found.violations:
                print(f"  {one}", flush=True)
            violations += len(found.violations)
            in_flight += found.in_flight
            total += found.played
            moments.update(found.moments)
    print("moments: " + ", ".join(f"{what} {n}" for what, n in moments.most_common()))
    print(f"{total} take-overs, {violations} violations; {in_flight} words had left before")
    return 1 if violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
