"""The store's contract: feeds, how far each is read, and who asks."""

import asyncpg

from conversation.feeds import FeedAsk, FeedHeld, FeedStep
from conversation.store import Store
from tests.conversation.store_world import OpenShared, OpenStore


def ask(
    step: FeedStep, holder: str = "one", *, name: str = "updates", cursor: str | None = None
) -> FeedAsk:
    return FeedAsk(step=step, channel="telegram", name=name, holder=holder, cursor=cursor)


async def test_a_feed_is_new_then_read_as_far_as_was_noted(store: Store) -> None:
    assert await store.feed(ask(FeedStep.TAKE)) == FeedHeld(cursor=None)
    assert await store.feed(ask(FeedStep.KEEP, cursor="41")) == FeedHeld(cursor="41")
    assert await store.feed(ask(FeedStep.KEEP)) == FeedHeld(cursor="41")
    assert await store.feed(ask(FeedStep.LET)) == FeedHeld(cursor="41")
    assert await store.feed(ask(FeedStep.TAKE, "two")) == FeedHeld(cursor="41")


async def test_feeds_of_a_channel_have_cursors_of_their_own(store: Store) -> None:
    for name in ("mentions", "messages"):
        await store.feed(ask(FeedStep.TAKE, name=name))
    await store.feed(ask(FeedStep.KEEP, name="mentions", cursor="7"))
    assert await store.feed(ask(FeedStep.TAKE, name="messages")) == FeedHeld(cursor=None)
    assert await store.feed(ask(FeedStep.TAKE, name="mentions")) == FeedHeld(cursor="7")


async def test_who_does_not_hold_a_feed_moves_nothing(store: Store) -> None:
    assert await store.feed(ask(FeedStep.KEEP, cursor="9")) is None
    await store.feed(ask(FeedStep.TAKE, "one"))
    assert await store.feed(ask(FeedStep.KEEP, "two", cursor="9")) is None
    assert await store.feed(ask(FeedStep.LET, "two")) is None
    assert await store.feed(ask(FeedStep.TAKE, "one")) == FeedHeld(cursor=None)


async def test_a_cursor_outlives_its_process(open_store: OpenStore) -> None:
    first = await open_store()
    await first.feed(ask(FeedStep.TAKE))
    await first.feed(ask(FeedStep.KEEP, cursor="41"))
    await first.feed(ask(FeedStep.LET))
    await first.close()
    second = await open_store()
    assert await second.feed(ask(FeedStep.TAKE, "two")) == FeedHeld(cursor="41")


async def test_of_two_processes_one_asks_until_its_lease_lapses(
    open_shared: OpenShared, shell: asyncpg.Connection
) -> None:
    one, two = await open_shared(), await open_shared()
    assert await one.feed(ask(FeedStep.TAKE, "one")) is not None
    assert await two.feed(ask(FeedStep.TAKE, "two")) is None
    assert await one.feed(ask(FeedStep.KEEP, "one", cursor="5")) is not None
    await shell.execute("update feed set lease_us = 0")
    assert await two.feed(ask(FeedStep.TAKE, "two")) == FeedHeld(cursor="5")
    # The first was only frozen: what it has read meanwhile is no longer its to note.
    assert await one.feed(ask(FeedStep.KEEP, "one", cursor="6")) is None
    assert await one.feed(ask(FeedStep.TAKE, "one")) is None
    assert await two.feed(ask(FeedStep.LET, "two")) == FeedHeld(cursor="5")
    assert await one.feed(ask(FeedStep.TAKE, "one")) == FeedHeld(cursor="5")
