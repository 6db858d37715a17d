"""Measure what others make of the same work: a webhook in, one reply out.

    python bench/peers.py [--rounds 3] [--seconds 4] [--out figures.json]

Each peer runs in an environment of its own, made once in the user's cache folder (pip needs its
index), on one processor core; customers and stand-in share the other. The peers keep nothing: what
they have accepted dies with them. Ours has committed each message before it answers 200, and sends
by python-telegram-bot's raw call on aiohttp. The same rounds hold the bare limit of `bench.core`.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import venv
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

from bench.core_load import SECRET, SECRET_HEADER, TOKEN, Messages, SlackMessages, sink
from bench.core_sides import (
    CROWD_MOST,
    MEASURED,
    PEOPLE,
    Figures,
    Side,
    crowded,
    machine,
    side,
    stand_beside,
)

PACKAGES = {
    "telegram": ("python-telegram-bot==22.8", "aiohttp==3.14.*"),
    "bolt": ("slack-bolt==1.30.0", "aiohttp==3.14.*"),
    # It imports emoji without saying so, and pkg_resources, which newer setuptools have no more.
    "opsdroid": ("opsdroid==0.31.0", "aiohttp==3.14.*", "emoji", "setuptools<81"),
}
KEEPS = {"ours": "every message, before it is acknowledged (SQLite, FULL)"}
INSTALL_LIMIT_S = 300
WARM_S = 1.0


def environment(name: str) -> str:
    """Make a peer's environment, unless it is there; gives its Python."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    wanted = "\n".join((sys.version, *PACKAGES[name]))
    mark = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    home = Path(cache) / "socialcare-peers" / f"{name}-{mark}"
    python, whole = str(home / "bin" / "python"), home / "whole"
    if not whole.exists():
        print(f"making an environment for {name}", flush=True)
        venv.create(home, with_pip=True, clear=True)
        words = [python, "-m", "pip", "install", "--quiet", *PACKAGES[name]]
        subprocess.run(words, check=True, timeout=INSTALL_LIMIT_S)  # noqa: S603 - our own words
        whole.touch()
    return python


def commands(folder: Path, url: str) -> dict[str, tuple[list[str], Messages]]:
    """Say how each side is started, and what its customers write."""
    here = Path(__file__).parent
    core, messages, slack = str(MEASURED), Messages(), SlackMessages()
    telegram, bolt, opsdroid = map(environment, ("telegram", "bolt", "opsdroid"))
    ours = [sys.executable, str(here / "core_service.py")]
    common = ["--sink", url, "--core", core, "--folder", str(folder)]
    by_bolt = [bolt, str(here / "peers_bolt.py"), url, core, SECRET]
    by_telegram = [telegram, str(here / "peers_telegram.py"), url, core]
    by_opsdroid = [opsdroid, str(here / "peers_opsdroid.py"), url, core]
    return {
        "bare aiohttp": ([*ours, "bare", *common], messages),
        "ours": ([*ours, "whole", *common], messages),
        "python-telegram-bot": ([*by_telegram, TOKEN, SECRET_HEADER, SECRET], messages),
        "opsdroid": ([*by_opsdroid, TOKEN, SECRET_HEADER, SECRET], messages),
        "slack-bolt": ([*by_bolt, "none"], slack),
        "slack-bolt, one session": ([*by_bolt, "session"], slack),
    }


async def measure(rounds: int, seconds: float) -> dict[str, Figures]:
    """Run all rounds."""
    with tempfile.TemporaryDirectory(prefix="socialcare-peers-") as home:
        async with contextlib.AsyncExitStack() as stack:
            stand_in = await stack.enter_async_context(sink())
            sides: list[Side] = []
            started = await asyncio.to_thread(commands, Path(home), stand_in.url)
            for name, (words, messages) in started.items():
                opened = side(name, words, stand_in=stand_in, updates=messages, replies=True)
                sides.append(await stack.enter_async_context(opened))
            stand_beside()
            for one in sides:
                await one.customers.crowd(people=PEOPLE, seconds=WARM_S, most=CROWD_MOST)
            for _ in range(rounds):
                for one in sides:
                    await crowded(one, seconds)
            return {one.name: one.median("crowd") for one in sides}


def table(found: dict[str, Figures]) -> str:
    """Write the figures as a Markdown table."""
    limit = found["bare aiohttp"]["per_s"]
    lines = [
        f"{machine()}, {datetime.now(UTC).isoformat(timespec='minutes')}",
        "",
        "| | replies/s | of bare | CPU ms each | of bare | p50 / p99 ms | lost | load | keeps |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['per_s']:.0f} | {one['per_s'] / limit:.2f} | {one['cpu_ms']:.2f} "
        f"| {found['bare aiohttp']['cpu_ms'] / one['cpu_ms']:.2f} "
        f"| {one.get('reply_p50', 0):.0f} / {one.get('reply_p99', 0):.0f} | {one['lost']:.0f} "
        f"| {one['load']:.1f} | {KEEPS.get(name, 'nothing')} |"
        for name, one in found.items()
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of each window")
    parser.add_argument("--out", type=Path, default=None, help="also write the figures as JSON")
    asked = parser.parse_args()
    found = asyncio.run(measure(asked.rounds, asked.seconds))
    print(table(found))
    if asked.out is not None:
        asked.out.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
