"""The store's contract, accepting: nothing lost, nothing twice, nothing too late."""

import asyncio

import pytest

from conversation.ledger import ApprovalState, CallState
from conversation.model import Owner
from conversation.store import Acceptance, CommitResult, OwnerChange, Store, StoreUnavailable
from conversation.writes import PENDING_LIMIT
from tests.conversation.store_world import (
    NOW,
    OpenStore,
    accept,
    arrival,
    asked,
    claimed,
    decision,
    finish,
    later,
    press,
    row,
    takes_over,
    turn,
    waiting,
)


async def test_an_event_is_kept_once(store: Store) -> None:
    assert (await accept(store, arrival(1))).new == (True,)
    assert (await accept(store, arrival(1))).new == (False,)
    assert (await row(store, arrival(1).conversation)).accepted == 1


async def test_case_1_the_same_event_twenty_times_at_once_is_one(store: Store) -> None:
    answers = await asyncio.gather(*(accept(store, arrival(1)) for _ in range(20)))
    assert sorted(answer.new[0] for answer in answers) == [False] * 19 + [True]
    (work,) = await store.claim(now=later(), limit=9)
    assert len(work.pending) == 1


async def test_case_2_first_messages_at_once_make_one_conversation(store: Store) -> None:
    await asyncio.gather(*(accept(store, arrival(number)) for number in range(20)))
    (work,) = await store.claim(now=later(), limit=9)
    assert len(work.pending) == work.row.accepted == 20


async def test_the_same_id_on_another_channel_or_account_is_another_event(store: Store) -> None:
    answer = await accept(
        store, arrival(1), arrival(1, account="778"), arrival(1, channel="x"), arrival(1)
    )
    assert answer.new == (True, True, True, False)


async def test_a_batch_with_twins_counts_each_event_once(store: Store) -> None:
    answer = await accept(store, arrival(1), arrival(2), arrival(1), arrival(3, "bob"))
    assert answer.new == (True, True, False, True)
    assert (await row(store, arrival(1).conversation)).accepted == 2
    assert (await row(store, arrival(3, "bob").conversation)).accepted == 1


async def test_what_belongs_to_no_conversation_is_kept_and_wakes_nobody(store: Store) -> None:
    await accept(store, arrival(1, address=None))
    assert await store.claim(now=later(), limit=9) == []
    assert (await waiting(store))["quarantined"] == 0


async def test_what_nobody_can_read_waits_in_quarantine(store: Store) -> None:
    await accept(store, arrival(1, address=None, kind="unreadable", why="no chat", body=b"\xff"))
    assert (await waiting(store))["quarantined"] == 1
    assert (await accept(store, arrival(1, address=None, why="no chat"))).new == (False,)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"a\0b", "tÄ🧵".encode(), b"\xed\xa0\x80", bytes(range(256))]
)
async def test_any_bytes_come_back_as_they_were(store: Store, body: bytes) -> None:
    await accept(store, arrival(1, body=body))
    (work,) = await store.claim(now=later(), limit=1)
    assert work.pending[0].arrival.body == body


async def test_every_word_of_an_arrival_comes_back(store: Store) -> None:
    came = arrival('"\\0 \\u0000 id', key="k'🧵", kind="odd\n", why="half read")
    await accept(store, came, at=later(0.000_001))
    (work,) = await store.claim(now=later(), limit=1)
    (pending,) = work.pending
    assert work.row.address == came.address
    assert (pending.arrival.event_id, pending.arrival.kind) == (came.event_id, came.kind)
    assert (pending.arrival.why, pending.arrival.occurred_at) == (came.why, NOW)
    assert pending.received_at == later(0.000_001)


async def test_a_nul_in_an_id_neither_loses_nor_merges_events(store: Store) -> None:
    answer = await accept(store, arrival("a\0b"), arrival("a\0c"), arrival("a"))
    assert answer.new == (True, True, True)
    assert (await accept(store, arrival("a\0b"))).new == (False,)
    assert len((await store.claim(now=later(), limit=1))[0].pending) == 3


async def test_half_a_surrogate_pair_harms_only_its_own_acceptance(store: Store) -> None:
    answers = await asyncio.gather(
        *(accept(store, arrival(number)) for number in range(5)),
        accept(store, arrival("\ud800")),
        return_exceptions=True,
    )
    assert [getattr(answer, "new", None) for answer in answers[:5]] == [(True,)] * 5
    assert isinstance(answers[5], UnicodeEncodeError)
    assert len((await store.claim(now=later(), limit=1))[0].pending) == 5


async def test_case_16_an_event_for_an_unknown_conversation_ends_as_a_stray(store: Store) -> None:
    answer = await accept(store, press("p1", "c_nobody"))
    assert answer.new == (True,)
    assert (await waiting(store))["pending"] == 0


async def test_an_event_that_knows_its_conversation_wakes_it(store: Store) -> None:
    work = await claimed(store)
    await finish(store, work)
    await accept(store, press("p1", work.row.id), at=later(3))
    (again,) = await store.claim(now=later(3), limit=1)
    assert [one.arrival.event_id for one in again.pending] == ["p1"]
    assert again.row.accepted == 2


# --- owners


async def test_a_take_over_raises_the_epoch_at_once(store: Store) -> None:
    work = await claimed(store)
    answer = await store.accept(takes_over(work, "p1"))
    assert (answer.applied, answer.new) == (True, (True,))
    now = await row(store, work.row.id)
    assert (now.owner, now.claimed_by, now.epoch) == (Owner.COLLEAGUE, "U1", work.row.epoch + 1)


async def test_of_two_who_take_over_at_once_one_has_it_and_nothing_is_kept_of_the_other(
    store: Store,
) -> None:
    work = await claimed(store)
    both = [takes_over(work, "p1", "U1"), takes_over(work, "p2", "U2")]
    first, second = await asyncio.gather(*(store.accept(one) for one in both))
    assert (first.applied, second.applied) == (True, False)
    assert second.new == (False,)
    now = await row(store, work.row.id)
    assert (now.claimed_by, now.epoch, now.accepted) == ("U1", work.row.epoch + 1, 2)


async def test_the_same_press_sent_again_changes_nothing_a_second_time(store: Store) -> None:
    work = await claimed(store)
    again = frozenset({Owner.BOT, Owner.COLLEAGUE})
    one = takes_over(work, "p1", only_from=again)
    for answer in await asyncio.gather(*(store.accept(one) for _ in range(7))):
        assert answer.applied
    assert (await row(store, work.row.id)).epoch == work.row.epoch + 1


async def test_a_repeated_press_does_not_stand_in_the_way_of_the_next_one(store: Store) -> None:
    work = await claimed(store)
    await store.accept(takes_over(work, "p1"))
    back = takes_over(
        work, "p2", to=Owner.BOT, only_from=frozenset({Owner.COLLEAGUE}), claimed_by=None
    )
    await store.accept(back)
    repeat, fresh = await asyncio.gather(
        store.accept(takes_over(work, "p1")), store.accept(takes_over(work, "p3", "U3"))
    )
    assert (repeat.new, fresh.applied) == ((False,), True)
    assert (await row(store, work.row.id)).claimed_by == "U3"


async def test_changes_of_hands_that_share_a_transaction_each_raise_the_epoch(store: Store) -> None:
    work = await claimed(store)
    back = takes_over(
        work, "p2", to=Owner.BOT, only_from=frozenset({Owner.COLLEAGUE}), claimed_by=None
    )
    answers = await asyncio.gather(store.accept(takes_over(work, "p1")), store.accept(back))
    assert [answer.applied for answer in answers] == [True, True]
    now = await row(store, work.row.id)
    assert (now.owner, now.claimed_by, now.epoch) == (Owner.BOT, None, work.row.epoch + 2)


@pytest.mark.parametrize(
    ("by", "only", "applies"),
    [("U1", "U1", True), ("U1", "U2", False), ("U1", None, True), (None, "U2", True)],
)
async def test_only_who_has_the_conversation_may_give_it_back(
    store: Store, by: str | None, only: str | None, applies: bool
) -> None:
    work = await claimed(store)
    await store.accept(takes_over(work, "p1", claimed_by=by))
    change = OwnerChange(
        conversation=work.row.id,
        to=Owner.BOT,
        only_from=frozenset({Owner.COLLEAGUE}),
        only_claimed_by=only,
    )
    back = Acceptance(arrivals=(press("p2", work.row.id),), received_at=NOW, owner=change)
    assert (await store.accept(back)).applied is applies


async def test_nobody_can_take_over_a_conversation_that_does_not_exist(store: Store) -> None:
    work = await claimed(store)
    answer = await store.accept(takes_over(work, "p1", conversation="c_nobody"))
    assert (answer.applied, answer.new) == (False, (False,))


async def test_a_change_may_come_without_an_arrival(store: Store) -> None:
    work = await claimed(store)
    bare = Acceptance(arrivals=(), received_at=NOW, owner=takes_over(work, "p1").owner)
    assert (await store.accept(bare)).applied
    assert (await row(store, work.row.id)).owner is Owner.COLLEAGUE


# --- sign-offs


@pytest.mark.parametrize(
    ("state", "then"),
    [(ApprovalState.APPROVED, CallState.ALLOWED), (ApprovalState.REJECTED, CallState.REFUSED)],
)
async def test_a_decision_moves_the_ledger_and_wakes_the_conversation(
    store: Store, state: ApprovalState, then: CallState
) -> None:
    work = await asked(store)
    assert (await store.accept(decision(work, "p1", state))).applied
    found = await store.approval("a1")
    assert found is not None
    assert (found[0].state, found[0].decided_by, found[1].state) == (state, "U1", then)
    (again,) = await store.claim(now=later(10), limit=1)
    assert [one.state for one in again.calls] == [then] * (then is CallState.ALLOWED)


async def test_seven_presses_of_two_people_decide_once(store: Store) -> None:
    work = await asked(store)
    presses = [
        decision(
            work,
            f"p{number}",
            ApprovalState.APPROVED if number % 2 else ApprovalState.REJECTED,
            by=f"U{number % 2}",
        )
        for number in range(7)
    ]
    answers = await asyncio.gather(*(store.accept(one) for one in presses))
    assert [answer.applied for answer in answers].count(True) == 1
    found = await store.approval("a1")
    assert found is not None
    assert (found[0].state, found[0].decided_by) == (ApprovalState.REJECTED, "U0")
    assert (await row(store, work.row.id)).accepted == 2


async def test_a_yes_at_the_very_moment_of_expiry_comes_too_late(store: Store) -> None:
    work = await asked(store)
    late = decision(work, "p1", ApprovalState.APPROVED, at=later(600))
    intime = decision(work, "p2", ApprovalState.REJECTED, at=later(599))
    first, second = await asyncio.gather(store.accept(late), store.accept(intime))
    assert (first.applied, second.applied) == (False, True)
    found = await store.approval("a1")
    assert found is not None
    assert found[0].state is ApprovalState.REJECTED


async def test_an_unknown_sign_off_cannot_be_decided(store: Store) -> None:
    work = await claimed(store)
    assert not (await store.accept(decision(work, "p1", ApprovalState.APPROVED))).applied
    assert await store.approval("a1") is None


async def test_expiring_what_was_approved_meanwhile_changes_nothing(store: Store) -> None:
    work = await asked(store)
    await accept(store, arrival(2), at=later(3))
    (again,) = await store.claim(now=later(3), limit=1)
    yes, outcome = await asyncio.gather(
        store.accept(decision(work, "p1", ApprovalState.APPROVED)),
        store.commit(turn(again, expired=("a1", "a1", "a_unknown"))),
    )
    assert (yes.applied, outcome) == (True, CommitResult.COMMITTED)
    found = await store.approval("a1")
    assert found is not None
    assert (found[0].state, found[1].state) == (ApprovalState.APPROVED, CallState.ALLOWED)


async def test_a_yes_to_what_has_expired_comes_too_late(store: Store) -> None:
    work = await asked(store)
    await accept(store, arrival(2), at=later(3))
    (again,) = await store.claim(now=later(3), limit=1)
    outcome, yes = await asyncio.gather(
        store.commit(turn(again, expired=("a1",))),
        store.accept(decision(work, "p1", ApprovalState.APPROVED)),
    )
    assert (outcome, yes.applied) == (CommitResult.COMMITTED, False)
    found = await store.approval("a1")
    assert found is not None
    assert (found[0].state, found[1].state) == (ApprovalState.EXPIRED, CallState.REFUSED)


async def test_a_closed_store_says_so(open_store: OpenStore) -> None:
    store = await open_store()
    await store.close()
    for attempt in (accept(store, arrival(1)), store.next_due(), store.conversation("c_1")):
        with pytest.raises(StoreUnavailable):
            await attempt


async def test_f33_a_flood_of_one_weighs_no_more_than_a_turn_takes(store: Store) -> None:
    """What is behind one customer's flood is their own wait: nobody else is put off for it."""
    await accept(store, *(arrival(f"flood {n}", "flo") for n in range(3 * PENDING_LIMIT)))
    await accept(store, arrival("a", "ada"), arrival("b", "bea"), arrival("c", "ada"))
    counts = await waiting(store)
    assert counts["pending"] == 3 * PENDING_LIMIT + 3
    assert counts["backlog"] == PENDING_LIMIT + 3
    for work in await store.claim(now=later(), limit=9):
        await finish(store, work)
    assert (await waiting(store))["backlog"] == PENDING_LIMIT
