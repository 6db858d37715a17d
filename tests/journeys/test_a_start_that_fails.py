import socket
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from brain.embedded import Mind
from brain.knowledge.articles import Article
from config.schema import Settings
from socialcare.app import Service
from tests.journeys.conftest import OpenHouse


async def test_a_taken_address_leaves_nothing_open(open_house: OpenHouse) -> None:
    """A service that cannot listen says so, lets go of the store, and can be started again."""
    house = await open_house(serve=False)
    service = Service(
        house.world.settings,
        folder=house.world.folder,
        clock=house.clock,
        learn=house.world.learn,
    )
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", house.world.port))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            await service.start(port=house.world.port)
    async with house.world.service() as again:
        status, _ = await house.get("/healthz")
        assert status == 200
        assert again.url


async def test_a_worker_that_ends_is_told_in_the_log(open_house: OpenHouse) -> None:
    """Nobody has to ask /readyz to learn why the bot says nothing."""
    house = await open_house(serve=False)

    def learn(_settings: Settings, _articles: Sequence[Article]) -> Mind:
        raise RuntimeError("a fault of ours")

    service = Service(
        house.world.settings, folder=house.world.folder, clock=house.clock, learn=learn
    )
    with capture_logs() as told:
        await service.start(port=0)
        while "learn" not in await service.missing():
            await house.clock.sleep(0.01)
        await service.stop()
    (ended,) = (one for one in told if one["event"] == "worker ended")
    assert (ended["worker"], ended["log_level"]) == ("learn", "error")
    assert "a fault of ours" in str(ended["exc_info"])
