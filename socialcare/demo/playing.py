"""`socialcare demo`: starts the world, plays the stories, then leaves it to its visitor."""

import asyncio
import logging
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conversation.clock import SystemClock
from socialcare.demo.narration import Narrator, Telling
from socialcare.demo.opening import Demo, open_demo
from socialcare.demo.running import NotReadyError
from socialcare.demo.stories import STORIES, Story, set_stage
from socialcare.demo.visitors import play_one, title_of
from socialcare.demo.world import free_port, is_free, stand_ins
from socialcare.logs import set_up

WELL, BROKEN = 0, 1
"""Exit codes: every story ended as it must, or something did not."""
PORT = 8080
"""Of the page, where nobody asks for another."""


async def play(
    console: Console, *, once: bool, port: int | None, environment: Mapping[str, str]
) -> int:
    """Play every story; 0 when each ended as it must, else 1.

    Args:
        console: Where to tell them.
        once: End after the stories.
        port: The page's; None is the usual one, or another where that is taken.
        environment: What the service's own process gets.
    """
    set_up(secrets=())
    logging.getLogger().setLevel(logging.ERROR)
    clock = SystemClock()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with tempfile.TemporaryDirectory(prefix="socialcare-demo-") as folder:
        async with stand_ins(Path(folder), clock=clock) as world:
            console.print(
                "Starting Telegram, Slack and a shop on 127.0.0.1, and socialcare among them …"
            )
            try:
                async with open_demo(
                    world, environment=environment, port=None if once else _free(port)
                ) as demo:
                    return await _shown(console, demo, stop, once=once)
            except (NotReadyError, OSError) as error:
                console.print(Text(f"The demo cannot start: {error}", style="red"))
                return BROKEN


async def _shown(console: Console, demo: Demo, stop: asyncio.Event, *, once: bool) -> int:
    tell = Narrator(console, clock=demo.world.clock)
    failed = 0
    for story in STORIES:
        playing = asyncio.create_task(_play(story, demo, tell))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({playing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not playing.done():
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            console.print("Stopped.")
            return BROKEN
        failed += not playing.result()
    console.print()
    console.print(f"{len(STORIES) - failed} of {len(STORIES)} stories ended as they must.")
    if not once:
        await demo.invite()
        console.print()
        console.print("Now try it yourself: write as a customer, answer at the desk, pull a plug.")
        console.print(Text(f"  {demo.sandbox.url}/sandbox", style="bold"))
        console.print("Ctrl-C ends it.", style="dim")
        await stop.wait()
    return BROKEN if failed else WELL


async def _play(story: Story, demo: Demo, tell: Telling) -> bool:
    tell.begin(title_of(story))
    stage = await set_stage(
        demo.world, tell, performance=0, entered=lambda one: demo.playing.enter(story, one)
    )
    why = await play_one(story, stage)
    tell.end(why)
    demo.playing.ended(story, why)
    return why is None


def _free(port: int | None) -> int:
    """Choose the page's port: the one that is asked for, else the usual one if it is free."""
    if port is not None:
        return port
    return PORT if is_free(PORT) else free_port()
