"""Sharing transactions: who fails, who does not, and what is left."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence

import pytest

from conversation import group_commit
from conversation.group_commit import Body, GroupCommit, QueueFull


class LostRace(Exception):
    """Another transaction was quicker."""


class Books:
    """A ledger that can be begun, committed and rolled back, and remembers how often."""

    def __init__(self) -> None:
        self.kept: list[object] = []
        self.sizes: list[int] = []
        self.begun = 0
        self.locked = False
        self.commit_fails: list[Exception] = []
        self.open_at_once = 0
        self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def transact(self, _: Sequence[object], body: Body[list[object]]) -> list[object]:
        """Begin, then commit or roll back."""
        self.begun += 1
        self.open_at_once += 1
        self.most_at_once = max(self.most_at_once, self.open_at_once)
        try:
            await self.gate.wait()
            if self.locked:
                raise sqlite3.OperationalError("database is locked")
            page: list[object] = []
            answers = await body(page)
            if self.commit_fails:
                raise self.commit_fails.pop()
            self.kept += page
            self.sizes.append(len(page))
            return answers
        finally:
            self.open_at_once -= 1


async def write(page: list[object], items: Sequence[object]) -> list[object]:
    """Write all, refuse what is called bad."""
    for item in items:
        page.append(item)
        if item == "bad":
            raise ValueError(item)
        if item == "locked":
            raise sqlite3.OperationalError(item)
    return [f"{item}!" for item in items]


async def other(page: list[object], items: Sequence[object]) -> list[object]:
    """Write all, as another kind of work."""
    page += [f"other {item}" for item in items]
    return list(items)


async def short(page: list[object], items: Sequence[object]) -> list[object]:
    """Write all, and forget to answer."""
    page += items
    return []


Group = GroupCommit[list[object]]


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
async def group(books: Books) -> AsyncIterator[Group]:
    one = GroupCommit(
        transact=books.transact, common=(sqlite3.OperationalError,), again=(LostRace,)
    )
    one.start()
    yield one
    books.gate.set()
    await one.stop()


async def all_of(group: Group, books: Books, items: Sequence[object]) -> list[object]:
    answers: list[object] = await asyncio.gather(
        *(group.run(write, item) for item in items), return_exceptions=True
    )
    return answers


async def test_what_waits_shares_one_transaction(group: Group, books: Books) -> None:
    items = list(range(100))
    assert await all_of(group, books, items) == [f"{item}!" for item in items]
    assert (books.kept, books.sizes) == (items, [100])


async def test_a_transaction_has_a_limit(group: Group, books: Books) -> None:
    await all_of(group, books, range(group_commit.BATCH_LIMIT + 1))
    assert books.sizes == [group_commit.BATCH_LIMIT, 1]


async def test_works_of_several_kinds_keep_their_order(group: Group, books: Books) -> None:
    await asyncio.gather(
        group.run(write, 1),
        group.run(write, 2),
        group.run(other, 3),
        group.run(write, 4),
    )
    assert (books.kept, books.begun) == ([1, 2, "other 3", 4], 1)


@pytest.mark.parametrize("bad", [{0}, {499}, {250}, {3, 4, 490}])
async def test_a_bad_item_harms_only_itself(group: Group, books: Books, bad: set[int]) -> None:
    items = ["bad" if number in bad else number for number in range(500)]
    answers = await all_of(group, books, items)
    for number, answer in enumerate(answers):
        assert isinstance(answer, ValueError) if number in bad else answer == f"{number}!"
    assert books.kept == [item for item in items if item != "bad"]
    assert books.begun < 60, "halves, not one by one"


async def test_trouble_of_the_store_fails_all_that_share_the_transaction(
    group: Group, books: Books
) -> None:
    books.locked = True
    answers = await all_of(group, books, range(50))
    assert {type(answer) for answer in answers} == {sqlite3.OperationalError}
    assert (books.kept, books.begun) == ([], 1)
    books.locked = False
    assert await group.run(write, 1) == "1!"


async def test_trouble_in_the_middle_leaves_nothing_half_written(
    group: Group, books: Books
) -> None:
    answers = await all_of(group, books, [1, "locked", 2])
    assert {type(answer) for answer in answers} == {sqlite3.OperationalError}
    assert books.kept == []


async def test_a_commit_that_fails_is_no_success(group: Group, books: Books) -> None:
    books.commit_fails = [sqlite3.OperationalError("disk full")]
    answers = await all_of(group, books, [1, 2])
    assert {type(answer) for answer in answers} == {sqlite3.OperationalError}
    assert await group.run(write, 3) == "3!"
    assert books.kept == [3]


async def test_a_work_that_forgets_an_answer_is_not_committed(group: Group, books: Books) -> None:
    with pytest.raises(ValueError, match="shorter"):
        await group.run(short, 1)
    assert await group.run(write, 2) == "2!"
    assert books.kept == [2]


async def test_who_gives_up_undoes_nothing_of_the_others(group: Group, books: Books) -> None:
    books.gate.clear()
    patient = [asyncio.create_task(group.run(write, n)) for n in range(3)]
    hasty = asyncio.create_task(group.run(write, "hasty"))
    failing = asyncio.create_task(group.run(write, "bad"))
    await asyncio.wait([hasty], timeout=0)
    hasty.cancel()
    failing.cancel()
    await asyncio.wait([hasty, failing])
    books.gate.set()
    assert await asyncio.gather(*patient) == ["0!", "1!", "2!"]
    assert hasty.cancelled()
    assert sorted(map(str, books.kept)) == ["0", "1", "2", "hasty"]


async def test_more_than_may_wait_is_refused_and_not_queued(
    group: Group, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "WAITING_LIMIT", 5)
    answers = await all_of(group, books, range(8))
    assert [isinstance(answer, QueueFull) for answer in answers] == [False] * 5 + [True] * 3
    assert books.kept == [0, 1, 2, 3, 4]
    assert await group.run(write, 9) == "9!"


async def test_stopping_writes_what_waits_and_takes_no_more(group: Group, books: Books) -> None:
    books.gate.clear()
    waiting = [asyncio.create_task(group.run(write, n)) for n in range(3)]
    await asyncio.wait(waiting, timeout=0)
    stopping = asyncio.create_task(group.stop())
    await asyncio.wait([stopping], timeout=0)
    with pytest.raises(QueueFull):
        await group.run(write, "late")
    books.gate.set()
    await stopping
    assert await asyncio.gather(*waiting) == ["0!", "1!", "2!"]
    assert books.kept == [0, 1, 2]


# --- lost races and several writers


async def test_what_lost_a_race_is_tried_again(group: Group, books: Books) -> None:
    books.commit_fails = [LostRace(), LostRace()]
    assert await all_of(group, books, [1, 2]) == ["1!", "2!"]
    assert (books.kept, books.begun) == ([1, 2], 3)


async def test_what_loses_for_ever_is_given_up(group: Group, books: Books) -> None:
    books.commit_fails = [LostRace() for _ in range(group_commit.TRIES_MAX)]
    with pytest.raises(LostRace):
        await group.run(write, 1)
    assert (books.kept, books.begun) == ([], group_commit.TRIES_MAX)
    assert await group.run(write, 2) == "2!"


async def test_several_writers_work_at_the_same_time_and_each_item_is_written_once(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "BATCH_LIMIT", 2)
    group = Group(transact=books.transact, common=(), writers=3)
    group.start()
    books.gate.clear()
    waiting = [asyncio.create_task(group.run(write, n)) for n in range(12)]
    while books.open_at_once < 3:
        await asyncio.wait(waiting, timeout=0)
    books.gate.set()
    assert await asyncio.gather(*waiting) == [f"{n}!" for n in range(12)]
    await group.stop()
    assert (sorted(map(str, books.kept)), books.most_at_once) == (sorted(map(str, range(12))), 3)
