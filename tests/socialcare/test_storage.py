"""The store's file as a file: copied while it is written, put back while nobody has it."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conversation.chain import verify
from conversation.forgetting import erase
from conversation.people import Person, everything
from conversation.sql import migrations
from conversation.sqlite import SqliteStore
from socialcare.sandbox.hand_clock import HandClock
from socialcare.storage import Unfit, _alone, back_up, inspect, look_at, restore
from tests.conversation.store_world import (
    accept,
    arrival,
    care_at,
    claimed,
    finish,
    heard,
    log_in,
    of_two_tables,
    sent,
    store_at,
    words,
)

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KNOWN = migrations("sqlite")[-1][0]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "care.db"


async def filled(path: Path, *bodies: bytes) -> None:
    store = store_at(str(path))
    await store.open()
    for number, body in enumerate(bodies):
        await accept(store, arrival(number, body=body))
    await store.close()


def bodies(path: Path) -> list[str]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return [body for (body,) in db.execute("select body from inbox order by seq")]


def files(path: Path) -> set[str]:
    return {one.name for one in path.parent.iterdir()}


# --- backup


async def test_a_backup_is_one_file_that_stands_alone(path: Path, tmp_path: Path) -> None:
    await filled(path, b"one", b"two")
    to = tmp_path / "copies" / "b.db"
    to.parent.mkdir()
    size = back_up(path, to)
    assert files(to) == {"b.db"}
    assert (to.stat().st_size, to.stat().st_mode & 0o777) == (size, 0o600)
    assert bodies(to) == ["tone", "ttwo"]
    assert inspect(to, thorough=True) == KNOWN


async def test_a_backup_under_writers_is_of_one_moment(path: Path, tmp_path: Path) -> None:
    """Each event is kept as two rows in one transaction; no backup ever has an odd number."""
    store = store_at(str(path))
    await store.open()
    stop = asyncio.Event()
    written = asyncio.Semaphore(0)

    async def writes(name: str) -> None:
        number = 0
        while not stop.is_set():
            pair = (f"{name}{number} a", f"{name}{number} b")
            await accept(store, *(arrival(one, one, body=b"x" * 2000) for one in pair))
            written.release()
            number += 1

    writing = [asyncio.create_task(writes(name)) for name in "klmn"]
    counts = []
    for number in range(6):
        for _ in range(20):
            await written.acquire()
        to = tmp_path / f"{number}.db"
        await asyncio.to_thread(back_up, path, to)
        counts.append(len(bodies(to)))
        with closing(sqlite3.connect(to)) as db:
            assert db.execute("pragma integrity_check").fetchall() == [("ok",)]
            halves = db.execute(
                "select count(*) from inbox a where event_id like '% a' and not exists "
                "(select 1 from inbox b where b.event_id = replace(a.event_id, ' a', ' b'))"
            ).fetchone()
        assert halves == (0,)
    stop.set()
    await asyncio.gather(*writing)
    await store.close()
    assert counts == sorted(counts)
    assert counts[0] > 0


async def test_a_backup_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    await filled(path, b"one")
    to = tmp_path / "precious.txt"
    to.write_text("mine", "utf-8")
    with pytest.raises(Unfit, match="there already"):
        back_up(path, to)
    assert to.read_text("utf-8") == "mine"


@pytest.mark.parametrize("place", ["absent/b.db", "care.db.lock/b.db"])
async def test_a_place_that_cannot_be_written_leaves_nothing(
    path: Path, tmp_path: Path, place: str
) -> None:
    await filled(path, b"one")
    before = files(path)
    with pytest.raises(Unfit, match="cannot be written"):
        back_up(path, tmp_path / place)
    assert files(path) == before


async def test_nothing_to_back_up_is_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="nothing to back up"):
        back_up(path, tmp_path / "b.db")


async def test_what_a_broken_off_backup_left_is_no_hindrance(path: Path, tmp_path: Path) -> None:
    await filled(path, b"one")
    (tmp_path / "b.db.part").write_bytes(b"half")
    back_up(path, tmp_path / "b.db")
    assert bodies(tmp_path / "b.db") == ["tone"]
    assert not (tmp_path / "b.db.part").exists()


async def test_a_damaged_store_gives_no_backup(path: Path, tmp_path: Path) -> None:
    await filled(path, *(b"x" * 5000 for _ in range(40)))
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(whole)
    with pytest.raises(Unfit):
        back_up(path, tmp_path / "b.db")
    assert not (tmp_path / "b.db").exists()


# --- restore


async def test_a_restored_store_is_as_it_was_and_the_other_is_kept(
    path: Path, tmp_path: Path
) -> None:
    await filled(path, b"one")
    back_up(path, tmp_path / "b.db")
    await filled(path, b"one", b"two")
    told = restore(path, tmp_path / "b.db", now=AT)
    assert told.tables == KNOWN
    assert told.kept == path.with_name("care.db.replaced-20261120T120000Z")
    assert bodies(path) == ["tone"]
    assert bodies(told.kept) == ["tone", "ttwo"]
    store = store_at(str(path))
    await store.open()
    assert (await accept(store, arrival(0))).new == (False,)
    await store.close()


async def test_what_waited_when_the_backup_was_made_may_have_arrived_since(
    path: Path, tmp_path: Path
) -> None:
    """CASES 9: the channel's `on_unknown` decides whether it is said again."""
    store = store_at(str(path))
    await store.open()
    work = await claimed(store)
    await finish(store, work, outbox=(words("say:1", work=work),))
    back_up(path, tmp_path / "b.db")
    (delivery,) = await sent(store)
    assert not delivery.interrupted
    await store.close()
    restore(path, tmp_path / "b.db", now=AT)
    await store.open()
    (delivery,) = await sent(store)
    assert delivery.interrupted
    await store.close()


async def test_a_backup_of_the_version_before_is_restored_used_and_erased(
    path: Path, tmp_path: Path
) -> None:
    """Its words move to where this version keeps them, and leave nothing where they were."""
    token, b = "the blue kettle leaks", tmp_path / "b.db"
    of_two_tables(tmp_path / "before.db", [heard(f"{token} {n}", str(n)) for n in range(50)])
    back_up(tmp_path / "before.db", b)
    (tmp_path / "before.db").unlink()
    assert restore(path, b, now=AT).tables < KNOWN
    store = store_at(str(path))
    await store.open()
    work = await claimed(store)
    assert len(work.state.lines) > 0, "it knows what was said"
    await finish(store, work, log=(heard("and today?", "51"),))
    care = care_at(str(path))
    await care.open()
    async with care.looking() as session:
        found = await everything(session, Person(
            customer="u_1", conversations=(work.row.id,), identities=()), at=AT)  # fmt: skip
    assert token in json.dumps(found)
    async with care.writing() as session:
        assert (await erase(session, work.row.id, by="ops", at=AT)).entries == 51
    assert (await care.scrub()).freed
    await care.close()
    await store.close()
    assert verify(log_in(path)) is None
    b.unlink()
    assert not any(token.encode() in one.read_bytes() for one in tmp_path.iterdir())


async def test_a_store_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    await filled(path, b"one")
    back_up(path, tmp_path / "b.db")
    store = store_at(str(path))
    await store.open()
    with pytest.raises(Unfit, match="held by a running socialcare; stop it first"):
        restore(path, tmp_path / "b.db", now=AT)
    assert (await accept(store, arrival("after"))).new == (True,)
    await store.close()
    assert restore(path, tmp_path / "b.db", now=AT).kept is not None


async def test_a_restore_brings_a_store_where_there_is_none(path: Path, tmp_path: Path) -> None:
    await filled(path, b"one")
    back_up(path, tmp_path / "b.db")
    fresh = tmp_path / "new machine" / "care.db"
    fresh.parent.mkdir()
    assert restore(fresh, tmp_path / "b.db", now=AT).kept is None
    assert bodies(fresh) == ["tone"]


async def test_a_damaged_store_is_replaced_and_kept_as_it_is(path: Path, tmp_path: Path) -> None:
    """F15: the way out of a damaged file, without losing what may be read of it by an expert."""
    await filled(path, b"one")
    back_up(path, tmp_path / "b.db")
    path.write_bytes(b"no database at all" * 500)
    told = restore(path, tmp_path / "b.db", now=AT)
    assert bodies(path) == ["tone"]
    assert told.kept is not None
    assert told.kept.read_bytes() == b"no database at all" * 500


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma user_version = 999")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def another(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table bookmarks (url text)")
        db.execute("pragma user_version = 1")


def torn(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (newer, r"newer socialcare \(tables 999"),
        (emptied, "holds no store"),
        (another, "another program's database"),
        (torn, r"damaged|malformed"),
        (Path.unlink, "is not there"),
    ],
)
async def test_what_is_no_backup_of_ours_changes_nothing(
    path: Path, tmp_path: Path, harm: object, why: str
) -> None:
    await filled(path, *(b"x" * 5000 for _ in range(40)))
    back_up(path, tmp_path / "b.db")
    assert callable(harm)
    harm(tmp_path / "b.db")
    before = path.read_bytes()
    with pytest.raises(Unfit, match=why):
        restore(path, tmp_path / "b.db", now=AT)
    assert path.read_bytes() == before
    assert not any("replaced" in name or "restoring" in name for name in files(path))


async def test_a_second_restore_in_the_same_second_overwrites_nothing(
    path: Path, tmp_path: Path
) -> None:
    await filled(path, b"one")
    back_up(path, tmp_path / "b.db")
    restore(path, tmp_path / "b.db", now=AT)
    with pytest.raises(Unfit, match="cannot be replaced"):
        restore(path, tmp_path / "b.db", now=AT)
    assert bodies(path) == ["tone"]


async def test_a_run_that_starts_during_a_restore_waits_for_it(path: Path, tmp_path: Path) -> None:
    await filled(path, b"one")
    back_up(path, tmp_path / "b.db")
    clock = HandClock()
    starting = SqliteStore(path, clock=clock)
    with _alone(path):
        opening = asyncio.create_task(starting.open())
        await clock.skip()
        assert not opening.done()
        with pytest.raises(Unfit, match="held by"):
            restore(path, tmp_path / "b.db", now=AT)
    await opening
    await starting.close()


# --- looking


async def test_a_good_store_and_a_place_for_a_new_one_are_fit(path: Path) -> None:
    look_at(path)
    await filled(path, b"one")
    look_at(path)


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="no folder: make it"):
        look_at(tmp_path / "absent" / "care.db")


async def test_looking_changes_nothing(path: Path) -> None:
    await filled(path, b"one")
    newer(path)
    before = path.read_bytes()
    with pytest.raises(Unfit, match="newer"):
        look_at(path)
    assert path.read_bytes() == before
