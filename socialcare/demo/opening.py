"""The demo's world with the page on it: everything is started and stopped here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from socialcare.demo.acts import Acts
from socialcare.demo.board import Board
from socialcare.demo.brains import BrainName, Brains
from socialcare.demo.phones import Platform, Telegram
from socialcare.demo.phones_meta import Whatsapp, instagram, messenger
from socialcare.demo.phones_slack import Slack
from socialcare.demo.phones_webchat import Webchat
from socialcare.demo.phones_x import X
from socialcare.demo.running import Keeper
from socialcare.demo.sandbox import Sandbox
from socialcare.demo.showing import Showing
from socialcare.demo.troubles import Troubles
from socialcare.demo.turns_shown import TurnsShown
from socialcare.demo.visitors import Playing, Visitors
from socialcare.demo.world import COMMUNITY, World

FIRST_GUEST = "Nora"
"""The customer that a visitor finds ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo."""

    world: World
    board: Board
    keeper: Keeper
    telegram: Telegram
    visitors: Visitors
    playing: Playing
    troubles: Troubles
    brains: Brains
    sandbox: Sandbox

    async def invite(self) -> None:
        """Bring in a customer for the visitor to begin with."""
        await self.visitors.enter(self.telegram, FIRST_GUEST)


def platforms(telegram: Telegram, webchat: Webchat, world: World) -> Mapping[str, Platform]:
    """Name the platforms whose customers have a phone on the page: one line each."""
    each: tuple[Platform, ...] = (
        telegram,
        webchat,
        Whatsapp(whatsapp=world.whatsapp, clock=world.clock),
        messenger(world.graph),
        instagram(world.graph),
        X(x=world.x),
        Slack(community=world.community, everybody=COMMUNITY),
    )
    return {one.name: one for one in each}


@contextlib.asynccontextmanager
async def open_demo(
    world: World, *, environment: Mapping[str, str], port: int | None
) -> AsyncIterator[Demo]:
    """Start the service and the page.

    Args:
        world: The stand-ins.
        environment: What the service's process gets beside the world's own words.
        port: The page's; 0 is any, None shows no page.

    Raises:
        OSError: The port is taken.
        NotReadyError: The service did not come up.
    """
    board = Board()
    telegram = Telegram(telegram=world.telegram, clock=world.clock)
    webchat = Webchat(url=world.url, clock=world.clock)
    phones = platforms(telegram, webchat, world)
    keeper = Keeper(world, environment=environment)
    brains = Brains(world=world, keeper=keeper, told=lambda: showing.brain_shown())  # noqa: PLW0108 - made below
    troubles = Troubles(
        world,
        keeper,
        has_model=lambda: brains.chosen is BrainName.MODEL,
        told=lambda: showing.troubles_shown(),  # noqa: PLW0108 - made below
    )
    showing = Showing(
        board=board,
        world=world,
        keeper=keeper,
        platforms=tuple(phones.values()),
        troubles=troubles,
        brains=brains,
    )
    visitors = Visitors(world=world, board=board)
    playing = Playing(world=world, board=board, telegram=telegram, visitors=visitors)
    acts = Acts(
        world=world,
        platforms=phones,
        troubles=troubles,
        brains=brains,
        visitors=visitors,
        play=playing.wish,
    )
    sandbox = Sandbox(board=board, acts=acts, clock=world.clock)
    demo = Demo(
        world=world,
        board=board,
        keeper=keeper,
        telegram=telegram,
        visitors=visitors,
        playing=playing,
        troubles=troubles,
        brains=brains,
        sandbox=sandbox,
    )
    async with contextlib.AsyncExitStack() as stack:
        if port is not None:
            await sandbox.start(port=port)
            stack.push_async_callback(sandbox.stop)
        stack.push_async_callback(keeper.stop)
        stack.push_async_callback(troubles.stop)
        stack.push_async_callback(webchat.stop)
        await keeper.start()
        playing.shown()
        showing.brain_shown()
        turns = TurnsShown(board=board, world=world, platforms=phones)
        workers = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("showing", showing.run()),
                ("turns", turns.run()),
                ("playing", playing.run()),
            )
        ]
        stack.push_async_callback(_end, workers)
        yield demo


async def _end(workers: list[asyncio.Task[None]]) -> None:
    for one in workers:
        one.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
