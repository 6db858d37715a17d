"""A colleague's words that nothing shows: named at once, sent anyway as they are, noted."""

import json
from collections.abc import Iterator
from typing import Any

from config.stages import Stage
from socialcare.demo.world import CARE
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message, plain
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, PATIENCE_S, REFUND, REFUNDED, House, hears, said
from tests.journeys.process import command

HUMAN = "I want to talk to a real person please"
DOUBTFUL = "I have refunded you £99.00, see https://evil.example/pay"


async def begins(house: House, who: Colleague, card: Message, text: str) -> None:
    """Have a colleague send words by the card's window."""
    await house.press(who, card, "case.reply")
    await who.gets_view(timeout=PATIENCE_S)
    assert (await who.submit(values={"text": text})).ok


def overridden(told: Any) -> Iterator[Any]:
    """Find in an export what was sent although it was doubtful."""
    inside = list(told.items() if isinstance(told, dict) else enumerate(told))
    for name, value in inside:
        if name == "overrode" and value:
            yield value
        elif isinstance(value, dict | list):
            yield from overridden(value)


async def test_words_that_nothing_shows_wait_for_a_second_press(house: House) -> None:
    gus, ben = house.customer("Gus"), house.world.ben
    await gus.write(HUMAN)
    await hears(gus, "colleague")
    card = await house.with_button("case.claim", "Gus")
    await begins(house, ben, card, DOUBTFUL)
    view = ben.view
    assert view is not None
    named = json.dumps(view.body["blocks"], ensure_ascii=False)
    assert "not in the books: “I have refunded you £99.00, see https”" in named
    assert "“https://evil.example/pay”" in named
    await house.settled()
    assert house.owner(gus) == "desk"
    assert len(said(gus)) == 1
    assert (await ben.submit()).ok
    assert ben.view is None
    await hears(gus, "evil.example")
    assert said(gus)[-1] == DOUBTFUL
    assert await house.figure("warnings_overridden_total") == 1
    await house.world.slack.appears(CARE, "ben → customer (after a warning", timeout=PATIENCE_S)
    exported = await command(house, "export", f"telegram:{gus.user_id}")
    # Once as it arrived, once in the log.
    kinds = [[one["kind"] for one in noted] for noted in overridden(json.loads(exported.out))]
    assert kinds == [["claim", "link"]] * 2


async def test_what_the_bot_has_done_may_be_said_by_a_colleague_at_once(house: House) -> None:
    ella, ben = house.customer("Ella"), house.world.ben
    await ella.write(REFUND)
    await hears(ella, REFUNDED)
    await ella.write(HUMAN)
    card = await house.with_button("case.claim", "Ella")
    await begins(house, ben, card, "I have refunded you £42.00 for A-10388, Ella. Ben")
    assert ben.view is None
    await hears(ella, "A-10388, Ella. Ben")
    assert await house.figure("warnings_overridden_total") == 0


async def test_a_draft_made_of_an_article_takes_one_press(open_house: OpenHouse) -> None:
    house = await open_house(stage=Stage.COPILOT)
    ida, ben = house.customer("Ida"), house.world.ben
    await ida.write(HOURS)
    draft = await house.with_button("draft.send", "Ida")
    await house.press(ben, draft, "draft.send")
    await hears(ida, "aturday")
    assert ben.view is None


async def test_a_doubtful_line_of_a_thread_is_asked_about_by_name(house: House) -> None:
    gus, ben = house.customer("Gus"), house.world.ben
    await gus.write(HUMAN)
    card = await house.with_button("case.claim", "Gus")
    await house.press(ben, card, "case.claim")
    await ben.write_in_thread(card, "You have 45 days, Gus.")
    ask = await house.with_button("thread.send", "45 days")
    assert "Names a number" in plain(ask)
    await house.settled()
    assert len(said(gus)) == 1
    await house.press(ben, ask, "thread.send")
    await hears(gus, "45 days")
    await house.gone(ask, "thread.send")
    assert ben.view is None
    assert await house.figure("warnings_overridden_total") == 1
