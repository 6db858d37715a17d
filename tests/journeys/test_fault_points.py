"""The command dies where a test tells it to, and its next run goes on from there."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from socialcare.fault_points import VARIABLE, Point
from tests.faults.store_eye import PostgresEye
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, House, hears
from tests.journeys.process import run

ORDER = "where is my order A-10388? my mail is ella@northwind.example"
SQLITE = "sqlite:///socialcare.db"


@pytest.mark.timeout(60)
async def test_the_command_dies_where_it_is_told(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F06, CASES 19: killed right after the turn's commit, the words go out after a restart."""
    house = await open_house(serve=False)
    ana = house.customer()
    monkeypatch.setenv("SOCIALCARE_DIE_AT", "turn_committed")
    async with run(house) as doomed:
        await ana.write(HOURS)
        assert await doomed.ended() == -signal.SIGKILL
    assert not ana.chat
    monkeypatch.delenv("SOCIALCARE_DIE_AT")
    async with run(house):
        await hears(ana, OPEN)
        await house.settled()
    assert len(ana.chat) == 1


@pytest.fixture(params=["sqlite", "postgres"])
def open_on(open_house: OpenHouse, request: pytest.FixtureRequest) -> Iterator[OpenHouse]:
    """Open houses on either store, nobody serving in them."""
    if request.param == "sqlite":
        yield partial(open_house, serve=False)
        return
    url = str(request.getfixturevalue("postgres_url"))
    eye = PostgresEye(url)

    async def opened() -> House:
        house = await open_house(changes={SQLITE: url}, serve=False)
        house.database = eye
        return house

    yield opened
    eye.close()


@pytest.mark.timeout(90)
@pytest.mark.parametrize("point", [Point.BEFORE_TURN_COMMIT, Point.TURN_COMMITTED])
async def test_killed_around_the_proof_that_joins_two_customers(
    open_on: OpenHouse, point: Point
) -> None:
    """Whoever proved the same order twice is one customer after a restart, and needs no third."""
    house = await open_on()
    ella, also = house.customer("Ella"), house.customer("E. on the new phone")
    environment = {**house.world.environment, VARIABLE: f"{point}:2"}
    async with run(replace(house, world=replace(house.world, environment=environment))) as doomed:
        await ella.write(ORDER)
        await hears(ella, "A-10388")
        await house.settled()
        await also.write(ORDER)
        assert await doomed.ended() == -signal.SIGKILL
    assert not also.chat
    # What a dead process had in hand is another's once its lease is over.
    house.change("update conversation set lease_us = 0 where lease_us is not null")
    async with run(house):
        await hears(also, "A-10388")
        await house.settled()
    assert len(house.rows("select distinct customer from conversation")) == 1
    assert len(house.rows("select 1 from joined")) == 1
    assert [len(one.chat) for one in (ella, also)] == [1, 1]
