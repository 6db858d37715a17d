"""What only the SQLite store promises: its file, its lock, and what it survives."""

import asyncio
import os
import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from conversation.events import Ignored
from conversation.model import Owner
from conversation.sql import migrations, statements
from conversation.sqlite import LEASE_S, SqliteStore
from conversation.sqlite_lock import LOCK_WAIT_S
from conversation.store import CommitResult, StoreUnavailable, StoreUnusable
from socialcare.sandbox.hand_clock import HandClock
from tests.conversation.store_world import (
    NOW,
    accept,
    address,
    arrival,
    claimed,
    finish,
    keys,
    killed,
    later,
    log_in,
    of_two_tables,
    row,
    sent,
    told_to_writer,
    turn,
    waiting,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "care.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    one = SqliteStore(path, clock=HandClock(NOW), busy_ms=1)
    await one.open()
    yield one
    await one.close()


async def reopened(path: Path) -> SqliteStore:
    store = SqliteStore(path, clock=HandClock(NOW))
    await store.open()
    return store


# --- a process that dies


async def test_f06_to_f11_what_was_accepted_survives_a_kill(path: Path) -> None:
    await killed(str(path))
    store = await reopened(path)
    try:
        works = await store.claim(now=later(), limit=99)
        assert len(works) == 51, "fifty accepted, and one whose worker died with it"
        assert {tuple(one.tries for one in work.pending) for work in works} == {(1,), (2,)}
        due = await sent(store)
        assert keys(due) == ["say:1"]
        assert due[0].interrupted, "it may have arrived: the channel's policy decides"
    finally:
        await store.close()


async def test_the_lock_ends_with_its_process(path: Path) -> None:
    await killed(str(path))
    store = await reopened(path)
    await store.close()


async def test_a_store_is_the_same_after_an_orderly_end(path: Path) -> None:
    store = await reopened(path)
    work = await claimed(store)
    await finish(store, work, owner=Owner.DESK)
    before = await store.conversation(work.row.id)
    await store.close()
    await store.open()
    try:
        assert await store.conversation(work.row.id) == before
    finally:
        await store.close()


async def test_closing_twice_or_unopened_is_no_matter(path: Path) -> None:
    store = SqliteStore(path, clock=HandClock(NOW))
    await store.close()
    await store.open()
    await store.close()
    await store.close()


async def test_close_writes_what_waits(path: Path) -> None:
    store = await reopened(path)
    accepting = [asyncio.create_task(accept(store, arrival(n, str(n)))) for n in range(30)]
    await asyncio.wait(accepting, timeout=0)
    await store.close()
    assert all(answer.new == (True,) for answer in await asyncio.gather(*accepting))
    again = await reopened(path)
    assert (await waiting(again))["pending"] == 30
    await again.close()


async def test_a_lease_ends_at_its_moment_and_not_before(path: Path) -> None:
    store = await reopened(path)
    work = await claimed(store)
    over = later(1) + timedelta(seconds=LEASE_S)
    assert await store.next_due() == over
    await store.renew(works=[work])
    assert await store.claim(now=over - timedelta(microseconds=1), limit=1) == []
    assert len(await store.claim(now=over, limit=1)) == 1
    await store.close()


# --- opening


async def test_a_second_run_waits_a_while_and_then_gives_up(store: SqliteStore, path: Path) -> None:
    clock = HandClock(NOW)
    second = SqliteStore(path, clock=clock)
    opening = asyncio.create_task(second.open())
    while not opening.done() and clock.monotonic() <= 2 * LOCK_WAIT_S:
        sleeping = asyncio.create_task(clock.skip())
        await asyncio.wait({sleeping, opening}, return_when=asyncio.FIRST_COMPLETED)
        if not sleeping.done():
            sleeping.cancel()
        await asyncio.wait({sleeping})
    with pytest.raises(StoreUnusable, match="held by another running socialcare"):
        await opening
    assert clock.monotonic() == LOCK_WAIT_S == 15


async def test_a_second_run_takes_over_when_the_first_ends_in_time(path: Path) -> None:
    first, clock = await reopened(path), HandClock(NOW)
    second = SqliteStore(path, clock=clock)
    opening = asyncio.create_task(second.open())
    await clock.skip()
    await first.close()
    await clock.skip()
    await opening
    await second.close()


async def test_giving_up_the_wait_leaves_nothing_behind(store: SqliteStore, path: Path) -> None:
    clock = HandClock(NOW)
    opening = asyncio.create_task(SqliteStore(path, clock=clock).open())
    await clock.skip()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening


async def test_tables_of_a_newer_version_are_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("pragma user_version = 999")
    db.close()
    before = path.read_bytes()
    with pytest.raises(StoreUnusable, match=r"newer socialcare \(tables 999"):
        await reopened(path)
    assert path.read_bytes() == before


async def test_f15_a_damaged_file_is_never_begun_anew(path: Path) -> None:
    store = await reopened(path)
    for batch in range(20):
        await accept(store, *(arrival(f"{batch} {n}", body=b"x" * 500) for n in range(50)))
    await store.close()
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = bytes(range(256)) * 16
    path.write_bytes(whole)
    with pytest.raises(StoreUnusable, match=r"damaged|malformed"):
        await reopened(path)
    assert path.read_bytes() == whole


async def test_f15_f42_a_big_file_is_used_at_once_and_found_damaged_later(path: Path) -> None:
    """Nobody waits until gigabytes are read; once they are, nothing more is written into it."""
    store = await reopened(path)
    for batch in range(20):
        await accept(store, *(arrival(f"{batch} {n}", body=b"x" * 500) for n in range(50)))
    await store.close()
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = bytes(range(256)) * 16
    path.write_bytes(whole)
    big = SqliteStore(path, clock=HandClock(), check_at_once_bytes=4096)
    await big.open()
    try:
        await big.checked()
        for refused in (big.probe, partial(accept, big, arrival("another"))):
            with pytest.raises(StoreUnavailable, match=r"is damaged .* Restore a backup"):
                await refused()
    finally:
        await big.close()


async def test_f42_a_big_file_that_is_sound_is_looked_through_in_use(path: Path) -> None:
    """A check that is broken off by the end claims nothing."""
    for _ in range(2):
        store = SqliteStore(path, clock=HandClock(), check_at_once_bytes=0)
        await store.open()
        await accept(store, *(arrival(str(n), body=b"x" * 500) for n in range(500)))
        await store.checked()
        await store.probe()
        await store.close()
    hasty = SqliteStore(path, clock=HandClock(), check_at_once_bytes=0)
    await hasty.open()
    await hasty.close()


@pytest.mark.parametrize("content", [b"no database at all" * 500, b"SQLite format 3\0" + b"?" * 99])
async def test_another_file_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreUnusable, match=r"care\.db"):
        await reopened(path)
    assert path.read_bytes() == content


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="No such file"):
        await reopened(tmp_path / "absent" / "care.db")


async def test_a_folder_in_the_files_place(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreUnusable, match="cannot be opened"):
        await reopened(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreUnusable, match="cannot be written"):
        await reopened(folder / "care.db")


async def test_after_a_failed_opening_the_file_is_free(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)
    store = SqliteStore(path, clock=HandClock(NOW))
    with pytest.raises(StoreUnusable):
        await store.open()
    path.unlink()
    await store.open()
    await store.close()


async def test_a_log_of_two_tables_becomes_one_and_still_verifies(path: Path) -> None:
    said = [Ignored(what=what) for what in ("a", "b", "c")]
    rows = of_two_tables(path, said)
    store = await reopened(path)
    assert [event for _, event in await store.log(address().conversation)] == said
    await store.close()
    assert log_in(path) == rows


async def test_migrations_run_once(path: Path) -> None:
    await (await reopened(path)).close()
    await (await reopened(path)).close()
    with sqlite3.connect(path) as db:
        (version,) = db.execute("pragma user_version").fetchone()
    db.close()
    assert version == migrations("sqlite")[-1][0]


# --- trouble while running


async def test_f13_while_another_holds_the_file_nothing_is_lost_or_half_written(
    store: SqliteStore, path: Path
) -> None:
    work = await claimed(store)
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("begin immediate")
        for attempt in (
            accept(store, arrival(2)),
            store.commit(turn(work)),
            store.claim(now=later(), limit=1),
        ):
            with pytest.raises(StoreUnavailable, match="locked"):
                await attempt
        assert (await row(store, work.row.id)).accepted == 1
        other.execute("rollback")
    finally:
        other.close()
    assert (await accept(store, arrival(2))).new == (True,)
    assert await store.commit(turn(work)) is CommitResult.COMMITTED


async def test_f14_a_full_disk_refuses_and_goes_on_when_there_is_room(store: SqliteStore) -> None:
    await accept(store, arrival("before"))
    await limited(store, pages=1)
    big = arrival("big", body=b"x" * 100_000)
    answers = await asyncio.gather(
        accept(store, big), accept(store, arrival(2, body=b"y" * 50_000)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 2
    assert (await row(store, big.conversation)).accepted == 1
    await limited(store, pages=1_000_000)
    assert (await accept(store, big)).new == (True,)


async def limited(store: SqliteStore, *, pages: int) -> None:
    """Give the writing connection that much room, as a full disk would (or what it has)."""
    await told_to_writer(store, f"pragma max_page_count = {pages}")


async def test_what_was_read_is_only_what_is_committed(store: SqliteStore) -> None:
    work = await claimed(store)
    await told_to_writer(store, "begin immediate")
    await told_to_writer(store, "update conversation set owner = 'desk'")
    assert (await row(store, work.row.id)).owner is Owner.BOT
    await told_to_writer(store, "rollback")


async def test_everything_is_synced_before_it_is_acknowledged(store: SqliteStore) -> None:
    asked = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 1}
    for name, value in asked.items():
        (found,) = await told_to_writer(store, f"pragma {name}")
        assert found[0] == value


def test_no_statement_walks_a_table_from_end_to_end() -> None:
    db = sqlite3.connect(":memory:")
    for _, script in migrations("sqlite"):
        db.executescript(script)
    walks = []
    for name, statement in statements("sqlite").items():
        values = ["[]" if f"json_each(?{n})" in statement else 1 for n in range(1, 8)]
        values = [value for n, value in enumerate(values, 1) if f"?{n}" in statement]
        given = dict.fromkeys(re.findall(r":(\w+)", statement), 1) or values
        for *_, step in db.execute(f"explain query plan {statement}", given):
            if step.startswith("SCAN") and " INDEX " not in step and "(subquery" not in step:
                walks.append((name, step))
    db.close()
    assert walks == []
