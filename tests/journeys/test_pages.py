"""What operators ask of the service: alive, ready, figures."""

import dataclasses
import json
import threading
from collections.abc import Sequence

import pytest

from brain.embedded import Mind
from brain.knowledge.articles import Article
from config.schema import Settings
from socialcare.sandbox.faults import Fault
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, REFUND, REFUNDED, House, hears

FIGURES = {
    "socialcare_accepted_total",
    "socialcare_duplicates_total",
    "socialcare_rejected_total",
    "socialcare_turns_total",
    "socialcare_actions_total",
    "socialcare_handoffs_total",
    "socialcare_deliveries_total",
    "socialcare_quarantined_total",
    "socialcare_target_missed_total",
    "socialcare_ack_seconds",
    "socialcare_first_reply_seconds",
    "socialcare_turn_seconds",
    "socialcare_delivery_seconds",
}
"""The names that others rely on."""


async def test_figures_have_the_promised_names_and_count(house: House) -> None:
    """One refund, and every figure about it moves."""
    _, text = await house.get("/metrics")
    declared = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert declared >= FIGURES
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await hears(ella, REFUNDED)
    await house.settled()
    await house.counted(1, "accepted_total", channel="telegram")
    await house.counted(1, "turns_total", channel="telegram", outcome="answered")
    await house.counted(1, "actions_total", action="refund", outcome="done")
    await house.counted(1, "deliveries_total", channel="telegram", outcome="sent")
    assert await house.figure("ack_seconds_count") >= 1
    assert await house.figure("turn_seconds_count") >= 1
    await house.counted(1, "delivery_seconds_count", channel="telegram")


async def test_the_first_reply_is_measured(house: House) -> None:
    """CASES 43: from the customer's message, on the platform's clock, to the first reply sent."""
    ana = house.customer()
    await ana.write(HOURS)
    await hears(ana, OPEN)
    await house.settled()
    await house.counted(1, "first_reply_seconds_count", channel="telegram")


async def test_alive_and_ready(house: House) -> None:
    """200 when all is there."""
    assert (await house.get("/healthz"))[0] == 200
    status, text = await house.get("/readyz")
    assert status == 200
    assert json.loads(text) == {"ready": True, "missing": {}}


@pytest.mark.parametrize("down", ["desk", "telegram"])
async def test_not_ready_names_what_is_missing(open_house: OpenHouse, down: str) -> None:
    """503 with the name; the other side works meanwhile; ready again by itself."""
    house = await open_house(serve=False)
    gone = house.world.slack if down == "desk" else house.world.telegram
    await gone.go_down()
    async with house.world.service():
        await house.until_missing(down)
        status, text = await house.get("/readyz")
        assert status == 503
        assert down in json.loads(text)["missing"]
        assert (await house.get("/healthz"))[0] == 200
        await gone.come_back()
        house.clock.leap(60)
        await house.until_missing(None)


async def test_accepts_while_the_brain_learns(open_house: OpenHouse) -> None:
    """CASES 15: learning takes time; what comes meanwhile is kept, and answered afterwards."""
    house = await open_house(serve=False)
    learnt = threading.Event()
    learn = house.world.learn

    def slowly(settings: Settings, articles: Sequence[Article]) -> Mind:
        assert learnt.wait(20)
        return learn(settings, articles)

    house.world = dataclasses.replace(house.world, learn=slowly)
    ana = house.customer()
    async with house.world.service():
        try:
            status, text = await house.get("/readyz")
            assert (status, "brain" in json.loads(text)["missing"]) == (503, True)
            await ana.write(HOURS)
            await ana.delivered()
            assert house.one("select count(*) from inbox") == 1
            assert not ana.chat
        finally:
            learnt.set()
        await hears(ana, OPEN)


async def test_revoked_credentials_are_named(house: House) -> None:
    """CASES 20: Telegram refuses our token: not ready, the reply waits, and goes out later."""
    ana = house.customer()
    house.world.telegram.faults.until_cleared(
        "sendMessage",
        Fault(
            kind="status",
            status=401,
            body='{"ok": false, "error_code": 401, "description": "Unauthorized"}',
            content_type="application/json",
        ),
    )
    await ana.write(HOURS)
    await house.until_missing("telegram")
    house.world.telegram.faults.clear()
    house.clock.leap(120)
    await hears(ana, OPEN)
    await house.until_missing(None)
