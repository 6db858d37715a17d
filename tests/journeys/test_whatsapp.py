"""WhatsApp as it is: accepted is not delivered, windows close, people answer in their own app."""

import json
from functools import partial

import aiohttp
import pytest

from config.stages import Surface
from conversation.model import Address
from handoff.context import reason_title
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.whatsapp_people import Customer
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUND,
    REFUNDED,
    House,
    running,
)

DAY_S = 24 * 3600.0
TEMPLATES = "    templates: {reopen: {name: care_reopen, languages: [en, de]}}\n"
FAREWELL = "I've found it, it is with the carrier. Ben"


def conversation(house: House, customer: Customer, key: str | None = None) -> str:
    return Address(
        channel="whatsapp",
        account=house.world.whatsapp.phone_id,
        key=key or customer.user_id,
        surface=Surface.PRIVATE,
    ).conversation


def owner(house: House, customer: Customer) -> str:
    question = "select owner from conversation where id = ?"
    return str(house.one(question, conversation(house, customer)))


def said(customer: Customer) -> list[str]:
    return [message.text for message in customer.chat if not message.by_app]


async def post(house: House, body: bytes, signature: str | None = None) -> int:
    """Post to the webhook, by default rightly signed."""
    whatsapp = house.world.whatsapp
    headers = {"X-Hub-Signature-256": signature or whatsapp.deliveries.signature(body)}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{house.world.url}/webhooks/whatsapp", data=body, headers=headers) as answer,
    ):
        return answer.status


# --- answered, and done


async def test_a_refund_is_asked_for_and_paid(house: House) -> None:
    """The whole way: asked in WhatsApp, refunded in the shop, told in WhatsApp, seen as read."""
    ella = house.world.whatsapp.customer(name="Ella")
    await ella.write(REFUND)
    seen = await ella.sees(REFUNDED, timeout=PATIENCE_S)
    assert await house.refunds("A-10388") == [4200]
    assert seen.formatted == ()
    await ella.read()
    await house.settled()
    assert owner(house, ella) == "bot"
    receipts = "select count(*) from log where conversation = ? and kind = 'receipt'"
    assert house.one(receipts, conversation(house, ella)) >= 2


async def test_while_it_thinks_the_customer_sees_that_it_was_read(house: House) -> None:
    """The blue ticks and the sign of writing are one call, under the message that is answered."""
    ella = house.world.whatsapp.customer(name="Ella")
    house.world.shop.faults.next("order", Fault(kind="hang"))
    sent = await ella.write(REFUND)
    await house.until(lambda: ella.private.typing or None)
    assert list(ella.private.typing) == ella.private.read == [sent.message_id]
    house.world.shop.faults.release()
    await ella.sees(REFUNDED, timeout=PATIENCE_S)


async def test_who_hides_the_number_goes_on_where_they_were(house: House) -> None:
    """A user name takes the number out of every payload: the conversation stays one."""
    ella = house.world.whatsapp.customer(name="Ella")
    await ella.write(HOURS)
    first = await ella.sees(OPEN, timeout=PATIENCE_S)
    ella.hide_number("ella.w")
    await ella.write("and how much is shipping?")
    await ella.sees("3.95", after=first, timeout=PATIENCE_S)
    await house.settled()
    assert house.one("select count(*) from conversation where channel = 'whatsapp'") == 1


async def test_a_batch_of_many_customers_is_answered_one_by_one(house: House) -> None:
    """One body, several entries, some of them not for us to answer: nobody waits for another."""
    whatsapp = house.world.whatsapp
    ella, ben = whatsapp.customer(name="Ella"), whatsapp.customer(name="Ben")
    await house.until(lambda: whatsapp.deliveries.url or None)
    async with whatsapp.together():
        await ella.send({"type": "text", "text": {"body": 7}})
        await ella.write(HOURS)
        await ben.write("how much is shipping?")
    await ben.sees("3.95", timeout=PATIENCE_S)
    await ella.sees(OPEN, timeout=PATIENCE_S)
    assert (
        house.one("select why from inbox where state = 'quarantined'") == "text.body: string_type"
    )


# --- the reply window


@pytest.mark.parametrize("configured", [True, False])
async def test_after_the_window_a_template_goes_and_colleagues_go_on(
    open_house: OpenHouse, *, configured: bool
) -> None:
    """The message came a day late: the bot's words may go no more, the desk is told."""
    changes = {} if configured else {TEMPLATES: ""}
    house = await open_house(serve=False, changes=changes)
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    await ella.write(HOURS)
    house.clock.leap(DAY_S + 60)
    async with running(house):
        card = await house.with_button("case.claim", reason_title("undeliverable"))
        await house.settled()
        assert owner(house, ella) == "desk"
        told = [(message.template, message.language) for message in ella.chat]
        assert told == ([("care_reopen", "en")] if configured else [])
        assert not any(call.result == 131047 for call in whatsapp.calls)
        # The customer writes again: the window is open, and a colleague answers in it.
        await ella.write("yes please")
        await house.press(house.world.ben, card, "case.claim")
        await house.settled()
        assert owner(house, ella) == "colleague"


# --- accepted is not delivered


async def test_a_message_that_fails_after_it_was_accepted_goes_to_the_desk(house: House) -> None:
    """`failed` comes later: colleagues are told why, and nobody believes it was read."""
    ella = house.world.whatsapp.customer(name="Ella")
    ella.fail_next(131026)
    await ella.write(HOURS)
    await house.with_button("case.claim", "131026 Message undeliverable")
    await house.settled()
    assert owner(house, ella) == "desk"
    assert OPEN not in " ".join(said(ella))


async def test_a_failure_told_twice_is_one_case(house: House) -> None:
    """Webhooks come twice: one status of one message is one event."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    ella.fail_next(131026)
    await ella.write(HOURS)
    await house.with_button("case.claim", "131026")
    await house.settled()
    failed = next(call for call in whatsapp.calls if call.name == "messages")
    error = {"code": 131026, "title": "Message undeliverable"}
    whatsapp.status(ella.private, failed.result["messages"][0]["id"], "failed", error)
    await house.settled()
    question = "select count(*) from log where conversation = ? and kind = 'handed_off'"
    assert house.one(question, conversation(house, ella)) == 1


async def test_what_another_tool_could_not_deliver_is_nobodys_case(house: House) -> None:
    """Order news from the same number by another app: each app hears of each failure."""
    whatsapp = house.world.whatsapp
    ella, ben = whatsapp.customer(name="Ella"), whatsapp.customer(name="Ben")
    await ella.write(HOURS)
    await ella.sees(OPEN, timeout=PATIENCE_S)
    await house.settled()
    house.clock.leap(2 * 3600.0)
    error = {"code": 131026, "title": "Message undeliverable"}
    ours = next(call for call in whatsapp.calls if call.name == "messages")
    for customer in (ella, ben):
        whatsapp.status(customer.private, f"wamid.NEWS.{customer.user_id}", "failed", error)
    await house.settled()
    assert "131026" not in house.desk()
    assert house.one("select count(*) from log where kind = 'handed_off'") == 0
    assert owner(house, ella) == "bot"
    # What we said ourselves is told however late.
    whatsapp.status(ella.private, ours.result["messages"][0]["id"], "failed", error)
    await house.with_button("case.claim", "131026")


# --- a colleague answers in the Business app


async def test_who_answers_in_the_business_app_has_the_conversation(house: House) -> None:
    """The bot falls silent at once, a case opens, and its button gives the conversation back."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    await ella.write(HOURS)
    await ella.sees(OPEN, timeout=PATIENCE_S)
    await whatsapp.answer_in_app(ella, FAREWELL)
    card = await house.with_button("case.release", "Ella")
    await house.settled()
    assert owner(house, ella) == "elsewhere"
    before = len(said(ella))
    await ella.write("and how much is shipping?")
    await house.settled()
    assert len(said(ella)) == before
    await house.press(house.world.ben, card, "case.release")
    await house.settled()
    await ella.write("how much is shipping?")
    await ella.sees("3.95", timeout=PATIENCE_S)
    assert owner(house, ella) == "bot"


async def test_a_message_taken_back_in_the_app_is_no_answer(house: House) -> None:
    """A colleague who deletes something answers nothing: the bot goes on."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    await house.until(lambda: whatsapp.deliveries.url or None)
    await whatsapp.revoke_in_app(ella, "wamid.OLD")
    await ella.write(HOURS)
    await ella.sees(OPEN, timeout=PATIENCE_S)
    await house.settled()
    assert owner(house, ella) == "bot"


# --- another number, the same customer


async def test_another_number_is_the_same_customer(house: House) -> None:
    """`user_id_update` joins both ids: who has the old conversation has the new one too."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    old = ella.user_id
    await ella.write("I want to talk to a human")
    card = await house.with_button("case.claim", "Ella")
    await house.press(house.world.ben, card, "case.claim")
    await house.settled()
    ella.change_number("447700900777", "GB.99887766")
    await house.settled()
    before = len(said(ella))
    await ella.write(HOURS)
    await house.with_button("case.release", reason_title("linked"))
    await house.settled()
    question = "select customer from conversation where id = ?"
    one, other = (
        house.one(question, conversation(house, ella, key)) for key in (old, ella.user_id)
    )
    assert one == other
    assert OPEN not in " ".join(said(ella)[before:])


async def test_whose_id_is_told_beside_their_number_is_the_same_customer(house: House) -> None:
    """The platform says it itself: who has the old conversation has the new one too."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    ella.private.known_by_number = True
    await ella.write("I want to talk to a human")
    card = await house.with_button("case.claim", "Ella")
    await house.press(house.world.ben, card, "case.claim")
    await house.settled()
    ella.private.known_by_number = False
    before = len(said(ella))
    await ella.write(HOURS)
    await house.with_button("case.release", reason_title("linked"))
    await house.settled()
    question = "select customer from conversation where id = ?"
    one, other = (
        house.one(question, conversation(house, ella, key))
        for key in (ella.private.number, ella.user_id)
    )
    assert one == other
    assert OPEN not in " ".join(said(ella)[before:])


async def test_what_fails_late_is_told_though_their_id_is_known_by_now(house: House) -> None:
    """It was sent when they went by their number; the status names the id as well."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    ella.private.known_by_number = True
    await ella.write(HOURS)
    await ella.sees(OPEN, timeout=PATIENCE_S)
    await house.settled()
    house.clock.leap(2 * 3600.0)
    ella.private.known_by_number = False
    ours = next(call for call in whatsapp.calls if call.name == "messages")
    error = {"code": 131026, "title": "Message undeliverable"}
    whatsapp.status(ella.private, ours.result["messages"][0]["id"], "failed", error)
    await house.with_button("case.claim", "131026")


# --- the front door


async def test_only_what_meta_signed_is_heard(house: House) -> None:
    """The signature is over the raw bytes: one bent body, one wrong secret, none at all: 401."""
    whatsapp = house.world.whatsapp
    ella = whatsapp.customer(name="Ella")
    body = json.dumps({"entry": [{"changes": []}]}).encode()
    right = whatsapp.deliveries.signature(body)
    assert await post(house, body + b" ", right) == 401
    assert await post(house, body, "sha256=" + "0" * 64) == 401
    assert await post(house, body, "none") == 401
    await house.counted(3, "rejected_total", channel="whatsapp", why="signature")
    await ella.write("wann öffnen Sie am Samstag? / Größe?")  # signed as \u00f6 and \/
    await house.until(lambda: said(ella) or None)


async def test_a_handshake_wants_the_right_word(house: House) -> None:
    """The challenge for the verify token, 403 for any other."""
    query = {"hub.mode": "subscribe", "hub.challenge": "421"}
    right = house.world.environment["DEMO_WHATSAPP_VERIFY"]
    async with aiohttp.ClientSession() as session:
        url = f"{house.world.url}/webhooks/whatsapp"
        async with session.get(url, params={**query, "hub.verify_token": "guess"}) as answer:
            assert answer.status == 403
        async with session.get(url, params={**query, "hub.verify_token": right}) as answer:
            assert (answer.status, await answer.text()) == (200, "421")
    await house.counted(1, "rejected_total", channel="whatsapp", why="handshake")


async def test_another_number_of_the_app_is_kept_and_not_answered(house: House) -> None:
    """One app may serve many numbers: what is not ours is stored and counted."""
    value = {
        "metadata": {"phone_number_id": "999"},
        "messages": [
            {"from": "447700900001", "id": "wamid.X", "timestamp": "1794823200", "type": "text"}
        ],
    }
    change = {"field": "messages", "value": value}
    assert await post(house, json.dumps({"entry": [{"changes": [change]}]}).encode()) == 200
    await house.counted(1, "accepted_total", channel="whatsapp")
    await house.settled()
    assert house.one("select count(*) from conversation") == 0
    assert house.one("select kind from inbox where channel = 'whatsapp'") == "other_account"
    assert not any(call.name == "messages" for call in house.world.whatsapp.calls)


async def test_what_the_bot_cannot_read_is_no_secret_to_who_has_the_case(house: House) -> None:
    """CASES 16: a colleague who waits for an answer hears that one came, of a kind not shown."""
    ella, ben = house.world.whatsapp.customer(name="Ella"), house.world.ben
    await ella.write("I want to talk to a human")
    card = await house.with_button("case.claim", "Ella")
    await house.press(ben, card, "case.claim")
    await house.settled()
    await ella.send({"type": "unsupported", "unsupported": {"type": "poll_creation"}})
    await house.until(
        lambda: "cannot be read here: poll creation" in house.desk() or None, house.desk
    )


# --- a dead token


async def test_a_dead_token_stops_this_channel_alone(house: House) -> None:
    """`readyz` names it, words wait, Telegram goes on; with a token that works all arrives."""
    whatsapp = house.world.whatsapp
    ella, ana = whatsapp.customer(name="Ella"), house.customer()
    token, whatsapp.token = whatsapp.token, "EAAanother"
    await ella.write(HOURS)
    await house.until_missing("whatsapp")
    await ana.write(HOURS)
    await ana.sees(OPEN, timeout=PATIENCE_S)
    assert not ella.chat
    whatsapp.token = token
    await house.until(partial(waiting_row, house))
    house.clock.leap(3_600)
    await ella.sees(OPEN, timeout=PATIENCE_S)
    await house.until_missing(None)


def waiting_row(house: House) -> bool | None:
    question = "select 1 from outbox where kind = 'reply' and state = 'waiting' and tries > 0"
    return bool(house.rows(question)) or None
