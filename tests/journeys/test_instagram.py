"""Instagram: direct messages, comments, stories, and colleagues in the app itself."""

import contextlib
import sqlite3
from datetime import timedelta

from config.stages import Surface
from conversation.model import Address
from socialcare.sandbox.graph_delivery import as_meta_writes
from socialcare.sandbox.graph_people import GraphCustomer
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUND,
    REFUNDED,
    House,
    hears,
    running,
)


def ella_of(house: House) -> GraphCustomer:
    return house.world.graph.customer(place="instagram", name="Ella")


def owner(house: House, customer: GraphCustomer) -> str:
    conversation = Address(
        channel="instagram",
        account=house.world.graph.instagram_id,
        key=customer.user_id,
        surface=Surface.PRIVATE,
    ).conversation
    return str(house.one("select owner from conversation where id = ?", conversation))


async def sees(customer: GraphCustomer, words: str) -> None:
    await customer.sees(words, timeout=PATIENCE_S)


async def test_a_refund_by_direct_message(house: House) -> None:
    ella = ella_of(house)
    await ella.write(REFUND)
    await sees(ella, REFUNDED)
    assert await house.refunds("A-10388") == [4200]
    await ella.read()
    await ella.react(ella.chat[-1].message_id)
    await house.settled()
    assert len(ella.chat) == 1
    assert owner(house, ella) == "bot"


async def test_a_comment_leads_to_a_private_reply(house: House) -> None:
    ella = ella_of(house)
    comment = await ella.comment(REFUND)
    private = await ella.sees("You wrote to us in public", timeout=PATIENCE_S)
    assert private.comment_id == comment.comment_id
    await house.settled()
    assert not any("A-10388" in one.text for one in ella.answers)
    assert await house.refunds("A-10388") == []
    await ella.write(REFUND)
    await sees(ella, REFUNDED)


async def test_a_public_question_is_answered_under_its_comment(house: House) -> None:
    ana = ella_of(house)
    await ana.comment(HOURS)
    await ana.sees_answer(OPEN, timeout=PATIENCE_S)
    await house.settled()
    assert len(ana.answers) == 1


async def test_an_answer_to_a_story_is_a_message_of_its_own(house: House) -> None:
    ana = ella_of(house)
    await ana.answer_story(HOURS)
    await sees(ana, OPEN)


async def test_case_34_who_mentions_us_in_a_story_has_written(house: House) -> None:
    """The reply window opens by it, as by a message."""
    ana = ella_of(house)
    await ana.mention_in_story()
    first = await ana.sees(lambda _seen: True, timeout=PATIENCE_S)
    assert first.tag is None


async def test_a_colleague_in_the_app_silences_the_bot(house: House) -> None:
    """Instagram's echo names no app: only its id tells it from our own words."""
    ana = ella_of(house)
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await ana.answered_in_app("Hi, Ben here.")
    await house.until(lambda: owner(house, ana) == "elsewhere" or None)
    await ana.write(HOURS)
    await house.settled()
    assert sum(one.by_app for one in ana.chat) == 1


async def test_our_own_words_are_known_where_the_echo_names_no_app(house: House) -> None:
    graph = house.world.graph
    graph.echoes_name_apps = False
    ana = ella_of(house)
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await house.settled()
    assert owner(house, ana) == "bot"
    await ana.write("and who are you?")
    await house.settled()
    assert owner(house, ana) != "elsewhere"


async def test_an_echo_that_comes_after_a_restart_is_still_our_own(open_house: OpenHouse) -> None:
    """By its id, or by its words: the answer that named the id may be lost, or still under way."""
    house = await open_house(serve=False)
    graph = house.world.graph
    graph.echoes_name_apps = False
    ana = ella_of(house)
    async with running(house):
        await ana.write(HOURS)
        await sees(ana, OPEN)
        await house.settled()
    async with running(house):
        ours = ana.chat[-1]
        for message_id, text in (
            (ours.message_id, OPEN),
            ("m_whose_answer_was_lost", ours.text),
            ("m_of_ben", "Ben here"),
        ):
            event = {
                "sender": {"id": graph.instagram_id},
                "recipient": {"id": ana.user_id},
                "timestamp": int(house.clock.now().timestamp() * 1_000),
                # Not the echo that came before the restart: that one is known as a duplicate.
                "message": {"mid": message_id, "text": text, "is_echo": True},
            }
            entry = {"id": graph.instagram_id, "time": 1, "messaging": [event]}
            forget = "delete from inbox where event_id like '%' || ?"
            with contextlib.closing(sqlite3.connect(house.world.store_file)) as db:
                db.execute(forget, (message_id,))
                db.commit()
            body = as_meta_writes({"object": "instagram", "entry": [entry]})
            assert (await graph.post_raw("instagram", body)).ok
            await house.settled()
            assert owner(house, ana) == ("elsewhere" if text == "Ben here" else "bot")


async def test_nothing_is_said_after_the_window(house: House) -> None:
    graph = house.world.graph
    ana, tom = ella_of(house), house.customer("Tom")
    graph.token_works = False
    await ana.write(HOURS)
    await house.until_missing("instagram")
    await tom.write(HOURS)
    await hears(tom, OPEN)
    house.clock.leap(timedelta(hours=25).total_seconds())
    graph.token_works = True
    await house.with_button("case.claim", "saturday")
    assert ana.chat == ()


# --- in the account's own name


def public_owner(house: House, customer: GraphCustomer, post_id: str) -> str:
    graph = house.world.graph
    conversation = Address(
        channel="instagram",
        account=graph.instagram_id,
        key=f"{post_id}:{customer.commenter_id}",
        surface=Surface.PUBLIC,
    ).conversation
    return str(house.one("select owner from conversation where id = ?", conversation))


async def test_a_private_reply_that_comes_back_unnamed_after_a_restart_is_our_own(
    open_house: OpenHouse,
) -> None:
    """It was said in the comment's conversation, and its echo is of the private one."""
    house = await open_house(serve=False)
    graph = house.world.graph
    graph.echoes_name_apps = False
    ella = ella_of(house)
    async with running(house):
        await ella.comment(REFUND)
        private = await ella.sees("You wrote to us in public", timeout=PATIENCE_S)
        await house.settled()
    async with running(house):
        for message_id, text in (("m_answer_lost", private.text), ("m_of_ben", "Ben here")):
            event = {
                "sender": {"id": graph.instagram_id},
                "recipient": {"id": ella.user_id},
                "timestamp": int(house.clock.now().timestamp() * 1_000),
                "message": {"mid": message_id, "text": text, "is_echo": True},
            }
            entry = {"id": graph.instagram_id, "time": 1, "messaging": [event]}
            body = as_meta_writes({"object": "instagram", "entry": [entry]})
            assert (await graph.post_raw("instagram", body)).ok
            await house.settled()
            question = "select count(*) from conversation where owner = 'elsewhere'"
            assert house.one(question) == (1 if text == "Ben here" else 0)


async def test_a_colleague_who_answers_under_a_comment_in_the_app_has_it(house: House) -> None:
    """As in private: the bot falls silent, and the case gives the conversation back."""
    ana, bea = ella_of(house), house.world.graph.customer(place="instagram", name="Bea")
    comment = await ana.comment(HOURS)
    await ana.sees_answer(OPEN, timeout=PATIENCE_S)
    await house.settled()
    assert public_owner(house, ana, comment.post_id) == "bot"
    await ana.answered_below(comment, "Hi Ana, we'll look. Ben")
    await house.with_button("case.release", "A colleague answers in the platform's own app")
    await house.settled()
    assert public_owner(house, ana, comment.post_id) == "elsewhere"
    before = len(ana.answers)
    await ana.comment(HOURS, post_id=comment.post_id)
    await bea.comment(HOURS, post_id=comment.post_id)
    await bea.sees_answer(OPEN, timeout=PATIENCE_S)
    await house.settled()
    assert len(ana.answers) == before
    assert public_owner(house, bea, comment.post_id) == "bot"


async def test_our_answer_to_who_wrote_below_another_is_no_colleagues(house: House) -> None:
    """Instagram tells of it as an answer to the thread's first comment, which is another's."""
    graph = house.world.graph
    ana, bea = ella_of(house), graph.customer(place="instagram", name="Bea")
    comment = await ana.comment(HOURS)
    await ana.sees_answer(OPEN, timeout=PATIENCE_S)
    await bea.comment("how much is shipping?", under=comment)
    ours = await bea.sees_answer("3.95", timeout=PATIENCE_S)
    await house.settled()
    for words in (ours.text, "Shipping is on us today. Ben"):
        await ana.answered_below(comment, words)
        await house.settled()
        assert public_owner(house, bea, comment.post_id) == "bot"
        silent = words != ours.text
        assert public_owner(house, ana, comment.post_id) == ("elsewhere" if silent else "bot")
