"""The configuration and the articles change under a service that runs."""

from collections.abc import Sequence

from brain.embedded import Mind
from brain.knowledge.articles import Article
from config.schema import Settings
from socialcare.app import Service
from socialcare.following import source_of
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, House, changed, hears, never, northwind


class Learner:
    """Learns the demo's brand, and fails where a topic of the brand's own is to be learnt."""

    def __init__(self, mind: Mind) -> None:
        self.mind = mind

    def __call__(self, settings: Settings, articles: Sequence[Article]) -> Mind:
        if settings.topics:
            raise ValueError("nothing can be learnt of that")
        return self.mind


async def test_what_cannot_be_learnt_keeps_no_stage_from_being_lowered(
    open_house: OpenHouse, mind: Mind
) -> None:
    """The topic is refused, aloud, and the lowered stage beside it is in force."""
    house = await open_house(serve=False)
    world = house.world
    service = Service(
        world.settings,
        folder=world.folder,
        clock=house.clock,
        source=source_of(world.config_file, world.environment),
        learn=Learner(mind),
    )
    await service.start(port=world.port)
    try:
        await service.ready()
        house.service = service
        ana = house.customer()
        await ana.write(HOURS)
        await hears(ana, OPEN)
        text = northwind() + "topics: {boot_fitting: {examples: [can I book a boot fitting]}}\n"
        world.config_file.write_text(text, "utf-8")
        await refused(house, times=1)
        assert not await service.missing()
        stage = '  telegram:\n    stage: "${DEMO_STAGE}"'
        lowered = changed(text, {stage: "  telegram:\n    stage: manual"})
        world.config_file.write_text(lowered, "utf-8")
        await refused(house, times=2)
        bea = house.customer("Bea")
        await bea.write(HOURS)
        await hears(bea, "colleague")
        never(bea, OPEN)
    finally:
        await service.stop()


async def test_a_folder_that_is_mistyped_takes_no_article_away(
    open_house: OpenHouse, mind: Mind
) -> None:
    house = await open_house(serve=False)
    world = house.world
    learnt: list[int] = []

    def learn(_: Settings, articles: Sequence[Article]) -> Mind:
        learnt.append(len(articles))
        return mind

    service = Service(
        world.settings,
        folder=world.folder,
        clock=house.clock,
        source=source_of(world.config_file, world.environment),
        learn=learn,
    )
    await service.start(port=world.port)
    try:
        await service.ready()
        house.service = service
        mistyped = changed(northwind(), {"folder: knowledge,": "folder: knowlege,"})
        world.config_file.write_text(mistyped, "utf-8")
        told = "knowledge.folder: there is no such folder"
        await house.until(lambda: told in house.desk() or None, "the desk was not told")
        assert set(learnt) == {len(mind.knowledge.articles)}
    finally:
        await service.stop()


async def refused(house: House, *, times: int) -> None:
    """Wait until the desk has been told so often that a change is not in force."""
    told = "could not be put into force"
    await house.until(lambda: house.desk().count(told) == times or None, "the desk was not told")
