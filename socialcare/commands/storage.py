"""`socialcare backup` and `restore`: the store's file, copied while it is used, and put back."""

import shlex
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import typer

from config.schema import Settings
from conversation.clock import SystemClock
from socialcare.commands.shell import (
    DEFAULT,
    NO_STORE,
    Config,
    on_postgres,
    read_settings,
    say,
    source_of,
    stop,
)
from socialcare.storage import Unfit, back_up, look_at, restore

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup's file.")]


def backup(file: BackupFile, config: Config = DEFAULT) -> None:
    """Copy the store at one moment, while `run` is up; of PostgreSQL, say how."""
    settings = read_settings(source_of(config))
    if on_postgres(settings):
        say(f"pg_dump --format=custom --file={shlex.quote(str(file))} {_place(settings)}")
        say("The password goes into PGPASSWORD or ~/.pgpass; it is not shown here.")
        return
    try:
        size = back_up(config.parent / settings.store.path, file)
    except Unfit as error:
        stop(str(error), NO_STORE)
    say(f"{file}: {size} bytes, checked")


def restore_store(file: BackupFile, config: Config = DEFAULT) -> None:
    """Put a backup in the store's place, while no `run` is up; what was there is kept beside it."""
    settings = read_settings(source_of(config))
    if on_postgres(settings):
        how, name = "--clean --if-exists --single-transaction", shlex.quote(str(file))
        say(f"pg_restore {how} --dbname={_place(settings)} {name}")
        say("Stop every `socialcare run` first. The password goes into PGPASSWORD or ~/.pgpass.")
        return
    try:
        told = restore(config.parent / settings.store.path, file, now=SystemClock().now())
    except Unfit as error:
        stop(str(error), NO_STORE)
    say(f"restored from {file} (tables {told.tables})")
    if told.kept is not None:
        say(f"what was there is kept as {told.kept}")
    say("Who was erased since the backup was made is in it again: erase them again.")


def see_store(settings: Settings, *, folder: Path) -> None:
    """End the command where the store's file or folder cannot be used."""
    if on_postgres(settings):
        return
    try:
        look_at(folder / settings.store.path)
    except Unfit as error:
        stop(str(error), NO_STORE)


def _place(settings: Settings) -> str:
    """Give the store's URL for a shell, without the password."""
    parts = urlsplit(settings.store.url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    netloc = f"{name}@{host}" if name else host
    return shlex.quote(urlunsplit(parts._replace(netloc=netloc)))
