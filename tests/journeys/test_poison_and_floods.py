"""A message that breaks the bot, a customer who writes without end: others notice nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from brain.embedded import Mind
from brain.knowledge.articles import Article
from config.schema import Settings
from socialcare.reading import TRIES_MAX
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, House, hears, running, update

FLOOD = 1_000


class Fragile:
    """A triage that one word breaks, whoever says it."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole

    def understand(self, text: str, **more: Any) -> Any:
        if "BOOM" in text:
            raise RuntimeError("the brain broke")
        return self._whole.understand(text, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


def given_up(house: House, tries: int) -> bool | None:
    """Tell whether so many turns ended over a message, and none is under way."""
    rows = house.rows(
        "select 1 from inbox join conversation on conversation.id = inbox.conversation "
        "where inbox.state = 'pending' and tries >= ? and lease_us is null",
        tries,
    )
    return bool(rows) or None


async def test_a_message_that_always_breaks_the_turn_goes_to_a_person(
    open_house: OpenHouse, mind: Mind
) -> None:
    """CASES 16, 30: after some tries it is put aside, the customer is told, others go on."""
    house = await open_house(serve=False)

    def fragile(_settings: Settings, _articles: Sequence[Article]) -> Mind:
        broken: Any = Fragile(mind.triage)
        return replace(mind, triage=broken)

    house.world = replace(house.world, learn=fragile)
    mallory, ana = house.customer("Mallory"), house.customer()
    async with running(house):
        await mallory.write("BOOM")
        await mallory.delivered()
        await ana.write(HOURS)
        await hears(ana, OPEN)
        for tries in range(1, TRIES_MAX + 1):
            await house.until(partial(given_up, house, tries))
            house.clock.leap(65)
        await house.with_button("case.claim", "Mallory")
        await house.settled()
        assert house.owner(mallory) == "desk"
        assert house.rows("select count(*) from inbox where state = 'quarantined'") == [(1,)]
        await house.counted(TRIES_MAX, "turns_total", outcome="failed")
        await house.counted(1, "quarantined_total", channel="telegram")
        await mallory.sees(lambda _: True, timeout=PATIENCE_S)


async def test_a_flood_of_one_customer_does_not_hold_up_the_others(house: House) -> None:
    """One writes 1,000 messages within a minute: few replies to them, the others are answered."""
    flooder = house.customer("Flo")
    others = [house.customer(f"Guest {n}") for n in range(10)]
    bodies = [update(flooder, f"hello {n}", update_id=n + 1) for n in range(FLOOD)]
    for n, other in enumerate(others):
        await asyncio.gather(*map(house.world.telegram.post_raw, bodies[n * 100 : n * 100 + 100]))
        await other.write(HOURS)
    for other in others:
        await hears(other, OPEN)
    await house.settled()
    assert house.log(flooder, "message") == FLOOD
    assert 0 < len(flooder.chat) < FLOOD / 5
    assert all(len(other.chat) == 1 for other in others)
