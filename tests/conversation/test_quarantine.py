"""Quarantine, on every engine: what waits is shown as it is, tried again or ended, once."""

import asyncio

import pytest

from conversation.care import Care
from conversation.delivery import DeliveryState
from conversation.events import Acted, Tended
from conversation.ledger import CallState
from conversation.model import Owner
from conversation.quarantine import RECONCILE, NotSo, drop, retry, trouble, troubles
from conversation.store import Settlement, Store, Work
from tests.conversation.store_world import (
    accept,
    arrival,
    claimed,
    finish,
    keys,
    later,
    moves,
    row,
    sent,
    turn,
    waiting,
    words,
)

LIMIT = 50


async def listed(care: Care, limit: int = LIMIT) -> list[str]:
    async with care.looking() as session:
        return [one.id for one in await troubles(session, limit=limit)]


async def again(care: Care, named: str) -> str:
    async with care.writing() as session:
        return await retry(session, named, by="ops", at=later(20))


async def ended(care: Care, named: str, *, happened: bool | None = None) -> str:
    async with care.writing() as session:
        return await drop(session, named, by="ops", at=later(20), happened=happened)


async def poisoned(store: Store) -> Work:
    """Leave an arrival that ended every turn."""
    work = await claimed(store)
    await finish(store, work, consumed=(), quarantined=((work.pending[0].seq, "eight tries"),))
    return work


async def dead(store: Store, state: DeliveryState = DeliveryState.DEAD, key: str = "ada") -> Work:
    """Leave a message of ours that died or of which nobody knows whether it arrived."""
    work = await claimed(store, key, key)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (delivery,) = await sent(store)
    await store.settle(
        Settlement(delivery=delivery, state=state, at=later(11), why="blocked by the customer")
    )
    return work


async def unknown(store: Store, key: str = "ada") -> Work:
    """Leave a call of which nobody knows whether it happened."""
    work = await claimed(store, key, key)
    await store.commit(moves(work, None, CallState.ALLOWED))
    await store.commit(moves(work, CallState.ALLOWED, CallState.EXECUTING))
    await store.commit(moves(work, CallState.EXECUTING, CallState.UNKNOWN))
    await finish(store, work)
    return work


async def told(store: Store, work: Work) -> list[tuple[str, str, str]]:
    log = [event for _, event in await store.log(work.row.id)]
    return [(e.by, e.what, e.about) for e in log if isinstance(e, Tended)]


async def test_nothing_waits_in_a_new_store(care: Care) -> None:
    assert await listed(care) == []


async def test_all_three_kinds_are_listed_arrivals_first(store: Store, care: Care) -> None:
    await poisoned(store)
    await dead(store, key="bob")
    await unknown(store, key="cyd")
    names = await listed(care)
    assert [name.partition("_")[0] for name in names] == ["in", "out", "call"]
    assert await listed(care, limit=0) == []


# --- arrivals


async def test_an_arrival_is_shown_with_what_it_says(store: Store, care: Care) -> None:
    work = await poisoned(store)
    (name,) = await listed(care)
    async with care.looking() as session:
        one = await trouble(session, name)
    assert (one.what, one.channel, one.conversation) == (
        "arrival (message)", "telegram", work.row.id,
    )  # fmt: skip
    assert (one.why, one.tries, one.payload) == ("eight tries", 1, '{"text": "hello"}')


async def test_an_arrival_that_is_tried_again_comes_as_if_new(store: Store, care: Care) -> None:
    work = await poisoned(store)
    (name,) = await listed(care)
    assert "takes it up again" in await again(care, name)
    (claimed_again,) = await store.claim(now=later(30), limit=1)
    assert [(one.seq, one.tries) for one in claimed_again.pending] == [(work.pending[0].seq, 1)]
    assert await listed(care) == []
    await finish(store, claimed_again)
    assert await told(store, work) == [("ops", "retry", name)]


async def test_an_arrival_that_is_dropped_wakes_nobody(store: Store, care: Care) -> None:
    work = await poisoned(store)
    (name,) = await listed(care)
    assert await ended(care, name) == "dropped"
    assert await store.claim(now=later(30), limit=1) == []
    assert (await waiting(store))["quarantined"] == 0
    assert await told(store, work) == [("ops", "drop", name)]


async def test_what_belongs_to_no_conversation_can_only_be_dropped(
    store: Store, care: Care
) -> None:
    await accept(store, arrival("x", address=None, why="no JSON", body=b"\xff\x00?"))
    (name,) = await listed(care)
    async with care.looking() as session:
        assert (await trouble(session, name)).conversation is None
    with pytest.raises(NotSo, match="no conversation"):
        await again(care, name)
    assert await ended(care, name) == "dropped"
    assert await listed(care) == []


# --- deliveries


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.UNKNOWN])
async def test_a_delivery_is_sent_once_more(store: Store, care: Care, state: DeliveryState) -> None:
    work = await dead(store, state)
    (name,) = await listed(care)
    async with care.looking() as session:
        one = await trouble(session, name)
    assert (one.what, one.why) == (f"reply ({state})", "blocked by the customer")
    assert one.payload == '{"text": "hi"}'
    assert await again(care, name) == "it is sent again"
    (delivery,) = await sent(store, 30)
    assert (delivery.key, delivery.tries, delivery.interrupted) == ("say:1", 1, False)
    assert await listed(care) == []
    assert await told(store, work) == [("ops", "retry", name)]


async def test_a_delivery_that_is_dropped_is_never_sent(store: Store, care: Care) -> None:
    work = await dead(store)
    (name,) = await listed(care)
    assert await ended(care, name) == "dropped"
    assert await sent(store, 30) == []
    assert await told(store, work) == [("ops", "drop", name)]


async def test_cases_22_the_bots_dead_words_wait_while_a_colleague_speaks(
    store: Store, care: Care
) -> None:
    work = await dead(store)
    (name,) = await listed(care)
    await accept(store, arrival(2), at=later(12))
    (next_turn,) = await store.claim(now=later(12), limit=1)
    await finish(store, next_turn, owner=Owner.DESK)
    with pytest.raises(NotSo, match="the desk's now"):
        await again(care, name)
    assert await sent(store, 30) == []
    assert await listed(care) == [name]
    assert (await row(store, work.row.id)).owner is Owner.DESK


# --- calls


async def test_a_call_that_is_tried_again_is_asked_about_never_made_again(
    store: Store, care: Care
) -> None:
    """CASES 18: the backend is asked by the key; the ledger stays as it is until then."""
    work = await unknown(store)
    (name,) = await listed(care)
    assert name == "call_refund:1:0"
    assert await again(care, name) == "the backend is asked again"
    assert await store.fire(now=later(30), limit=9) == 1
    (next_turn,) = await store.claim(now=later(30), limit=1)
    assert [one.arrival.kind for one in next_turn.pending] == [f"{RECONCILE}refund:1:0"]
    assert [one.state for one in next_turn.calls] == [CallState.UNKNOWN]
    await finish(store, next_turn)
    assert await told(store, work) == [("ops", "retry", name)]


async def test_a_call_ends_only_by_what_somebody_found_out(store: Store, care: Care) -> None:
    await unknown(store)
    with pytest.raises(NotSo, match="look into the backend first"):
        await ended(care, "call_refund:1:0")
    assert (await store.calls(["refund:1:0"]))["refund:1:0"].state is CallState.UNKNOWN


@pytest.mark.parametrize(("happened", "state"), [(True, CallState.DONE), (False, CallState.FAILED)])
async def test_a_call_ends_as_done_or_as_failed(
    store: Store, care: Care, happened: bool, state: CallState
) -> None:
    work = await unknown(store)
    assert await ended(care, "call_refund:1:0", happened=happened) == state
    found = (await store.calls(["refund:1:0"]))["refund:1:0"]
    assert found.state is state
    assert "ops says" in (found.why or "")
    log = [event for _, event in await store.log(work.row.id)]
    assert [e.state for e in log if isinstance(e, Acted)] == [state]
    assert await told(store, work) == [("ops", "drop", "call_refund:1:0")]
    conversation = await store.conversation(work.row.id)
    assert conversation is not None
    assert [act.state for act in conversation[1].acts] == [state]


async def test_ending_a_call_drops_the_question_about_it(store: Store, care: Care) -> None:
    await unknown(store)
    await again(care, "call_refund:1:0")
    await ended(care, "call_refund:1:0", happened=True)
    assert await store.fire(now=later(30), limit=9) == 0


# --- what is not so


@pytest.mark.parametrize(
    "named",
    [
        *("", "in_", "in_x", "in_-1", "in_²", "in_1", "out_0", "out_1e3", "call_", "call_none"),
        *(f"in_{'9' * digits}" for digits in (18, 19, 500)),
        *("12", "IN_1", "in-1", "call_\ud800"),
    ],
)
async def test_what_is_not_there_is_told(care: Care, named: str) -> None:
    with pytest.raises(NotSo):
        await again(care, named)
    with pytest.raises(NotSo):
        await ended(care, named, happened=True)
    with pytest.raises(NotSo):
        async with care.looking() as session:
            await trouble(session, named)


async def test_what_waits_no_more_says_what_it_is_now(store: Store, care: Care) -> None:
    await poisoned(store)
    (name,) = await listed(care)
    await ended(care, name)
    with pytest.raises(NotSo, match="it is dropped now"):
        await again(care, name)


async def test_of_many_decisions_at_once_one_counts(store: Store, care: Care) -> None:
    await dead(store)
    (name,) = await listed(care)
    answers = await asyncio.gather(
        *(again(care, name) for _ in range(3)),
        *(ended(care, name) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, str) for one in answers) == 1
    assert sum(isinstance(one, NotSo) for one in answers) == 5


async def test_a_retry_beside_a_running_turn_harms_neither(store: Store, care: Care) -> None:
    """The turn began before; what comes back wakes the next one."""
    work = await poisoned(store)
    (name,) = await listed(care)
    await accept(store, arrival(2), at=later(12))
    (running,) = await store.claim(now=later(12), limit=1)
    await again(care, name)
    await finish(store, running)
    (next_turn,) = await store.claim(now=later(30), limit=1)
    assert [one.seq for one in next_turn.pending] == [work.pending[0].seq]
    assert await store.commit(turn(next_turn)) == "committed"
    assert keys(await sent(store)) == []
