"""Measure the spine: first reply at a steady rate, and how long a start takes.

The service runs in its own process, as `socialcare run` would; the stand-ins and the customers in
this one. A reply counts from the moment the customer's update is handed to delivery until the
stand-in of Telegram has taken `sendMessage`.

    python bench/spine.py [--encoder english] [--rate 20] [--seconds 30] [--out figures.json]

Memory is the most that the service ever had resident (VmHWM), mapped files included.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # "brain" is the product's, not bench/brain.py

import aiohttp

from conversation.clock import SystemClock
from socialcare.demo.world import World, stand_ins

QUESTIONS = (
    "hi, when do you open on saturday?",
    "what does shipping cost?",
    "how do i send something back",
    "where is my order A-10611? my postcode is LS1 4AP",
    "I was charged twice, my order arrived damaged, and I need a replacement by Sunday",
    "thanks!",
    "Wann habt ihr am Samstag auf?",
    "où est ma commande A-10611 ?",
    "¿cuánto cuesta el envío?",
)
START_LIMIT_S = 60.0
REPLY_LIMIT_S = 30.0


@contextlib.asynccontextmanager
async def service(world: World, cache: Path) -> AsyncIterator[dict[str, float]]:
    """Run the service as a process; gives the seconds until it listened and was ready.

    When it has ended, the same mapping says how much memory it had at most.
    """
    environment = {**os.environ, **world.environment, "XDG_CACHE_HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # An installed package is compiled, too.
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "socialcare", "run", "--config", str(world.config_file)),
        *("--port", str(world.port)),
        env=environment,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        listening = await answered(f"{world.url}/healthz", began)
        ready = await answered(f"{world.url}/readyz", began)
        told = {"listening_s": listening, "ready_s": ready}
        yield told
        told["memory_mib"] = most_resident_mib(process.pid)
    finally:
        process.terminate()
        await process.wait()


def most_resident_mib(pid: int) -> float:
    """Give the most memory that a process ever had resident."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


async def answered(url: str, began: float) -> float:
    """Wait until a page answers 200; gives the seconds since ``began``."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_LIMIT_S):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return time.perf_counter() - began
            await SystemClock().sleep(0.02)


async def one_reply(world: World, number: int) -> float:
    """Have a new customer ask something; gives the milliseconds until the reply arrived."""
    customer = world.telegram.customer(first_name=f"Guest {number}")
    began = time.perf_counter()
    await customer.write(QUESTIONS[number % len(QUESTIONS)])
    await customer.sees(lambda _: True, timeout=REPLY_LIMIT_S)
    return (time.perf_counter() - began) * 1_000


async def replies(world: World, *, rate: float, seconds: float) -> list[float]:
    """Let customers write at a steady rate, whether or not earlier ones have their answer."""
    clock = SystemClock()
    tasks = []
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        await clock.sleep(max(0.0, began + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one_reply(world, number)))
    return await asyncio.gather(*tasks)


async def measure(rate: float, seconds: float, encoder: str) -> dict[str, object]:
    """Start cold, start warm, then measure replies."""
    with tempfile.TemporaryDirectory(prefix="socialcare-bench-") as folder:
        cache = Path(folder) / "cache"
        home = Path(folder) / "home"
        home.mkdir()
        async with stand_ins(home, clock=SystemClock()) as world:
            with world.config_file.open("a", encoding="utf-8") as file:
                file.write(f"\nmodel: {{encoder: {encoder}}}\n")
            async with service(world, cache) as cold:
                pass
            async with service(world, cache) as warm:
                await replies(world, rate=rate, seconds=2)
                took = sorted(await replies(world, rate=rate, seconds=seconds))
    return {
        "machine": machine(),
        "rate_per_s": rate,
        "messages": len(took),
        "first_reply_ms": {
            "p50": round(statistics.median(took), 1),
            "p95": round(took[int(len(took) * 0.95)], 1),
            "p99": round(took[int(len(took) * 0.99)], 1),
            "max": round(took[-1], 1),
        },
        "start_cold": {name: round(value, 2) for name, value in cold.items()},
        "start_warm": {name: round(value, 2) for name, value in warm.items()},
    }


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--encoder", choices=["multilingual", "english"], default="multilingual")
    parser.add_argument("--rate", type=float, default=20.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--out", type=Path, default=None, help="also write the figures as JSON")
    asked = parser.parse_args()
    figures = asyncio.run(measure(asked.rate, asked.seconds, asked.encoder))
    text = json.dumps(figures, indent=2)
    sys.stdout.write(text + "\n")
    if asked.out is not None:
        asked.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
