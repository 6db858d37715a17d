"""`socialcare trace`: why a turn went as it did."""

from typing import Annotated

import typer

from config.schema import Settings
from conversation.care import Care
from conversation.quarantine import NotSo
from conversation.trace import Trace
from conversation.trace_decided import use_in_a_line
from conversation.traces import trace_named, traces_of
from handoff.cleaning import in_a_line
from socialcare.commands.shell import DEFAULT, Config, say, with_care

Named = Annotated[
    str, typer.Argument(metavar="TURN", help="c_…:7, or a conversation (c_…) for all its turns.")
]


def trace(named: Named, config: Config = DEFAULT) -> None:
    """Tell a turn: what came, was understood, found, proposed, judged, done, checked and said."""

    async def look(care: Care, _: Settings) -> tuple[Trace, ...]:
        async with care.looking() as session:
            if ":" not in named:
                told = await traces_of(session, named)
            else:
                found = await trace_named(session, named)
                told = () if found is None else (found,)
        if not told:
            raise NotSo(f"no turn is known as {named}")
        return told

    for one in with_care(config, look):
        _print(one)


def _print(one: Trace) -> None:
    """Print a turn as the desk reads it, with the milliseconds since its first arrival."""
    about = ", ".join(part for part in (one.stage, one.brain and f"{one.brain} brain") if part)
    say(f"{one.turn}  {one.began_at.isoformat(timespec='milliseconds')}  {about or 'under way'}")
    if one.model is not None:
        say(f"  {'':>9}  {'model':<10}  {use_in_a_line(one.model)}")
    last = ""
    for line in one.lines:
        since = (
            "" if line.at is None else f"{(line.at - one.began_at).total_seconds() * 1000:.0f} ms"
        )
        stop = line.stop if line.stop != last else ""
        last = line.stop
        say(f"  {since:>9}  {stop:<10}  {in_a_line(line.text)}")
