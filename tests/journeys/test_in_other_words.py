"""The first story in other words, orders, languages and portions."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.journeys.conftest import OpenHouse
from tests.journeys.house import PATIENCE_S, House, hears, never, said

ID = "Order A-10293, ana@northwind.example"

ONE_MESSAGE: dict[str, str] = YAML(typ="safe").load(
    Path(__file__).with_name("wordings.yaml").read_text("utf-8")
)

PORTIONS = (
    "hi, I was charged twice",
    "and my order arrived damaged, I need a replacement by Sunday",
    "order A-10293, ana@northwind.example",
)


async def both_done(house: House) -> None:
    """Check the shop's books: the second charge went back and one mug set is on its way."""
    await house.settled()
    assert await house.refunds("A-10293") == [2490]
    assert await house.replacements("A-10293") == 1


@pytest.mark.parametrize("text", ONE_MESSAGE.values(), ids=ONE_MESSAGE.keys())
async def test_one_message_with_everything(house: House, text: str) -> None:
    """Ten ways to say it, in four languages: one reply, one refund, one replacement."""
    # "Before Sunday" is said on a Saturday as well.
    house.world.shop.promise_days = (0, 1)
    ana = house.customer()
    await ana.write(text)
    await ana.sees(lambda _: True, timeout=PATIENCE_S)
    await both_done(house)
    assert len(ana.chat) == 1
    assert "24" in said(ana)[0]


async def test_three_messages_at_once_are_one_turn(house: House) -> None:
    """CASES 10: a burst is answered as one message would be: each deed once."""
    ana = house.customer()
    for portion in PORTIONS:
        await ana.write(portion)
    await hears(ana, "24.90")
    await both_done(house)
    assert len(ana.chat) <= 2


async def test_three_turns_are_one_conversation(house: House) -> None:
    """What was said is remembered from turn to turn: each deed once."""
    ana = house.customer()
    last = None
    for portion in PORTIONS:
        await ana.write(portion)
        last = await ana.sees(lambda _: True, after=last, timeout=PATIENCE_S)
    await both_done(house)
    assert any("24.90" in text for text in said(ana))


async def test_a_double_charge_above_the_limit_waits_for_a_colleague(house: House) -> None:
    """A-10930: twice 79 pounds: above what the bot may do alone; signed, exactly one goes back."""
    hana = house.customer("Hana")
    await hana.write("I was charged twice for order A-10930, hana@northwind.example")
    await hears(hana, "needs a colleague's approval")
    assert await house.refunds("A-10930") == []
    ask = await house.with_button("signoff.approve", "A-10930")
    await house.press(house.world.mira, ask, "signoff.approve")
    await hears(hana, "£79.00")
    await house.settled()
    assert await house.refunds("A-10930") == [7900]


async def test_a_promise_too_late_is_asked_about(open_house: OpenHouse) -> None:
    """It cannot come by Sunday: said and asked before anything is ordered; yes orders it."""
    house = await open_house()
    house.world.shop.promise_days = (9, 12)
    ana = house.customer()
    await ana.write(f"The mug arrived broken, I need a replacement by Sunday. {ID}")
    first = await ana.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.replacements("A-10293") == 0
    never(ana, "is ordered")
    await ana.write("yes please, go ahead")
    await ana.sees(lambda _: True, after=first, timeout=PATIENCE_S)
    await house.settled()
    assert await house.replacements("A-10293") == 1


async def test_a_promise_too_late_and_no(open_house: OpenHouse) -> None:
    """No orders nothing."""
    house = await open_house()
    house.world.shop.promise_days = (9, 12)
    ana = house.customer()
    await ana.write(f"The mug arrived broken, I need a replacement by Sunday. {ID}")
    first = await ana.sees(lambda _: True, timeout=PATIENCE_S)
    await ana.write("no, then don't")
    await ana.sees(lambda _: True, after=first, timeout=PATIENCE_S)
    await house.settled()
    assert await house.replacements("A-10293") == 0


async def test_somebody_elses_order_is_not_theirs_to_speak_of(house: House) -> None:
    """CASES 44: the number is right, the e-mail is not: nothing is paid and nothing is told."""
    mallory = house.customer("Mallory")
    await mallory.write("refund A-10388 please, mallory@evil.example")
    await mallory.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10388") == []
    never(mallory, "42.00")
    never(mallory, "lamp")
