"""`socialcare archive`: old conversations leave the store for a file."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from config.durations import parse_duration
from config.schema import Settings
from conversation.care import Care
from conversation.clock import Clock, SystemClock
from conversation.forgetting import archive, find_old
from conversation.quarantine import NotSo
from socialcare.commands.shell import DEFAULT, Config, operator, say, stop, with_care
from socialcare.storage import sync
from socialcare.upkeep import AT_ONCE, PAUSE_S


def archive_old(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, of JSON lines.")],
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="DURATION", help="Quiet for so long, e.g. 180d.")
    ],
    config: Config = DEFAULT,
) -> None:
    """Move what old conversations say into a file; keys and the log's chain stay in the store."""
    try:
        quiet = parse_duration(older_than)
    except ValueError as error:
        stop(f"--older-than {error}")
    try:
        # Nobody else's eyes, and nobody's file.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}")

    # The name too: what is emptied in the store must be found here after a power cut.
    sync(file.absolute().parent)
    about = str(file.absolute())

    async def move(care: Care, _: Settings) -> int:
        clock = SystemClock()
        return await _move(care, descriptor, about, before=clock.now() - quiet, clock=clock)

    try:
        moved = with_care(config, move)
    finally:
        os.close(descriptor)
        if not file.stat().st_size:
            file.unlink()
    say(f"{file}: {moved} conversations" if moved else "nothing is that old; no file was made")


def keeper(descriptor: int) -> Callable[[Mapping[str, Any]], None]:
    """Keep what it is given as a line of an open file each, on disk when it returns; or `NotSo`."""

    def keep(told: Mapping[str, Any]) -> None:
        line = json.dumps(told, ensure_ascii=False) + "\n"
        whole = os.fstat(descriptor).st_size
        try:
            with os.fdopen(os.dup(descriptor), "wb") as copy:
                copy.write(line.encode("utf-8", "backslashreplace"))
            os.fsync(descriptor)
        except OSError as error:
            # Half a line would make the whole file unreadable to those who take lines out of it.
            os.ftruncate(descriptor, whole)
            os.lseek(descriptor, whole, os.SEEK_SET)
            raise NotSo(f"the archive cannot be written: {error.strerror}") from error

    return keep


async def _move(care: Care, descriptor: int, about: str, *, before: datetime, clock: Clock) -> int:
    """Move conversation by conversation: on disk there before it is emptied here."""
    by, keep = operator(), keeper(descriptor)
    moved, after = 0, ""
    while True:
        async with care.looking() as session:
            page = await find_old(session, before=before, after=after, limit=AT_ONCE)
        for one in page.stale:
            async with care.writing() as session:
                moved += await archive(
                    session, one, before=before, at=clock.now(), keep=keep, by=by, about=about
                )
            await clock.sleep(PAUSE_S)
        if page.last is None:
            await care.tidy()
            return moved
        after = page.last
