"""Customers' names, where messages carry none: asked for once, never waited for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from config.stages import Surface
from conversation.events import Introduced, MessageReceived, decode
from conversation.model import Address, Arrival, Peer
from conversation.sqlite import SqliteStore
from conversation.state import ConversationState, fold
from conversation.store import Acceptance, ConversationRow
from socialcare.names import ASK_S, KEPT_S, RATES, Names
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_people import GraphCustomer
from socialcare.sandbox.hand_clock import HandClock
from socialcare.waking import Wake
from tests.channels.harnesses.graph import page_adapter


@dataclass(kw_only=True)
class Place:
    """A page, its customer, a store, and what asks for names."""

    graph: GraphStandIn
    ella: GraphCustomer
    store: SqliteStore
    names: Names
    clock: HandClock
    turns: Wake

    def asked(self) -> int:
        return sum(not one.edge for one in self.graph.calls)

    async def row(self, who: GraphCustomer) -> tuple[ConversationRow, ConversationState]:
        """Let somebody write; gives their conversation, with who it is as the page is told."""
        await who.write("hello")
        address = Address(
            channel="messenger",
            account=self.graph.page_id,
            key=who.user_id,
            surface=Surface.PRIVATE,
        )
        arrival = Arrival(
            channel="messenger",
            account=self.graph.page_id,
            event_id=f"{who.user_id}:{self.clock.now()}",
            address=address,
            kind="message",
            occurred_at=self.clock.now(),
            body=b"{}",
        )
        await self.store.accept(Acceptance(arrivals=(arrival,), received_at=self.clock.now()))
        found = await self.store.conversation(address.conversation)
        assert found is not None
        return found[0], ConversationState(peer=Peer(user_id=who.user_id, language="de"))

    async def named(self, who: GraphCustomer) -> Peer | None:
        return (await self.names.named(*await self.row(who))).peer


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    clock = HandClock()
    store = SqliteStore(tmp_path / "s.db", clock=clock)
    await store.open()
    async with GraphStandIn(clock=clock) as graph, aiohttp.ClientSession() as session:
        adapter = page_adapter(graph, session, clock)
        turns = Wake(clock=clock, next_due=store.next_due)
        names = Names(store=store, adapters={"messenger": adapter}, clock=clock, turns=turns)
        yield Place(
            graph=graph,
            ella=graph.customer(name="Ella Quill"),
            store=store,
            names=names,
            clock=clock,
            turns=turns,
        )
    await store.close()


async def test_a_name_is_learned_and_kept_in_the_conversation(place: Place) -> None:
    expected = Peer(user_id=place.ella.user_id, name="Ella Quill", language="de")
    assert await place.named(place.ella) == expected
    (work,) = await place.store.claim(now=place.clock.now(), limit=1)
    told = [one.arrival for one in work.pending if one.arrival.channel == "directory"]
    assert [decode(one.body.decode()) for one in told] == [Introduced(peer=expected)]


async def test_who_is_known_is_not_asked_for(place: Place) -> None:
    row, state = await place.row(place.ella)
    known = ConversationState(peer=Peer(user_id="5", name="Ella"))
    assert await place.names.named(row, known) == known
    assert await place.names.named(row, ConversationState()) == ConversationState()
    assert place.asked() == 0
    assert state.peer is not None


async def test_one_question_a_while_whatever_the_answer(place: Place) -> None:
    shy = place.graph.customer(name="Shy")
    shy.thread.private_profile = True
    for _ in range(3):
        assert (await place.named(place.ella)) is not None
        peer = await place.named(shy)
        assert peer is not None
        assert peer.name is None
    assert place.asked() == 2
    place.clock.advance(KEPT_S + 1)
    shy.thread.private_profile = False
    peer = await place.named(shy)
    assert peer is not None
    assert peer.name == "Shy"


async def test_a_card_waits_two_seconds_for_it_and_no_more(place: Place) -> None:
    place.graph.faults.next("node", Fault(kind="hang"))
    asking = asyncio.create_task(place.named(place.ella))
    await place.graph.faults.met("node")
    place.clock.advance(ASK_S)
    peer = await asking
    assert peer is not None
    assert peer.name is None


@pytest.mark.parametrize("kind", ["too_many", "reset", "answer_lost", "error_inside", "status"])
async def test_what_goes_wrong_costs_the_name_alone(place: Place, kind: Any) -> None:
    place.graph.faults.until_cleared("node", Fault(kind=kind))
    peer = await place.named(place.ella)
    assert peer is not None
    assert peer.name is None


async def test_so_many_questions_a_minute(place: Place) -> None:
    most = RATES[0].count
    for number in range(most + 5):
        await place.named(place.graph.customer(name=f"Customer {number}"))
    assert place.asked() == most


async def test_a_store_that_takes_nothing_costs_nothing(place: Place) -> None:
    row, state = await place.row(place.ella)
    await place.store.close()
    peer = (await place.names.named(row, state)).peer
    assert peer is not None
    assert peer.name == "Ella Quill"


def test_a_later_message_without_a_name_does_not_take_it_away() -> None:
    now = HandClock().now()
    nameless = MessageReceived(message_id="1", sender=Peer(user_id="5"), occurred_at=now, text="x")
    learned = Introduced(peer=Peer(user_id="5", name="Ella"))
    state = fold(ConversationState(), [(now, nameless), (now, learned), (now, nameless)])
    assert state.peer == Peer(user_id="5", name="Ella")
    other = MessageReceived(message_id="2", sender=Peer(user_id="6"), occurred_at=now, text="x")
    after = fold(state, [(now, other), (now, learned)])
    assert after.peer == Peer(user_id="6")
