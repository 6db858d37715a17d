"""One person in several places: joined on proof, hinted at otherwise, one owner for all of it."""

import re
from collections.abc import AsyncIterator

import pytest

from config.stages import Stage
from handoff.context import reason_title
from socialcare.demo.world import CARE
from socialcare.sandbox.slack_reading import plain
from tests.faults.store_eye import PostgresEye
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import BIG_REFUND, House, hears, never, running, said
from tests.journeys.process import command
from tests.journeys.test_two_processes import SQLITE, second

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


def customers(house: House) -> set[str]:
    return {one for (one,) in house.rows("select customer from conversation")}


async def test_the_card_says_who_is_one_person_and_who_no_more(house: House) -> None:
    """Possibly the same, then proved, then parted: each time the card that stands says so."""
    ella, eve = house.customer("Ella"), house.customer("Eve")
    await eve.write(NAMED)
    await house.until(lambda: said(eve) or None)
    await ella.write(ORDER)
    await hears(ella, "A-10388")
    await ella.write("human please")
    card = await house.with_button("case.claim", "“Ella”")

    def shown() -> str:
        return plain(house.world.slack.current(card))

    assert "Possibly the same person: telegram, private" in shown()
    assert "Also writes on" not in shown()
    assert len(customers(house)) == 2
    await eve.write("ella@northwind.example")
    await hears(eve, "A-10388", after=eve.chat[-1])
    await house.until(lambda: "Also writes on telegram, private" in shown() or None, shown)
    assert "Possibly the same person" not in shown()
    assert len(customers(house)) == 1
    note = "One person with who writes elsewhere"
    await house.until(lambda: note in house.desk() or None, house.desk)

    (turn,) = {
        turn
        for (turn,) in house.rows(
            "select turn from log where kind = 'tended' and conversation = ?",
            house.conversation(eve),
        )
    }
    told = await command(house, "trace", turn)
    assert "Found to be one person with who is known as u_" in re.sub(r"\s+", " ", told.out)

    parted = await command(house, "customer", "part", "1")
    assert parted.code == 0, parted.err
    await house.until(lambda: "Possibly the same person" in shown() or None, shown)
    assert "Also writes on" not in shown()
    assert len(customers(house)) == 2
    # And it stays so, whatever is proved once more.
    await eve.write(ORDER)
    await house.settled()
    assert len(customers(house)) == 2


async def test_a_card_that_stands_shows_who_names_the_same_later(house: House) -> None:
    """Whoever names it has no case, and nobody touches the one that stands."""
    ella, eve = house.customer("Ella"), house.customer("Eve")
    await ella.write(ORDER)
    await hears(ella, "A-10388")
    await ella.write("human please")
    card = await house.with_button("case.claim", "“Ella”")
    await house.settled()
    await eve.write(NAMED)

    def shown() -> str:
        return plain(house.world.slack.current(card))

    hint = "Possibly the same person: telegram, private (the bot answers): the same order number"
    await house.until(lambda: hint in shown() or None, shown)
    await house.settled()
    assert len(customers(house)) == 2
    assert house.owner(eve) == "bot"


@pytest.fixture(params=["one process", "two on PostgreSQL"])
def servers(request: pytest.FixtureRequest) -> str | None:
    """Name the database of two processes; None: there is one process."""
    two = request.param != "one process"
    return str(request.getfixturevalue("postgres_url")) if two else None


@pytest.fixture
async def shared(open_house: OpenHouse, servers: str | None) -> AsyncIterator[House]:
    """Serve a house by one process, or by two that share a database."""
    if servers is None:
        yield await open_house()
        return
    house = await open_house(serve=False, changes={SQLITE: servers})
    house.database = PostgresEye(servers)
    async with running(house), second(house):
        yield house
    house.database.close()


@pytest.mark.timeout(90)
async def test_a_sign_off_goes_to_who_has_the_other_case_in_the_turn_that_asks_for_it(
    shared: House,
) -> None:
    house, ben = shared, shared.world.ben
    known, chloe = house.customer("Known"), house.customer("Chloe")
    await known.write("where is my order A-10502? my mail is chloe@northwind.example")
    await hears(known, "A-10502")
    await known.write("human please")
    card = await house.with_button("case.claim", "“Known”")
    await house.press(ben, card, "case.claim")
    await house.settled()

    await chloe.write(BIG_REFUND)
    sign_off = await house.with_button("signoff.approve", "180", channel=CARE)
    await house.settled()
    assert len(customers(house)) == 1
    assert [house.owner(one) for one in (known, chloe)] == ["colleague", "colleague"]
    assert "which ben has: this one is theirs too." in house.desk()
    assert len(said(chloe)) == 1, "that a colleague must sign is as true as before"

    # The sign-off is as good as before, and what is done with one case is done with both.
    await house.press(house.world.mira, sign_off, "signoff.approve")
    await house.until(lambda: house.calls() == ["done"] or None)
    assert await house.refunds("A-10502") == [18000]
    await house.press(ben, card, "case.resolve")
    await house.settled()
    assert [house.owner(one) for one in (known, chloe)] == ["bot", "bot"]


async def test_a_draft_goes_along_and_is_sent_by_who_has_both(open_house: OpenHouse) -> None:
    house = await open_house(stage=Stage.COPILOT)
    ben, mira = house.world.ben, house.world.mira
    known, ella = house.customer("Known"), house.customer("Ella")
    await known.write(ORDER)
    card = await house.with_button("draft.send", "“Known”")
    await house.press(ben, card, "case.claim")
    await house.settled()
    await ella.write(ORDER)
    draft = await house.with_button("draft.send", "“Ella”")
    await house.settled()
    assert [house.owner(one) for one in (known, ella)] == ["colleague", "colleague"]
    await house.press(mira, draft, "draft.send")
    await house.settled()
    assert not ella.chat, "it is not hers to send"
    await house.press(ben, draft, "draft.send")
    await hears(ella, "A-10388")
    await house.press(ben, draft, "case.release")
    await house.settled()
    assert [house.owner(one) for one in (known, ella)] == ["bot", "bot"]
