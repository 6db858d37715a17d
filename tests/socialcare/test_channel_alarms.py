"""The desk hears once what stops a channel, and again when it stops anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.errors import SendError, SendFailure
from conversation.notices import NoticeAsk, NoticeStep
from conversation.sqlite import SqliteStore
from socialcare.channel_alarms import ChannelAlarms, Doing
from socialcare.sandbox.hand_clock import HandClock

REVOKED = SendError(SendFailure.REVOKED, "401 unauthorized")
SPENT = SendError(SendFailure.SPENT, "today's 20.00 USD for X are used up")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    one = SqliteStore(tmp_path / "care.db", clock=HandClock())
    await one.open()
    yield one
    await one.close()


async def told(store: SqliteStore) -> list[str]:
    """Tell what waits, as the announcer does."""
    notices = await store.notice(NoticeAsk(step=NoticeStep.TAKE))
    keys = tuple(one.key for one in notices)
    await store.notice(NoticeAsk(step=NoticeStep.TOLD, keys=keys))
    return [one.text for one in notices]


async def test_each_channel_is_told_once_until_it_goes_on(store: SqliteStore) -> None:
    rings: list[None] = []
    alarms = ChannelAlarms(store, ring=lambda: rings.append(None))
    for error in (REVOKED, REVOKED, SendError(SendFailure.RATE_LIMITED, "slowly"), REVOKED):
        await alarms.note("x", error)
    await alarms.note("telegram", REVOKED)
    await alarms.note("x", SPENT)
    words = await told(store)
    assert [text.partition(" ")[0] for text in words] == ["x", "telegram", "x"]
    assert "20.00 USD" in words[-1]
    assert len(rings) == 3
    await alarms.note("x", None)
    await alarms.note("x", SPENT)
    assert len(await told(store)) == 1


async def test_neither_a_restart_nor_another_process_tells_it_again(store: SqliteStore) -> None:
    await ChannelAlarms(store).note("x", REVOKED)
    assert len(await told(store)) == 1
    again = ChannelAlarms(store)
    await again.note("x", REVOKED)
    assert await told(store) == []
    await again.note("x", None)
    await again.note("x", REVOKED)
    assert len(await told(store)) == 1


async def test_who_goes_on_before_it_was_told_is_not_told_of(store: SqliteStore) -> None:
    alarms = ChannelAlarms(store)
    await alarms.note("x", REVOKED)
    await ChannelAlarms(store).note("x", None)
    assert await told(store) == []


async def test_what_is_read_no_more_is_told_apart_from_what_is_sent_no_more(
    store: SqliteStore,
) -> None:
    alarms = ChannelAlarms(store)
    await alarms.note("x", REVOKED, doing=Doing.READING)
    for _ in range(3):
        await alarms.note("x", None)
        await alarms.note("x", REVOKED, doing=Doing.READING)
    (words,) = await told(store)
    assert "not read any more" in words


async def test_a_store_that_is_away_is_asked_the_next_time(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "care.db", clock=HandClock())
    await store.open()
    await store.close()
    alarms = ChannelAlarms(store)
    await alarms.note("x", REVOKED)
    await store.open()
    await alarms.note("x", REVOKED)
    assert len(await told(store)) == 1
    await store.close()
