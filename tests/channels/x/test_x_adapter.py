"""One account against X's stand-in: what is sent, what a refusal means, what X tells."""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from channels.contract import Adapter, LengthUnit, OutboundMessage, Source
from channels.errors import SendError, SendFailure
from channels.registry import build_adapter
from channels.x.adapter import UNNAMED, XAdapter
from channels.x.feeds import DIRECT, MENTIONS, STREAM
from channels.x.shapes import SUBSCRIBED
from config.channels import XChannel
from config.stages import Surface
from conversation.events import AnsweredElsewhere, Ignored, MessageReceived
from conversation.model import Address
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.listener import Listener
from socialcare.sandbox.x import OUR_APP, XStandIn
from socialcare.sandbox.x_people import Customer, Post
from socialcare.sandbox.x_rules import hmac_b64
from tests.spend_book import Book

SPECIFICATION = Path(__file__).parents[3] / ".." / "shared" / "specs" / "x-openapi-2.167.json"
INVITATION = "Please send us a direct message."


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def x(clock: HandClock) -> AsyncIterator[XStandIn]:
    async with XStandIn(clock=clock) as stand_in:
        yield stand_in


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def account(x: XStandIn, session: aiohttp.ClientSession, clock: HandClock, **more: Any) -> XAdapter:
    keys = x.keys
    given: dict[str, Any] = {
        "name": "x",
        "user_id": x.us.user_id,
        "consumer_key": SecretStr(keys.consumer_key),
        "consumer_secret": SecretStr(keys.consumer_secret),
        "access_token": SecretStr(keys.access_token),
        "access_token_secret": SecretStr(keys.access_token_secret),
        "api_base": x.base_url,
        "session": session,
        "clock": clock,
        "app_id": OUR_APP,
    }
    return XAdapter(**given | more)


@pytest.fixture
async def adapter(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> AsyncIterator[XAdapter]:
    made = account(x, session, clock)
    yield made
    await made.close()


def in_public(x: XStandIn, post: Post) -> tuple[Address, OutboundMessage]:
    key = f"{post.thread}:{post.author.user_id}"
    address = Address(channel="x", account=x.us.user_id, key=key, surface=Surface.PUBLIC)
    return address, OutboundMessage(text=INVITATION, reply_to=post.post_id)


def in_private(x: XStandIn, customer: Customer) -> Address:
    key = f"{customer.user_id}-{x.us.user_id}"
    return Address(channel="x", account=x.us.user_id, key=key, surface=Surface.PRIVATE)


async def refusal(adapter: XAdapter, address: Address, message: OutboundMessage) -> SendError:
    with pytest.raises(SendError) as caught:
        await adapter.send(address, message)
    return caught.value


# --- before any request


async def test_keeps_the_contract(adapter: XAdapter) -> None:
    kept: Adapter = adapter
    source: Source = adapter.source
    assert source.feeds == (MENTIONS, DIRECT)
    public = kept.capabilities(Surface.PUBLIC)
    private = kept.capabilities(Surface.PRIVATE)
    assert (public.max_length, public.unit) == (280, LengthUnit.WEIGHTED)
    assert public.replies_per_message == 1
    assert (private.max_length, private.unit) == (10_000, LengthUnit.CHARACTERS)
    assert [rate.count for rate in private.rates] == [15, 1_440]


async def test_the_configuration_makes_one(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    section = XChannel(
        platform="x",
        consumer_key=SecretStr("a"),
        consumer_secret=SecretStr("b"),
        access_token=SecretStr("c"),
        access_token_secret=SecretStr("d"),
        user_id="7000000001",
        delivery="stream",
    )
    made = build_adapter("x", section, session=session, clock=clock)
    assert isinstance(made, XAdapter)
    assert made.source.feeds == (STREAM,)
    with pytest.raises(ValueError, match="is a number"):
        account(x, session, clock, user_id="northwind")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"crc_token": "OTgzNjQ2Njg4NA"}, 200),
        ({}, 400),
        ({"crc_token": ""}, 400),
        ({"other": "x"}, 400),
        ({"crc_token": '{"data":{"event_type":"dm.received"}}'}, 400),
        ({"crc_token": "[]"}, 400),
        ({"crc_token": "a" * 300}, 400),
    ],
)
async def test_a_challenge_is_answered_unless_it_could_be_an_event(
    adapter: XAdapter, x: XStandIn, query: dict[str, str], status: int
) -> None:
    answer = adapter.handshake(query)
    assert answer is not None
    assert answer.status == status
    if status == 200:
        digest = hmac.new(
            x.keys.consumer_secret.encode(), query["crc_token"].encode(), hashlib.sha256
        ).digest()
        token = json.loads(answer.body)["response_token"]
        assert token == "sha256=" + base64.b64encode(digest).decode()
        assert answer.content_type == "application/json"


async def test_only_what_x_signed_is_authentic(adapter: XAdapter, x: XStandIn) -> None:
    raw = b'{"for_user_id": "7", "text": "\\u00e4"}'
    signed = hmac_b64(x.keys.consumer_secret, raw)
    assert adapter.authentic({"x-twitter-webhooks-signature": signed}, raw)
    assert adapter.authentic({"X-Twitter-Webhooks-Signature": signed}, raw)
    assert not adapter.authentic({"x-twitter-webhooks-signature": signed}, raw + b" ")
    assert not adapter.authentic({"x-twitter-webhooks-signature": signed[7:]}, raw)
    assert not adapter.authentic({"x-twitter-webhooks-signature": "é"}, raw)
    assert not adapter.authentic({}, raw)


# --- sending


async def test_a_post_is_answered_once(adapter: XAdapter, x: XStandIn) -> None:
    ana = x.customer()
    post = await ana.posts("@northwind hi")
    address, message = in_public(x, post)
    sent = await adapter.send(address, message)
    assert [one.post_id for one in ana.public] == [sent.message_id]
    assert x.calls[-1].body == {"text": INVITATION, "reply": {"in_reply_to_tweet_id": post.post_id}}
    error = await refusal(adapter, address, replace(message, text="and another thing"))
    assert error.failure is SendFailure.REFUSED


async def test_a_message_goes_where_the_customer_wrote(adapter: XAdapter, x: XStandIn) -> None:
    ana = x.customer()
    error = await refusal(adapter, in_private(x, ana), OutboundMessage(text="hello"))
    assert error.failure is SendFailure.BLOCKED, "nobody may be written to first"
    await ana.writes_dm("hi")
    sent = await adapter.send(in_private(x, ana), OutboundMessage(text="1 < 2 & 日本 👋"))
    assert [(one.message_id, one.text) for one in ana.chat] == [
        (sent.message_id, "1 < 2 & 日本 👋")
    ]
    ana.blocks()
    error = await refusal(adapter, in_private(x, ana), OutboundMessage(text="hello?"))
    assert error.failure is SendFailure.BLOCKED


async def test_only_who_summoned_us_is_answered(adapter: XAdapter, x: XStandIn) -> None:
    ana = x.customer()
    for text in ("I hate northwind", "northwind@ is no name"):
        error = await refusal(adapter, *in_public(x, await ana.posts(text)))
        assert error.failure is SendFailure.REFUSED
        assert not error.retryable
    gone = await ana.posts("@northwind hi")
    await ana.deletes(gone)
    assert (await refusal(adapter, *in_public(x, gone))).failure is SendFailure.REFUSED
    address, message = in_public(x, gone)
    alone = await refusal(adapter, address, replace(message, reply_to=None))
    assert alone.failure is SendFailure.REFUSED


async def test_a_quote_is_a_summons(adapter: XAdapter, x: XStandIn) -> None:
    ana = x.customer()
    first = await ana.posts("@northwind hi")
    await adapter.send(*in_public(x, first))
    quote = await ana.posts("what does that mean?", quotes=ana.public[0])
    address, message = in_public(x, quote)
    await adapter.send(address, replace(message, text="It means this."))
    assert len(ana.public) == 2


async def test_the_same_words_to_another_begin_with_their_name(
    adapter: XAdapter, x: XStandIn
) -> None:
    ana, ben = x.customer(name="Ana"), x.customer(name="Ben")
    await adapter.send(*in_public(x, await ana.posts("@northwind hi")))
    await adapter.send(*in_public(x, await ben.posts("@northwind hi")))
    assert ben.public[0].text == f"@{ben.account.username} {INVITATION}"
    again = await refusal(adapter, *in_public(x, await ben.posts("@northwind again")))
    assert "duplicate content" in str(again)


async def test_an_encrypted_conversation_is_for_people(adapter: XAdapter, x: XStandIn) -> None:
    address = replace(in_private(x, x.customer()), key="chat:1-2")
    error = await refusal(adapter, address, OutboundMessage(text="hi"))
    assert error.failure is SendFailure.REFUSED
    assert not x.calls


async def test_what_is_too_long_is_refused_there(adapter: XAdapter, x: XStandIn) -> None:
    address, message = in_public(x, await x.customer().posts("@northwind hi"))
    error = await refusal(adapter, address, replace(message, text="日" * 141))
    assert error.failure is SendFailure.REFUSED
    (fitting,) = adapter.codec.split_text("日" * 400, surface=Surface.PUBLIC)
    await adapter.send(address, replace(message, text=fitting))


# --- fault by fault


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (Fault(kind="status"), SendFailure.UNAVAILABLE),
        (
            Fault(kind="status", status=503, body="", content_type="text/plain"),
            SendFailure.UNAVAILABLE,
        ),
        (Fault(kind="status", status=504), SendFailure.UNKNOWN),
        (Fault(kind="status", status=307), SendFailure.UNAVAILABLE),
        (Fault(kind="status", status=200), SendFailure.UNKNOWN),
        (Fault(kind="status", status=401), SendFailure.REVOKED),
        (Fault(kind="status", status=402), SendFailure.REVOKED),
        (Fault(kind="status", status=400, body="[]"), SendFailure.REFUSED),
        (Fault(kind="error_inside"), SendFailure.UNAVAILABLE),
        (Fault(kind="reset"), SendFailure.UNKNOWN),
        (Fault(kind="answer_lost"), SendFailure.UNKNOWN),
        (Fault(kind="twist", twist=lambda _: {"data": {}}), SendFailure.UNKNOWN),
        (Fault(kind="twist", twist=lambda _: {"data": {"id": "?"}}), SendFailure.UNKNOWN),
        (
            Fault(
                kind="status",
                status=403,
                body='{"title": "Forbidden", "detail": "Your client app is not configured with '
                'the appropriate oauth1 app permissions for this endpoint."}',
                content_type="application/problem+json",
            ),
            SendFailure.REVOKED,
        ),
    ],
    ids=[
        *("bad gateway", "empty 503", "504", "redirect", "html with 200", "401", "402", "list"),
        *("error inside", "reset", "answer lost", "no id", "no number", "permissions"),
    ],
)
async def test_what_a_fault_means(
    adapter: XAdapter, x: XStandIn, fault: Fault, failure: SendFailure
) -> None:
    ana = x.customer()
    await ana.writes_dm("hi")
    for name, address, message in (
        ("tweets", *in_public(x, await ana.posts("@northwind hi"))),
        ("dm", in_private(x, ana), OutboundMessage(text="hello")),
    ):
        x.faults.next(name, fault)
        assert (await refusal(adapter, address, message)).failure is failure
    for secret in (x.keys.consumer_secret, x.keys.access_token_secret, x.keys.access_token):
        assert secret not in str(await refusal_of_revoked(adapter, x))


async def refusal_of_revoked(adapter: XAdapter, x: XStandIn) -> SendError:
    x.revoke()
    error = await refusal(adapter, in_private(x, x.customer()), OutboundMessage(text="hello"))
    assert error.failure is SendFailure.REVOKED
    return error


@pytest.mark.parametrize(("told", "waits"), [(30, (30, 32)), (None, (60, 60)), (-5, (1, 1))])
async def test_too_many_waits_for_the_window_to_begin_anew(
    adapter: XAdapter, x: XStandIn, told: int | None, waits: tuple[int, int]
) -> None:
    ana = x.customer()
    await ana.writes_dm("hi")
    x.faults.next("dm", Fault(kind="too_many", retry_after=told))
    error = await refusal(adapter, in_private(x, ana), OutboundMessage(text="hello"))
    assert (error.failure, error.wide) == (SendFailure.RATE_LIMITED, True)
    assert waits[0] <= (error.retry_after_s or 0) <= waits[1]


async def test_the_sixteenth_message_of_a_quarter_waits(
    adapter: XAdapter, x: XStandIn, clock: HandClock
) -> None:
    ana = x.customer()
    await ana.writes_dm("hi")
    for number in range(15):
        await adapter.send(in_private(x, ana), OutboundMessage(text=str(number)))
    clock.advance(100)
    error = await refusal(adapter, in_private(x, ana), OutboundMessage(text="15"))
    assert error.failure is SendFailure.RATE_LIMITED
    assert 799 <= (error.retry_after_s or 0) <= 802
    clock.advance(error.retry_after_s or 0)
    await adapter.send(in_private(x, ana), OutboundMessage(text="15"))


async def test_a_hanging_call_is_given_up(adapter: XAdapter, x: XStandIn, clock: HandClock) -> None:
    ana = x.customer()
    await ana.writes_dm("hi")
    x.faults.next("dm", Fault(kind="hang"))
    sending = asyncio.create_task(
        refusal(adapter, in_private(x, ana), OutboundMessage(text="hello"))
    )
    await x.faults.met("dm")
    clock.advance(60)
    assert (await sending).failure is SendFailure.UNKNOWN


async def test_a_refused_connection_did_nothing(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock, dead_port: int
) -> None:
    adapter = account(x, session, clock, api_base=f"http://127.0.0.1:{dead_port}")
    error = await refusal(adapter, in_private(x, x.customer()), OutboundMessage(text="hello"))
    assert error.failure is SendFailure.UNAVAILABLE
    await session.close()
    error = await refusal(adapter, in_private(x, x.customer()), OutboundMessage(text="hello"))
    assert error.failure is SendFailure.UNAVAILABLE


async def test_a_post_of_unknown_fate_is_not_doubled(adapter: XAdapter, x: XStandIn) -> None:
    ana = x.customer()
    address, message = in_public(x, await ana.posts("@northwind hi"))
    x.faults.next("tweets", Fault(kind="answer_lost"))
    assert (await refusal(adapter, address, message)).failure is SendFailure.UNKNOWN
    assert (await adapter.send(address, message)).message_id == UNNAMED
    assert len(ana.public) == 1


# --- money


async def test_a_day_costs_no_more_than_it_may(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    book = Book()
    adapter = account(x, session, clock, per_day_micros=40_000, book=book)
    ana = x.customer()
    await ana.writes_dm("hi")
    await adapter.send(in_private(x, ana), OutboundMessage(text="one"))
    x.faults.next("dm", Fault(kind="status"))
    await refusal(adapter, in_private(x, ana), OutboundMessage(text="refused costs nothing"))
    await adapter.send(*in_public(x, await ana.posts("@northwind hi")))
    assert await adapter.spending.today_micros() == 25_000
    # A process that begins anew, or another one, goes on counting.
    adapter = account(x, session, clock, per_day_micros=40_000, book=book)
    assert await adapter.spending.today_micros() == 25_000
    address, message = in_public(x, await ana.posts("@northwind and?"))
    error = await refusal(adapter, address, replace(message, text="see northwind.com"))
    assert error.failure is SendFailure.SPENT
    assert error.retryable
    midnight_s = 15 * 3_600  # the clock begins at nine in the morning
    assert error.retry_after_s == pytest.approx(midnight_s)
    clock.advance(midnight_s)
    assert await adapter.spending.today_micros() == 0
    await adapter.send(in_private(x, ana), OutboundMessage(text="two"))


async def test_what_cannot_be_counted_is_not_sent(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    book = Book()
    adapter = account(x, session, clock, per_day_micros=40_000, book=book)
    ana = x.customer()
    await ana.writes_dm("hi")
    book.away = True
    error = await refusal(adapter, in_private(x, ana), OutboundMessage(text="one"))
    assert (error.failure, error.retryable) == (SendFailure.UNAVAILABLE, True)
    book.away = False
    await adapter.send(in_private(x, ana), OutboundMessage(text="one"))
    assert await adapter.spending.today_micros() == 15_000
    with pytest.raises(ValueError, match="needs a store"):
        account(x, session, clock, per_day_micros=40_000)


# --- being told


async def test_open_learns_the_name_and_refuses_another_account(
    adapter: XAdapter, x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    await adapter.open()
    post = {"data": [{"id": "1", "author_id": "5", "text": "@Northwind hi"}], "meta": {}}
    (arrival,) = adapter.codec.split(json.dumps(post).encode())
    assert isinstance(adapter.codec.decode(arrival)[0], MessageReceived)
    stranger = account(x, session, clock, user_id="7000000009")
    with pytest.raises(SendError) as caught:
        await stranger.open()
    assert caught.value.failure is SendFailure.REVOKED
    x.faults.next("me", Fault(kind="twist", twist=lambda _: {"data": {}}))
    with pytest.raises(SendError) as caught:
        await adapter.open()
    assert caught.value.retryable


async def test_subscribing_for_the_stream_names_no_webhook(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    adapter = account(x, session, clock, delivery="stream")
    await adapter.subscribe("https://care.northwind.example/webhooks/x")
    await adapter.subscribe("https://care.northwind.example/webhooks/x")
    told = x.subscriptions.kept.values()
    assert sorted(one["event_type"] for one in told) == sorted(SUBSCRIBED)
    assert not any("webhook_id" in one for one in told)
    silent = account(x, session, clock, delivery="polling")
    calls = len(x.calls)
    await silent.subscribe("https://care.northwind.example/webhooks/x")
    assert len(x.calls) == calls


async def test_a_webhook_that_cannot_prove_itself_is_not_made(
    adapter: XAdapter, x: XStandIn
) -> None:
    async with Listener() as listener:
        with pytest.raises(SendError) as caught:
            await adapter.subscribe(listener.url)
    assert caught.value.failure is SendFailure.REFUSED
    with pytest.raises(SendError):
        await adapter.subscribe("https://care.northwind.example:8443/webhooks/x")
    assert not x.deliveries.webhooks


# --- asking


async def test_mentions_are_asked_for_since_the_last(
    adapter: XAdapter, x: XStandIn, clock: HandClock
) -> None:
    ana = x.customer()
    await ana.posts("@northwind long ago")
    clock.advance(2 * 3_600)
    first = [await ana.posts(f"@northwind {number}") for number in range(3)]
    polled = await adapter.source.poll(MENTIONS, None)
    arrivals = adapter.codec.split(polled.body)
    assert {one.event_id for one in arrivals} == {f"post:{post.post_id}" for post in first}
    assert polled.cursor == first[-1].post_id
    assert polled.pause_s > 0
    nothing = await adapter.source.poll(MENTIONS, polled.cursor)
    assert adapter.codec.split(nothing.body) == ()
    assert nothing.cursor == polled.cursor
    many = [await ana.posts(f"@northwind more {number}") for number in range(120)]
    polled = await adapter.source.poll(MENTIONS, polled.cursor)
    assert len(adapter.codec.split(polled.body)) == 120
    assert polled.cursor == many[-1].post_id


async def test_messages_are_asked_for_since_the_last(
    adapter: XAdapter, x: XStandIn, clock: HandClock
) -> None:
    ana = x.customer()
    await ana.writes_dm("long ago")
    clock.advance(2 * 3_600)
    await ana.writes_dm("one")
    await adapter.send(in_private(x, ana), OutboundMessage(text="ours"))
    last = await ana.writes_dm("two")
    polled = await adapter.source.poll(DIRECT, None)
    read = [adapter.codec.decode(one)[0] for one in adapter.codec.split(polled.body)]
    assert [one.text for one in read if isinstance(one, MessageReceived)] == ["two", "one"]
    assert Ignored(what="own_message") in read
    assert polled.cursor == last.message_id
    again = await adapter.source.poll(DIRECT, polled.cursor)
    assert adapter.codec.split(again.body) == ()
    x.faults.next("dm_events", Fault(kind="twist", twist=lambda _: {"data": 5}))
    with pytest.raises(SendError):
        await adapter.source.poll(DIRECT, polled.cursor)


async def test_the_stream_tells_what_happened_meanwhile_too(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    adapter = account(x, session, clock, delivery="stream")
    await adapter.subscribe("")
    ana = x.customer()
    await ana.writes_dm("before")
    polled = await adapter.source.poll(STREAM, None)
    read = [adapter.codec.decode(one)[0] for one in adapter.codec.split(polled.body)]
    assert [one.text for one in read if isinstance(one, MessageReceived)] == ["before"]
    waiting = asyncio.create_task(adapter.source.poll(STREAM, polled.cursor))
    await clock.waits()
    clock.advance(25)  # a sign of life is no event
    await x.colleague_writes_dm(ana, "Ben here")
    told = await waiting
    (arrival,) = adapter.codec.split(told.body)
    assert arrival.elsewhere
    assert isinstance(adapter.codec.decode(arrival)[0], AnsweredElsewhere)
    await adapter.source.rest(STREAM)
    x.revoke()
    with pytest.raises(SendError) as caught:
        await adapter.source.poll(STREAM, None)
    assert caught.value.failure is SendFailure.REVOKED
    await adapter.close()


async def test_a_stream_that_breaks_off_is_opened_anew(
    x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    adapter = account(x, session, clock, delivery="stream")
    await adapter.subscribe("")
    ana = x.customer()
    await ana.writes_dm("one")
    await adapter.source.poll(STREAM, None)
    await x.go_down()
    with pytest.raises(SendError) as caught:
        await adapter.source.poll(STREAM, None)
    assert caught.value.failure is SendFailure.UNAVAILABLE
    await x.come_back()
    polled = await adapter.source.poll(STREAM, None)
    assert len(adapter.codec.split(polled.body)) == 1, "told again; the store keeps it once"
    await adapter.close()


async def test_after_a_long_outage_every_message_is_read(
    adapter: XAdapter, x: XStandIn, clock: HandClock
) -> None:
    """Eight pages at once, the older ones page by page; the cursor moves when all were read."""
    ana, eve = x.customer(name="Ana"), x.customer(name="Eve")
    first = await ana.writes_dm("before")
    cursor = (await adapter.source.poll(DIRECT, None)).cursor
    assert cursor == first.message_id
    for number in range(1_030):
        await (ana if number % 2 else eve).writes_dm(str(number))
    read: list[str] = []
    cursors: list[str | None] = []
    while not cursors or cursors[-1] == cursor:
        clock.advance(900)
        polled = await adapter.source.poll(DIRECT, cursor)
        cursors.append(polled.cursor)
        read += [one.event_id for one in adapter.codec.split(polled.body)]
        if len(cursors) == 2:
            # What fails is asked for again, where it was; who begins anew begins at the cursor.
            x.faults.next("dm_events", Fault(kind="too_many"))
            with pytest.raises(SendError):
                await adapter.source.poll(DIRECT, cursor)
    assert (len(cursors), len(read), len(set(read))) == (4, 1_030, 1_030)
    assert int(cursors[-1] or 0) == max(int(one.removeprefix("dm:")) for one in read)


# --- against the machine-readable API


async def test_calls_are_those_of_the_specification(
    adapter: XAdapter, x: XStandIn, session: aiohttp.ClientSession, clock: HandClock
) -> None:
    if not SPECIFICATION.exists():
        pytest.skip(f"no machine-readable API of X beside the checkout: {SPECIFICATION.name}")
    specification = json.loads(SPECIFICATION.read_text())
    ana, ben = x.customer(name="Ana"), x.customer(name="Ben")
    await adapter.open()
    await account(x, session, clock, delivery="stream").subscribe("")
    await ana.writes_dm("hi")
    await adapter.send(in_private(x, ana), OutboundMessage(text="hello"))
    await adapter.send(*in_public(x, await ana.posts("@northwind hi")))
    await adapter.send(*in_public(x, await ben.posts("@northwind hi")))
    for cursor in (None, "12"):
        await adapter.source.poll(MENTIONS, cursor)
        await adapter.source.poll(DIRECT, cursor)
    called = {call.name for call in x.calls}
    assert called == {
        "me",
        "token",
        "subscriptions",
        "dm",
        "tweets",
        "tweet",
        "mentions",
        "dm_events",
    }
    for call in x.calls:
        if call.name != "token":
            check(specification, call.method, call.path, dict(call.query), call.body)
    webhook = {"url": "https://care.northwind.example/webhooks/x"}
    check(specification, "POST", "/2/webhooks", {}, webhook)
    check(specification, "GET", "/2/activity/stream", {"backfill_minutes": "5"}, None)
    put = {"webhook_id": "12", "tag": "socialcare"}
    check(specification, "PUT", "/2/activity/subscriptions/12", {}, put)


def check(
    specification: dict[str, Any], method: str, path: str, query: dict[str, str], body: object
) -> None:
    """Find the operation; every parameter must be one of its, every value of its enumeration."""
    operation = next(
        found[method.lower()]
        for template, found in specification["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in found
        and ("{" not in template or path not in specification["paths"])
    )  # fmt: skip
    known = [resolved(specification, one) for one in operation.get("parameters", [])]
    by_name = {one["name"]: one["schema"] for one in known if one["in"] == "query"}
    assert set(query) <= set(by_name), path
    for name, value in query.items():
        choices = by_name[name].get("items", {}).get("enum")
        if choices:
            assert set(value.split(",")) <= set(choices), name
    if body is None:
        return
    schema = resolved(
        specification, operation["requestBody"]["content"]["application/json"]["schema"]
    )
    assert isinstance(body, dict)
    assert set(body) <= set(schema["properties"]), path
    assert set(schema.get("required", [])) <= set(body), path
    for name, value in body.items():
        part = resolved(specification, schema["properties"][name])
        if isinstance(value, dict):
            assert set(value) <= set(part["properties"]), name
        if "enum" in part:
            assert value in part["enum"]


def resolved(specification: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = specification
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node
