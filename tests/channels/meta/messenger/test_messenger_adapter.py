import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from channels.contract import LengthUnit, OutboundMessage
from channels.errors import SendError, SendFailure
from channels.meta.account import MetaAccount
from channels.meta.graph import BODY_LIMIT, Graph
from config.stages import Surface
from conversation.model import Address, Author, Button
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_people import Comment, GraphCustomer
from socialcare.sandbox.hand_clock import HandClock
from tests.channels.meta import accounts
from tests.channels.meta.accounts import HELLO, failed, page, served


@pytest.fixture
async def adapter(graph: GraphStandIn, clock: HandClock) -> AsyncIterator[MetaAccount]:
    async with served(page(graph), clock) as made:
        yield made


@pytest.fixture
async def ana(graph: GraphStandIn) -> GraphCustomer:
    ana = graph.customer()
    await ana.write("hello")
    return ana


def private(graph: GraphStandIn, customer: GraphCustomer) -> Address:
    return accounts.private(graph.page_id, "messenger", customer)


def public(graph: GraphStandIn, comment: Comment) -> Address:
    return accounts.public(graph.page_id, "messenger", comment)


async def test_what_it_says_of_itself(adapter: MetaAccount) -> None:
    told = adapter.capabilities(Surface.PRIVATE)
    assert (told.max_length, told.unit) == (2_000, LengthUnit.CHARACTERS)
    assert told.window is not None
    assert told.window.bot == timedelta(hours=24)
    assert told.window.colleague == timedelta(days=7)
    assert not told.private_reply
    assert adapter.capabilities(Surface.PUBLIC).private_reply
    assert adapter.capabilities(Surface.PUBLIC).window is None


async def test_choices_are_quick_replies_whose_payload_comes_back(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    choice = Button(label="A label that is longer than twenty", payload="yes")
    await adapter.send(private(graph, ana), replace(HELLO, buttons=(choice,)))
    (shown,) = ana.chat[-1].choices
    assert shown.title == "A label that is long"
    assert shown.payload.removeprefix("care:") == "yes"
    many = tuple(Button(label=str(n), payload=str(n)) for n in range(14))
    error = await failed(adapter, private(graph, ana), replace(HELLO, buttons=many))
    assert error.failure is SendFailure.REFUSED
    long = Button(label="x", payload="x" * 1_000)
    error = await failed(adapter, private(graph, ana), replace(HELLO, buttons=(long,)))
    assert error.failure is SendFailure.REFUSED


async def test_the_bots_window_is_a_day_a_colleagues_a_week(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer, clock: HandClock
) -> None:
    address = private(graph, ana)
    clock.advance(24 * 3_600.0)
    await adapter.send(address, HELLO)
    clock.advance(1.0)
    assert (await failed(adapter, address)).failure is SendFailure.WINDOW_CLOSED
    late = OutboundMessage(text="Ben here", author=Author.COLLEAGUE, late=True)
    await adapter.send(address, late)
    assert ana.chat[-1].tag == "HUMAN_AGENT"
    clock.advance(6 * 24 * 3_600.0)
    assert (await failed(adapter, address, late)).failure is SendFailure.WINDOW_CLOSED


async def test_without_the_feature_no_late_words(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    graph.human_agent = False
    error = await failed(adapter, private(graph, ana), replace(HELLO, late=True))
    assert error.failure is SendFailure.REFUSED


async def test_a_stranger_and_somebody_who_blocked_us(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    silent = graph.customer(name="Bea")
    assert (await failed(adapter, private(graph, silent))).failure is SendFailure.WINDOW_CLOSED
    nobody = replace(private(graph, ana), key="77")
    assert (await failed(adapter, nobody)).failure is SendFailure.BLOCKED
    await ana.block()
    assert (await failed(adapter, private(graph, ana))).failure is SendFailure.BLOCKED


# --- comments


async def test_a_comment_is_answered_under_it(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    comment = await ana.comment("when do you open?")
    answer = replace(HELLO, reply_to=comment.comment_id)
    sent = await adapter.send(public(graph, comment), answer)
    (seen,) = ana.answers
    assert (seen.comment_id, seen.parent_id) == (sent.message_id, comment.comment_id)
    await ana.delete_comment(comment)
    error = await failed(adapter, public(graph, comment), answer)
    assert error.failure is SendFailure.REFUSED


@pytest.mark.parametrize("target", [None, "", "../me", "1?fields=x", "a b"])
async def test_an_answer_to_nothing_is_refused_unsent(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer, target: str | None
) -> None:
    comment = await ana.comment("when do you open?")
    error = await failed(adapter, public(graph, comment), replace(HELLO, reply_to=target))
    assert error.failure is SendFailure.REFUSED
    assert not graph.calls


async def test_a_visitors_post_is_answered_by_its_own_name(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    comment = await ana.comment("my boots fell apart")
    post = f"{graph.page_id}_78"
    await failed(adapter, public(graph, comment), replace(HELLO, reply_to=post, private=True))
    assert graph.calls[-1].params["recipient"] == {"post_id": post}


# --- what goes wrong


async def test_a_comment_without_an_id_may_stand_there(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    comment = await ana.comment("when do you open?")
    graph.faults.next("comments", Fault(kind="twist", twist=lambda _: {"success": True}))
    answer = replace(HELLO, reply_to=comment.comment_id)
    assert (await failed(adapter, public(graph, comment), answer)).failure is SendFailure.UNKNOWN
    assert len(ana.answers) == 1


async def test_an_answer_without_end_is_no_answer(
    adapter: MetaAccount, graph: GraphStandIn, ana: GraphCustomer
) -> None:
    graph.faults.next("messages", Fault(kind="status", status=200, body="x" * (BODY_LIMIT + 1)))
    assert (await failed(adapter, private(graph, ana))).failure is SendFailure.UNKNOWN


async def test_nothing_goes_out_while_the_service_stops(
    graph: GraphStandIn, ana: GraphCustomer, clock: HandClock
) -> None:
    async with aiohttp.ClientSession() as session:
        stopping = Graph(
            session=session,
            base=graph.base_url,
            version="v26.0",
            token=SecretStr(graph.page_token),
            clock=clock,
        )
    with pytest.raises(SendError) as caught:
        await stopping.call("GET", "me")
    assert caught.value.failure is SendFailure.UNAVAILABLE
    assert not graph.calls


# --- at the door


async def test_it_opens_with_the_pages_own_token(adapter: MetaAccount, graph: GraphStandIn) -> None:
    await adapter.open()
    graph.token_works = False
    with pytest.raises(SendError) as caught:
        await adapter.open()
    assert caught.value.failure is SendFailure.REVOKED
    await adapter.close()
    assert (adapter.name, adapter.account) == ("messenger", graph.page_id)


@pytest.mark.parametrize(
    ("twisted", "failure"),
    [({"id": "999"}, SendFailure.REVOKED), ({"name": "?"}, SendFailure.UNAVAILABLE)],
)
async def test_another_accounts_token_opens_nothing(
    adapter: MetaAccount, graph: GraphStandIn, twisted: dict[str, Any], failure: SendFailure
) -> None:
    graph.faults.next("node", Fault(kind="twist", twist=lambda _: twisted))
    with pytest.raises(SendError) as caught:
        await adapter.open()
    assert caught.value.failure is failure


async def test_a_token_that_may_not_read_the_page_may_still_write(
    adapter: MetaAccount, graph: GraphStandIn
) -> None:
    body = json.dumps({"error": {"code": 200, "message": "no permission"}})
    refused = Fault(kind="status", status=403, body=body, content_type="application/json")
    graph.faults.next("*", refused, times=2)
    await adapter.open()
    await adapter.subscribe("https://care.example/webhooks/messenger")


async def test_it_subscribes_to_what_it_reads(adapter: MetaAccount, graph: GraphStandIn) -> None:
    await adapter.subscribe("https://care.example/webhooks/messenger")
    call = graph.calls[-1]
    assert (call.node, call.edge) == (graph.page_id, "subscribed_apps")
    fields = call.params["subscribed_fields"].split(",")
    assert {"messages", "message_echoes", "standby", "feed"} <= set(fields)
    graph.faults.next("subscribed_apps", Fault(kind="status", status=503))
    with pytest.raises(SendError):
        await adapter.subscribe("https://care.example/webhooks/messenger")


async def test_only_meta_is_believed(adapter: MetaAccount, graph: GraphStandIn) -> None:
    body = rb'{"object":"page","entry":[],"a":"\u00e4\/"}'
    signed = {"X-Hub-Signature-256": graph.deliveries.signed(body)}
    assert adapter.authentic(signed, body)
    assert not adapter.authentic(signed, body + b" ")
    assert not adapter.authentic({}, body)
    answer = adapter.handshake({"hub.mode": "subscribe", "hub.verify_token": "wrong"})
    assert answer is not None
    assert answer.status == 403
