"""Two services share one PostgreSQL, as on two machines: customers must not notice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import pytest

from conversation.clock import SystemClock
from socialcare.app import Service
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, House, hears, running, update

SQLITE = "sqlite:///socialcare.db"
SHIPPING, COSTS = "how much is shipping?", "3.95"
CUSTOMERS = 40


@contextlib.asynccontextmanager
async def second(house: House) -> AsyncIterator[Service]:
    """Run another service on the same configuration, at an address of its own."""
    world = house.world
    service = Service(world.settings, folder=world.folder, clock=world.clock, learn=world.learn)
    await service.start(port=0)
    try:
        await service.ready()
        yield service
    finally:
        await service.stop()


async def test_f35_forty_customers_of_two_processes_get_one_reply_each_in_order(
    open_house: OpenHouse, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither can take all of them at once, so both have to.
    monkeypatch.setattr("socialcare.turns.AT_ONCE", 4)
    house = await open_house(serve=False, changes={SQLITE: postgres_url})
    guests = [house.customer(f"Guest {number}") for number in range(CUSTOMERS)]
    async with running(house) as one, second(house) as two, aiohttp.ClientSession() as session:
        secret = house.world.environment["DEMO_TELEGRAM_SECRET"]

        async def post(service: Service, body: bytes) -> None:
            url = f"{service.url}/webhooks/telegram"
            headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 200

        for question, answer in ((HOURS, OPEN), (SHIPPING, COSTS)):
            # Each update comes to both, as from a platform that lost its patience with the first.
            first_id = 1_000 * len(question)
            bodies = [
                update(guest, question, update_id=first_id + number)
                for number, guest in enumerate(guests)
            ]
            await asyncio.gather(*(post(each, body) for body in bodies for each in (one, two)))
            async with asyncio.timeout(2 * PATIENCE_S):
                await asyncio.gather(*(hears(guest, answer) for guest in guests))
        await settled(postgres_url)
        turns = [await figure(session, each) for each in (one, two)]
    for guest in guests:
        first, then = (message.text for message in guest.chat)
        assert OPEN in first
        assert COSTS in then
        assert house.sent(guest) == 2
    assert sum(turns) == 2 * CUSTOMERS
    assert all(turns), "both worked"


async def settled(url: str) -> None:
    """Wait until nothing is left to do."""
    db = await asyncpg.connect(url)
    busy = (
        "select (select count(*) from inbox where state = 'pending') "
        "+ (select count(*) from outbox where state in ('waiting', 'sending')) "
        "+ (select count(*) from conversation where lease_us is not null)"
    )
    async with asyncio.timeout(PATIENCE_S):
        while await db.fetchval(busy):
            await SystemClock().sleep(0.02)
    await db.close()


async def figure(session: aiohttp.ClientSession, service: Service) -> float:
    """Count the turns that a service has taken."""
    async with session.get(f"{service.url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return sum(
        float(line.split()[-1]) for line in lines if line.startswith("socialcare_turns_total")
    )


async def test_who_wrote_to_a_process_that_ends_is_answered_once(
    open_house: OpenHouse, postgres_url: str
) -> None:
    """The first is stopped right after it said 200: one of them answers, once."""
    house = await open_house(serve=False, changes={SQLITE: postgres_url})
    ana = house.customer()
    async with second(house):
        async with running(house) as one:
            answer = await house.world.telegram.post_raw(update(ana, HOURS))
            assert answer.status == 200
        assert (await one.missing())["service"] == "it is ending"
        await hears(ana, OPEN)
        await settled(postgres_url)
    assert house.sent(ana) == 1
