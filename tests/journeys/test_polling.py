"""Telegram without a public address: the service asks, and a kill neither loses nor doubles."""

import asyncio
import json
from dataclasses import replace

from conversation.clock import SystemClock
from socialcare.fault_points import VARIABLE, Point
from socialcare.sandbox.faults import Fault
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, POLLING, House, hears, running
from tests.journeys.process import run
from tests.journeys.test_two_processes import SQLITE, second, settled


def offsets(house: House) -> list[int | None]:
    return [
        int(call.params["offset"]) if "offset" in call.params else None
        for call in house.world.telegram.calls
        if call.method.lower() == "getupdates"
    ]


async def test_a_customer_is_answered_without_a_webhook(open_house: OpenHouse) -> None:
    house = await open_house(changes=POLLING)
    ana = house.customer()
    await ana.write(HOURS)
    await hears(ana, OPEN)
    await house.settled()
    assert not house.world.telegram.deliveries.webhook.url
    assert len(ana.chat) == 1
    assert (await house.get("/readyz"))[0] == 200


async def test_what_waits_from_a_webhooks_time_is_read(open_house: OpenHouse) -> None:
    """Written while nobody listened, the webhook still set: polling takes it away and reads on."""
    house = await open_house(serve=False, changes=POLLING)
    ana = house.customer()
    async with running(house):
        await ana.write(HOURS)
        first = await hears(ana, OPEN)
    await ana.write(HOURS)
    async with running(house):
        await hears(ana, OPEN, first)
        await house.settled()
    assert house.log(ana, "message") == 2
    assert len(ana.chat) == 2


async def test_another_one_who_asks_is_named(open_house: OpenHouse) -> None:
    """409 Conflict: told to whoever watches, until it is over."""
    house = await open_house(changes=POLLING)
    ana = house.customer()
    body = json.dumps(
        {
            "ok": False,
            "error_code": 409,
            "description": "Conflict: terminated by other getUpdates request",
        }
    )
    conflict = Fault(kind="status", status=409, body=body, content_type="application/json")
    house.world.telegram.faults.until_cleared("getUpdates", conflict)
    await ana.write("hello")
    await house.until_missing("telegram")
    _, text = await house.get("/readyz")
    assert "409 Conflict" in json.loads(text)["missing"]["telegram"]
    house.world.telegram.faults.clear()
    await ana.write(HOURS)
    await hears(ana, OPEN)
    await house.until_missing(None)


async def test_killed_between_keeping_and_moving_on(open_house: OpenHouse) -> None:
    """CASES 15: kept, then killed before Telegram was told: read again, answered once."""
    house = await open_house(serve=False, changes=POLLING)
    ana = house.customer()
    doomed = replace(
        house,
        world=replace(
            house.world, environment={**house.world.environment, VARIABLE: Point.ACCEPTED}
        ),
    )
    async with run(doomed) as first:
        await ana.write(HOURS)
        assert await first.ended() < 0
    assert house.one("select cursor from feed") is None
    assert house.world.telegram.deliveries.count() == 1
    async with run(house):
        await hears(ana, OPEN)
        await house.settled()
    assert house.log(ana, "message") == 1
    assert len(ana.chat) == 1
    assert offsets(house).count(None) >= 2, "read twice"


async def test_two_processes_ask_one_at_a_time(open_house: OpenHouse, postgres_url: str) -> None:
    """On PostgreSQL one asks; it ends, and the other goes on where it was."""
    house = await open_house(serve=False, changes={**POLLING, SQLITE: postgres_url})
    ana = house.customer()
    async with running(house) as one:
        await ana.write(HOURS)
        first = await hears(ana, OPEN)
        async with second(house) as other:
            async with asyncio.timeout(PATIENCE_S):
                while await other.missing():
                    await SystemClock().sleep(0.05)
            # Two at once would be told 409 by Telegram.
            assert await one.missing() == {}
    async with second(house):
        await ana.write(HOURS)
        await hears(ana, OPEN, first)
        await settled(postgres_url)
    assert house.sent(ana) == 2
