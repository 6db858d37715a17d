"""Many complain in public at once: the bot falls silent there, the desk has one case of it."""

from collections.abc import Iterator

import pytest

from socialcare.demo.world import CARE
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.x_people import Customer
from tests.faults.store_eye import PostgresEye
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, REFUND, REFUNDED, House
from tests.journeys.process import command

BRAKE = {
    "    spend: {per_day: 20 USD}": (
        "    spend: {per_day: 20 USD}\n    pile_on: {complaints: 3, within: 30m}"
    )
}
PAGE_BRAKE = {
    '    page_id: "${DEMO_PAGE}"': (
        '    page_id: "${DEMO_PAGE}"\n    pile_on: {complaints: 2, within: 30m}'
    )
}
SQLITE = "sqlite:///socialcare.db"
COMPLAINT = "@northwind my parcel arrived damaged, this is unacceptable!"
SILENT = "The bot says nothing in public"


@pytest.fixture(params=["sqlite", "postgres"])
def open_on(open_house: OpenHouse, request: pytest.FixtureRequest) -> Iterator[OpenHouse]:
    """Open houses on either store."""
    if request.param == "sqlite":
        yield open_house
        return
    url = str(request.getfixturevalue("postgres_url"))
    eye = PostgresEye(url)

    async def opened(*, changes: dict[str, str]) -> House:
        house = await open_house(changes={SQLITE: url, **changes})
        house.database = eye
        return house

    yield opened
    eye.close()


async def complain(house: House, *names: str) -> list[Customer]:
    """Have people complain in public, one after the other."""
    people = []
    for name in names:
        people.append(house.world.x.customer(name=name))
        await people[-1].posts(COMPLAINT)
        await house.settled()
    return people


async def storm(house: House) -> Message:
    """Wait for the case of it."""
    return await house.with_button("case.release", SILENT)


def cases(house: House) -> int:
    """Count the cards at the desk."""
    return int(house.one("select count(*) from desk_post where key like 'case:%'"))


async def test_enough_complaints_silence_the_bot_in_public_alone(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    people = await complain(house, "Ana", "Ben", "Cleo", "Dora")
    asks = house.world.x.customer(name="Eve")
    await asks.posts(f"@northwind {HOURS}")
    await house.settled()
    assert [len(one.public) for one in people] == [1, 1, 0, 0]
    assert asks.public == ()
    assert cases(house) == 1
    assert house.desk().count(SILENT) == 1
    for words in ("Dora", "Eve", HOURS):
        assert words in house.desk()
    assert await house.figure("turns_total", channel="x", outcome="held_back") == 2
    # In private it goes on.
    ella = house.world.x.customer(name="Ella")
    await ella.writes_dm(REFUND)
    await ella.sees_dm(REFUNDED, timeout=PATIENCE_S)
    left = "select 1 from inbox where state <> 'taken' and kind <> 'post.create'"
    assert house.rows(left) == [], "but for our own posts, which X tells of too"


async def test_one_furious_customer_is_no_pile(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    ana = house.world.x.customer(name="Ana")
    for number in range(4):
        await ana.posts(f"{COMPLAINT} {number}")
        await house.settled()
    assert house.rows("select 1 from storm") == []
    assert SILENT not in house.desk()


async def test_those_who_ask_do_not_count(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    for name in ("Ana", "Ben", "Cleo", "Dora"):
        asks = house.world.x.customer(name=name)
        await asks.posts(f"@northwind {HOURS}")
        await asks.sees(OPEN, timeout=PATIENCE_S)
    assert house.rows("select 1 from complaint") == []


async def test_a_colleague_gives_the_bot_its_voice_back(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    await complain(house, "Ana", "Ben", "Cleo")
    await house.press(house.world.ben, await storm(house), "case.release")
    await house.until(lambda: "speaks in public on x again" in house.desk() or None, house.desk)
    await house.settled()
    assert house.rows("select 1 from storm") == []
    asks = house.world.x.customer(name="Eve")
    await asks.posts(f"@northwind {HOURS}")
    await asks.sees(OPEN, timeout=PATIENCE_S)
    # What came before counts no more.
    (dora,) = await complain(house, "Dora")
    assert len(dora.public) == 1


async def test_calm_lifts_it_by_itself(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    await complain(house, "Ana", "Ben", "Cleo")
    card = await storm(house)
    house.clock.leap(20 * 60)
    await complain(house, "Dora")
    house.clock.leap(11 * 60)
    # Dora's alone is left of four, and one of three is calm.
    await house.until(lambda: "It is calm again" in house.desk() or None, house.desk)
    assert house.shows(card, "case.release")
    asks = house.world.x.customer(name="Eve")
    await asks.posts(f"@northwind {HOURS}")
    await asks.sees(OPEN, timeout=PATIENCE_S)


async def test_what_was_on_its_way_is_not_said_any_more(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    house.world.x.faults.until_cleared("tweets", Fault(kind="too_many", retry_after=60))
    asks = house.world.x.customer(name="Eve")
    await asks.posts(f"@northwind {HOURS}")
    await house.until(lambda: house.rows("select 1 from outbox where tries > 0") or None)
    for name in ("Ana", "Ben", "Cleo"):
        await house.world.x.customer(name=name).posts(COMPLAINT)
    await storm(house)
    house.world.x.faults.clear()
    house.clock.leap(1_000)
    await house.settled()
    assert asks.public == ()
    assert house.rows("select 1 from outbox where kind = 'reply' and state <> 'superseded'") == []
    assert HOURS in house.desk()
    assert cases(house) == 1


async def test_comments_have_the_brake_too(open_on: OpenHouse) -> None:
    house = await open_on(changes=PAGE_BRAKE)
    people = [house.world.graph.customer(name=name) for name in ("Ana", "Ben", "Cleo")]
    for one in people:
        await one.comment("my parcel arrived damaged, this is unacceptable!")
        await house.settled()
    assert [len(one.answers) + len(one.chat) for one in people] == [1, 0, 0]
    assert cases(house) == 1


async def test_the_case_shows_so_many_lines_and_says_so(open_on: OpenHouse) -> None:
    house = await open_on(changes=BRAKE)
    await complain(house, "Ana", "Ben", "Cleo")
    await storm(house)
    house.change("update storm set lines = 199")
    await complain(house, "Dora", "Eve", "Fay", "Gus")
    assert "Dora" in house.desk()
    assert house.desk().count("More is written than is shown here") == 1
    assert "Fay" not in house.desk()
    assert cases(house) == 1


async def test_a_held_line_belongs_to_whoever_wrote_it(open_on: OpenHouse) -> None:
    """Erasing Dora takes back her line in the others' case."""
    house = await open_on(changes=BRAKE)
    people = await complain(house, "Ana", "Ben", "Cleo", "Dora")
    (held,) = house.rows("select conversation, ts from desk_post where key like 'held:%'")
    assert held[0] != house.one("select conversation from storm")
    line = next(one for one in house.world.slack.messages(CARE) if one.ts == held[1])
    assert "Dora" in plain(line)
    assert people[3].public == ()
    told = await command(house, "erase", f"x:{people[3].user_id}", "--yes")
    assert told.code == 0, told.err
    assert "Dora" not in house.desk()
    assert "Cleo" in house.desk()
    assert house.shows(await storm(house), "case.release")
