"""`socialcare customer`: who was found to be one person, and parting them again."""

from typing import Annotated

import typer

from config.schema import Settings
from conversation.care import Care
from conversation.clock import SystemClock
from conversation.joining import NotJoined, joinings, part
from conversation.kin import Joined
from conversation.people import Person, whose
from conversation.quarantine import NotSo
from socialcare.commands.shell import DEFAULT, Config, operator, say, with_care

app = typer.Typer(
    name="customer",
    help="Who was found to be one person, and parting them again.",
    no_args_is_help=True,
)
Who = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="u_…, c_… or channel:user_id, e.g. telegram:4711.")
]


@app.command()
def show(customer: Who, config: Config = DEFAULT) -> None:
    """Show a customer's accounts and conversations, and what they were joined from."""

    async def look(care: Care, _: Settings) -> list[tuple[Person, tuple[Joined, ...]]]:
        async with care.looking() as session:
            found = await whose(session, customer)
            return [(one, await joinings(session, one.customer)) for one in found]

    people = with_care(config, look)
    if not people:
        say(f"nobody is known as {customer}")
    for person, joined in people:
        say(person.customer)
        for channel, account, user_id in person.identities:
            say(f"  {channel}:{user_id} (account {account})")
        for conversation in person.conversations:
            say(f"  conversation {conversation}")
        for one in joined:
            say(f"  joining {one.id}: {one.gone} into {one.kept}, {_when(one)}")


def _when(one: Joined) -> str:
    told = f"{one.at.isoformat(timespec='seconds')} by {one.by}, {one.why}"
    if one.undone_at is None:
        return told
    return f"{told}; parted {one.undone_at.isoformat(timespec='seconds')} by {one.undone_by}"


@app.command("part")
def parted(
    joining: Annotated[
        int,
        typer.Argument(metavar="JOINING", help="As `customer show` says.", min=1, max=2**63 - 1),
    ],
    config: Config = DEFAULT,
) -> None:
    """Undo a joining: accounts and conversations that moved go back."""

    async def undo(care: Care, _: Settings) -> Joined:
        async with care.writing() as session:
            try:
                return await part(session, joining, by=operator(), at=SystemClock().now())
            except NotJoined as error:
                raise NotSo(str(error)) from error

    one = with_care(config, undo)
    say(f"{one.gone} is a customer of their own again, apart from {one.kept}")
