"""The store's contract: where two must say yes, no person is two, however often they press."""

import asyncio
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversation.judging import Changes
from conversation.ledger import ApprovalState, CallState
from conversation.postgres import PostgresStore
from conversation.store import Acceptance, ApprovalDecision, Store, Work
from tests.conversation.store_world import NOW, asked, decision, later

YES, NO = ApprovalState.APPROVED, ApprovalState.REJECTED


def says(work: Work, event: str, by: str, state: ApprovalState = YES) -> Acceptance:
    one = decision(work, event, state, by)
    assert one.approval is not None
    return replace(one, approval=replace(one.approval, two=True))


async def standing(store: Store) -> tuple[ApprovalState, str | None, CallState]:
    found = await store.approval("a1")
    assert found is not None
    approval, call = found
    return approval.state, approval.first_by, call.state


async def test_the_second_yes_decides_if_it_is_anothers(store: Store) -> None:
    work = await asked(store)
    first = says(work, "first", "U1")
    for _ in range(3):
        assert (await store.accept(first)).applied
    assert not (await store.accept(says(work, "again", "U1"))).applied
    assert await standing(store) == (ApprovalState.WAITING, "U1", CallState.AWAITING)
    assert (await store.accept(says(work, "second", "U2"))).applied
    assert await standing(store) == (YES, "U1", CallState.ALLOWED)
    assert not (await store.accept(says(work, "third", "U3"))).applied


async def test_a_no_ends_it_and_so_does_time(store: Store) -> None:
    work = await asked(store)
    await store.accept(says(work, "first", "U1"))
    late = says(work, "late", "U2")
    assert late.approval is not None
    late = replace(late, approval=replace(late.approval, at=later(600)))
    assert not (await store.accept(late)).applied
    assert (await store.accept(says(work, "no", "U1", NO))).applied, "whoever says it"
    assert await standing(store) == (NO, "U1", CallState.REFUSED)


async def test_of_two_processes_one_person_is_never_two(
    one: PostgresStore, two: PostgresStore
) -> None:
    work = await asked(one)
    await asyncio.gather(
        *((one, two)[n % 2].accept(says(work, f"press {n}", "U1")) for n in range(20))
    )
    assert await standing(one) == (ApprovalState.WAITING, "U1", CallState.AWAITING)
    await asyncio.gather(
        *((one, two)[n % 2].accept(says(work, f"more {n}", f"U{n}")) for n in range(6))
    )
    assert await standing(two) == (YES, "U1", CallState.ALLOWED)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.booleans()), max_size=12))
def test_in_whatever_order_they_press(presses: list[tuple[str, bool]]) -> None:
    changes = Changes(owners={}, waiting={"a1": 2**62}, seen=set())
    for by, yes in presses:
        state = YES if yes else NO
        said = ApprovalDecision(approval_id="a1", state=state, by=by, at=NOW, two=True)
        changes.judge(Acceptance(arrivals=(), received_at=NOW, approval=said))
    if not changes.decided:
        return
    (decided,) = changes.decided
    if decided.state is YES:
        assert changes.firsts["a1"] != decided.by
