"""`socialcare quarantine`: what waits for a person, and the person's word on it."""

from enum import StrEnum
from typing import Annotated

import typer

from config.schema import Settings
from conversation.care import Care
from conversation.clock import SystemClock
from conversation.quarantine import Trouble, drop, retry, trouble, troubles
from socialcare.commands.shell import DEFAULT, Config, operator, say, shown, with_care
from socialcare.logs import Masking
from socialcare.secrets import secret_values

LISTED_MAX = 200
"""Of each kind; the oldest come first."""

app = typer.Typer(
    name="quarantine",
    help="What no worker goes on with: look at it, try it again, or end it.",
    no_args_is_help=True,
)
Named = Annotated[str, typer.Argument(metavar="ID", help="As `quarantine list` shows it.")]


class Outcome(StrEnum):
    """What a person found out about a call."""

    DONE = "done"
    FAILED = "failed"


@app.command("list")
def listed(config: Config = DEFAULT) -> None:
    """List arrivals put aside, deliveries that ended badly, and calls of unknown outcome."""

    async def look(care: Care, _: Settings) -> list[Trouble]:
        async with care.looking() as session:
            return list(await troubles(session, limit=LISTED_MAX))

    found = with_care(config, look)
    if not found:
        say("nothing waits")
        return
    rows: list[tuple[str, ...]] = [("id", "what", "channel", "since", "tries", "why")]
    for one in found:
        since = one.since.isoformat(timespec="seconds")
        cells = (one.id, one.what, one.channel, since, str(one.tries), one.why)
        rows.append(tuple(map(_cell, cells)))
    # Never wrapped: one line each, for people and for `grep` alike.
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        aligned = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(aligned).rstrip())


def _cell(text: str) -> str:
    return " ".join(shown(text).split())


@app.command()
def show(
    named: Named,
    config: Config = DEFAULT,
    plain: Annotated[
        bool, typer.Option("--plain", help="With everything it says, unmasked and whole.")
    ] = False,
) -> None:
    """Show one thing with its payload; addresses, numbers and secrets are masked."""

    async def look(care: Care, settings: Settings) -> tuple[Trouble, Masking]:
        async with care.looking() as session:
            return await trouble(session, named), Masking(secret_values(settings))

    one, masking = with_care(config, look)
    for name, value in (
        ("what", one.what),
        ("channel", one.channel),
        ("conversation", one.conversation or "none"),
        ("since", one.since.isoformat()),
        ("tries", str(one.tries)),
        ("why", one.why),
    ):
        say(f"{name}: {value}")
    say(one.payload if plain else masking.mask(one.payload))


@app.command("retry")
def tried(named: Named, config: Config = DEFAULT) -> None:
    """Let the service try once more."""

    async def decide(care: Care, _: Settings) -> str:
        async with care.writing() as session:
            return await retry(session, named, by=operator(), at=SystemClock().now())

    say(f"{named}: {with_care(config, decide)}")


@app.command("drop")
def dropped(
    named: Named,
    config: Config = DEFAULT,
    outcome: Annotated[
        Outcome | None,
        typer.Option("--as", help="Of a call: what you found in the backend."),
    ] = None,
) -> None:
    """End one thing for good; the conversation's log says who did."""

    async def decide(care: Care, _: Settings) -> str:
        happened = None if outcome is None else outcome is Outcome.DONE
        async with care.writing() as session:
            return await drop(
                session, named, by=operator(), at=SystemClock().now(), happened=happened
            )

    say(f"{named}: {with_care(config, decide)}")
