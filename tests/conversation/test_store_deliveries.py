"""The store's contract, deliveries and timers: in order, one at a time, never after a take-over."""

import asyncio

import pytest

from conversation.delivery import DeliveryState
from conversation.events import Delivered
from conversation.model import Owner
from conversation.store import (
    CommitResult,
    Delivery,
    DeskPosted,
    Settlement,
    Store,
    TimerWrite,
)
from tests.conversation.store_world import (
    accept,
    address,
    arrival,
    claimed,
    finish,
    keys,
    later,
    press,
    row,
    sent,
    takes_over,
    turn,
    waiting,
    words,
)


async def settle(store: Store, delivery: Delivery, state: DeliveryState, **fields: object) -> None:
    given: dict[str, object] = {"delivery": delivery, "state": state, "at": later(20)}
    await store.settle(Settlement(**(given | fields)))  # type: ignore[arg-type]  # a test's short words


# --- taking


async def test_one_destination_gets_its_messages_in_order_one_at_a_time(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=tuple(words(f"say:{n}", work=work) for n in range(3)))
    seen = []
    while due := await sent(store):
        assert len(due) == 1
        seen += keys(due)
        assert await sent(store) == []
        await settle(store, due[0], DeliveryState.SENT)
    assert seen == ["say:0", "say:1", "say:2"]
    assert (await waiting(store))["outbox"] == 0


async def test_destinations_do_not_wait_for_each_other(store: Store) -> None:
    one, two = await claimed(store, 1, "ada"), await claimed(store, 2, "bob")
    await finish(store, one, outbox=(words("a", work=one), words("desk", to="case:1", work=one)))
    await finish(store, two, outbox=(words("b", work=two),))
    assert sorted(keys(await sent(store))) == ["a", "b", "desk"]


async def test_many_senders_at_once_take_each_message_once(store: Store) -> None:
    for number in range(6):
        work = await claimed(store, number, f"chat {number}")
        await finish(store, work, outbox=(words(f"say:{number}", work=work),))
    answers = await asyncio.gather(*(store.take(now=later(9), limit=2) for _ in range(10)))
    assert sorted(one.key for due in answers for one in due) == [f"say:{n}" for n in range(6)]
    assert max(len(due) for due in answers) == 2


async def test_a_delivery_carries_all_that_its_sender_needs(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (one,) = await sent(store)
    assert (one.conversation, one.destination) == (work.row.id, work.row.id)
    assert one.address == address()
    assert (one.payload, one.tries, one.created_at) == ('{"text": "hi"}', 1, later(2))


async def test_a_retry_is_due_at_its_time_and_holds_back_those_behind_it(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=tuple(words(f"say:{n}", work=work) for n in range(2)))
    (first,) = await sent(store)
    await settle(store, first, DeliveryState.WAITING, due_at=later(50), why="429")
    assert await sent(store, 49) == []
    assert await store.next_due() == later(50)
    (again,) = await sent(store, 50)
    assert (again.key, again.tries) == ("say:0", 2)
    assert await store.next_due() is None


@pytest.mark.parametrize("final", [DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.SENT])
async def test_what_has_ended_does_not_block_those_behind_it(
    store: Store, final: DeliveryState
) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=tuple(words(f"say:{n}", work=work) for n in range(2)))
    (first,) = await sent(store)
    await settle(store, first, final)
    assert keys(await sent(store)) == ["say:1"]


async def test_cases_22_and_23_no_word_of_the_bot_after_a_take_over(store: Store) -> None:
    work = await claimed(store)
    out = (
        words("bot:1", work=work),
        words("bot:2", work=work),
        words("colleague", fenced=False, work=work),
    )
    await finish(store, work, outbox=out)
    await store.accept(takes_over(work, "p1"))
    assert keys(await sent(store, limit=1)) == ["colleague"]
    assert (await waiting(store))["outbox"] == 1


async def test_a_retry_is_not_sent_after_a_take_over_either(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("bot:1", work=work),))
    (first,) = await sent(store)
    await settle(store, first, DeliveryState.WAITING, due_at=later(30))
    await store.accept(takes_over(work, "p1"))
    assert await sent(store, 60) == []
    assert (await waiting(store))["outbox"] == 0


async def test_the_farewell_of_the_bot_is_sent_though_its_commit_changed_the_owner(
    store: Store,
) -> None:
    work = await claimed(store)
    await finish(store, work, owner=Owner.DESK, outbox=(words("bye", work=work),))
    assert keys(await sent(store)) == ["bye"]


async def test_an_overtaken_message_does_not_use_up_a_place(store: Store) -> None:
    for number in range(3):
        work = await claimed(store, number, f"chat {number}")
        await finish(store, work, outbox=(words(f"say:{number}", work=work),))
        if number < 2:
            await store.accept(takes_over(work, f"p{number}"))
    assert keys(await sent(store, limit=1)) == ["say:2"]


# --- settling


async def test_a_receipt_is_in_the_log_and_its_news_wake_the_conversation(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (one,) = await sent(store)
    receipt = Delivered(outbox_key="say", message_id="77", part=0, text="hi")
    news = press("say:1", work.row.id, channel="outbox", kind="not_delivered")
    await settle(store, one, DeliveryState.SENT, log=(receipt,), wake=news)
    assert await store.log(work.row.id) == [(later(20), receipt)]
    (again,) = await store.claim(now=later(20), limit=1)
    assert (again.pending[0].arrival.kind, again.position) == ("not_delivered", 1)


async def test_settling_twice_notes_it_once(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (one,) = await sent(store)
    receipt = Delivered(outbox_key="say", message_id="77", part=0, text="hi")
    await asyncio.gather(
        *(settle(store, one, DeliveryState.SENT, log=(receipt,)) for _ in range(3))
    )
    await settle(store, one, DeliveryState.WAITING, due_at=later(21), log=(receipt,))
    assert len(await store.log(work.row.id)) == 1
    assert await sent(store, 30) == []


async def test_word_of_an_earlier_sending_does_not_settle_a_later_one(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (first,) = await sent(store)
    await settle(store, first, DeliveryState.WAITING, due_at=later(21))
    (second,) = await sent(store, 21)
    await settle(store, first, DeliveryState.DEAD)
    assert (await waiting(store))["outbox"] == 1
    await settle(store, second, DeliveryState.SENT)
    assert (await waiting(store))["outbox"] == 0


async def test_receipts_of_many_conversations_share_a_transaction(store: Store) -> None:
    works = []
    for number in range(5):
        work = await claimed(store, number, f"chat {number}")
        await finish(store, work, outbox=(words(f"say:{number}", work=work),))
        works.append(work)
    receipt = Delivered(outbox_key="say", message_id="77", part=0, text="hi")
    due = await sent(store)
    await asyncio.gather(
        *(settle(store, one, DeliveryState.SENT, log=(receipt, receipt)) for one in due)
    )
    for work in works:
        assert len(await store.log(work.row.id)) == 2


async def test_where_a_post_stands_is_known_and_follows_it(store: Store) -> None:
    work = await claimed(store)
    await finish(
        store, work, outbox=tuple(words(f"d:{n}", to="case:1", work=work) for n in range(2))
    )
    for ts in ("1.1", "2.2"):
        (one,) = await sent(store)
        posted = DeskPosted(key="case:1", conversation=work.row.id, channel="C1", ts=ts)
        await settle(store, one, DeliveryState.SENT, posted=posted)
        assert await store.posted(["case:1", "case:2"]) == {"case:1": posted}
        assert await store.posted_at(channel="C1", ts=ts) == posted
    assert await store.posted_at(channel="C1", ts="1.1") is None


# --- timers


async def test_timers_fire_once_in_the_order_they_were_due(store: Store) -> None:
    work = await claimed(store)
    due = {"late": 30, "soon": 10, "next": 20, "far": 99}
    timers = tuple(TimerWrite(name=n, due_at=later(s), data=f"d:{n}") for n, s in due.items())
    await finish(store, work, timers=timers)
    assert await store.next_due() == later(10)
    assert await store.fire(now=later(9), limit=9) == 0
    assert await store.fire(now=later(50), limit=2) == 2
    assert await store.fire(now=later(50), limit=2) == 1
    assert await store.fire(now=later(50), limit=2) == 0
    (again,) = await store.claim(now=later(50), limit=1)
    heard = [(one.arrival.kind, one.arrival.body.decode()) for one in again.pending]
    assert heard == [("soon", "d:soon"), ("next", "d:next"), ("late", "d:late")]
    assert again.pending[0].arrival.occurred_at == later(10)


async def test_two_who_fire_at_once_share_the_timers(store: Store) -> None:
    work = await claimed(store)
    timers = tuple(TimerWrite(name=f"t{n}", due_at=later(5)) for n in range(3))
    await finish(store, work, timers=timers)
    fired = await asyncio.gather(*(store.fire(now=later(6), limit=9) for _ in range(4)))
    assert sum(fired) == 3


async def test_a_timer_is_one_per_name_and_can_be_moved_and_dropped(store: Store) -> None:
    work = await claimed(store)
    set_for = [TimerWrite(name=n, due_at=later(10)) for n in ("a", "b")]
    await finish(store, work, release=False, timers=tuple(set_for))
    moved = TimerWrite(name="a", due_at=later(40), data="moved")
    await finish(store, work, timers=(moved,), cancel=("b", "unknown"))
    assert await store.fire(now=later(39), limit=9) == 0
    assert await store.fire(now=later(40), limit=9) == 1


async def test_cancelled_and_set_in_one_commit_is_set(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, timers=(TimerWrite(name="a", due_at=later(10)),), cancel=("a",))
    assert (await waiting(store))["timers"] == 1


async def test_a_timer_of_a_turn_that_does_not_hold_is_not_set(store: Store) -> None:
    work = await claimed(store)
    timers = (TimerWrite(name="a", due_at=later(10)),)
    assert await store.commit(turn(work, token=0, timers=timers)) is CommitResult.LOST
    assert (await waiting(store))["timers"] == 0


async def test_a_timer_for_a_busy_conversation_waits_for_its_turn(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, release=False, timers=(TimerWrite(name="a", due_at=later(3)),))
    assert await store.fire(now=later(4), limit=9) == 1
    await finish(store, work, consumed=())
    (again,) = await store.claim(now=later(4), limit=1)
    assert [one.arrival.kind for one in again.pending] == ["a"]
    assert (await row(store, work.row.id)).accepted == 2


async def test_the_next_moment_is_the_earliest_of_all(store: Store) -> None:
    assert await store.next_due() is None
    await accept(store, arrival(1), at=later(5))
    assert await store.next_due() == later(5)
    (work,) = await store.claim(now=later(5), limit=1)
    timers = (TimerWrite(name="a", due_at=later(100)),)
    await finish(store, work, timers=timers, outbox=(words("x", work=work),), wake_at=later(90))
    assert await store.next_due() == later(2)
    await sent(store)
    assert await store.next_due() == later(90)
