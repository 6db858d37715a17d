"""A number in service: signatures, handshakes, the way there; sending is in `test_adapters.py`."""

import hashlib
import hmac
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr

from channels.contract import Adapter, Handshake, OutboundMessage
from channels.errors import SendError, SendFailure
from channels.meta.whatsapp.adapter import WhatsappAdapter
from channels.registry import build_adapter
from config.channels import WhatsappChannel
from config.stages import Surface
from conversation.events import MessageReceived, Pressed, Receipt, ReceiptStatus
from conversation.model import Address, Button
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.listener import Listener
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.whatsapp_people import Customer

BODY = b'{"entry":[{"text":"Gr\\u00f6\\u00dfe \\/ 40"}]}'
SIGNED = "sha256=" + hmac.new(b"whatsapp-app-secret", BODY, hashlib.sha256).hexdigest()


@pytest.fixture
async def standin() -> AsyncIterator[WhatsappStandIn]:
    async with WhatsappStandIn(clock=HandClock()) as standin:
        yield standin


@pytest.fixture
async def adapter(standin: WhatsappStandIn) -> AsyncIterator[WhatsappAdapter]:
    async with aiohttp.ClientSession() as session:
        yield WhatsappAdapter(
            name="whatsapp", settings=settings(standin), session=session, clock=HandClock()
        )


def settings(standin: WhatsappStandIn, phone_id: str | None = None) -> WhatsappChannel:
    return WhatsappChannel(
        platform="whatsapp",
        phone_id=phone_id or standin.phone_id,
        token=SecretStr(standin.token),
        app_secret=SecretStr(standin.app_secret),
        verify_token=SecretStr("a-word"),
        api_base=standin.base_url,
    )


def address(customer: Customer) -> Address:
    return Address(
        channel="whatsapp",
        account="106000000000001",
        key=customer.user_id,
        surface=Surface.PRIVATE,
    )


async def test_the_registry_builds_it(standin: WhatsappStandIn) -> None:
    async with aiohttp.ClientSession() as session:
        adapter: Adapter = build_adapter(
            "care", settings(standin), session=session, clock=HandClock()
        )
        assert isinstance(adapter, WhatsappAdapter)
        assert adapter.name == "care"


@pytest.mark.parametrize(
    ("signature", "body", "authentic"),
    [
        (SIGNED, BODY, True),
        (SIGNED, BODY.replace(b"\\/", b"/"), False),
        (SIGNED, "{'ö'}".encode(), False),
        (SIGNED.upper(), BODY, False),
        ("sha1=" + SIGNED[7:], BODY, False),
        ("", BODY, False),
    ],
)
async def test_only_the_raw_bytes_that_meta_signed_are_authentic(
    adapter: WhatsappAdapter, signature: str, body: bytes, *, authentic: bool
) -> None:
    assert adapter.authentic({"x-hub-signature-256": signature}, body) is authentic


async def test_the_challenge_is_given_back_for_the_right_word_alone(
    adapter: WhatsappAdapter,
) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "77", "hub.verify_token": "a-word"}
    assert adapter.handshake(query) == Handshake(status=200, body="77")
    wrong = adapter.handshake({**query, "hub.verify_token": "another"})
    assert wrong is not None
    assert wrong.status == 403


async def test_a_number_that_is_not_ours_is_told_at_the_door(standin: WhatsappStandIn) -> None:
    async with aiohttp.ClientSession() as session:
        other = WhatsappAdapter(
            name="whatsapp",
            settings=settings(standin, phone_id="106000000000999"),
            session=session,
            clock=HandClock(),
        )
        with pytest.raises(SendError) as caught:
            await other.open()
        assert caught.value.failure is SendFailure.REFUSED


async def test_events_come_where_the_handshake_was_answered(
    adapter: WhatsappAdapter, standin: WhatsappStandIn
) -> None:
    """Asked by the stand-in as by Meta: an address that gives no challenge back is refused."""
    async with Listener() as deaf:
        with pytest.raises(SendError) as caught:
            await adapter.subscribe(deaf.url)
    assert caught.value.failure is SendFailure.REFUSED
    assert standin.deliveries.url == ""


async def test_what_happens_comes_back_as_events(
    adapter: WhatsappAdapter, standin: WhatsappStandIn
) -> None:
    """Written, pressed, delivered, read, failed: each as the stand-in words it."""
    ana = standin.customer()
    async with Listener() as app:
        standin.deliveries.url = app.url
        await ana.write("hello")
        buttons = (Button(label="Yes", payload="refund:yes"),)
        message = OutboundMessage(text="Refund it?", buttons=buttons)
        sent = await adapter.send(address(ana), message)
        await ana.press("Yes")
        await ana.read()
        ana.fail_next(131026)
        failing = await adapter.send(address(ana), OutboundMessage(text="Done"))
        await standin.delivered()
        bodies = [got.body for got in app.got if adapter.authentic(got.headers, got.body)]
    assert len(bodies) == len(app.got)
    arrivals = [one for body in bodies for one in adapter.codec.split(body)]
    assert {one.address for one in arrivals} == {address(ana)}
    events = [event for one in arrivals for event in adapter.codec.decode(one)]
    assert [event.text for event in events if isinstance(event, MessageReceived)] == ["hello"]
    (press,) = [event for event in events if isinstance(event, Pressed)]
    assert (press.payload, press.message_id) == ("refund:yes", sent.message_id)
    receipts = {(e.message_id, e.status) for e in events if isinstance(e, Receipt)}
    assert receipts == {
        (sent.message_id, ReceiptStatus.DELIVERED),
        (sent.message_id, ReceiptStatus.READ),
        (failing.message_id, ReceiptStatus.FAILED),
    }
    await adapter.acknowledge_press(press.press_id)
    assert ana.private.read == [press.press_id]
