"""The service as a process of its own, to be killed."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from conversation.clock import SystemClock
from tests.journeys.house import House

ROOT = Path(__file__).parents[2]
START_S = 25.0
LOOK_S = 0.03
STOP_S = 12.0
"""Seconds until a test loses patience with a process that should end; ten are promised."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One `socialcare run`."""

    process: asyncio.subprocess.Process
    errors: Path
    """What it wrote to stderr: its log."""

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        """Ask it to end; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end; gives the exit code."""
        async with asyncio.timeout(STOP_S):
            return await self.process.wait()


@contextlib.asynccontextmanager
async def run(home: House) -> AsyncIterator[Run]:
    """Start `socialcare run` on a house's configuration; it is ready when the body begins."""
    errors = home.world.folder / "errors.log"
    with errors.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "socialcare", "run", "--config", str(home.world.config_file)),
            *("--port", str(home.world.port)),
            cwd=ROOT,
            env={**os.environ, **home.world.environment},  # noqa: TID251 - as a shell would
            stderr=stderr,
        )
    try:
        await _ready(process, home, errors)
        yield Run(process=process, errors=errors)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


async def command(home: House, *words: str) -> Told:
    """Give a command on a house's configuration, as an operator would."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "socialcare", *words),
        *("--config", str(home.world.config_file)),
        cwd=ROOT,
        env={**os.environ, **home.world.environment},  # noqa: TID251 - as a shell would
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(START_S):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Told(code=process.returncode, out=out.decode(), err=err.decode())


async def _ready(process: asyncio.subprocess.Process, home: House, errors: Path) -> None:
    clock = SystemClock()
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_S):
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{home.world.url}/readyz") as answer:
                    if answer.status == 200:
                        return
            await clock.sleep(LOOK_S)
    raise AssertionError(errors.read_text("utf-8"))
