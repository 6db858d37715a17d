"""The service as the demo runs it: `socialcare run` in a process of its own.

It is started again whenever it ends, as whatever looks after it in production would do.
"""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import aiohttp

from socialcare.demo.world import World
from socialcare.sandbox.watching import Changes

START_S = 60.0
"""Seconds that it gets to become ready on a slow, cold machine."""
STOP_S = 3.0
"""Seconds to end by itself when the demo ends; nobody waits for its work any more."""
LOOK_S = 0.05
AGAIN_S = 0.8
"""Pause before it is started again: long enough to be seen on the page."""
LAST_WORDS = 2_000
"""Characters of its log that are told where it does not come up."""


class Life(StrEnum):
    """How the service is."""

    STARTING = "starting"
    READY = "ready"
    DEAD = "dead"
    STOPPED = "stopped"


class NotReadyError(Exception):
    """The service did not come up; carries the end of its log."""


class Keeper:
    """Keeps one service alive."""

    def __init__(self, world: World, *, environment: Mapping[str, str]) -> None:
        self.life = Life.STARTING
        self.runs = 0
        """How many processes there have been."""
        self.changes = Changes()
        self._world = world
        self._environment = {**environment, **world.environment}
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._wanted = True
        self._anew = False

    async def start(self) -> None:
        """Start it and wait until it is ready; raises `NotReadyError`."""
        self._task = asyncio.create_task(self._keep(), name="keep the service")
        await self.ready()

    async def ready(self) -> None:
        """Wait until it is ready; raises `NotReadyError`."""
        try:
            await self.changes.until(
                lambda: self.life is Life.READY or None,
                patience_s=START_S,
                expected=self._last_words,
            )
        except AssertionError as error:
            raise NotReadyError(str(error)) from error

    async def restart(self) -> None:
        """End it in good order and start it with the configuration as it is now.

        Raises:
            NotReadyError: it did not come up.
        """
        process = self._process
        if process is not None and process.returncode is None:
            self._anew = True
            process.terminate()
            self._tell(Life.STARTING)
        await self.ready()

    def kill(self) -> bool:
        """End it as a power cut would (SIGKILL); False: it was not there."""
        process = self._process
        if process is None or process.returncode is not None:
            return False
        process.kill()
        self._tell(Life.DEAD)
        return True

    async def stop(self) -> None:
        """End it for good."""
        self._wanted = False
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await process.wait()
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._tell(Life.STOPPED)

    async def _keep(self) -> None:
        while self._wanted:
            self._tell(Life.STARTING)
            process = self._process = await self._begin()
            self.runs += 1
            looking = asyncio.create_task(self._until_ready(process))
            await process.wait()
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            if self._anew:
                self._anew = False
                continue
            if self._wanted:
                self._tell(Life.DEAD)
                await self._world.clock.sleep(AGAIN_S)

    async def _begin(self) -> asyncio.subprocess.Process:
        world = self._world
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "socialcare", "run", "--config", str(world.config_file)),
                *("--host", "127.0.0.1", "--port", str(world.port)),
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
            )

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        async with aiohttp.ClientSession() as session:
            while process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self._world.url}/readyz") as answer:
                        if answer.status == 200:
                            self._tell(Life.READY)
                            return
                await self._world.clock.sleep(LOOK_S)

    def _tell(self, life: Life) -> None:
        self.life = life
        self.changes.tell()

    @property
    def _log(self) -> Path:
        return self._world.folder / "service.log"

    def _last_words(self) -> str:
        try:
            return self._log.read_text("utf-8", "replace")[-LAST_WORDS:]
        except OSError:
            return "the service wrote no log"
