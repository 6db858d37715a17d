from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.contract import OutboundMessage
from channels.errors import SendFailure
from channels.meta.account import MetaAccount
from config.stages import Surface
from conversation.model import Address, Author
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_delivery import as_meta_writes
from socialcare.sandbox.graph_people import Comment, GraphCustomer
from socialcare.sandbox.hand_clock import HandClock
from tests.channels.meta import accounts
from tests.channels.meta.accounts import HELLO, failed, instagram, served


@pytest.fixture
async def adapter(graph: GraphStandIn, clock: HandClock) -> AsyncIterator[MetaAccount]:
    async with served(instagram(graph), clock) as made:
        yield made


@pytest.fixture
async def ana(graph: GraphStandIn) -> GraphCustomer:
    ana = graph.customer(place="instagram")
    await ana.write("hello")
    return ana


def private(graph: GraphStandIn, customer: GraphCustomer) -> Address:
    return accounts.private(graph.instagram_id, "instagram", customer)


def public(graph: GraphStandIn, comment: Comment) -> Address:
    return accounts.public(graph.instagram_id, "instagram", comment)


async def test_the_bots_window_is_a_day_a_colleagues_a_week(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer, clock: HandClock
) -> None:
    clock.advance(24 * 3_600.0 + 1)
    assert (await failed(adapter, private(graph, ana))).failure is SendFailure.WINDOW_CLOSED
    late = OutboundMessage(text="Ben here", author=Author.COLLEAGUE, late=True)
    await adapter.send(private(graph, ana), late)
    assert ana.chat[-1].tag == "HUMAN_AGENT"


async def test_a_comment_is_answered_under_it_or_in_private(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    comment = await ana.comment("when do you open?")
    answer = replace(HELLO, reply_to=comment.comment_id)
    sent = await adapter.send(public(graph, comment), answer)
    assert [one.comment_id for one in ana.answers] == [sent.message_id]
    told = adapter.capabilities(Surface.PUBLIC)
    assert (told.max_length, told.private_reply) == (300, timedelta(days=7))
    too_long = replace(answer, text="x" * 301)
    assert (await failed(adapter, public(graph, comment), too_long)).failure is SendFailure.REFUSED
    private_answer = replace(answer, private=True)
    await adapter.send(public(graph, comment), private_answer)
    assert ana.chat[-1].comment_id == comment.comment_id
    error = await failed(adapter, public(graph, comment), private_answer)
    assert error.failure is SendFailure.REFUSED
    error = await failed(adapter, public(graph, comment))
    assert error.failure is SendFailure.REFUSED


async def test_our_own_echo_is_known_without_an_app(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    sent = await adapter.send(private(graph, ana), HELLO)
    assert echo_is(adapter, graph, ana, sent.message_id, "Hello") == "echo"
    assert echo_is(adapter, graph, ana, "m_another", "Ben here") == "echo_elsewhere"


async def test_an_echo_of_an_answer_that_got_lost_is_ours(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    graph.faults.next("messages", Fault(kind="answer_lost"))
    await failed(adapter, private(graph, ana))
    assert echo_is(adapter, graph, ana, ana.chat[-1].message_id, "Hello") == "echo"


async def test_an_echo_of_what_was_refused_is_not(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    graph.faults.next("messages", Fault(kind="too_many"))
    await failed(adapter, private(graph, ana))
    assert echo_is(adapter, graph, ana, "m_1", "Hello") == "echo_elsewhere"


def echo_is(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer, mid: str, text: str
) -> str:
    """Say what an echo without an app is taken for."""
    event = {
        "sender": {"id": graph.instagram_id},
        "recipient": {"id": ana.user_id},
        "timestamp": 1,
        "message": {"mid": mid, "text": text, "is_echo": True},
    }
    entry = {"id": graph.instagram_id, "time": 1, "messaging": [event]}
    (arrival,) = adapter.codec.split(as_meta_writes({"object": "instagram", "entry": [entry]}))
    return arrival.kind


async def test_signs_and_doors(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    await adapter.show_typing(private(graph, ana))
    assert list(ana.thread.actions) == ["typing_on"]
    await adapter.show_typing(public(graph, await ana.comment("hi")))
    await adapter.acknowledge_press("m_1")
    await adapter.subscribe("https://care.example/webhooks/instagram")
    assert graph.calls[-1].edge == "subscribed_apps"
    body = b"{}"
    assert adapter.authentic({"X-Hub-Signature-256": graph.deliveries.signed(body)}, body)
    answer = adapter.handshake({"hub.mode": "subscribe", "hub.verify_token": "wrong"})
    assert answer is not None
    assert answer.status == 403
    await adapter.close()
    assert (adapter.name, adapter.account) == ("instagram", graph.instagram_id)
