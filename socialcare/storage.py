"""The SQLite store's file as a file: is it fit, copied while it is in use, and put back.

All of it blocks, and none of it is part of the service.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from conversation.sql import migrations

BUSY_S = 15.0
"""Seconds that a copy waits for a writer that holds the whole file."""


class Unfit(Exception):
    """A file, or its place, that cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A store's file that was put back."""

    tables: int
    """The version of its tables."""
    kept: Path | None
    """Where the file it replaced is kept."""


def look_at(path: Path) -> None:
    """See that a store's file, or the place for a new one, can be used; changes nothing.

    Raises:
        Unfit: it cannot.
    """
    look_around(path)
    if path.exists():
        inspect(path, thorough=False)


def look_around(path: Path) -> None:
    """See that a store's file, or a new one, may be written where it is; reads nothing of it.

    Raises:
        Unfit: it may not.
    """
    folder = path.parent
    if not folder.is_dir():
        raise Unfit(f"{folder} is no folder: make it, the store's file goes there")
    if not _may(folder, os.W_OK | os.X_OK):
        raise Unfit(f"{folder} is read-only: the store needs room beside its file")
    if path.exists() and not _may(path, os.R_OK | os.W_OK):
        raise Unfit(f"{path} is read-only")


def _may(path: Path, what: int) -> bool:
    return os.access(path, what, effective_ids=os.access in os.supports_effective_ids)


def inspect(path: Path, *, thorough: bool) -> int:
    """Say of which version a store's tables are; 0 of a file that holds none yet.

    Raises:
        Unfit: it is damaged, of a newer version, or no store at all.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.execute(f"pragma busy_timeout = {int(BUSY_S * 1000)}")
            check = "integrity_check(1)" if thorough else "quick_check(1)"
            (told,) = db.execute(f"pragma {check}").fetchone()
            (version,) = db.execute("pragma user_version").fetchone()
            tables = {name for (name,) in db.execute("select name from sqlite_master")}
    except sqlite3.Error as error:
        raise Unfit(f"{path} cannot be read as a store: {error}") from error
    if told != "ok":
        raise Unfit(f"{path} is damaged ({told}); restore a backup")
    known = migrations("sqlite")[-1][0]
    if version > known:
        raise Unfit(
            f"{path} was written by a newer socialcare (tables {version}, this one knows {known})"
        )
    if tables and not {"conversation", "inbox", "log"} <= tables:
        raise Unfit(f"{path} is another program's database")
    return int(version)


def back_up(path: Path, to: Path) -> int:
    """Copy a store's file at one moment, while it may be written; gives the copy's bytes.

    Raises:
        Unfit: it cannot be read, or the copy not be written; nothing is left behind.
    """
    if to.exists():
        raise Unfit(f"{to} is there already; name a new file")
    if not path.exists():
        raise Unfit(f"{path} is not there yet: nothing to back up")
    part = to.with_name(to.name + ".part")
    try:
        part.unlink(missing_ok=True)
        _copy(path, part)
        inspect(part, thorough=True)
        # Never over a file that came meanwhile; not every disk knows links.
        to.touch(mode=0o600, exist_ok=False)
        part.replace(to)
    except (OSError, sqlite3.Error) as error:
        raise Unfit(f"{to} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    sync(to.parent)
    return to.stat().st_size


def restore(path: Path, source: Path, *, now: datetime) -> Restored:
    """Put a backup in the place of a store's file; what was there is kept beside it.

    Raises:
        Unfit: the backup is damaged or newer, or the store is in use; nothing was changed.
    """
    if not source.is_file():
        raise Unfit(f"{source} is not there")
    version = inspect(source, thorough=True)
    if not version:
        raise Unfit(f"{source} holds no store")
    fresh = path.with_name(path.name + ".restoring")
    with _alone(path):
        try:
            fresh.unlink(missing_ok=True)
            _copy(source, fresh)
            _doubt(fresh)
            kept = _put_aside(path, now)
            fresh.replace(path)
            sync(path.parent)
        except (OSError, sqlite3.Error) as error:
            raise Unfit(f"{path} cannot be replaced: {error}") from error
        finally:
            fresh.unlink(missing_ok=True)
    return Restored(tables=version, kept=kept)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock that `run` holds."""
    beside = path.with_name(path.name + ".lock")
    try:
        lock = beside.open("a")
    except OSError as error:
        raise Unfit(f"{beside} cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Unfit(f"{path} is held by a running socialcare; stop it first") from None
        yield


def _copy(source: Path, to: Path) -> None:
    """Copy a database in one piece: one read transaction, so writers go on and nothing is torn."""
    to.touch(mode=0o600, exist_ok=False)
    uri = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as old,
        closing(sqlite3.connect(to, timeout=BUSY_S)) as new,
    ):
        old.backup(new, pages=-1)
        # One file that stands alone: without this a WAL would lie beside it.
        new.execute("pragma journal_mode = delete")
    with to.open("rb") as file:
        os.fsync(file.fileno())


def _doubt(path: Path) -> None:
    """Note of each message that waited when the backup was made that it may have arrived since."""
    with closing(sqlite3.connect(path, timeout=BUSY_S)) as db, db:
        db.execute("update outbox set interrupted = 1 where state in ('waiting', 'sending')")


def _put_aside(path: Path, now: datetime) -> Path | None:
    """Keep the file that is replaced, with what its WAL still holds."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as db:
            db.execute("pragma wal_checkpoint(truncate)").fetchone()
    except sqlite3.Error:
        pass  # It is damaged: kept as it is, WAL and all.
    os.link(path, kept)
    for end in ("-wal", "-shm"):
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + end))
    return kept


def sync(folder: Path) -> None:
    """Make the names in a folder as durable as what they name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
