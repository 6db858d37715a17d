"""What belongs to no case is said at the desk, beside whoever has learned it, once it is kept."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.notices import AT_ONCE, Notice, NoticeAsk, NoticeStep
from conversation.sqlite import SqliteStore
from conversation.store import Store
from socialcare.announcing import AGAIN_S, Announcer
from socialcare.sandbox.hand_clock import HandClock


class Slack:
    """A desk that is away for a while, and never takes some words."""

    def __init__(self, *, away: int = 0, wanted: int, never: str = "-") -> None:
        self.away = away
        self.wanted = wanted
        self.never = never
        self.heard: list[str] = []
        self.tries = 0
        self.tried = asyncio.Event()
        self.full = asyncio.Event()

    async def tell(self, text: str) -> bool:
        self.tries += 1
        self.tried.set()
        if self.tries <= self.away or text == self.never:
            return False
        self.heard.append(text)
        if len(self.heard) == self.wanted:
            self.full.set()
        return True


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    one = SqliteStore(tmp_path / "care.db", clock=HandClock())
    await one.open()
    yield one
    await one.close()


async def keep(store: Store, *texts: str) -> None:
    notices = tuple(Notice(key=one, text=one) for one in texts)
    await store.notice(NoticeAsk(step=NoticeStep.ADD, notices=notices))


@contextlib.asynccontextmanager
async def announcing(announcer: Announcer) -> AsyncIterator[None]:
    running = asyncio.create_task(announcer.run())
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def said(slack: Slack, clock: HandClock) -> None:
    """Wait until all is said; time passes whenever the announcer rests."""
    while not slack.full.is_set():
        await clock.waits()
        slack.tried.clear()
        clock.advance(AGAIN_S)
        await slack.tried.wait()


async def test_it_is_said_in_order_and_again_where_the_desk_is_away(store: SqliteStore) -> None:
    clock, slack = HandClock(), Slack(away=3, wanted=2)
    await keep(store, "one", "two")
    async with announcing(Announcer(store=store, tell=slack.tell, clock=clock)):
        await said(slack, clock)
    assert sorted(slack.heard) == ["one", "two"]


async def test_what_the_desk_never_takes_holds_nothing_else_up(store: SqliteStore) -> None:
    clock, slack = HandClock(), Slack(never="one", wanted=AT_ONCE + 5)
    await keep(store, "one", *(f"{number:02}" for number in range(AT_ONCE + 5)))
    async with announcing(Announcer(store=store, tell=slack.tell, clock=clock)):
        await said(slack, clock)
    assert slack.heard == [f"{number:02}" for number in range(AT_ONCE + 5)]


async def test_who_rings_is_heard_at_once(store: SqliteStore) -> None:
    clock, slack = HandClock(), Slack(wanted=1)
    announcer = Announcer(store=store, tell=slack.tell, clock=clock)
    async with announcing(announcer):
        await clock.waits()
        await keep(store, "one")
        announcer.ring()
        await slack.full.wait()
    assert clock.monotonic() == 0


async def test_what_one_life_kept_the_next_one_says_once(store: SqliteStore) -> None:
    await keep(store, "one")
    for wanted, heard in ((1, ["one"]), (9, [])):
        clock, slack = HandClock(), Slack(wanted=wanted)
        async with announcing(Announcer(store=store, tell=slack.tell, clock=clock)):
            if heard:
                await slack.full.wait()
            await clock.waits()
        assert slack.heard == heard


async def test_a_store_that_is_away_is_looked_at_again(tmp_path: Path) -> None:
    clock, slack = HandClock(), Slack(wanted=1)
    store = SqliteStore(tmp_path / "care.db", clock=clock)
    await store.open()
    await keep(store, "one")
    await store.close()
    async with announcing(Announcer(store=store, tell=slack.tell, clock=clock)):
        await clock.waits()
        await store.open()
        await said(slack, clock)
    await store.close()
    assert slack.heard == ["one"]
