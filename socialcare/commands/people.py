"""`socialcare export`, `erase` and `retention`: people's rights, and what ends by itself."""

import glob
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from config.schema import Settings
from conversation.care import Care
from conversation.clock import SystemClock
from conversation.forgetting import Emptied, StillOpen, archives_of, erase, forget_identities
from conversation.people import Person, everything, whose
from conversation.quarantine import NotSo
from conversation.store import DeskPosted
from socialcare.commands.shell import (
    DEFAULT,
    Config,
    on_postgres,
    operator,
    read_settings,
    say,
    source_of,
    stop,
    with_care,
)
from socialcare.upkeep import forget_everywhere

Who = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="u_…, c_… or channel:user_id, e.g. telegram:4711.")
]
OUT_OF_REACH = (
    "backups of the store that were made before: erase again after restoring one",
    "what the platform itself keeps of the chat, and the logs of whoever collects stderr",
)


async def _one(care: Care, named: str) -> Person:
    async with care.looking() as session:
        found = await whose(session, named)
    if not found:
        raise NotSo(f"nobody is known as {named}")
    if len(found) > 1:
        raise NotSo(f"{named} means several: {', '.join(one.customer for one in found)}")
    return found[0]


def export(
    customer: Who,
    config: Config = DEFAULT,
    to: Annotated[Path | None, typer.Option("--out", help="A new file, instead of stdout.")] = None,
) -> None:
    """Give all that is kept of a customer as JSON: what came in, what went out, what was done."""

    async def collect(care: Care, _: Settings) -> dict[str, Any]:
        person = await _one(care, customer)
        async with care.looking() as session:
            return await everything(session, person, at=SystemClock().now())

    told = json.dumps(with_care(config, collect), ensure_ascii=False, indent=2) + "\n"
    content = told.encode("utf-8", "backslashreplace")
    if to is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        # Nobody else's eyes, and nobody's file: it is all that a person ever told the brand.
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        stop(f"{to} cannot be written: {error.strerror}")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    say(f"{to} is written")


def erase_customer(
    customer: Who,
    config: Config = DEFAULT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what a customer said and what is known of them; the log's chain stays whole."""
    person = with_care(config, lambda care, _: _one(care, customer))
    places = ", ".join(person.conversations)
    if not yes:
        if not sys.stdin.isatty():
            stop("nobody is there to be asked; say --yes")
        typer.confirm(f"Erase {person.customer} ({places})? This cannot be undone", abort=True)

    async def forget(care: Care, settings: Settings) -> list[str]:
        archives = await _archives(care, person)
        emptied = await _emptied(care, person)
        say(
            f"erased {person.customer}: {emptied.entries} log entries, {emptied.arrivals} "
            f"arrivals, {emptied.deliveries} messages, {emptied.calls} action calls, "
            f"{emptied.files} files in {places}"
        )
        left = await _take_back(care, settings, emptied.posts)
        space = await care.scrub()
        return [*left, *archives] if space.freed else [*left, *archives, space.why]

    left = with_care(config, forget)
    for one in (*left, *_copies(config), *OUT_OF_REACH):
        say(f"not erased: {one}")


async def _archives(care: Care, person: Person) -> list[str]:
    """Name the archives that hold something of a person."""
    async with care.looking() as session:
        found = {one: await archives_of(session, one) for one in person.conversations}
    return [
        f"the line of {one} in the archive {place}, or wherever it was moved"
        for one, places in found.items()
        for place in places
    ]


def _copies(config: Path) -> list[str]:
    """Name the files beside the store's own that look like copies of it."""
    settings = read_settings(source_of(config))
    if on_postgres(settings):
        return []
    own = config.parent / settings.store.path
    ends = ("-wal", "-shm", ".lock")
    beside = sorted(own.parent.glob(f"{glob.escape(own.name)}?*"))
    return [f"{one}, a copy of the store" for one in beside if not one.name.endswith(ends)]


async def _emptied(care: Care, person: Person) -> Emptied:
    """Empty all conversations of a person in one transaction, so that none is left over."""
    by, at = operator(), SystemClock().now()
    total = Emptied()
    try:
        async with care.writing() as session:
            for one in person.conversations:
                total += await erase(session, one, by=by, at=at)
            await forget_identities(session, person)
    except StillOpen as error:
        raise NotSo(
            f"calls are not at their end yet: {error}. Nothing was erased. Wait until they are; "
            "for one of unknown outcome, `socialcare quarantine retry` or `drop`"
        ) from error
    return total


async def _take_back(care: Care, settings: Settings, posts: Sequence[DeskPosted]) -> list[str]:
    """Take posts back from the desk; says what still stands there."""
    if not posts:
        return []
    if settings.desk is None:
        return [f"{len(posts)} posts in Slack: no desk is configured"]
    # Only here: nobody else of these commands waits for Slack's libraries.
    from channels.errors import SendError  # noqa: PLC0415 - see above
    from channels.slack.transport import SlackTransport  # noqa: PLC0415 - see above
    from handoff.withdrawing import withdraw  # noqa: PLC0415 - see above

    slack, clock = settings.desk.slack, SystemClock()
    transport = SlackTransport(
        bot_token=slack.bot_token.get_secret_value(),
        signing_secret=slack.signing_secret.get_secret_value(),
        api_base=str(slack.api_base),
        clock=clock,
        name="desk",
    )
    try:
        await transport.open()
        told = await withdraw(transport, posts, clock=clock)
    except SendError as error:
        again = ", ".join(dict.fromkeys(one.conversation for one in posts))
        many = f"{len(posts)} posts in Slack ({error.failure})"
        return [f"{many}: when it can be reached, erase again what is kept as {again}"]
    finally:
        await transport.close()
    say(f"taken back from Slack: {told.taken_back} messages")
    if told.done:
        async with care.writing() as session:
            await session.all("posts_drop", list(told.done))
    return [f"in Slack, {one}" for one in told.left]


retention = typer.Typer(
    name="retention", help="What ends by itself, every day.", no_args_is_help=True
)


@retention.callback()
def _retention() -> None:
    """Keep `run` a word of its own."""


@retention.command("run")
def retention_run(config: Config = DEFAULT) -> None:
    """Empty now what is older than `retention` says; `socialcare run` does it once a day."""

    async def forget(care: Care, settings: Settings) -> Emptied:
        clock = SystemClock()
        now, kept = clock.now(), settings.retention
        emptied = await forget_everywhere(
            care, before=now - kept.messages, media_before=now - kept.media, clock=clock
        )
        await care.tidy()
        return emptied

    told = with_care(config, forget)
    say(
        f"emptied {told.entries} log entries, {told.arrivals} arrivals, {told.deliveries} "
        f"messages, {told.calls} action calls in {told.conversations} conversations, "
        f"and {told.files} files"
    )
