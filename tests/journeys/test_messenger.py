"""Messenger and page comments: private threads, private replies, colleagues in Meta's own inbox."""

import json
from datetime import timedelta

import pytest

from config.stages import Stage, Surface
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph_people import GraphCustomer
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import HOURS, OPEN, PATIENCE_S, REFUND, REFUNDED, House, hears

HUMAN = "I want to talk to a REAL PERSON now"


def conversation(house: House, customer: GraphCustomer) -> str:
    return Address(
        channel="messenger",
        account=house.world.graph.page_id,
        key=customer.user_id,
        surface=Surface.PRIVATE,
    ).conversation


def owner(house: House, customer: GraphCustomer) -> str:
    return str(
        house.one("select owner from conversation where id = ?", conversation(house, customer))
    )


async def sees(customer: GraphCustomer, words: str) -> None:
    await customer.sees(words, timeout=PATIENCE_S)


async def test_a_refund_in_messenger(house: House) -> None:
    ella = house.world.graph.customer(name="Ella")
    await ella.write(REFUND)
    await sees(ella, REFUNDED)
    assert await house.refunds("A-10388") == [4200]
    await house.settled()
    # Echoes, deliveries and reads of our own words ask for nothing.
    await ella.read()
    await house.settled()
    assert len(ella.chat) == 1
    assert owner(house, ella) == "bot"


async def test_a_comment_gets_its_private_matters_answered_in_private(house: House) -> None:
    ella = house.world.graph.customer(name="Ella")
    comment = await ella.comment(f"{REFUND}!!")
    private = await ella.sees("You wrote to us in public", timeout=PATIENCE_S)
    assert private.comment_id == comment.comment_id
    await house.settled()
    assert not any("42.00" in one.text or "A-10388" in one.text for one in ella.answers)
    assert await house.refunds("A-10388") == []
    # In private it goes on; the thread there is another conversation.
    await ella.write(REFUND)
    await sees(ella, REFUNDED)
    assert await house.refunds("A-10388") == [4200]


async def test_a_visitors_own_post_is_answered_as_a_comment_is(house: House) -> None:
    ana, ella = house.world.graph.customer(name="Ana"), house.world.graph.customer(name="Ella")
    await ana.post(HOURS)
    await ana.sees_answer(OPEN, timeout=PATIENCE_S)
    post = await ella.post(REFUND)
    private = await ella.sees("You wrote to us in public", timeout=PATIENCE_S)
    assert private.comment_id == post.comment_id
    await house.settled()
    assert ella.answers == ()


async def test_a_private_reply_that_fails_becomes_no_public_words(house: House) -> None:
    """CASES 45: the one private reply was used up elsewhere; the desk has it, the post has not."""
    ella = house.world.graph.customer(name="Ella")
    refused = '{"error": {"message": "(#10900) Activity already replied to", "code": 10900}}'
    fault = Fault(kind="status", status=400, body=refused, content_type="application/json")
    house.world.graph.faults.next("messages", fault)
    await ella.comment(REFUND)
    await house.with_button("case.claim", "Ella")
    await house.settled()
    assert (ella.answers, ella.chat) == ((), ())
    assert house.one("select state from outbox where kind = 'reply'") == "dead"


async def test_a_private_reply_is_one_message_however_long(open_house: OpenHouse) -> None:
    """Meta takes one for a comment: a second part would be refused, and the desk told of it."""
    told = "Write “human” at any time to reach a person."
    house = await open_house(changes={told: " ".join([told] * 50)})
    ella = house.world.graph.customer(name="Ella")
    await ella.comment(REFUND)
    seen = await ella.sees("AI assistant", timeout=PATIENCE_S)
    assert seen.text.endswith("[…]")
    await house.settled()
    assert len(ella.chat) == 1
    assert "Could not be delivered" not in house.desk()


async def test_a_public_question_is_answered_under_its_comment(house: House) -> None:
    ana = house.world.graph.customer()
    comment = await ana.comment(HOURS)
    answer = await ana.sees_answer(OPEN, timeout=PATIENCE_S)
    assert answer.parent_id == comment.comment_id
    await house.settled()
    # The page's own comment came back as an event, and is no customer's.
    assert len(ana.answers) == 1
    assert not ana.chat


async def test_a_colleague_in_metas_inbox_silences_the_bot(house: House) -> None:
    ana = house.world.graph.customer()
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await ana.answered_in_app("Hi, Ben here. I'm on it.")
    await house.until(lambda: owner(house, ana) == "elsewhere" or None)
    card = await house.with_button("case.release", "Answered in the platform")
    await ana.write(HOURS)
    await house.settled()
    assert sum(one.by_app for one in ana.chat) == 1
    await house.press(house.world.ben, card, "case.release")
    await ana.write(HOURS)
    await ana.sees(OPEN, after=ana.chat[-1], timeout=PATIENCE_S)
    assert owner(house, ana) == "bot"


async def test_a_thread_that_another_app_owns_is_left_to_it(house: House) -> None:
    ana = house.world.graph.customer()
    ana.thread.elsewhere = True
    await ana.write(HOURS)
    await house.settled()
    assert ana.chat == ()
    assert owner(house, ana) == "elsewhere"


async def test_a_thread_taken_from_us_is_left_to_who_took_it(house: House) -> None:
    ana = house.world.graph.customer()
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await ana.taken_over()
    await ana.write("and on sunday?")
    await house.settled()
    assert len(ana.chat) == 1
    assert owner(house, ana) == "elsewhere"


async def test_a_colleagues_late_words_go_as_a_persons(house: House) -> None:
    gus = house.world.graph.customer(name="Gus")
    await gus.write(HUMAN)
    await sees(gus, "colleague")
    card = await house.with_button("case.claim", "REAL PERSON")
    await house.press(house.world.ben, card, "case.claim")
    house.clock.leap(timedelta(hours=30).total_seconds())
    await house.press(house.world.ben, card, "case.reply")
    await house.world.ben.gets_view(timeout=PATIENCE_S)
    await house.world.ben.submit(values={"text": "Sorry for the wait, Ben here."})
    seen = await gus.sees("Ben here", timeout=PATIENCE_S)
    assert seen.tag == "HUMAN_AGENT"


async def test_a_draft_of_the_bots_does_not_go_as_a_persons(open_house: OpenHouse) -> None:
    """Issue 5: HUMAN_AGENT is for colleagues' words only; an edited draft is theirs."""
    house = await open_house(stage=Stage.COPILOT)
    gus, ben = house.world.graph.customer(name="Gus"), house.world.ben
    await gus.write(HOURS)
    draft = await house.with_button("draft.send", "Gus")
    house.clock.leap(timedelta(hours=30).total_seconds())
    await house.press(ben, draft, "draft.send")
    await house.until(lambda: "window_closed" in house.desk() or None, house.desk)
    assert gus.chat == ()
    await house.press(ben, draft, "case.reply")
    await ben.gets_view(timeout=PATIENCE_S)
    await ben.submit(values={"text": "Ben here: until six on Saturday."})
    seen = await gus.sees("Ben here", timeout=PATIENCE_S)
    assert seen.tag == "HUMAN_AGENT"


async def test_a_revoked_token_stops_the_channel_alone(house: House) -> None:
    graph = house.world.graph
    ana, tom = graph.customer(), house.customer("Tom")
    graph.token_works = False
    await ana.write(HOURS)
    await house.until_missing("messenger")
    await tom.write(HOURS)
    await hears(tom, OPEN)
    assert ana.chat == ()
    graph.token_works = True
    house.clock.leap(timedelta(minutes=20).total_seconds())
    await sees(ana, OPEN)
    await house.until_missing(None)


async def test_a_channel_for_which_nothing_waits_is_found_open_again(house: House) -> None:
    """A colleague took over, the bot's words are gone: nobody else would try the token."""
    graph, ben = house.world.graph, house.world.ben
    ana = graph.customer(name="Ana")
    graph.token_works = False
    await ana.write(HUMAN)
    card = await house.with_button("case.claim", "REAL PERSON")
    await house.until_missing("messenger")
    await house.press(ben, card, "case.claim")
    house.clock.leap(61)
    await house.until(
        lambda: house.one("select count(*) from outbox where state = 'waiting'") == 0 or None
    )
    graph.token_works = True
    for _ in range(3):
        house.clock.leap(61)
    await house.until_missing(None)
    assert ana.chat == ()


async def test_words_that_waited_for_a_token_beyond_the_window_go_to_the_desk(
    house: House,
) -> None:
    """Issue 5: windows are computed at the moment of sending, not when the words were kept."""
    graph = house.world.graph
    ana = graph.customer(name="Ana")
    graph.token_works = False
    await ana.write(HOURS)
    await house.until_missing("messenger")
    house.clock.leap(timedelta(hours=30).total_seconds())
    graph.token_works = True
    house.clock.leap(121)
    await house.with_button("case.claim", "window_closed")
    await house.settled()
    assert ana.chat == ()
    assert not any(call.edge == "messages" and call.status != 401 for call in graph.calls)


async def test_refused_credentials_are_tried_by_one_message_for_all(house: House) -> None:
    """The channel stops: what waits does not go on knocking, and all of it goes once it can."""
    graph = house.world.graph
    people = [graph.customer(name=f"Ana {number}") for number in range(6)]
    graph.token_works = False
    for one in people:
        await one.write(HOURS)
    tried = "select count(*) from outbox where kind = 'reply' and state = 'waiting' and tries >= ?"

    async def all_tried(times: int) -> int:
        await house.until(lambda: house.one(tried, times) == len(people) or None)
        return sum(call.edge == "messages" for call in graph.calls)

    before = await all_tried(1)
    for times in (2, 3, 4):
        house.clock.leap(61)
        after = await all_tried(times)
        assert after - before == 1
        before = after
    graph.token_works = True
    house.clock.leap(61)
    await house.until_missing(None)
    house.clock.leap(61)
    for one in people:
        await sees(one, OPEN)


async def test_meta_comes_again_until_it_is_taken(house: House) -> None:
    ana = house.world.graph.customer()
    house.world.graph.faults.next("webhook", Fault(kind="duplicate"))
    await ana.write(HOURS)
    await sees(ana, OPEN)
    await house.settled()
    assert len(ana.chat) == 1


async def test_a_batch_of_two_customers_is_two_conversations(house: House) -> None:
    graph = house.world.graph
    ana, bea = graph.customer(), graph.customer(name="Bea")
    async with graph.deliveries.gathered():
        await ana.write(HOURS)
        await bea.write(HOURS)
        await ana.comment(HOURS)
    await sees(ana, OPEN)
    await sees(bea, OPEN)
    await ana.sees_answer(OPEN, timeout=PATIENCE_S)


async def test_a_page_that_is_not_ours_is_counted_and_not_answered(house: House) -> None:
    graph = house.world.graph
    ana = graph.customer()
    right, graph.page_id = graph.page_id, "999"
    await ana.write(HOURS)
    graph.page_id = right
    await house.settled()
    assert ana.chat == ()
    assert house.one("select kind from inbox where account = '999'") == "foreign_account"


async def test_a_strangers_signature_is_refused(house: House) -> None:
    answer = await house.world.graph.post_raw(
        "page", b'{"object":"page","entry":[]}', {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    )
    assert answer.status == 401
    assert await house.figure("rejected_total", channel="messenger", why="signature") == 1


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        (
            "hub.mode=subscribe&hub.verify_token=stand-in-verify-token&hub.challenge=42",
            200,
            "42",
        ),
        ("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=42", 403, "wrong verify token"),
    ],
)
async def test_the_handshake(house: House, query: str, status: int, body: str) -> None:
    assert await house.get(f"/webhooks/messenger?{query}") == (status, body)


async def test_words_after_the_window_go_to_the_desk(open_house: OpenHouse) -> None:
    house = await open_house(stage=Stage.COPILOT)
    ana = house.world.graph.customer()
    await ana.write(HOURS)
    draft = await house.with_button("draft.send", "saturday")
    house.clock.leap(timedelta(days=8).total_seconds())
    await house.press(house.world.ben, draft, "draft.send")
    await house.settled()
    assert not any(OPEN in one.text for one in ana.chat)
    assert "window" in house.desk()


async def test_the_case_has_the_name_that_no_message_carries(house: House) -> None:
    """Meta is asked before the card is shown; the log keeps it, later lines show it too."""
    ella = house.world.graph.customer(name="Ella Quill")
    await ella.write(HUMAN)
    await house.with_button("case.claim", "Ella Quill")
    await house.settled()
    await ella.write("are you there?")
    await house.until(lambda: house.desk().count("Ella Quill") > 1 or None, house.desk)
    kinds = "select count(*) from log where kind = 'introduced'"
    assert house.one(kinds) == 1


async def test_a_name_that_is_not_told_keeps_nobody_waiting(house: House) -> None:
    """The case opens without it, the customer is answered as ever."""
    ella = house.world.graph.customer(name="Ella Quill")
    house.world.graph.faults.until_cleared("node", Fault(kind="status", status=503))
    await ella.write(HUMAN)
    await house.with_button("case.claim", "messenger")
    await ella.sees("colleague", timeout=PATIENCE_S)
    assert "Quill" not in house.desk()


async def test_what_meta_does_about_the_page_is_heard_at_the_desk(house: House) -> None:
    """It belongs to no conversation; told once, however often Meta says it."""
    graph = house.world.graph
    event = {
        "recipient": {"id": graph.page_id},
        "timestamp": 1793869200123,
        "policy_enforcement": {"action": "block", "reason": "The bot violated our Policies"},
    }
    entry = {"id": graph.page_id, "time": 1793869200123, "messaging": [event]}
    raw = json.dumps({"object": "page", "entry": [entry]}).encode()
    for _ in range(2):
        assert (await graph.post_raw("page", raw)).status == 200
    told = "messenger: Meta enforces its policies: block"
    await house.until(lambda: told in house.desk() or None, house.desk)
    await house.settled()
    assert house.desk().count(told) == 1


async def test_a_colleague_who_answers_below_a_post_in_the_app_has_it(house: House) -> None:
    """Facebook tells of the page's own comments: ours are known, a colleague's silence the bot."""
    graph = house.world.graph
    ana = graph.customer(name="Ana")

    def public_owner(post_id: str) -> str:
        address = Address(
            channel="messenger",
            account=graph.page_id,
            key=f"{post_id}:{ana.commenter_id}",
            surface=Surface.PUBLIC,
        )
        return str(house.one("select owner from conversation where id = ?", address.conversation))

    post = await ana.post(HOURS)
    comment = await ana.comment(HOURS)
    await house.until(lambda: len(ana.answers) == 2 or None)
    await house.settled()
    for written in (post, comment):
        assert public_owner(written.post_id) == "bot"
        await ana.answered_below(written, "Hi Ana, we'll look. Ben")
        await house.settled()
        assert public_owner(written.post_id) == "elsewhere"
    before = len(ana.answers)
    await ana.comment(HOURS, post_id=post.post_id)
    await house.settled()
    assert len(ana.answers) == before
