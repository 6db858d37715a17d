import socket

import pytest

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
