"""Pages that come and go get every line of the log once, in order, whatever breaks."""

import asyncio
import json
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from channels.webchat.codec import WebchatCodec
from channels.webchat.lines import BEAT, NOW, TYPING
from conversation.events import Delivered, Event, Ignored, MessageReceived
from conversation.model import Arrival, Peer
from conversation.sqlite import SqliteStore
from conversation.store import Acceptance, Commit, CommitResult
from socialcare.chat.followers import QUEUE_MAX, SPARE, Feed, Followers
from socialcare.sandbox.hand_clock import HandClock
from tests.conversation.store_world import NOW as BEGIN

CODEC = WebchatCodec(channel="webchat")
VISITORS = ("visitor-0000000000", "visitor-1111111111")


class Town:
    """A store, and what turns write into it."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock(BEGIN)
        self.store = SqliteStore(folder / "care.db", clock=self.clock)
        self.followers = Followers(store=self.store, clock=self.clock)
        self.said: dict[str, list[str]] = {}
        self._number = 0

    async def says(self, visitor: str, *, lines: int, hidden: int) -> None:
        """Have a turn write so many lines that are shown, and entries that are not."""
        self._number += 1
        at = BEGIN + timedelta(seconds=self._number)
        arrival = Arrival(
            channel="webchat", account="site", event_id=str(self._number),
            address=CODEC.address(visitor), kind="message", occurred_at=at, body=b"{}",
        )  # fmt: skip
        await self.store.accept(Acceptance(arrivals=(arrival,), received_at=at))
        (work,) = await self.store.claim(now=at, limit=1)
        log: list[Event] = [Ignored(what="nobody sees") for _ in range(hidden)]
        for number in range(lines):
            name = f"{self._number}.{number}"
            self.said.setdefault(work.row.id, []).append(name)
            if number % 2:
                log.append(Delivered(outbox_key=name, message_id=name, part=0, text=name))
            else:
                log.append(
                    MessageReceived(
                        message_id=name, sender=Peer(user_id=visitor), occurred_at=at, text=name
                    )
                )
        commit = Commit(
            conversation=work.row.id, token=work.row.token, at=at, seen=work.row.accepted,
            consumed=tuple(one.seq for one in work.pending), log=tuple(log), release=True,
        )  # fmt: skip
        assert await self.store.commit(commit) is CommitResult.COMMITTED


class PageView:
    """A page: what it shows, and its socket while it has one."""

    def __init__(self, conversation: str) -> None:
        self.conversation = conversation
        self.seq = 0
        self.shown: list[str] = []
        self.feed: Feed | None = None

    def take(self, most: int, town: Town) -> None:
        """Let so many frames come through."""
        if self.feed is None:
            return
        for _ in range(min(most, self.feed.queue.qsize())):
            frame = json.loads(self.feed.queue.get_nowait())
            if frame["type"] == "line":
                assert frame["seq"] > self.seq
                self.seq = frame["seq"]
                self.shown.append(frame["text"])
        if self.feed.waits and self.feed.queue.empty():  # as the socket's writer does
            self.feed.waits = False
            town.followers.ring(self.conversation)


class ComingAndGoing(RuleBasedStateMachine):
    pages = Bundle("pages")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.town = Town(Path(self.folder.name))
        self.runner.run(self.town.store.open())
        self.all: list[PageView] = []

    @rule(target=pages, visitor=st.sampled_from(VISITORS))
    def opens(self, visitor: str) -> object:
        page = PageView(CODEC.address(visitor).conversation)
        self.all.append(page)
        self.comes(page)
        return multiple(page)

    @rule(page=pages)
    def comes(self, page: PageView) -> None:
        if page.feed is None:
            page.feed = Feed(page.conversation, position=page.seq)
            self.town.followers.join(page.feed)

    @rule(page=pages)
    def breaks(self, page: PageView) -> None:
        if page.feed is not None:
            self.town.followers.leave(page.feed)
            page.feed = None

    @rule(
        visitor=st.sampled_from(VISITORS),
        lines=st.integers(0, 90),
        hidden=st.integers(0, 3),
        rings=st.booleans(),
    )
    def says(self, visitor: str, lines: int, hidden: int, rings: bool) -> None:
        self.runner.run(self.town.says(visitor, lines=lines, hidden=hidden))
        if rings:
            self.town.followers.ring(CODEC.address(visitor).conversation)

    @rule()
    def looks(self) -> None:
        self.runner.run(self.town.followers.look())

    @rule(page=pages, most=st.integers(1, 80))
    def takes(self, page: PageView, most: int) -> None:
        page.take(most, self.town)

    @rule(page=pages)
    def is_answered(self, page: PageView) -> None:
        if page.feed is not None:
            page.feed.hint(TYPING)
            page.feed.answer(BEAT)

    @invariant()
    def shows_the_beginning_of_what_was_said(self) -> None:
        for page in self.all:
            said = self.town.said.get(page.conversation, [])
            assert page.shown == said[: len(page.shown)]

    @override
    def teardown(self) -> None:
        for page in self.all:
            self.comes(page)
        for _ in range(200):
            self.town.followers.ring_all()
            self.runner.run(self.town.followers.look())
            for page in self.all:
                page.take(QUEUE_MAX, self.town)
        for page in self.all:
            assert page.shown == self.town.said.get(page.conversation, [])
        self.runner.run(self.town.store.close())
        self.runner.close()
        self.folder.cleanup()


@pytest.mark.timeout(120)
def test_whoever_comes_and_goes_gets_every_line_once_in_order() -> None:
    run_state_machine_as_test(
        ComingAndGoing, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )


# --- one by one


@pytest.fixture
async def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    await town.store.open()
    return town


async def test_a_slow_reader_costs_a_queue_and_keeps_room_for_answers(town: Town) -> None:
    feed = Feed(CODEC.address(VISITORS[0]).conversation, position=0)
    town.followers.join(feed)
    await town.says(VISITORS[0], lines=300, hidden=0)
    for _ in range(3):
        town.followers.ring_all()
        await town.followers.look()
    assert feed.queue.qsize() == QUEUE_MAX - SPARE
    assert feed.waits
    feed.hint(TYPING)
    assert feed.queue.qsize() == QUEUE_MAX - SPARE, "hints are not worth the room"
    assert [feed.answer(BEAT) for _ in range(SPARE + 1)] == [True] * SPARE + [False]
    await town.store.close()


async def test_who_has_caught_up_is_told_once(town: Town) -> None:
    await town.says(VISITORS[0], lines=2, hidden=0)
    feed = Feed(CODEC.address(VISITORS[0]).conversation, position=0)
    town.followers.join(feed)
    await town.followers.look()
    await town.says(VISITORS[0], lines=1, hidden=0)
    town.followers.ring(feed.conversation)
    await town.followers.look()
    told = [feed.queue.get_nowait() for _ in range(feed.queue.qsize())]
    assert [json.loads(one)["type"] for one in told] == ["line", "line", "now", "line"]
    assert told[2] == NOW
    await town.store.close()


async def test_what_nobody_rang_for_is_found_by_looking_now_and_then(town: Town) -> None:
    running = asyncio.create_task(town.followers.run())
    feed = Feed(CODEC.address(VISITORS[0]).conversation, position=0)
    town.followers.join(feed)
    assert await feed.queue.get() == NOW
    await town.says(VISITORS[0], lines=1, hidden=0)
    while feed.queue.empty():
        town.clock.advance(1.1)
        await asyncio.wait([running], timeout=0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await town.store.close()
