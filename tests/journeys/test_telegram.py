"""Telegram as it really is: limits, refusals, groups, and messages that are no text."""

import dataclasses
from functools import partial

import pytest

from brain.embedded import Mind
from socialcare.learning import learn, read_articles
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.telegram_html import utf16_length
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUND,
    REFUNDED,
    House,
    hears,
    never,
    running,
    said,
)


def waits_again(house: House, tries: int) -> bool | None:
    """Tell whether a message waits for its next try."""
    question = "select 1 from outbox where state = 'waiting' and tries = ?"
    return bool(house.rows(question, tries)) or None


# --- what Telegram refuses


async def test_too_many_requests_are_sent_not_before_the_time(house: House) -> None:
    """CASES 20, 36: 429 with retry_after: not earlier than asked, and nothing is lost."""
    ana, ben = house.customer(), house.customer("Benno")
    telegram = house.world.telegram
    telegram.faults.next("sendMessage", Fault(kind="too_many", retry_after=30))
    await ana.write(HOURS)
    await telegram.faults.met("sendMessage")
    refused_at = house.clock.now()
    await house.until(partial(waits_again, house, 1))
    await ben.write(HOURS)
    await hears(ben, OPEN)
    house.clock.leap(20)
    await ben.write("and how much is shipping?")
    await hears(ben, "3.95")
    assert not ana.chat
    house.clock.leap(11)
    seen = await hears(ana, OPEN)
    assert (seen.at - refused_at).total_seconds() >= 29
    await house.settled()
    assert len(ana.chat) == 1


async def test_too_many_without_a_hint_is_tried_again(house: House) -> None:
    """CASES 20: no retry_after at all: still retried."""
    ana = house.customer()
    house.world.telegram.faults.next("sendMessage", Fault(kind="too_many"))
    await ana.write(HOURS)
    await house.world.telegram.faults.met("sendMessage")
    await house.until(partial(waits_again, house, 1))
    house.clock.leap(60)
    await hears(ana, OPEN)


async def test_a_proxys_error_page_is_tried_again(house: House) -> None:
    """CASES 20: 5xx with HTML, three times in a row; the message arrives once."""
    ana = house.customer()
    house.world.telegram.faults.next("sendMessage", Fault(kind="status", status=502), times=3)
    await ana.write(HOURS)
    for tries in (1, 2, 3):
        await house.world.telegram.faults.met("sendMessage", times=tries)
        await house.until(partial(waits_again, house, tries))
        house.clock.leap(10)
    await hears(ana, OPEN)
    await house.settled()
    assert len(ana.chat) == 1


async def test_who_blocked_us_is_left_alone(house: House) -> None:
    """CASES 20: blocked: one try, no retry, the log says why, others are served."""
    ella, ben = house.customer("Ella"), house.customer("Benno")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("order")
    await ella.block()
    await ella.delivered()
    house.world.shop.faults.release()
    await house.until(
        lambda: house.rows("select 1 from outbox where kind = 'reply' and state = 'dead'") or None,
        lambda: str(house.rows("select kind, state, why from outbox")),
    )
    await ben.write(HOURS)
    await hears(ben, OPEN)
    house.clock.leap(3_600)
    await house.settled()
    assert not ella.chat
    assert house.one("select tries from outbox where kind = 'reply' and state = 'dead'") == 1
    assert house.log(ella, "not_delivered") == 1
    assert await house.refunds("A-10388") == [4200]
    await ella.unblock()
    await ella.write(HOURS)
    await hears(ella, OPEN)


@pytest.mark.parametrize("policy", ["resend", "hold"])
async def test_a_lost_answer_is_repeated_or_held(open_house: OpenHouse, policy: str) -> None:
    """CASES 9: Telegram took it, the answer got lost: `resend` repeats, `hold` tells the desk."""
    house = await open_house(changes={"    stage: ": f"    on_unknown: {policy}\n    stage: "})
    ana = house.customer()
    house.world.telegram.faults.next("sendMessage", Fault(kind="answer_lost"))
    await ana.write(HOURS)
    await hears(ana, OPEN)
    if policy == "resend":
        await house.until(partial(waits_again, house, 1))
        house.clock.leap(10)
        await house.until(lambda: len(ana.chat) == 2 or None)
        await house.settled()
        assert said(ana)[0] == said(ana)[1]
    else:
        await house.with_button("case.claim", "Ana")
        house.clock.leap(3_600)
        await house.settled()
        assert len(ana.chat) == 1
        assert house.one("select state from outbox where kind = 'reply'") == "unknown"


async def test_the_chat_is_told_in_parts_and_in_order(open_house: OpenHouse, mind: Mind) -> None:
    """An article longer than 4096 UTF-16 units arrives whole, in order, each part within limits."""
    house = await open_house(serve=False)
    pieces = [f"Step {n}: fold the tent 🏕️ along its seam number {n}." for n in range(130)]
    article = (
        "---\nid: tent\ntitle: How to fold the expedition tent\ntopics: [product_question]\n"
        "languages: [en]\nsurface: public\nowner: care\n---\n"
        "How do I fold the expedition tent?\n\n" + " ".join(pieces) + "\n"
    )
    (house.world.folder / "knowledge" / "tent.md").write_text(article, "utf-8")
    articles, problems = read_articles(house.world.folder / "knowledge")
    assert not problems
    taught = learn(house.world.settings, articles)
    house.world = dataclasses.replace(house.world, learn=lambda _settings, _articles: taught)
    ana = house.customer()
    async with running(house):
        await ana.write("How do I fold the expedition tent?")
        await hears(ana, "seam number 129")
        await house.settled()
    assert len(ana.chat) == 2
    assert all(utf16_length(text) <= 4096 for text in said(ana))
    whole = " ".join(" ".join(said(ana)).split())
    positions = [whole.index(f"Step {n}:") for n in range(130)]
    assert positions == sorted(positions)


# --- while it thinks


async def test_typing_is_shown_while_the_shop_is_slow(house: House) -> None:
    """The customer sees that somebody is at it."""
    ella = house.customer("Ella")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("order")
    await house.world.telegram.changes.until(
        lambda: "typing" in ella.private.actions or None,
        patience_s=PATIENCE_S,
        expected=lambda: "typing",
    )
    house.world.shop.faults.release()
    await hears(ella, REFUNDED)


async def test_a_holding_line_when_it_takes_longer_than_promised(open_house: OpenHouse) -> None:
    """CASES 21: past the acknowledge target the customer hears that it takes a moment; once."""
    house = await open_house(
        changes={"acknowledge: 10s": "acknowledge: 1s", "timeout: 2s": "timeout: 8s"}
    )
    ella = house.customer("Ella")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    await ella.write(REFUND)
    await house.world.shop.faults.met("order")
    first = await ella.sees(lambda _: True, timeout=PATIENCE_S)
    assert "AI assistant" in first.text
    house.world.shop.faults.release()
    last = await hears(ella, REFUNDED)
    await house.settled()
    assert len(ella.chat) == 2
    assert "AI assistant" not in last.text


# --- what is no text


async def test_an_edit_before_the_answer_is_what_is_answered(house: House) -> None:
    """A burst with an edit is read as it stands."""
    ella = house.customer("Ella")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    message = await ella.write(
        "I want my money back for A-10611, my mail is ella@northwind.example"
    )
    await house.world.shop.faults.met("order")
    await ella.edit(message, REFUND)
    await ella.delivered()
    house.world.shop.faults.release()
    await hears(ella, REFUNDED)
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert await house.refunds("A-10611") == []


async def test_an_edit_after_the_answer_does_nothing_twice(house: House) -> None:
    """Editing an answered message is no new wish; nothing is paid again."""
    ella = house.customer("Ella")
    message = await ella.write(REFUND)
    await hears(ella, REFUNDED)
    await ella.edit(message, REFUND + " please")
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert house.log(ella, "edit") == 1


async def test_a_photo_alone_gets_an_answer(house: House) -> None:
    """Media without words: the bot says something sensible, or a person does; it is not lost."""
    ana = house.customer()
    await ana.photo()
    await ana.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert len(ana.chat) == 1
    assert house.log(ana, "message") == 1


async def test_a_captioned_photo_is_read_by_its_caption(house: House) -> None:
    """A caption is text."""
    ana = house.customer()
    await ana.photo(HOURS)
    await hears(ana, OPEN)


async def test_stickers_reactions_and_strange_kinds_do_no_harm(house: House) -> None:
    """CASES 16: whatever it is, the log has it, and the next question is answered."""
    ana = house.customer()
    await ana.sticker()
    await ana.send({"dice": {"emoji": "🎲", "value": 3}})
    await ana.send({"poll": {"id": "1", "question": "?", "options": []}})
    await ana.send({"location": {"latitude": 51.5, "longitude": -0.1}})
    await ana.send({"contact": {"phone_number": "+44", "first_name": "Bob"}})
    await ana.send({"something_new": {"a": 1}})
    await house.settled()
    await ana.write(HOURS)
    await hears(ana, OPEN)
    await ana.react()
    await house.settled()
    assert house.rows("select state, why from inbox where state <> 'taken'") == []


async def test_a_press_of_a_button_we_never_made_is_answered(house: House) -> None:
    """The spinner ends, nothing breaks, and nothing is said about it twice."""
    ana = house.customer()
    await ana.write(HOURS)
    seen = await hears(ana, OPEN)
    house.world.telegram.tell_bot(
        "callback_query",
        {
            "id": "77",
            "from": ana.person,
            "message": house.world.telegram.bot_message(ana.private, seen),
            "chat_instance": "1",
            "data": "not-ours",
        },
        queue=("callback", ana.user_id),
        lasts_s=30,
    )
    await house.world.telegram.changes.until(
        lambda: (
            "answerCallbackQuery" in {call.method for call in house.world.telegram.calls} or None
        ),
        patience_s=PATIENCE_S,
        expected=lambda: "the press is acknowledged",
    )
    await ana.write("how much is shipping?")
    await hears(ana, "3.95")


# --- groups


async def test_a_group_is_answered_only_when_it_asks(house: House) -> None:
    """Without a mention: nothing. With one: a public answer, from articles."""
    ana, group = house.customer(), house.world.telegram.group()
    await ana.write_in_group(group, HOURS)
    await house.settled()
    assert not group.messages
    await ana.write_in_group(group, f"@northwind_care_bot {HOURS}")
    await house.world.telegram.changes.until(
        lambda: group.messages or None, patience_s=PATIENCE_S, expected=lambda: "an answer"
    )
    assert OPEN in group.messages[0].text


async def test_nothing_private_is_said_or_done_in_a_group(house: House) -> None:
    """CASES 45: a wish about an order in public is invited to private; no shop is asked."""
    ella, group = house.customer("Ella"), house.world.telegram.group()
    await ella.write_in_group(group, f"@northwind_care_bot {REFUND}")
    await house.world.telegram.changes.until(
        lambda: group.messages or None, patience_s=PATIENCE_S, expected=lambda: "an invitation"
    )
    await house.settled()
    text = " ".join(message.text for message in group.messages)
    assert "ella@" not in text
    assert "42" not in text
    assert "A-10388" not in text
    assert await house.refunds("A-10388") == []
    assert house.calls() == []
    never(ella, "")


async def test_a_group_that_became_a_supergroup_is_followed(house: House) -> None:
    """The old id is refused and names the new one: the reply arrives there."""
    ana, telegram = house.customer(), house.world.telegram
    group, after = telegram.group(), telegram.group(title="Walkers, super")
    await ana.write_in_group(group, "hi")
    group.migrate(after.chat.chat_id)
    await ana.write_in_group(group, f"@northwind_care_bot {HOURS}")
    await telegram.changes.until(
        lambda: after.messages or None, patience_s=PATIENCE_S, expected=lambda: "an answer there"
    )
    assert OPEN in after.messages[0].text
    assert not group.messages
