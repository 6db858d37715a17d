"""The desk without a public address: the same stories over a socket, and kills in between."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from socialcare.fault_points import VARIABLE, Point
from tests.journeys import test_at_the_desk as desk
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import DESK_SOCKET, PATIENCE_S, House, hears
from tests.journeys.process import run

Story = Callable[[House], Awaitable[None]]
STORIES: list[Story] = [
    desk.test_a_claim_silences_a_turn_in_flight,
    desk.test_a_claimed_conversation_is_the_colleagues,
    desk.test_two_colleagues_claim_at_once,
    desk.test_a_line_in_the_thread_is_internal_until_sent,
    desk.test_slacks_retry_delivers_a_line_once,
    desk.test_an_edited_draft_is_what_the_customer_reads,
    desk.test_signed_once_by_who_may,
    desk.test_a_case_nobody_claims_is_called_out,
]


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """The demo's house, its desk on a socket and deaf to HTTP."""
    house = await open_house(changes=DESK_SOCKET)
    house.world.slack.connect("")
    return house


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_at_the_desk_by_socket(house: House, story: Story) -> None:
    await story(house)
    assert house.world.slack.sockets.sent


async def test_a_desk_that_slack_turns_away_is_named(open_house: OpenHouse) -> None:
    wrong = {key: value.replace("xapp-stand-in", "xapp-no") for key, value in DESK_SOCKET.items()}
    house = await open_house(serve=False, changes=wrong)
    async with house.world.service():
        await house.until_missing("desk")
        _, text = await house.get("/readyz")
        assert "invalid_auth" in json.loads(text)["missing"]["desk"] or "not reached" in text


async def test_killed_between_a_press_and_its_acknowledgement(open_house: OpenHouse) -> None:
    """CASES 3: the claim is kept, Slack was never told: after the restart it holds, once."""
    house = await open_house(serve=False, changes=DESK_SOCKET)
    house.world.slack.connect("")
    async with run(house):
        gus, card = await desk.handed_over(house)
        await house.settled()
    environment = {**house.world.environment, VARIABLE: Point.PRESSED}
    doomed = replace(house, world=replace(house.world, environment=environment))
    async with run(doomed) as first:
        await house.world.slack.sockets.opened(2)
        answer = await house.world.ben.press(house.world.slack.current(card), "case.claim")
        assert not answer.ok
        assert await first.ended() < 0
    assert house.owner(gus) == "colleague"
    async with run(house):
        await house.world.slack.sockets.opened(3)
        await desk.replies(house, house.world.ben, card, "Hello, Ben here.")
        await hears(gus, "Ben here")
        await house.settled()
    assert sum("Ben here" in message.text for message in gus.chat) == 1


async def test_killed_between_a_line_and_its_acknowledgement(open_house: OpenHouse) -> None:
    """A line in the thread is kept, then the process dies: Slack sends it again, it is one line."""
    house = await open_house(serve=False, changes=DESK_SOCKET)
    house.world.slack.connect("")
    async with run(house):
        gus, card = await desk.claimed(house)
        await house.settled()
    environment = {**house.world.environment, VARIABLE: Point.PRESSED}
    doomed = replace(house, world=replace(house.world, environment=environment))
    async with run(doomed) as first:
        await house.world.slack.sockets.opened(2)
        await house.world.ben.write_in_thread(card, "note to self")
        assert await first.ended() < 0
    async with run(house):
        await house.world.slack.sockets.opened(3)
        house.clock.leap(60.0)
        await house.world.slack.delivered(timeout=PATIENCE_S)
        await house.with_button("thread.send", "note to self")
        await house.settled()
    assert house.log(gus, "thread_written") == 1
