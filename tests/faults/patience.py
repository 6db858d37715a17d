"""Patience counted in calm: time in which somebody waited for a processor or a disk counts little.

A limit by the wall clock calls a crowded machine a fault. Here two things make whoever waits wait
longer: work that was ready and had no processor (Linux says how long: `pressure stall information
<https://docs.kernel.org/accounting/psi.html>`_), and signs that something moves. What truly hangs
moves nothing on a machine that has time for it, and is found as before.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

LOOK_S = 0.5
LEAST = 0.1
"""Share of the wall's time that counts whatever the machine does, so that every wait ends."""
SIGNS_MOST = 20
"""Times the patience that signs of life can stretch a wait to: what moves for ever hangs, too."""
_PRESSURE = Path("/proc/pressure")


class HungError(AssertionError):
    """Nothing moved for so long that a crowded machine is no excuse."""


def crowded_s() -> float:
    """Say for how many seconds, ever, somebody has waited for a processor or a disk."""
    return sum(map(_stalled_s, ("cpu", "io")))


def _stalled_s(what: str) -> float:
    some = (_PRESSURE / what).read_text("ascii").splitlines()[0]
    return int(some.rpartition("total=")[2]) / 1e6


def _calm_of(wall_s: float, stalled_s: float) -> float:
    return min(wall_s, max(wall_s - stalled_s, wall_s * LEAST))


class CalmClock:
    """Goes slower the more crowded the machine is."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.monotonic,  # noqa: TID251 - what the machine does is no matter of injected time
        crowded: Callable[[], float] = crowded_s,
    ) -> None:
        self._wall = wall
        self._crowded = crowded
        self._seen = wall()
        self._stalled = self._told()
        self._calm_s = 0.0

    def read(self) -> float:
        """Give the calm seconds since it was made."""
        now, stalled = self._wall(), self._told()
        passed = now - self._seen
        if self._stalled is None or stalled is None:
            self._calm_s += passed / max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        else:
            self._calm_s += _calm_of(passed, stalled - self._stalled)
        self._seen, self._stalled = now, stalled
        return self._calm_s

    def _told(self) -> float | None:
        # Not every kernel tells; the load then has to do.
        with contextlib.suppress(OSError, ValueError):
            return self._crowded()
        return None


class Patience:
    """Ends after so many calm seconds without a sign that something moves."""

    def __init__(self, calm_s: float, *, clock: CalmClock | None = None) -> None:
        self._calm_s = calm_s
        self._clock = clock or CalmClock()
        self._sign: object = None
        self._moved_s = 0.0

    def lost(self, sign: object = None) -> bool:
        """Say whether it has ended; a sign other than the last one begins it anew."""
        now_s = self._clock.read()
        if sign != self._sign:
            self._sign, self._moved_s = sign, now_s
        return now_s - self._moved_s > self._calm_s or now_s > self._calm_s * SIGNS_MOST


async def patient(
    work: Coroutine[Any, Any, T],
    *,
    calm_s: float,
    waiting: Callable[[], str],
    sign: Callable[[], object] = lambda: None,
) -> T:
    """Do something that may hang.

    Args:
        work: What is waited for.
        calm_s: Calm seconds without a sign until patience is lost.
        waiting: Says what was waited for, in vain.
        sign: Something that differs from look to look while there is progress.

    Raises:
        HungError: patience was lost.
    """
    task = asyncio.ensure_future(work)
    patience = Patience(calm_s)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            if patience.lost(sign()):
                raise HungError(f"nothing moved for {calm_s:.0f} calm seconds: {waiting()}")
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
