"""What every command shares: the configuration, the ways to print, the codes to end with."""

import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console

from config.load import ConfigError
from config.schema import Settings
from conversation.care import Care
from conversation.quarantine import NotSo
from conversation.store import StoreUnavailable, StoreUnusable
from socialcare import following
from socialcare.following import Source
from socialcare.storage import Unfit, look_around
from socialcare.stores import make_care

BROKEN, NO_STORE = 2, 3
"""Exit codes: what was asked for cannot be used, a store that cannot be opened."""

Config = Annotated[Path, typer.Option("--config", help="The configuration file.")]
DEFAULT = Path("socialcare.yaml")

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
T = TypeVar("T")


def source_of(config: Path) -> Source:
    """Say where the configuration comes from."""
    return following.source_of(config, os.environ)  # noqa: TID251 - the one place that reads it


def read_settings(source: Source) -> Settings:
    """Read the configuration; a broken one is told place by place, with exit 2."""
    try:
        return source.read()
    except OSError as error:
        err.print(f"{source.file}: cannot be read: {error.strerror}", style="red", markup=False)
    except ConfigError as error:
        for problem in error.problems:
            err.print(str(problem), style="red", markup=False)
    raise typer.Exit(BROKEN)


def say(text: str) -> None:
    """Print a line."""
    out.print(shown(text), markup=False)


def stop(why: str, code: int = BROKEN) -> NoReturn:
    """End the command, and say why."""
    err.print(shown(why), style="red", markup=False)
    raise typer.Exit(code)


def shown(text: str) -> str:
    """Make strangers' text fit for a terminal: nothing that moves, hides or colours."""
    return "".join(
        c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def operator() -> str:
    """Name the account on the machine that gives the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def on_postgres(settings: Settings) -> bool:
    """Say whether a server keeps the store."""
    return settings.store.url.startswith("postgresql:")


def with_care(config: Path, work: Callable[[Care, Settings], Awaitable[T]]) -> T:
    """Do something with the store that a configuration names; what goes wrong ends the command."""
    settings = read_settings(source_of(config))
    if not on_postgres(settings):
        try:
            look_around(config.parent / settings.store.path)
        except Unfit as error:
            stop(str(error), NO_STORE)

    async def done() -> T:
        care = make_care(settings, folder=config.parent)
        await care.open()
        try:
            return await work(care, settings)
        finally:
            await care.close()

    try:
        return asyncio.run(done())
    except StoreUnusable as error:
        stop(str(error), NO_STORE)
    except StoreUnavailable as error:
        stop(f"the store cannot be used now: {error}", NO_STORE)
    except NotSo as error:
        stop(str(error))
