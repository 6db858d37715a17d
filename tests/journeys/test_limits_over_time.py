"""Limits over time: what the bot may do alone for one customer, wherever they write."""

from tests.journeys.conftest import OpenHouse
from tests.journeys.house import REFUND, REFUNDED, hears, never, northwind

LIMITS = {
    "refund: {autonomous_up_to: 50 GBP,": (
        "refund: {autonomous_up_to: 50 GBP, per_customer: {window: 30d, total: 50 GBP},"
    )
}
SECOND = "I was charged twice for A-10293, ana@northwind.example"
"""24.90 GBP, of somebody else's order."""


async def test_what_would_pass_a_limit_is_signed_by_a_colleague(open_house: OpenHouse) -> None:
    house = await open_house(changes=LIMITS)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await hears(ella, REFUNDED)
    # Within what may be refunded alone, and too much together with the first.
    await ella.write(SECOND)
    await hears(ella, "needs a colleague's approval")
    never(ella, "I have refunded the second charge")
    assert await house.refunds("A-10293") == []
    card = await house.with_button("signoff.approve", "24.90")
    await house.press(house.world.mira, card, "signoff.approve")
    await house.until(lambda: house.calls().count("done") == 2 or None, lambda: str(house.calls()))
    await house.settled()
    assert await house.refunds("A-10293") == [2490]


async def test_another_customer_has_room_of_their_own(
    open_house: OpenHouse,
) -> None:
    house = await open_house(changes=LIMITS)
    ella, ana = house.customer("Ella"), house.customer("Ana")
    await ella.write(REFUND)
    await hears(ella, REFUNDED)
    await ana.write(SECOND)
    await hears(ana, "24.90")
    await house.settled()
    assert await house.refunds("A-10293") == [2490]


async def test_an_action_that_the_configuration_does_not_name_is_signed_each_time(
    open_house: OpenHouse,
) -> None:
    section = next(
        line for line in northwind().splitlines(keepends=True) if line.startswith("  refund:")
    )
    house = await open_house(changes={section: ""})
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await hears(ella, "needs a colleague's approval")
    card = await house.with_button("signoff.approve", "42.00")
    await house.press(house.world.mira, card, "signoff.approve")
    await hears(ella, REFUNDED)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
