"""`socialcare demo`: starts the world, plays the stories, says what there is to see next."""

import asyncio
import logging
import tempfile
from pathlib import Path

from rich.console import Console

from conversation.clock import SystemClock
from socialcare.demo.narration import Narrator
from socialcare.demo.stories import STORIES, Stage, Story, StoryError
from socialcare.demo.world import stand_ins
from socialcare.logs import set_up

START_S = 60.0
"""Seconds that the service gets to become ready on a slow, cold machine."""


async def play(console: Console, *, once: bool) -> int:
    """Play every story; 0 when each ended as it must, else 1.

    Args:
        console: Where to tell them.
        once: End after the stories without a word on what comes later.
    """
    set_up(secrets=())
    logging.getLogger().setLevel(logging.ERROR)
    clock = SystemClock()
    tell = Narrator(console, clock=clock)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="socialcare-demo-") as folder:
        async with stand_ins(Path(folder), clock=clock) as world:
            console.print(
                "Starting Telegram, Slack and a shop on 127.0.0.1, and socialcare among them …"
            )
            async with world.service() as service:
                async with asyncio.timeout(START_S):
                    await service.ready()
                for story in STORIES:
                    failed += not await _play(story, Stage(world=world, tell=tell), tell)
    console.print()
    console.print(f"{len(STORIES) - failed} of {len(STORIES)} stories ended as they must.")
    if not once:
        console.print("The sandbox page is not built yet: the demo ends here.")
    return 1 if failed else 0


async def _play(story: Story, stage: Stage, tell: Narrator) -> bool:
    tell.begin((story.__doc__ or story.__name__).strip())
    try:
        await story(stage)
    except (StoryError, TimeoutError, AssertionError, LookupError) as error:
        tell.end(str(error) or type(error).__name__)
        return False
    tell.end(None)
    return True
