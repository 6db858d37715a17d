"""Many customers at once, a model of bad will behind HTTP, the real engine, store and shop."""

import pytest

from conversation.clock import SystemClock
from socialcare.sandbox.language_model import ModelStandIn
from tests.journeys import hostile_posts
from tests.journeys.conftest import OpenHouse
from tests.journeys.hostile_crowd import limits, play, violations


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_the_model_does_the_crowd_is_served_truly(
    open_house: OpenHouse, seed: int
) -> None:
    async with ModelStandIn(clock=SystemClock()) as model:
        house = await open_house(changes=limits(model))
        found = await play(house, model, turns=60, seed=seed)
    assert violations(found) == {}
    assert found["= requests to the model"] > 60, "it was the model that spoke"
    assert found["= refunded, in minor units"] > 0, "some refunds were due"


@pytest.mark.timeout(180)
async def test_whoever_posts_is_answered_and_nobody_is_given_away(open_house: OpenHouse) -> None:
    async with ModelStandIn(clock=SystemClock()) as model:
        house = await open_house(changes=limits(model))
        found = await hostile_posts.play(house, model, turns=80, seed=1)
    assert violations(found) == {}
    assert found["= answered in public"] > 20
    assert found["= with the way to a person"] > 5
