"""The lock file beside a SQLite store: SQLite itself would let a second process in."""

import fcntl
from pathlib import Path
from typing import IO

from conversation.clock import Clock
from conversation.store import StoreUnusable

LOCK_WAIT_S = 15
"""Seconds that a starting process waits for the one before it to let go of the file."""
LOCK_LOOK_S = 0.25


async def take_lock(store: Path, clock: Clock) -> IO[str]:
    """Take a store's lock, which lasts until it is closed.

    Raises:
        StoreUnusable: another process has it for longer than `LOCK_WAIT_S`, or it cannot be made.
    """
    path = store.with_name(store.name + ".lock")
    try:
        lock = path.open("a")
    except OSError as error:
        raise StoreUnusable(f"{path} cannot be written: {error.strerror}") from error
    try:
        await _wait(lock, store, clock)
    except BaseException:
        lock.close()
        raise
    return lock


async def _wait(lock: IO[str], store: Path, clock: Clock) -> None:
    waited_s = 0.0
    while not _locked(lock):
        if waited_s >= LOCK_WAIT_S:
            raise StoreUnusable(f"{store} is held by another running socialcare; stop it first")
        await clock.sleep(LOCK_LOOK_S)
        waited_s += LOCK_LOOK_S


def _locked(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
