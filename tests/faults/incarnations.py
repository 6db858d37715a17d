"""The service as a process that dies often: born, frozen, killed, born again."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp

from conversation.clock import SystemClock
from tests.faults.machine import Machine
from tests.faults.patience import patient

ROOT = Path(__file__).parents[2]
DOWN = "its platform is down"
"""What `/readyz` says of a channel that rests."""
READY_S = 30.0
"""Calm seconds until the driver loses patience with a start; one is a fraction of a second."""
LOOK_S = 0.02
THIS, NEXT = "this", "next"
"""Versions of the service: as it stands, and one with a migration more."""
NO_STORE = 3
"""What the command ends with when the store cannot be opened."""


class Unborn(AssertionError):
    """The service did not come up."""


class Nursery:
    """Where services are born: one process that has learnt, and the children it forks."""

    def __init__(self, process: asyncio.subprocess.Process, *, machine: Machine) -> None:
        self._process = process
        self.machine = machine
        """What they all run on."""
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._births: asyncio.Queue[int] = asyncio.Queue()
        self._listener = asyncio.create_task(self._listen())

    async def bear(self, *words: object) -> tuple[int, "asyncio.Future[int]"]:
        """Start a service; gives its process id, and what it will end with."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"spawn {' '.join(map(str, words))}\n".encode())
        # They are born in the order they were asked for.
        pid = await patient(
            self._births.get(), calm_s=READY_S, waiting=lambda: "the nursery bears nobody"
        )
        return pid, self._ended[pid]

    async def close(self) -> None:
        """End it; its children die with it."""
        self._process.kill()
        await self._process.wait()
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            match line.decode().split():
                case ["born", pid]:
                    self._ended[int(pid)] = asyncio.get_running_loop().create_future()
                    self._births.put_nowait(int(pid))
                case ["dead", pid, status]:
                    self._ended[int(pid)].set_result(int(status))
                case _:
                    pass


class Incarnations:
    """One service at a time, on one port."""

    def __init__(self, nursery: Nursery, *, port: int) -> None:
        self._nursery = nursery
        self._port = port
        self._clock = SystemClock()
        self._ended: asyncio.Future[int] | None = None
        self.pid = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    async def born(self, die_at: str | None = None, *, version: str = THIS) -> None:
        """Start it; it need not be ready yet."""
        self.pid, self._ended = await self._nursery.bear(self._port, die_at or "-", version)

    async def ready(self) -> bool:
        """Wait until it says so; False: it died before."""
        missing = [""]

        async def told() -> bool:
            url = f"{self.url}/readyz"
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout()) as session:
                while not self.ended.done():
                    with contextlib.suppress(aiohttp.ClientError):
                        async with session.get(url) as answer:
                            if answer.status == 200:
                                return True
                            missing[0] = await answer.text()
                            # A platform that is down is one of the troubles, not a slow start.
                            if set(json.loads(missing[0])["missing"].values()) == {DOWN}:
                                return True
                    await self._clock.sleep(LOOK_S)
            return False

        return await patient(
            told(), calm_s=READY_S, waiting=lambda: f"it is not ready: {missing[0]}"
        )

    @property
    def ended(self) -> asyncio.Future[int]:
        """What it ends with: an exit code, or a negative signal."""
        assert self._ended is not None
        return self._ended

    @property
    def alive(self) -> bool:
        """Whether it lives now."""
        return bool(self.pid) and not self.ended.done()

    async def lives(self, seconds: float) -> bool:
        """Wait for its end at most that long; True: it still lives."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.shield(self.ended)
        return not self.ended.done()

    async def killed(self) -> int:
        """Kill it, if it still lives; gives what it ended with."""
        self.signal(signal.SIGKILL)
        return await self.ended

    async def stopped(self) -> int:
        """Ask it to end, as a deploy does."""
        self.signal(signal.SIGTERM)
        return await patient(
            _result(self.ended), calm_s=READY_S, waiting=lambda: "it does not stop"
        )

    def signal(self, number: signal.Signals) -> None:
        """Signal it, if it still lives."""
        if self.pid and not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def close(self) -> None:
        """End whatever lives."""
        if self.alive:
            self.signal(signal.SIGCONT)
            await self.killed()


async def _result(ended: asyncio.Future[int]) -> int:
    return await asyncio.shield(ended)


@contextlib.asynccontextmanager
async def nursery(
    config: Path, *, environment: Mapping[str, str], log: Path
) -> AsyncIterator[Nursery]:
    """Start the nursery; what the services write to stderr goes to `log`."""
    machine = log.with_name("machine")
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.faults.nursery", str(config), str(machine)),
            cwd=ROOT,
            env={**os.environ, **environment},  # noqa: TID251 - as a shell would
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    assert process.stdout is not None
    first = await process.stdout.readline()
    if first != b"ready\n":
        process.kill()
        await process.wait()
        raise Unborn(log.read_text("utf-8"))
    one = Nursery(process, machine=Machine(machine))
    try:
        yield one
    finally:
        await one.close()
