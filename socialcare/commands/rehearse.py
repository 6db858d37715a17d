"""`socialcare rehearse FILE`: conversations with their expected ends, played against the brand."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import structlog
import typer

from config.schema import Model, Settings
from conversation.clock import SystemClock
from socialcare.commands.shell import BROKEN, out, read_settings, say, source_of, stop
from socialcare.logs import set_up
from socialcare.rehearsal.script import Rehearsal, RehearsalError, read_rehearsal

FAILED = 1
ERRORS_ONLY = 40
"""The standard library's number for its level ERROR."""


def rehearse(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Conversations, as YAML.")],
    config: Annotated[
        Path | None, typer.Option("--config", help="The brand; the demo's, when left out.")
    ] = None,
    words: Annotated[bool, typer.Option("--words", help="Show every line that was said.")] = False,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Leave the configured model out.")
    ] = False,
) -> None:
    """Play conversations against the brand's words, articles, limits and model; 1 where one fails.

    Platforms, shop and Slack are stand-ins on this machine: nothing real is touched.
    """
    try:
        rehearsal = read_rehearsal(file.read_text("utf-8"), source=str(file))
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{file} cannot be read: {error}", BROKEN)
    except RehearsalError as error:
        stop(str(error), BROKEN)
    settings = None if config is None else read_settings(source_of(config))
    if settings is not None and embedded:
        settings = settings.model_copy(update={"model": Model()})
    knowledge = None
    if settings is not None and config is not None:
        knowledge = config.parent / settings.knowledge.folder
    set_up(secrets=())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ERRORS_ONLY))
    failed = asyncio.run(_play(rehearsal, settings, knowledge, words=words))
    raise typer.Exit(FAILED if failed else 0)


async def _play(
    rehearsal: Rehearsal, settings: Settings | None, knowledge: Path | None, *, words: bool
) -> int:
    # Only here: who plays nothing needs no stand-ins.
    from socialcare.rehearsal.brains import never_answered, told  # noqa: PLC0415 - see above
    from socialcare.rehearsal.playing import rehearse as play  # noqa: PLC0415 - see above
    from socialcare.rehearsal.playing import stage  # noqa: PLC0415 - see above

    with tempfile.TemporaryDirectory(prefix="socialcare-rehearsal-") as folder:
        place = stage(
            Path(folder),
            clock=SystemClock(),
            settings=settings,
            knowledge=knowledge,
            brand=rehearsal.brand,
        )
        async with place as world, world.service() as service:
            played = await play(world, service, rehearsal)
    for one in played:
        mark = "[red]failed[/red]" if one.faults else "[green]as it must[/green]"
        out.print(f"{mark}  ", end="")
        say(one.name)
        for fault in one.faults:
            say(f"    {fault}")
        if words:
            for who, text in one.lines:
                say(f"    {who:9} {text}")
    decisions = [decision for one in played for decision in one.decisions]
    for line in told(decisions):
        say(line)
    failed = sum(bool(one.faults) for one in played)
    say(f"{len(played) - failed} of {len(played)} conversations went as they must")
    if never_answered(decisions):
        out.print("[red]the model gave no answer that was taken[/red]: this rehearsed without it")
        return failed or len(played)
    return failed
