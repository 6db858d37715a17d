"""The store's contract, turns: one worker a conversation, all of a turn or none of it."""

import asyncio
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversation.delivery import DeliveryState
from conversation.events import Delivered, HandedOff, Ignored, MessageReceived, Said
from conversation.ledger import CALL_MOVES, CallState
from conversation.model import Author, Owner, Peer
from conversation.state import ConversationState, fold
from conversation.store import (
    CallWrite,
    CommitResult,
    Settlement,
    Store,
    TimerWrite,
)
from conversation.writes import PENDING_LIMIT
from tests.conversation.store_world import (
    NOW,
    Lapse,
    accept,
    arrival,
    asked,
    call,
    claimed,
    finish,
    keys,
    later,
    moves,
    row,
    sent,
    sign_off,
    store_at,
    takes_over,
    turn,
    waiting,
    words,
)


def heard(text: str, number: int = 1) -> MessageReceived:
    return MessageReceived(
        message_id=str(number), sender=Peer(user_id="5"), occurred_at=NOW, text=text
    )


# --- claiming


async def test_one_worker_a_conversation_however_many_ask(store: Store) -> None:
    for number in range(5):
        await accept(store, arrival(number, f"chat {number}"))
    answers = await asyncio.gather(*(store.claim(now=later(), limit=2) for _ in range(20)))
    found = [work.row.id for works in answers for work in works]
    assert len(found) == len(set(found)) == 5
    assert max(len(works) for works in answers) == 2


async def test_who_asks_for_none_gets_none(store: Store) -> None:
    await accept(store, arrival(1))
    assert await store.claim(now=later(), limit=0) == []


async def test_nothing_is_claimed_before_it_is_awake(store: Store) -> None:
    await accept(store, arrival(1), at=later(5))
    assert await store.claim(now=later(4), limit=9) == []
    assert len(await store.claim(now=later(5), limit=9)) == 1


async def test_case_11_a_message_during_a_turn_waits_for_the_next_one(store: Store) -> None:
    work = await claimed(store)
    await accept(store, arrival(2), at=later(1.5))
    assert await store.claim(now=later(2), limit=9) == []
    await finish(store, work, log=(heard("hello"),))
    (again,) = await store.claim(now=later(2), limit=9)
    assert [one.arrival.event_id for one in again.pending] == ["2"]
    assert [line.text for line in again.state.lines] == ["hello"]


async def test_a_burst_is_taken_in_order_a_hundred_at_a_time(store: Store) -> None:
    await accept(store, *(arrival(number) for number in range(PENDING_LIMIT * 2 + 5)))
    seen: list[str] = []
    sizes = []
    while works := await store.claim(now=later(2), limit=9):
        (work,) = works
        sizes.append(len(work.pending))
        seen += [one.arrival.event_id for one in work.pending]
        await finish(store, work)
    assert sizes == [PENDING_LIMIT, PENDING_LIMIT, 5]
    assert seen == [str(number) for number in range(PENDING_LIMIT * 2 + 5)]
    assert await store.next_due() is None


async def test_the_rest_of_a_burst_respects_the_pause_of_a_failed_turn(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, consumed=(), wake_at=later(30))
    assert await store.claim(now=later(29), limit=9) == []
    assert await store.next_due() == later(30)
    assert len(await store.claim(now=later(30), limit=9)) == 1


async def test_each_claim_counts_a_try(store: Store) -> None:
    work = await claimed(store)
    for tries in (1, 2, 3):
        assert [one.tries for one in work.pending] == [tries]
        await finish(store, work, consumed=())
        (work,) = await store.claim(now=later(3), limit=1)


async def test_a_lease_that_ran_out_gives_the_conversation_to_another(
    store: Store, lapse: Lapse
) -> None:
    work = await claimed(store)
    assert await store.claim(now=later(100), limit=1) == []
    (again,) = await store.claim(now=await lapse(), limit=1)
    assert again.row.token == work.row.token + 1
    assert await store.commit(turn(work)) is CommitResult.LOST
    assert await store.commit(turn(again)) is CommitResult.COMMITTED


async def test_a_late_worker_still_commits_while_nobody_else_has_claimed(
    store: Store, lapse: Lapse
) -> None:
    work = await claimed(store)
    await lapse()
    assert await store.commit(turn(work, at=later(9_999))) is CommitResult.COMMITTED


async def test_renewing_takes_nothing_from_anybody(store: Store, lapse: Lapse) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),), consumed=())
    (again,) = await store.claim(now=later(2), limit=1)
    (delivery,) = await sent(store)
    await store.renew(works=[work, again], deliveries=[delivery])
    await store.renew()
    assert await store.claim(now=later(3), limit=1) == []
    assert await sent(store) == []
    assert await store.commit(turn(work)) is CommitResult.LOST
    assert await store.commit(turn(again)) is CommitResult.COMMITTED


async def test_who_let_go_cannot_commit_any_more(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work)
    assert await store.commit(turn(work, log=(heard("again"),))) is CommitResult.LOST
    assert await store.log(work.row.id) == []


async def test_a_commit_for_an_unknown_conversation_is_lost(store: Store) -> None:
    work = await claimed(store)
    assert await store.commit(turn(work, conversation="c_nobody")) is CommitResult.LOST


# --- committing


async def test_a_turn_is_true_at_once(store: Store) -> None:
    work = await claimed(store)
    await finish(
        store,
        work,
        log=(heard("hello"), HandedOff(reason="wants_human", note="n", case_id="k1")),
        turn="t1",
        outbox=(words("say:1", work=work), words("case:k1", to="case:k1", work=work)),
        timers=(TimerWrite(name="target", due_at=later(60), data="d"),),
        calls=(CallWrite(record=call(work, CallState.AWAITING), expected=None),),
        approvals=(sign_off(work),),
        owner=Owner.DESK,
        peer=Peer(user_id="5", name="Ada"),
    )
    found = await store.conversation(work.row.id)
    assert found is not None
    assert (found[0].owner, found[0].epoch) == (Owner.DESK, work.row.epoch + 1)
    assert found[1].case is not None
    assert found[1].case.id == "k1"
    assert [at for at, _ in await store.log(work.row.id)] == [later(2), later(2)]
    assert (await store.calls(["refund:1:0", "other"])).keys() == {"refund:1:0"}
    assert (await store.calls(["refund:1:0"]))["refund:1:0"] == call(work, CallState.AWAITING)
    approval = await store.approval("a1")
    assert approval is not None
    assert approval[0] == sign_off(work)
    assert await waiting(store) == {
        "pending": 0,
        "backlog": 0,
        "quarantined": 0,
        "outbox": 2,
        "timers": 1,
        "unknown_calls": 0,
    }


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"token": 99}, CommitResult.LOST),
        ({"epoch": 99}, CommitResult.OVERTAKEN),
        ({"seen": 0, "fresh": True}, CommitResult.STALE),
        ({"calls": "conflict"}, CommitResult.CONFLICT),
    ],
)
async def test_a_commit_that_does_not_hold_leaves_nothing_behind(
    store: Store, spoilt: dict[str, object], why: CommitResult
) -> None:
    work = await claimed(store)
    before = await waiting(store), await row(store, work.row.id)
    if "calls" in spoilt:
        write = CallWrite(record=call(work, CallState.DONE), expected=CallState.EXECUTING)
        spoilt = {"calls": (write,)}
    whole = {
        "log": (heard("hello"),),
        "outbox": (words("say:1", work=work),),
        "timers": (TimerWrite(name="target", due_at=later(60)),),
        "owner": Owner.DESK,
        "quarantined": ((work.pending[0].seq, "odd"),),
    }
    assert await store.commit(turn(work, **(whole | spoilt))) is why
    assert (await waiting(store), await row(store, work.row.id)) == before
    assert await store.log(work.row.id) == []
    assert await store.calls(["refund:1:0"]) == {}
    assert await store.commit(turn(work)) is CommitResult.COMMITTED


async def test_cases_22_and_23_a_take_over_during_the_turn_overtakes_its_words(
    store: Store,
) -> None:
    work = await claimed(store)
    answer, outcome = await asyncio.gather(
        store.accept(takes_over(work, "p1")),
        store.commit(turn(work, epoch=work.row.epoch, outbox=(words("say:1", work=work),), log=())),
    )
    assert (answer.applied, outcome) == (True, CommitResult.OVERTAKEN)
    assert await sent(store) == []


async def test_case_10_newer_messages_make_a_fresh_turn_stale(store: Store) -> None:
    work = await claimed(store)
    _, outcome = await asyncio.gather(
        accept(store, arrival(2)), store.commit(turn(work, fresh=True))
    )
    assert outcome is CommitResult.STALE


async def test_what_was_accepted_during_a_turn_wakes_the_next_at_once(store: Store) -> None:
    work = await claimed(store)
    await accept(store, arrival(2))
    await finish(store, work, wake_at=later(500))
    assert len(await store.claim(now=later(2), limit=1)) == 1


async def test_a_turn_that_goes_on_keeps_its_conversation(store: Store) -> None:
    work = await claimed(store)
    assert await store.commit(turn(work, release=False)) is CommitResult.COMMITTED
    assert await store.claim(now=later(3), limit=1) == []
    assert await store.commit(turn(work, log=(heard("x"),))) is CommitResult.COMMITTED


async def test_the_same_owner_again_raises_no_epoch(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, owner=Owner.BOT)
    assert (await row(store, work.row.id)).epoch == work.row.epoch


async def test_what_is_put_in_quarantine_stays_there_with_its_reason(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, consumed=(), quarantined=((work.pending[0].seq, "three tries"),))
    assert (await waiting(store))["quarantined"] == 1
    assert await store.claim(now=later(9), limit=1) == []


async def test_a_snapshot_and_what_came_after_it_are_the_whole(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, log=(heard("one"), heard("two", 2)))
    await accept(store, arrival(2), at=later(2))
    (work,) = await store.claim(now=later(2), limit=1)
    assert (work.position, len(work.state.lines)) == (2, 2)
    await finish(store, work, log=(heard("three", 3),), snapshot=(work.position, work.state))
    await accept(store, arrival(3), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    assert work.position == 3
    assert [line.text for line in work.state.lines] == ["one", "two", "three"]


async def test_a_snapshot_with_the_turns_own_entries_is_kept_where_nothing_came_before_them(
    store: Store,
) -> None:
    work = await claimed(store)
    event = heard("one")
    after = fold(work.state, [(NOW, event)])
    await finish(store, work, log=(event,), snapshot=(work.position, work.state), after=after)
    await accept(store, arrival(2), at=later(2))
    (work,) = await store.claim(now=later(2), limit=1)
    assert (work.position, work.state) == (1, after)


async def test_a_snapshot_with_the_turns_own_entries_gives_way_to_what_came_before_them(
    store: Store,
) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (delivery,) = await sent(store)
    await accept(store, arrival(2), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    said = Said(outbox_key="say", author=Author.BOT, text="hi")
    await store.settle(
        Settlement(delivery=delivery, state=DeliveryState.SENT, at=later(4), log=(said,))
    )
    event = heard("two")
    after = fold(work.state, [(NOW, event)])
    await finish(store, work, log=(event,), snapshot=(work.position, work.state), after=after)
    found = await store.conversation(work.row.id)
    assert found is not None
    assert [line.text for line in found[1].lines] == ["hi", "two"]


async def test_a_snapshot_that_counts_what_is_not_there_is_left_alone(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, log=(heard("one"),), snapshot=(1, ConversationState()))
    found = await store.conversation(work.row.id)
    assert found is not None
    assert [line.text for line in found[1].lines] == ["one"]


async def test_a_receipt_noted_during_a_turn_is_folded_once(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    (delivery,) = await sent(store)
    await accept(store, arrival(2), at=later(3))
    (work,) = await store.claim(now=later(3), limit=1)
    receipt = Delivered(outbox_key="say", message_id="9", part=0, text="hi")
    await asyncio.gather(
        store.settle(
            Settlement(delivery=delivery, state=DeliveryState.SENT, at=later(4), log=(receipt,))
        ),
        finish(store, work, log=(heard("two"),), snapshot=(work.position, work.state)),
    )
    assert [event.kind for _, event in await store.log(work.row.id)] == ["delivered", "message"]
    found = await store.conversation(work.row.id)
    assert found is not None
    assert [line.text for line in found[1].lines] == ["two"]


async def test_a_known_person_in_a_new_conversation_is_the_same_customer(store: Store) -> None:
    first = await claimed(store, 1, "ada")
    await finish(store, first, peer=Peer(user_id="5"))
    second = await claimed(store, 2, "a group")
    await finish(store, second, peer=Peer(user_id="5"))
    third = await claimed(store, 3, "bob")
    await finish(store, third, peer=Peer(user_id="6"))
    one, two, other = [await row(store, work.row.id) for work in (first, second, third)]
    assert one.customer == two.customer != other.customer


async def test_one_unwritable_turn_harms_no_other(store: Store) -> None:
    works = [await claimed(store, number, f"chat {number}") for number in range(4)]
    outcomes = await asyncio.gather(
        *(
            store.commit(turn(work, log=(Ignored(what="\ud800" if number == 2 else "x"),)))
            for number, work in enumerate(works)
        ),
        return_exceptions=True,
    )
    assert [outcome is CommitResult.COMMITTED for outcome in outcomes] == [True, True, False, True]
    assert await store.log(works[2].row.id) == []


# --- the ledger


async def test_two_conversations_cannot_both_begin_the_same_call(store: Store) -> None:
    one, two = await claimed(store, 1, "ada"), await claimed(store, 2, "bob")
    outcomes = await asyncio.gather(
        *(store.commit(moves(work, None, CallState.EXECUTING)) for work in (one, two))
    )
    assert outcomes == [CommitResult.COMMITTED, CommitResult.CONFLICT]
    assert (await store.calls(["refund:1:0"]))["refund:1:0"].conversation == one.row.id


async def test_unfinished_calls_come_with_the_next_turn(store: Store) -> None:
    work = await claimed(store)
    begun = [
        CallWrite(record=call(work, state, key=state), expected=None)
        for state in (CallState.ALLOWED, CallState.AWAITING, CallState.EXECUTING)
    ]
    await finish(store, work, consumed=(), calls=tuple(begun))
    (again,) = await store.claim(now=later(2), limit=1)
    assert [one.key for one in again.calls] == ["allowed", "executing"]
    assert again.calls[0] == begun[0].record


async def test_a_call_is_written_anew_in_all_its_parts(store: Store) -> None:
    work = await claimed(store)
    await store.commit(moves(work, None, CallState.EXECUTING))
    done = call(work, CallState.DONE, result='{"ok": 1}', why="w", amount=None, summary="s\0")
    write = CallWrite(record=done, expected=CallState.EXECUTING)
    await finish(store, work, calls=(write,))
    kept = (await store.calls([done.key]))[done.key]
    assert (kept.state, kept.result, kept.why, kept.amount) == (
        CallState.DONE,
        '{"ok": 1}',
        "w",
        None,
    )
    assert kept.summary == "s␀"


STATES = [None, *CallState]
NUMBERS = count(1)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(list(CallState)))))
def test_the_ledger_moves_only_along_its_table(
    place: str, steps: list[tuple[CallState | None, CallState]]
) -> None:
    key = f"refund:{next(NUMBERS)}:0"

    async def play() -> None:
        store = store_at(place)
        await store.open()
        try:
            work = await claimed(store, key, key)
            now: CallState | None = None
            for expected, new in steps:
                outcome = await store.commit(moves(work, expected, new, key=key))
                holds = expected is now and (new is now or new in CALL_MOVES[now])
                assert (outcome is CommitResult.COMMITTED) is holds
                now = new if holds else now
                kept = (await store.calls([key])).get(key)
                assert (kept and kept.state) == now
        finally:
            await store.close()

    asyncio.run(play())


@given(
    first=st.sampled_from(list(CallState)),
    second=st.sampled_from(list(CallState)),
)
def test_nothing_leaves_the_end_of_the_table(first: CallState, second: CallState) -> None:
    ends = {state for state in CallState if not CALL_MOVES[state]}
    assert ends == {CallState.DONE, CallState.FAILED}
    assert not (first in ends and second in CALL_MOVES[first])


async def test_a_sign_off_is_asked_for_once(store: Store) -> None:
    work = await asked(store)
    await accept(store, arrival(2), at=later(3))
    (again,) = await store.claim(now=later(3), limit=1)
    await finish(store, again, approvals=(sign_off(work, expires_at=later(9999)),))
    found = await store.approval("a1")
    assert found is not None
    assert found[0].expires_at == later(600)


# --- outbox keys


async def test_a_second_message_of_the_same_key_is_the_same_message(store: Store) -> None:
    work = await claimed(store)
    one = words("say:1", work=work)
    await finish(store, work, release=False, outbox=(one, one))
    await finish(store, work, outbox=(one, words("say:2", work=work)))
    assert (await waiting(store))["outbox"] == 2
    assert keys(await sent(store)) == ["say:1"]
