"""A colleague answered in the platform's own app, then it is quiet: whose is the conversation?"""

from tests.journeys.house import HOURS, OPEN, PATIENCE_S, House
from tests.journeys.test_messenger import owner, sees

DAY_S = 13 * 3600.0
"""More than the lapse of twelve hours."""


async def test_after_a_quiet_the_bot_takes_it_back(house: House) -> None:
    ana = house.world.graph.customer()
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await ana.answered_in_app("Hi, Ben here. I'm on it.")
    await house.until(lambda: owner(house, ana) == "elsewhere" or None)
    await house.settled()
    house.clock.leap(DAY_S)
    await house.until(lambda: owner(house, ana) == "bot" or None, "the bot never took it back")
    await house.settled()
    assert "Closed. It began with: Answered in the platform's own app" in house.desk()
    await ana.write(HOURS)
    await ana.sees(OPEN, after=ana.chat[-1], timeout=PATIENCE_S)


async def test_who_still_waits_then_goes_to_the_desk(house: House) -> None:
    ana = house.world.graph.customer()
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await ana.answered_in_app("Hi, Ben here. I'm on it.")
    await house.until(lambda: owner(house, ana) == "elsewhere" or None)
    await ana.write("and where is my parcel?")
    await house.settled()
    house.clock.leap(DAY_S)
    await house.until(lambda: owner(house, ana) == "desk" or None, "nobody has it")
    await house.settled()
    assert "then nobody answered any more" in house.desk()


async def test_each_answer_sets_the_clock_anew(house: House) -> None:
    ana = house.world.graph.customer()
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await ana.answered_in_app("Hi, Ben here. I'm on it.")
    await house.until(lambda: owner(house, ana) == "elsewhere" or None)
    await house.settled()
    house.clock.leap(DAY_S / 2)
    await ana.answered_in_app("Still on it.")
    await house.settled()
    house.clock.leap(DAY_S / 2)
    await house.settled()
    assert owner(house, ana) == "elsewhere"
    assert "Answered in the platform's app: Still on it." in house.desk()
