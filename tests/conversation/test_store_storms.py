"""The store's contract: who complained in public lately, and where the bot is silent for it."""

import asyncio
from datetime import timedelta

from conversation.store import CommitResult, Store
from conversation.storms import Storm, StormAsk, StormSeen, StormStep, StormWrite
from tests.conversation.store_world import (
    NOW,
    OpenShared,
    OpenStore,
    claimed,
    finish,
    turn,
)

WITHIN = timedelta(minutes=30)


async def look(
    store: Store, complaint: str | None = None, *, minutes: int = 0, calm: int = 2
) -> StormSeen:
    """Look some minutes later, with somebody's complaint perhaps."""
    at = NOW + timedelta(minutes=minutes)
    ask = StormAsk(channel="x", since=at - WITHIN, enough_for_calm=calm, complaint=complaint, at=at)
    return await store.storm(ask)


def begin(case_id: str = "case_1") -> StormWrite:
    return StormWrite(channel="x", step=StormStep.BEGIN, case_id=case_id)


def step(kind: StormStep) -> StormWrite:
    return StormWrite(channel="x", step=kind)


async def test_a_customer_counts_once_for_as_long_as_the_window_lasts(store: Store) -> None:
    assert (await look(store)).complaints == 0
    assert (await look(store, "ana")).complaints == 1
    assert (await look(store, "ana", minutes=1)).complaints == 1
    assert (await look(store, "ben", minutes=20)).complaints == 2
    assert (await look(store, minutes=31)).complaints == 2
    assert (await look(store, minutes=32)).complaints == 1
    assert (await look(store, "cleo", minutes=51)).complaints == 1


async def test_what_came_late_makes_nobody_younger(store: Store) -> None:
    await look(store, "ana", minutes=10)
    await look(store, "ana", minutes=0)
    assert (await look(store, minutes=35)).complaints == 1


async def test_it_tells_when_it_will_be_calm(store: Store) -> None:
    await look(store, "ana")
    assert (await look(store, minutes=1)).calm_since is None
    await look(store, "ben", minutes=2)
    await look(store, "cleo", minutes=3)
    # Without Ben's there is only Cleo's left, and one is calm.
    assert (await look(store, minutes=4)).calm_since == NOW + timedelta(minutes=2)
    assert (await look(store, minutes=4, calm=4)).calm_since is None


async def test_channels_have_weather_of_their_own(store: Store) -> None:
    await look(store, "ana")
    other = StormAsk(channel="messenger", since=NOW - WITHIN)
    assert await store.storm(other) == StormSeen(complaints=0, calm_since=None, storm=None)


async def test_a_storm_begins_once_gathers_lines_and_is_lifted(store: Store) -> None:
    await look(store, "ana")
    first, second = await claimed(store, "1", "ada"), await claimed(store, "2", "bob")
    await finish(store, first, storm=begin())
    assert await store.commit(turn(second, storm=begin("case_2"))) is CommitResult.CONFLICT
    await finish(store, second, storm=step(StormStep.LINE))
    seen = await look(store)
    assert seen.storm == Storm(conversation=first.row.id, case_id="case_1", lines=1)
    third = await claimed(store, "3", "ada")
    await finish(store, third, storm=step(StormStep.LIFT))
    assert await look(store) == StormSeen(complaints=0, calm_since=None, storm=None)
    fourth = await claimed(store, "4", "bob")
    await finish(store, fourth, storm=begin("case_4"))
    assert (await look(store)).storm is not None


async def test_of_a_commit_that_does_not_hold_no_storm_is_left(store: Store) -> None:
    work = await claimed(store)
    lost = turn(work, token=work.row.token + 1, storm=begin())
    assert await store.commit(lost) is CommitResult.LOST
    assert (await look(store)).storm is None


async def test_of_two_who_begin_at_once_one_does(store: Store) -> None:
    works = [await claimed(store, str(n), f"customer {n}") for n in range(8)]
    results = await asyncio.gather(
        *(store.commit(turn(work, storm=begin(work.row.id))) for work in works)
    )
    assert sorted(results) == sorted([CommitResult.COMMITTED] + [CommitResult.CONFLICT] * 7)


async def test_of_two_processes_one_begins(open_shared: OpenShared) -> None:
    one, two = await open_shared(), await open_shared()
    works = [await claimed(one, "1", "ada"), await claimed(two, "2", "bob")]
    results = await asyncio.gather(
        one.commit(turn(works[0], storm=begin())), two.commit(turn(works[1], storm=begin()))
    )
    assert sorted(results) == [CommitResult.COMMITTED, CommitResult.CONFLICT]


async def test_a_hundred_complaints_at_once_are_all_counted(store: Store) -> None:
    await asyncio.gather(*(look(store, f"customer {n}") for n in range(100)))
    assert (await look(store)).complaints == 100


async def test_it_outlives_its_process(open_store: OpenStore) -> None:
    first = await open_store()
    await look(first, "ana")
    await finish(first, await claimed(first), storm=begin())
    await first.close()
    second = await open_store()
    seen = await look(second)
    assert (seen.complaints, seen.storm is None) == (1, False)
