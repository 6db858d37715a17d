"""Stopped in an orderly way and started again: nothing is lost, nothing happens twice."""

import asyncio
from dataclasses import replace

import pytest

from config.load import load
from config.money import Money
from config.stages import Stage
from socialcare.demo.world import CARE
from socialcare.sandbox.faults import Fault
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    BIG_REFUND,
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUND,
    House,
    hears,
    never,
    northwind,
    running,
    said,
)
from tests.journeys.test_at_the_desk import claimed, replies
from tests.journeys.test_elsewhere_lapses import DAY_S
from tests.journeys.test_messenger import owner, sees


async def test_a_sign_off_that_expired_meanwhile(open_house: OpenHouse) -> None:
    """CASES 38: late while nobody listened: refused once at the next start, told once."""
    house = await open_house(serve=False)
    chloe = house.customer("Chloe")
    async with running(house):
        await chloe.write(BIG_REFUND)
        first = await hears(chloe, "needs a colleague's approval")
        await house.settled()
    house.clock.leap(3_600)
    async with running(house):
        await chloe.sees(lambda _: True, after=first, timeout=PATIENCE_S)
        await house.settled()
    async with running(house):
        await house.settled()
    assert house.calls() == ["refused"]
    assert len(chloe.chat) == 2
    assert await house.refunds("A-10502") == []


async def test_a_sign_off_survives_a_restart(open_house: OpenHouse) -> None:
    """CASES 38: asked before, signed after: paid once."""
    house = await open_house(serve=False)
    chloe = house.customer("Chloe")
    async with running(house):
        await chloe.write(BIG_REFUND)
        await hears(chloe, "needs a colleague's approval")
        ask = await house.with_button("signoff.approve", "A-10502")
    async with running(house):
        await house.press(house.world.mira, ask, "signoff.approve")
        await hears(chloe, "I have refunded £180.00")
        await house.settled()
    assert await house.refunds("A-10502") == [18_000]


async def test_a_limit_that_was_lowered_meanwhile_holds_for_a_sign_off(
    open_house: OpenHouse,
) -> None:
    """T24: asked for below the limit, signed above it: a case for people, and nothing is paid."""
    house = await open_house(serve=False)
    chloe = house.customer("Chloe")
    async with running(house):
        await chloe.write(BIG_REFUND)
        first = await hears(chloe, "needs a colleague's approval")
        ask = await house.with_button("signoff.approve", "A-10502")
    settings = house.world.settings
    lower = settings.actions["refund"].model_copy(update={"sign_off_up_to": Money(10_000, "GBP")})
    actions = {**settings.actions, "refund": lower}
    house.world = replace(house.world, settings=settings.model_copy(update={"actions": actions}))
    async with running(house):
        await house.press(house.world.mira, ask, "signoff.approve")
        await chloe.sees("colleague", after=first, timeout=PATIENCE_S)
        await house.settled()
    assert await house.refunds("A-10502") == []
    assert house.calls() == ["refused"]
    assert house.owner(chloe) == "desk"
    assert "the limit was lowered" in house.desk()


@pytest.mark.parametrize("how", [{"stage": Stage.OFF}, {"shadow": True}])
async def test_what_is_signed_on_a_channel_that_says_nothing_is_told_at_the_desk(
    open_house: OpenHouse, how: dict[str, object]
) -> None:
    """CASES 16: switched off while a sign-off waited: it is done, and the desk reads it."""
    house = await open_house(serve=False)
    chloe = house.customer("Chloe")
    async with running(house):
        await chloe.write(BIG_REFUND)
        await hears(chloe, "needs a colleague's approval")
        ask = await house.with_button("signoff.approve", "A-10502")
    settings = house.world.settings
    silent = settings.channels["telegram"].model_copy(update=how)
    channels = {**settings.channels, "telegram": silent}
    house.world = replace(house.world, settings=settings.model_copy(update={"channels": channels}))
    async with running(house):
        await house.press(house.world.mira, ask, "signoff.approve")
        await house.world.slack.appears(CARE, "has not told the customer", timeout=PATIENCE_S)
        await house.settled()
    assert await house.refunds("A-10502") == [18_000]
    assert len(said(chloe)) == 1


async def test_a_case_nobody_claimed_meanwhile_is_called_out_once(open_house: OpenHouse) -> None:
    """The human target passes while the service is down: once after the start, not twice."""
    house = await open_house(serve=False)
    gus = house.customer("Gus")
    async with running(house):
        await gus.write("I want to talk to a real person please")
        await house.with_button("case.claim", "Gus")
        await house.settled()
    house.clock.leap(7_200)
    for _ in range(2):
        async with running(house):
            await house.world.slack.appears(CARE, "Nobody has claimed", timeout=PATIENCE_S)
            await house.settled()
    assert house.desk().count("Nobody has claimed") == 1


async def test_words_that_could_not_be_sent_go_out_after_the_start(open_house: OpenHouse) -> None:
    """CASES 19: Telegram was down at the end; the reply is sent at the next start, once."""
    house = await open_house(serve=False)
    ana = house.customer()
    async with running(house):
        house.world.telegram.faults.until_cleared("sendMessage", Fault(kind="status", status=502))
        await ana.write(HOURS)
        await house.world.telegram.faults.met("sendMessage")
    house.world.telegram.faults.clear()
    house.clock.leap(60)
    async with running(house):
        await hears(ana, OPEN)
        await house.settled()
    assert len(ana.chat) == 1


async def test_an_unknown_outcome_is_asked_for_after_the_start(open_house: OpenHouse) -> None:
    """CASES 9, 18: nobody knew at the end; the next start finds out, and pays nothing more."""
    house = await open_house(serve=False)
    faults = house.world.shop.faults
    ella = house.customer("Ella")
    async with running(house):
        faults.next("refund", Fault(kind="reset", after_effect=True))
        faults.until_cleared("find_refund", Fault(kind="status", status=503))
        await ella.write(REFUND)
        await house.until(lambda: house.calls() == ["unknown"] or None)
        await house.settled()
    faults.clear()
    house.clock.leap(301)
    async with running(house):
        await house.until(lambda: house.calls() == ["done"] or None, lambda: str(house.calls()))
        await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert "(done)" in house.desk()


async def test_what_came_meanwhile_is_answered(open_house: OpenHouse) -> None:
    """CASES 15: the platform keeps its updates until we are back."""
    house = await open_house(serve=False)
    ana = house.customer()
    async with running(house):
        await ana.write(HOURS)
        first = await hears(ana, OPEN)
        await house.settled()
    await ana.write("how much is shipping?")
    async with running(house):
        await house.settled()
        house.clock.leap(60)
        await ana.sees("3.95", after=first, timeout=PATIENCE_S)
        await house.settled()
    never(ana, "human could not")
    assert len(said(ana)) == 2


async def test_a_request_that_never_ends_does_not_hold_up_the_stop(open_house: OpenHouse) -> None:
    """A client that announces a body and sends none of it is left behind, whoever it is."""
    house = await open_house(serve=False)
    async with asyncio.timeout(PATIENCE_S):
        async with running(house):
            reader, writer = await asyncio.open_connection("127.0.0.1", house.world.port)
            writer.write(b"POST /webhooks/telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n")
            writer.write(b"Expect: 100-continue\r\n\r\n")
            assert b"100" in await reader.readline()  # From here on its handler waits.
        writer.close()


def without(house: House, channel: str) -> None:
    """Take a channel out of the configuration of the next start."""
    settings = house.world.settings
    channels = {name: one for name, one in settings.channels.items() if name != channel}
    house.world = replace(house.world, settings=settings.model_copy(update={"channels": channels}))


async def test_words_for_a_channel_that_is_gone_are_told_as_unsent(open_house: OpenHouse) -> None:
    """Taken out of the configuration with a case open: the desk reads that nothing goes there."""
    house = await open_house(serve=False)
    gus = house.customer("Gus")
    async with running(house):
        await gus.write("I want to talk to a real person please")
        card = await house.with_button("case.claim", "Gus")
        await house.settled()
    without(house, "telegram")
    async with running(house):
        await house.press(house.world.ben, card, "case.reply")
        await house.world.ben.gets_view(timeout=PATIENCE_S)
        assert (await house.world.ben.submit(values={"text": "Ben here."})).ok
        await house.world.slack.appears(CARE, "not configured any more", timeout=PATIENCE_S)
        await house.settled()
    assert "→ customer" not in house.desk()
    assert len(said(gus)) == 1


async def test_who_waits_on_a_channel_that_is_gone_reaches_the_desk(open_house: OpenHouse) -> None:
    """A colleague answered in the app, the customer still waits, the channel is taken out."""
    house = await open_house(serve=False)
    ana = house.world.graph.customer()
    async with running(house):
        await ana.write(HOURS)
        await sees(ana, OPEN)
        await ana.answered_in_app("Hi, Ben here. I'm on it.")
        await house.until(lambda: owner(house, ana) == "elsewhere" or None)
        await ana.write("and where is my parcel?")
        await house.settled()
    without(house, "messenger")
    house.clock.leap(DAY_S)
    async with running(house):
        await house.until(lambda: owner(house, ana) == "desk" or None, "nobody has it")
        await house.settled()
    assert "then nobody answered any more" in house.desk()


async def test_a_colleague_hears_that_the_channel_is_gone(open_house: OpenHouse) -> None:
    """Renamed in the file while a case was open: what is written to the customer is not lost."""
    house = await open_house(serve=False)
    async with running(house):
        _, card = await claimed(house)
        await house.settled()
    renamed = northwind().replace("  telegram:\n", "  support:\n    platform: telegram\n")
    house.world = replace(house.world, settings=load(renamed, env=house.world.environment))
    async with running(house):
        await replies(house, house.world.ben, card, "Your boots are on their way.")
        await house.settled()
    assert house.desk().count("Could not be delivered") == 1
