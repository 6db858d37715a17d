"""One person in several places: joined on proof, hinted at otherwise, one owner for all of it."""

from handoff.context import reason_title
from tests.journeys.house import House, hears, never, said

ORDER = "where is my order A-10388? my mail is ella@northwind.example"
NAMED = "is A-10388 here yet?"


async def test_case_44_who_proves_the_same_order_twice_is_one_customer(house: House) -> None:
    ella, also = house.customer("Ella"), house.customer("E. on the new phone")
    await ella.write(ORDER)
    await hears(ella, "A-10388")
    await also.write(ORDER)
    await hears(also, "A-10388")
    await house.settled()
    one, other = (
        house.one("select customer from conversation where id = ?", house.conversation(who))
        for who in (ella, also)
    )
    assert one == other
    await also.write("human please")
    card = await house.with_button("case.claim", "“E. on the new phone”")
    assert "Also writes on telegram, private (the bot answers)" in house.desk()

    # One owner for all of it: where a colleague has one place, the other is theirs too.
    await house.press(house.world.ben, card, "case.claim")
    await house.settled()
    await ella.write("and when do you open on saturday?")
    second = await house.with_button("case.release", reason_title("linked"))
    await house.settled()
    assert [house.owner(ella), house.owner(also)] == ["colleague", "colleague"]
    never(ella, "9:00 to 18:00")
    assert len(said(ella)) == 2
    assert second is not card

    # What is done with one case is done with both: the bot has both again, and both cards say so.
    await house.press(house.world.ben, second, "case.release")
    await house.gone(card, "case.release")
    await house.settled()
    assert [house.owner(ella), house.owner(also)] == ["bot", "bot"]
    await also.write("and when do you open on saturday?")
    await hears(also, "9:00 to 18:00")
    await ella.write("thanks, and when do you open on saturday?")
    await hears(ella, "9:00 to 18:00")
    assert house.log(ella, "released") == house.log(also, "released") == 1


async def test_case_44_who_only_names_it_is_shown_as_possibly_the_same(house: House) -> None:
    ella, eve = house.customer("Ella"), house.customer("Eve")
    await ella.write(ORDER)
    await hears(ella, "A-10388")
    await eve.write(NAMED)
    await house.until(lambda: said(eve) or None)
    await eve.write("human please")
    await house.with_button("case.claim", "“Eve”")
    await house.settled()
    one, other = (
        house.one("select customer from conversation where id = ?", house.conversation(who))
        for who in (ella, eve)
    )
    assert one != other
    shown = "Possibly the same person: telegram, private (the bot answers): the same order number"
    assert shown in house.desk()
