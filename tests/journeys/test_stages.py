"""How much the bot may do, stage by stage: what the customer reads and what is done."""

import pytest

from config.stages import Stage
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, REFUND, REFUNDED, hears, never, said


async def test_off_answers_nobody(open_house: OpenHouse) -> None:
    """CASES 16: `off`: stored and counted, and that is all."""
    house = await open_house(stage=Stage.OFF)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await house.settled()
    await house.until(lambda: house.log(ella, "message") or None)
    assert not ella.chat
    assert house.calls() == []
    assert house.owner(ella) == "bot"
    await house.counted(1, "turns_total", channel="telegram", outcome="off")


async def test_shadow_only_notes_what_it_would_have_done(open_house: OpenHouse) -> None:
    """`shadow`: the whole brain runs on real looks at the shop; nothing is sent, paid or posted."""
    house = await open_house(changes={"    stage: ": "    shadow: true\n    stage: "})
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await house.until(lambda: house.log(ella, "decided") or None)
    await house.settled()
    assert not ella.chat
    assert house.sent(ella) == 0
    assert await house.refunds("A-10388") == []
    assert house.calls() == []
    assert house.rows("select kind from outbox") == []
    assert house.owner(ella) == "bot"
    await house.counted(1, "turns_total", channel="telegram", outcome="shadow")


async def test_scripted_says_articles_and_looks_orders_up(open_house: OpenHouse) -> None:
    """`scripted`: an article's own words, an order's own state, and no word of anybody else's."""
    house = await open_house(stage=Stage.SCRIPTED)
    ana = house.customer()
    await ana.write(HOURS)
    await hears(ana, OPEN)
    await ana.write("Where is my order A-10611? dev@northwind.example")
    await hears(ana, "A-10611")
    await house.settled()
    assert house.owner(ana) == "bot"


async def test_scripted_changes_nothing(open_house: OpenHouse) -> None:
    """`scripted`: what has to be done goes to colleagues, who see what was looked up."""
    house = await open_house(stage=Stage.SCRIPTED)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    await house.with_button("case.claim", "Ella")
    await house.settled()
    assert await house.refunds("A-10388") == []
    assert house.calls() == []
    assert house.owner(ella) == "desk"
    never(ella, REFUNDED)


async def test_copilot_drafts_and_waits(open_house: OpenHouse) -> None:
    """`copilot`: nothing goes out by itself; what a colleague sends is what is read."""
    house = await open_house(stage=Stage.COPILOT)
    ana = house.customer()
    await ana.write(HOURS)
    draft = await house.with_button("draft.send", "Ana")
    await house.settled()
    assert not ana.chat
    await house.press(house.world.ben, draft, "draft.send")
    await hears(ana, OPEN)
    await house.settled()
    assert len(ana.chat) == 1


async def test_copilot_pays_only_what_is_signed(open_house: OpenHouse) -> None:
    """`copilot`: even a small refund is a colleague's yes, and never the bot's own."""
    house = await open_house(stage=Stage.COPILOT)
    ella = house.customer("Ella")
    await ella.write(REFUND)
    ask = await house.with_button("signoff.approve", "A-10388")
    await house.settled()
    assert await house.refunds("A-10388") == []
    await house.press(house.world.mira, ask, "signoff.approve")
    await house.until(lambda: house.calls() == ["done"] or None, lambda: str(house.calls()))
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    never(ella, REFUNDED)


async def test_copilot_hands_off_with_checked_words(open_house: OpenHouse) -> None:
    """CASES 30: who asks for a person hears that one comes, whatever the stage."""
    house = await open_house(stage=Stage.COPILOT)
    gus = house.customer("Gus")
    await gus.write("I want to talk to a real person please")
    await gus.sees(lambda _: True, timeout=PATIENCE_S)
    await house.with_button("case.claim", "Gus")
    assert house.owner(gus) == "desk"


@pytest.mark.parametrize(("share", "answered"), [("0%", False), ("100%", True)])
async def test_a_share_of_the_customers(
    open_house: OpenHouse, share: str, *, answered: bool
) -> None:
    """Who is not in the share gets the fallback."""
    house = await open_house(
        changes={"    stage: ": f'    share: "{share}"\n    fallback: manual\n    stage: '}
    )
    ana = house.customer()
    await ana.write(HOURS)
    await ana.sees(lambda _: True, timeout=PATIENCE_S)
    assert any(OPEN in text for text in said(ana)) is answered


async def test_the_lowest_stage_of_several_topics_wins(open_house: OpenHouse) -> None:
    """A message about shipping (autonomous) and opening hours (copilot) is drafted."""
    house = await open_house(
        changes={"topics: {praise: copilot}": "topics: {store_hours: copilot}"}
    )
    ana = house.customer()
    await ana.write("How much is shipping? When do you open on saturday?")
    await house.with_button("draft.send", "Ana")
    await house.settled()
    assert not ana.chat
