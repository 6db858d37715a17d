"""The store's contract: limits over time are never passed, however many begin at once."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.money import Money
from conversation.ceilings import Ceiling, Used
from conversation.ledger import CallState
from conversation.model import Peer
from conversation.postgres import PostgresStore
from conversation.store import CallWrite, Commit, CommitResult, Store, Work
from tests.conversation.store_world import (
    NOW,
    OpenStore,
    accept,
    address,
    arrival,
    call,
    finish,
    later,
    moves,
    row,
    turn,
)

DAY = timedelta(days=1)
NUMBERS = itertools.count()
BRAND = Ceiling(
    name="per_brand", action="refund", since=NOW - DAY, total=Money(10_000, "GBP"), count=50
)


def begins(
    work: Work,
    key: str,
    minor: int,
    *ceilings: Ceiling,
    currency: str = "GBP",
    at: datetime | None = None,
) -> Commit:
    record = call(work, CallState.EXECUTING, key, amount=Money(minor, currency))
    write = CallWrite(record=record, expected=None, ceilings=ceilings or (BRAND,))
    return turn(work, consumed=(), release=False, calls=(write,), at=at or later(2))


async def talking(store: Store, *names: str) -> list[Work]:
    """Let customers write, and claim their conversations."""
    await asyncio.gather(*(accept(store, arrival(name, name)) for name in names))
    works: list[Work] = []
    for _ in names:
        works += await store.claim(now=later(), limit=99)
    assert len(works) == len(names)
    return sorted(works, key=lambda one: names.index(one.row.address.key))


async def test_what_was_begun_counts_and_what_failed_does_not(store: Store) -> None:
    (work,) = await talking(store, "ada")
    assert await store.used((BRAND,), key="") == (Used(),)
    for number, (minor, state) in enumerate(
        [(4_000, CallState.DONE), (3_000, CallState.FAILED), (2_000, CallState.UNKNOWN)]
    ):
        key = f"refund:{number}:0"
        assert await store.commit(begins(work, key, minor)) is CommitResult.COMMITTED
        record = call(work, state, key, amount=Money(minor, "GBP"))
        write = CallWrite(record=record, expected=CallState.EXECUTING)
        await store.commit(turn(work, consumed=(), release=False, calls=(write,)))
    asks = moves(work, None, CallState.AWAITING, key="refund:7:0")
    assert await store.commit(asks) is CommitResult.COMMITTED
    assert await store.used((BRAND,), key="") == (Used(count=2, minor=6_000),)
    assert await store.used((BRAND,), key="refund:0:0") == (Used(count=1, minor=2_000),)
    assert await store.used((), key="") == ()
    assert await store.commit(begins(work, "refund:8:0", 4_001)) is CommitResult.CONFLICT
    assert await store.commit(begins(work, "refund:9:0", 4_000)) is CommitResult.COMMITTED
    assert await store.commit(begins(work, "refund:10:0", 1)) is CommitResult.CONFLICT


async def test_what_is_past_the_window_or_of_others_does_not_count(store: Store) -> None:
    ada, bob = await talking(store, "ada", "bob")
    await store.commit(begins(ada, "refund:1:0", 9_000))
    mine = replace(BRAND, name="per_customer", customer=ada.row.customer)
    theirs = replace(mine, customer=bob.row.customer)
    there = replace(BRAND, name="per_channel", channel="telegram")
    elsewhere = replace(there, channel="x")
    goods = replace(BRAND, action="replacement")
    late = replace(BRAND, since=later(2))
    euros = replace(BRAND, total=Money(5, "EUR"))
    had = Used(count=1, minor=9_000)
    asked = (BRAND, mine, theirs, there, elsewhere, goods, late, euros)
    assert await store.used(asked, key="") == (
        *(had, had, Used(), had, Used(), Used(), Used()),
        Used(count=1),
    )
    assert await store.commit(begins(bob, "refund:2:0", 5_000, theirs)) is CommitResult.COMMITTED
    assert await store.commit(begins(ada, "refund:3:0", 1_001, mine)) is CommitResult.CONFLICT
    # Who turns out to be the same person has had both.
    for work, peer in ((ada, "ada"), (bob, "ada")):
        await finish(store, work, peer=Peer(user_id=peer))
    one = (await row(store, address("bob").conversation)).customer
    assert await store.used((replace(mine, customer=one),), key="") == (
        Used(count=2, minor=14_000),
    )


TEN = Ceiling(name="per_brand", action="refund", since=NOW - DAY, count=10)


@pytest.mark.parametrize("one", [replace(TEN, total=Money(1_000, "GBP"), count=None), TEN])
async def test_of_many_at_once_as_many_pass_as_there_is_room_for(
    store: Store, one: Ceiling
) -> None:
    names = [f"chat {n}" for n in range(30)]
    works = await talking(store, *names)
    told = await asyncio.gather(
        *(store.commit(begins(work, f"refund:{n}:0", 100, one)) for n, work in enumerate(works))
    )
    assert sorted(told) == [*[CommitResult.COMMITTED] * 10, *[CommitResult.CONFLICT] * 20]
    assert await store.used((one,), key="") == (Used(count=10, minor=1_000 if one.total else 0),)


async def test_two_processes_together_pass_no_limit(one: PostgresStore, two: PostgresStore) -> None:
    limit = replace(BRAND, total=Money(1_000, "GBP"))
    works = await talking(one, *(f"chat {n}" for n in range(40)))
    told = await asyncio.gather(
        *(
            (one, two)[n % 2].commit(begins(work, f"refund:{n}:0", 90, limit))
            for n, work in enumerate(works)
        )
    )
    assert told.count(CommitResult.COMMITTED) == 11
    assert await two.used((limit,), key="") == (Used(count=11, minor=990),)


@pytest.mark.timeout(120)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wishes=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 700)), min_size=1, max_size=25),
    totals=st.tuples(st.integers(0, 1_500), st.integers(0, 3_000)),
    count=st.integers(1, 12),
)
async def test_whatever_is_wished_no_limit_is_passed(
    open_store: OpenStore,
    wishes: Sequence[tuple[int, int]],
    totals: tuple[int, int],
    count: int,
) -> None:
    """Several customers at once, each with a limit of their own below the brand's."""
    store, number = await open_store(), next(NUMBERS)
    action = f"refund {number}"
    works = await talking(store, *(f"{number}:{n}" for n in range(4)))
    brand = replace(BRAND, action=action, total=Money(totals[1], "GBP"), count=count)
    own = [
        replace(
            brand, name="per_customer", customer=one.row.customer, total=Money(totals[0], "GBP")
        )
        for one in works
    ]
    commits = []
    for n, (who, minor) in enumerate(wishes):
        wish = begins(works[who], f"{action}:{n}", minor, own[who], brand)
        (write,) = wish.calls
        record = replace(write.record, action=action)
        commits.append(store.commit(replace(wish, calls=(replace(write, record=record),))))
    await asyncio.gather(*commits)
    used = await store.used((*own, brand), key="")
    await asyncio.gather(*(finish(store, work) for work in works))
    assert all(one.minor <= totals[0] for one in used[:4])
    assert used[4].minor <= totals[1]
    assert used[4].count <= count
    await store.close()
