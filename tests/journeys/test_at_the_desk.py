"""Colleagues and the bot on one conversation: who speaks, who may, and what is never said."""

import asyncio
import json
from urllib.parse import urlencode

import aiohttp
import pytest

from config.stages import Stage
from socialcare.demo.world import CARE
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.telegram_people import Customer
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    BIG_REFUND,
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUND,
    House,
    hears,
    never,
    said,
)

HUMAN = "I want to talk to a real person please"
PRAISE = "just wanted to say your shop is amazing, love my new boots!!"
"""Drafted: praise is `copilot` in the demo's configuration."""


async def handed_over(house: House, name: str = "Gus") -> tuple[Customer, Message]:
    """Bring a customer to the desk; gives them and their card."""
    customer = house.customer(name)
    await customer.write(HUMAN)
    await hears(customer, "colleague")
    return customer, await house.with_button("case.claim", name)


async def claimed(house: House, name: str = "Gus") -> tuple[Customer, Message]:
    """Bring a customer to the desk, and Ben to the customer."""
    customer, card = await handed_over(house, name)
    await house.press(house.world.ben, card, "case.claim")
    return customer, card


async def replies(house: House, who: Colleague, card: Message, text: str) -> None:
    """Have a colleague answer by the card's modal."""
    await house.press(who, card, "case.reply")
    await who.gets_view(timeout=PATIENCE_S)
    assert (await who.submit(values={"text": text})).ok


# --- claim, reply, release, resolve


async def test_a_claim_silences_a_turn_in_flight(house: House) -> None:
    """CASES 22: with an open sign-off the bot speaks; a claim in mid-turn ends that."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "needs a colleague's approval")
    card = await house.with_button("case.claim", "Chloe")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    await chloe.write(REFUND)
    await house.world.shop.faults.met("order")
    await house.press(house.world.ben, card, "case.claim")
    house.world.shop.faults.release()
    await house.settled()
    assert house.owner(chloe) == "colleague"
    assert len(chloe.chat) == 1
    assert await house.refunds("A-10388") == []
    await house.until(lambda: "A-10388" in house.desk() or None, "the desk did not see the words")


async def test_a_claim_while_money_moves_keeps_the_deed_and_drops_the_words(house: House) -> None:
    """CASES 22, 38: the refund is done and noted, Ben sees it, and the bot stays silent."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "needs a colleague's approval")
    card = await house.with_button("case.claim", "Chloe")
    house.world.shop.faults.next("refund", Fault(kind="hang", after_effect=True))
    await chloe.write(REFUND)
    await house.world.shop.called("refund")
    await house.press(house.world.ben, card, "case.claim")
    house.world.shop.faults.release()
    await house.settled()
    assert await house.refunds("A-10388") == [4200]
    assert "done" in house.calls()
    assert len(chloe.chat) == 1
    assert "42.00" in house.desk()


async def test_words_that_wait_for_telegram_are_not_sent_after_a_claim(house: House) -> None:
    """CASES 10, 22: the reply waits (429), Ben claims, Telegram lets us again: it stays unsent."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "needs a colleague's approval")
    card = await house.with_button("case.claim", "Chloe")
    house.world.telegram.faults.next("sendMessage", Fault(kind="too_many", retry_after=30))
    await chloe.write(HOURS)
    await house.world.telegram.faults.met("sendMessage")
    await house.until(
        lambda: house.rows("select 1 from outbox where state = 'waiting' and tries = 1") or None
    )
    await house.press(house.world.ben, card, "case.claim")
    await replies(house, house.world.ben, card, "Chloe, Ben here.")
    house.clock.leap(31)
    await hears(chloe, "Ben here")
    await house.settled()
    never(chloe, OPEN)
    assert len(chloe.chat) == 2


async def test_a_claimed_conversation_is_the_colleagues(house: House) -> None:
    """CASES 23, 33: the thread shows the customer's words, Ben answers, no bot."""
    gus, card = await claimed(house)
    await gus.write("hello?? " + HOURS)
    await house.world.slack.appears(CARE, "hello??", timeout=PATIENCE_S)
    await replies(house, house.world.ben, card, "Hi Gus, Ben here.")
    await hears(gus, "Ben here")
    await house.settled()
    assert [text for text in said(gus) if OPEN in text] == []
    assert len(gus.chat) == 2
    assert house.owner(gus) == "colleague"


async def test_after_release_the_bot_introduces_itself_again(house: House) -> None:
    """CASES 27: given back, the bot answers, says who it is, with no handoff in a loop."""
    gus, card = await claimed(house)
    await house.press(house.world.ben, card, "case.release")
    await gus.write(HOURS)
    reply = await hears(gus, OPEN)
    assert "AI assistant" in reply.text
    await house.settled()
    assert house.owner(gus) == "bot"
    assert len(gus.chat) == 2


async def test_a_resolved_case_is_over(house: House) -> None:
    """CASES 28: resolved, the buttons go; what comes next is the bot's, or a new case."""
    gus, card = await claimed(house)
    await house.press(house.world.ben, card, "case.resolve")
    await house.gone(card, "case.resolve")
    await gus.write(HOURS)
    await hears(gus, OPEN)
    await gus.write(HUMAN)
    again = await house.world.slack.appears(
        CARE, lambda one: one.ts > card.ts and house.shows(one, "case.claim"), timeout=PATIENCE_S
    )
    assert again.ts != card.ts


async def test_two_colleagues_claim_at_once(house: House) -> None:
    """CASES 24: one gets the conversation, the other is told who has it."""
    gus, card = await handed_over(house)
    ben, mira = house.world.ben, house.world.mira
    await asyncio.gather(
        house.press(ben, card, "case.claim"), house.press(mira, card, "case.claim")
    )
    await house.settled()
    assert house.owner(gus) == "colleague"
    holder = house.one("select claimed_by from conversation")
    loser = mira if holder == ben.id else ben
    told = await loser.sees(lambda _: True, timeout=PATIENCE_S)
    assert "has this conversation" in plain(told)


async def test_a_double_claim_by_one_person_is_one(house: House) -> None:
    """CASES 5: pressed twice, claimed once, nobody is scolded."""
    gus, card = await handed_over(house)
    await asyncio.gather(*(house.press(house.world.ben, card, "case.claim") for _ in range(3)))
    await house.settled()
    assert house.owner(gus) == "colleague"


# --- threads


async def test_a_line_in_the_thread_is_internal_until_sent(house: House) -> None:
    """CASES 31: the customer reads a thread's line only after Send, and then once."""
    gus, card = await claimed(house)
    await house.world.ben.write_in_thread(card, "he is a regular, be nice")
    keep = await house.with_button("thread.keep", "be nice")
    await house.press(house.world.ben, keep, "thread.keep")
    await house.gone(keep, "thread.keep")
    await house.world.ben.write_in_thread(card, "Your parcel is on its way, Gus.")
    ask = await house.with_button("thread.send", "on its way, Gus")
    assert len(said(gus)) == 1
    await asyncio.gather(*(house.press(house.world.ben, ask, "thread.send") for _ in range(2)))
    await hears(gus, "on its way, Gus")
    await house.settled()
    assert len(said(gus)) == 2
    never(gus, "be nice")


async def test_only_the_writer_sends_their_line(house: House) -> None:
    """CASES 31: somebody else's Send is refused, to that person alone."""
    gus, card = await claimed(house)
    await house.world.ben.write_in_thread(card, "Your parcel is on its way, Gus.")
    ask = await house.with_button("thread.send", "on its way, Gus")
    await house.press(house.world.mira, ask, "thread.send")
    await house.world.mira.sees("Only Ben", timeout=PATIENCE_S)
    await house.settled()
    assert len(gus.chat) == 1


async def test_slacks_retry_delivers_a_line_once(house: House) -> None:
    """CASES 3, 6: the event comes twice, or only as a retry; the prompt is one."""
    _, card = await claimed(house)
    house.world.slack.faults.next("event", Fault(kind="duplicate"))
    await house.world.ben.write_in_thread(card, "one line")
    await house.with_button("thread.send", "one line")
    await house.settled()
    prompts = [
        one
        for one in house.world.slack.messages(CARE)
        if house.shows(one, "thread.send") and "one line" in plain(one)
    ]
    assert len(prompts) == 1


# --- drafts


async def test_an_edited_draft_is_what_the_customer_reads(house: House) -> None:
    """Copilot: Edit opens the words, what was made of them goes out, once."""
    ida = house.customer("Ida")
    await ida.write(PRAISE)
    draft = await house.with_button("draft.edit", "Ida")
    await house.press(house.world.ben, draft, "draft.edit")
    view = await house.world.ben.gets_view(timeout=PATIENCE_S)
    assert view.inputs[0]["element"]["initial_value"]
    await house.world.ben.submit(values={"text": "Thank you Ida, from all of us! Ben"})
    await hears(ida, "from all of us")
    await house.settled()
    assert len(ida.chat) == 1


async def test_a_discarded_draft_is_never_sent(house: House) -> None:
    """Copilot: discarded, the buttons are gone and the customer read nothing."""
    ida = house.customer("Ida")
    await ida.write(PRAISE)
    draft = await house.with_button("draft.discard", "Ida")
    await house.press(house.world.ben, draft, "draft.discard")
    await house.gone(draft, "draft.send")
    await house.settled()
    assert not ida.chat


async def test_send_and_discard_at_once_do_one_of_them(house: House) -> None:
    """CASES 38: two colleagues decide about one draft; one of them does."""
    ida = house.customer("Ida")
    await ida.write(PRAISE)
    draft = await house.with_button("draft.send", "Ida")
    await asyncio.gather(
        house.press(house.world.ben, draft, "draft.send"),
        house.press(house.world.mira, draft, "draft.discard"),
    )
    await house.settled()
    assert len(ida.chat) == house.log(ida, "said") <= 1
    assert house.log(ida, "colleague_replied") + house.log(ida, "draft_discarded") == 1


async def test_a_newer_draft_takes_the_place_of_the_older(house: House) -> None:
    """CASES 10: the old draft's button is refused; only the newer words can go out."""
    ida = house.customer("Ida")
    await ida.write(PRAISE)
    card = await house.with_button("draft.send", "Ida")
    old = house.world.slack.current(card)
    value = old.button("draft.send")["value"]
    await ida.write("really, best shop ever, thank you so much!")
    await house.until(
        lambda: (
            any(
                button["action_id"] == "draft.send" and button["value"] != value
                for one in house.world.slack.messages(CARE)
                for button in one.buttons
            )
            or None
        ),
        "no newer draft",
    )
    await house.settled()
    await pressed_anyway(house, house.world.ben, old, "draft.send", value)
    await house.settled()
    assert not ida.chat
    newer = [one for one in house.world.slack.messages(CARE) if house.shows(one, "draft.send")]
    await house.press(house.world.ben, newer[-1], "draft.send")
    await hears(ida, "")
    await house.settled()
    assert len(ida.chat) == 1


async def pressed_anyway(
    house: House, who: Colleague, message: Message, action: str, value: str
) -> None:
    """Send a press of a button that Slack shows no more: somebody's app was slow to update."""
    space = house.world.slack.workspace
    member = space.members[who.id]
    payload = space.interaction("block_actions", member) | {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": False,
        },
        "channel": {"id": message.channel, "name": "care"},
        "state": {"values": {}},
        "response_url": space.new_hook(message, who.id),
        "actions": [
            {
                "action_id": action,
                "block_id": "b",
                "type": "button",
                "value": value,
                "text": {"type": "plain_text", "text": "x"},
                "action_ts": f"{house.clock.now().timestamp():.6f}",
            }
        ],
        "message": space.payload(message),
    }
    assert (await space.interact(payload)).ok


# --- sign-offs


async def test_signed_once_by_who_may(house: House) -> None:
    """CASES 38: not by Ben; by Mira seven times at once: paid once."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "needs a colleague's approval")
    ask = await house.with_button("signoff.approve", "A-10502")
    await house.press(house.world.ben, ask, "signoff.approve")
    await house.world.ben.sees(lambda _: True, timeout=PATIENCE_S)
    assert await house.refunds("A-10502") == []
    assert house.calls() == ["awaiting"]
    await asyncio.gather(*(house.press(house.world.mira, ask, "signoff.approve") for _ in range(7)))
    await hears(chloe, "I have refunded £180.00")
    await house.settled()
    assert await house.refunds("A-10502") == [18_000]
    assert house.calls() == ["done"]
    await house.gone(ask, "signoff.approve")


async def test_a_sign_off_nobody_gives_expires(open_house: OpenHouse) -> None:
    """CASES 38, 40: late is no; the customer hears it, and the old button pays nothing."""
    house = await open_house(changes={"expires: 30m": "expires: 5m"})
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    first = await hears(chloe, "needs a colleague's approval")
    ask = await house.with_button("signoff.approve", "A-10502")
    value = house.world.slack.current(ask).button("signoff.approve")["value"]
    await house.settled()
    house.clock.leap(301)
    await chloe.sees(lambda _: True, after=first, timeout=PATIENCE_S)
    await house.settled()
    await pressed_anyway(house, house.world.mira, ask, "signoff.approve", value)
    await house.world.mira.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10502") == []
    assert house.calls() == ["refused"]
    assert house.one("select state from approval") == "expired"


async def test_a_yes_after_it_was_refunded_elsewhere_pays_nothing(house: House) -> None:
    """CASES 38, 40: the shop refunded by hand meanwhile; the yes is refused at the shop's door."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    first = await hears(chloe, "needs a colleague's approval")
    ask = await house.with_button("signoff.approve", "A-10502")
    charge = (await house.world.shop.charges("A-10502"))[0]
    await refunded_by_hand(house, charge.id, "180.00")
    await house.press(house.world.mira, ask, "signoff.approve")
    await chloe.sees(lambda _: True, after=first, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10502") == [18_000]
    never(chloe, "I have refunded")
    assert house.owner(chloe) == "desk"


async def test_a_yes_to_another_call_than_was_asked_about_pays_nothing(house: House) -> None:
    """CASES 40: a sign-off is bound to the exact call: altered behind its back, it is void."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "needs a colleague's approval")
    ask = await house.with_button("signoff.approve", "A-10502")
    await house.settled()
    house.change("update action_call set args = replace(args, '180', '18')")
    assert "18" in house.one("select args from action_call"), "it was altered"
    await house.press(house.world.mira, ask, "signoff.approve")
    await house.world.mira.sees(lambda _: True, timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10502") == []
    assert house.calls() == ["awaiting"]


async def refunded_by_hand(house: House, charge: str, amount: str, *, key: str = "by-hand") -> None:
    """Have somebody refund in the shop's own back office."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{house.world.shop.base_url}/refunds",
            json={"charge": charge, "amount": amount, "currency": "GBP", "reason": "by hand"},
            headers={
                "Authorization": f"Bearer {house.world.shop.token}",
                "Idempotency-Key": key,
            },
        ) as answer,
    ):
        assert answer.status < 300, await answer.text()


async def test_a_yes_while_a_colleague_has_the_case_reaches_that_colleague(house: House) -> None:
    """CASES 18, 22: Ben has the case, Mira signs: it is done, Ben reads it, the bot is silent."""
    chloe = house.customer("Chloe")
    await chloe.write(BIG_REFUND)
    await hears(chloe, "needs a colleague's approval")
    card = await house.with_button("case.claim", "Chloe")
    ask = await house.with_button("signoff.approve", "A-10502")
    await house.press(house.world.ben, card, "case.claim")
    await house.press(house.world.mira, ask, "signoff.approve")
    await house.world.slack.appears(CARE, "has not told the customer", timeout=PATIENCE_S)
    await house.settled()
    assert await house.refunds("A-10502") == [18_000]
    assert len(chloe.chat) == 1


# --- stages


async def test_manual_acknowledges_and_opens_a_case(open_house: OpenHouse) -> None:
    """CASES 30: where colleagues answer, the customer hears that, and the clock runs."""
    house = await open_house(stage=Stage.MANUAL)
    gus = house.customer("Gus")
    await gus.write(HOURS)
    await gus.sees(lambda _: True, timeout=PATIENCE_S)
    card = await house.with_button("case.claim", "Gus")
    never(gus, OPEN)
    assert house.owner(gus) == "desk"
    await replies(house, house.world.ben, card, "From nine, Gus. Ben")
    await hears(gus, "From nine")
    await house.settled()
    assert len(gus.chat) == 2


async def test_a_case_nobody_claims_is_called_out(house: House) -> None:
    """The human target: after a quarter of an hour the desk reads that nobody came, once."""
    await handed_over(house)
    await house.settled()
    house.clock.leap(15 * 60 + 1)
    await house.world.slack.appears(CARE, "Nobody has claimed this", timeout=PATIENCE_S)
    await house.settled()
    assert house.desk().count("Nobody has claimed this") == 1
    await house.counted(1, "target_missed_total", channel="telegram", target="human")


# --- Slack itself


async def test_slack_down_while_a_handoff_happens(house: House) -> None:
    """CASES 32: the customer is told at once, the card comes when Slack is back."""
    await house.world.slack.go_down()
    gus = house.customer("Gus")
    await gus.write(HUMAN)
    await hears(gus, "colleague")
    assert house.owner(gus) == "desk"
    await house.until(
        lambda: house.rows("select 1 from outbox where kind = 'desk' and tries > 0") or None,
        "the desk was not tried",
    )
    await house.world.slack.come_back()
    house.clock.leap(30)
    await house.with_button("case.claim", "Gus")


async def test_requests_that_are_not_our_workspaces_change_nothing(house: House) -> None:
    """Unsigned, wrongly signed, old or from a foreign team: nobody claims a case with those."""
    gus, card = await handed_over(house)
    slack = house.world.slack
    body = claim_body(house, card)
    assert (await slack.post_raw(body, headers={})).status == 401
    slack.faults.next("interactivity", Fault(kind="bad_signature"))
    old = slack.workspace.delivery.headers(body, content_type="application/x-www-form-urlencoded")
    wrong = old | {"X-Slack-Signature": "v0=" + "0" * 64}
    assert (await slack.post_raw(body, headers=wrong)).status == 401
    house.clock.leap(6 * 60)
    assert (await slack.post_raw(body, headers=old)).status == 401
    foreign = claim_body(house, card, team="T0FOREIGN")
    fresh = slack.workspace.delivery.headers(
        foreign, content_type="application/x-www-form-urlencoded"
    )
    await slack.post_raw(foreign, headers=fresh)
    await house.settled()
    assert house.owner(gus) == "desk"
    await house.counted(3, "rejected_total", channel="desk", why="signature")


def claim_body(house: House, card: Message, *, team: str | None = None) -> bytes:
    """Word Ben's press of Claim."""
    space = house.world.slack.workspace
    button = house.world.slack.current(card).button("case.claim")
    payload = space.interaction("block_actions", space.members[house.world.ben.id]) | {
        "container": {"type": "message", "message_ts": card.ts, "channel_id": card.channel},
        "channel": {"id": card.channel, "name": "care"},
        "actions": [
            {
                "action_id": "case.claim",
                "block_id": button["block_id"],
                "type": "button",
                "value": button["value"],
                "action_ts": "1.0",
            }
        ],
        "message": space.payload(card),
    }
    if team is not None:
        payload["team"] = {"id": team, "domain": "foreign"}
        payload["user"] = dict(payload["user"]) | {"team_id": team}
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.mark.parametrize("stranger", ["U0EVE"])
async def test_who_has_no_role_is_told_so_alone(house: House, stranger: str) -> None:
    """A stranger in the workspace presses Claim: an ephemeral word, no change."""
    eve = house.world.slack.colleague(stranger, name="Eve")
    gus, card = await handed_over(house)
    await house.press(eve, card, "case.claim")
    await eve.sees("You may not do this", timeout=PATIENCE_S)
    assert house.owner(gus) == "desk"
