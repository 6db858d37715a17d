"""The command dies where a test tells it to, and its next run goes on from there."""

import signal

import pytest

from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, hears
from tests.journeys.process import run


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
