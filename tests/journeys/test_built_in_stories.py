"""The stories that `socialcare demo` plays."""

import io

import pytest
from rich.console import Console

from socialcare.demo.narration import Narrator
from socialcare.demo.stories import STORIES, Stage, Story
from tests.journeys.house import House


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_each_story_ends_as_it_must(story: Story, house: House) -> None:
    """Each built-in story by itself, in a fresh house."""
    tell = Narrator(Console(file=io.StringIO()), clock=house.clock)
    await story(Stage(world=house.world, tell=tell))
