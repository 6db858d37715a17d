"""Looking a SQLite file through from end to end while it is in use: a big one takes its time."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

AT_ONCE_BYTES = 64 * 1024 * 1024
"""A file up to this size is looked through before it is used: a fraction of a second. A million
messages are 4 GB and would delay a start by half a minute."""


def damage(db: sqlite3.Connection) -> str | None:
    """Read every page; gives what is wrong first, or None.

    Raises:
        sqlite3.OperationalError: it could not be read to its end.
    """
    try:
        (found,) = db.execute("pragma quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else " ".join(str(found).split())


def advice(path: Path, found: str, *, so_far: str) -> str:
    """Say what to do about a damaged file."""
    return (
        f"{path} is damaged ({found}); {so_far}. "
        "Restore a backup, or move the file away to begin anew"
    )


class LaterCheck:
    """One look through a file, in a thread and on a connection of its own."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """Take the file, and who hears what is wrong with it."""
        uri = f"file:{quote(str(path))}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._tell = tell
        self._task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        # Interrupted, or locked out by a restore: nothing was found, nothing is claimed.
        with contextlib.suppress(sqlite3.OperationalError):
            found = await asyncio.to_thread(damage, self._db)
            if found is not None:
                self._tell(found)

    async def done(self) -> None:
        """Wait for its end."""
        await asyncio.shield(self._task)

    async def stop(self) -> None:
        """Break it off."""
        self._db.interrupt()
        await asyncio.gather(self._task, return_exceptions=True)
        self._db.close()
