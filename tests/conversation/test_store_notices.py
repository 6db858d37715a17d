"""The store's contract: what the desk must hear of a whole channel is kept until it was told."""

from dataclasses import replace

import asyncpg

from conversation.notices import AT_ONCE, Notice, NoticeAsk, NoticeStep
from conversation.postgres import PostgresStore
from conversation.store import Store
from tests.conversation.store_world import OpenStore, accept, arrival

ONE, TWO = Notice(key="k1", text="one"), Notice(key="k2", text="two", stands=True)


async def add(store: Store, *notices: Notice) -> None:
    await store.notice(NoticeAsk(step=NoticeStep.ADD, notices=notices))


async def take(store: Store) -> list[Notice]:
    return list(await store.notice(NoticeAsk(step=NoticeStep.TAKE)))


async def told(store: Store, *keys: str) -> None:
    await store.notice(NoticeAsk(step=NoticeStep.TOLD, keys=keys))


async def test_what_was_told_goes_and_what_stands_is_not_told_again(store: Store) -> None:
    await add(store, ONE, TWO)
    assert await take(store) == [ONE, TWO]
    await told(store, "k1", "k2")
    await add(store, ONE, TWO)
    assert await take(store) == [ONE]
    await store.notice(NoticeAsk(step=NoticeStep.LIFT, keys=("k2", "k3")))
    await add(store, TWO)
    assert TWO in await take(store)


async def test_an_alarm_is_kept_with_its_event_once(store: Store) -> None:
    alarm = arrival("1", address=None, alarm="the number is restricted")
    for _ in range(2):
        await accept(store, alarm, replace(alarm, event_id="2", alarm=None))
    (one,) = await take(store)
    assert one.text == "telegram: the number is restricted"
    await told(store, one.key)
    await accept(store, alarm)
    assert await take(store) == []


async def test_it_outlives_who_learned_it(open_store: OpenStore) -> None:
    first = await open_store()
    await accept(first, arrival("1", address=None, alarm="blocked"))
    await first.close()
    second = await open_store()
    assert [one.text for one in await take(second)] == ["telegram: blocked"]


async def test_so_many_are_taken_at_once(store: Store) -> None:
    many = [Notice(key=f"{n:03}", text=str(n)) for n in range(AT_ONCE + 1)]
    await add(store, *many)
    assert await take(store) == many[:AT_ONCE]
    assert many[AT_ONCE] in await take(store), "what was not told before comes first"


async def test_of_two_processes_one_tells_until_its_lease_lapses(
    one: PostgresStore, two: PostgresStore, shell: asyncpg.Connection
) -> None:
    await add(one, ONE)
    assert await take(one) == [ONE]
    assert await take(two) == []
    await shell.execute("update notice set lease_us = 0")
    assert await take(two) == [ONE]
    await told(two, "k1")
    await shell.execute("update notice set lease_us = 0")
    assert await take(one) == []
