"""A question that no article answers is found again in the log of a service that really ran."""

from conversation.questions import unanswered
from socialcare.stores import make_care
from tests.journeys.house import House


async def test_a_question_without_an_article_is_found_in_the_log(house: House) -> None:
    ana = house.customer("Ana")
    asked = "please cancel order A-10293"
    await ana.write(asked)
    await house.with_button("case.claim", "Ana")
    await house.settled()
    care = make_care(house.world.settings, folder=house.world.folder)
    await care.open()
    try:
        async with care.looking() as session:
            (one,) = await unanswered(session)
    finally:
        await care.close()
    assert (one.text, one.language, one.answer) == (asked, "en", "")
    assert one.turn.startswith(house.conversation(ana))
