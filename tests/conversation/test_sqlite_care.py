"""What only the SQLite file's care does: its room, its WAL, and bytes that must not stay in it."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from conversation.care import Care
from conversation.forgetting import erase, forget_old
from conversation.sql import migrations
from conversation.sqlite import SqliteStore
from conversation.sqlite_care import SqliteCare
from conversation.state import fold
from conversation.store import Store, StoreUnavailable, StoreUnusable
from tests.conversation.store_world import (
    accept,
    address,
    arrival,
    finish,
    heard,
    later,
    told_to_writer,
    words,
)

TOKENS = ("mabel.thorne@mail.example", "the blue kettle leaks")


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def file(place: str) -> Path:
    return Path(place)


def bytes_beside(file: Path) -> bytes:
    """Everything the store keeps in its folder: the file, its WAL, whatever else lies there."""
    return b"".join(one.read_bytes() for one in file.parent.iterdir())


async def big(store: Store, *, count: int = 40, size: int = 60_000) -> None:
    for number in range(count):
        await accept(store, arrival(number, f"chat {number}", body=b"x" * size))


async def test_a_wal_that_a_burst_left_is_cut(store: SqliteStore, care: Care, file: Path) -> None:
    await big(store)
    wal = file.with_name(file.name + "-wal")
    assert wal.stat().st_size > 1_000_000
    await care.tidy()
    assert wal.stat().st_size == 0
    assert (await accept(store, arrival("after"))).new == (True,)


async def test_the_wal_is_checkpointed_while_writing(store: SqliteStore, file: Path) -> None:
    """It never grows with all that was written, only up to the bound of the automatic one."""
    written = 0
    for number in range(60):
        await accept(store, arrival(number, body=b"x" * 1_000_000))
        written += 1_000_000
    assert file.with_name(file.name + "-wal").stat().st_size < written / 2


async def test_a_reader_in_the_way_is_given_way_to(
    store: SqliteStore, care: Care, file: Path
) -> None:
    """A checkpoint that must wait for a long read is left for the next round; nobody waits."""
    await big(store)
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from inbox").fetchone()
    await big(store, count=1)
    await care.tidy()
    assert (await accept(store, arrival("meanwhile"))).new == (True,)
    reader.execute("rollback")
    reader.close()
    await care.tidy()
    assert file.with_name(file.name + "-wal").stat().st_size == 0


async def test_a_half_empty_file_is_rewritten_and_a_full_one_is_not(
    store: SqliteStore, care: Care, file: Path
) -> None:
    await big(store)
    await care.tidy()
    full = file.stat().st_size
    await care.tidy()
    assert file.stat().st_size == full, "all of it is used"
    async with care.writing() as session:
        for number in range(40):
            await erase(session, address(f"chat {number}").conversation, by="o", at=later(9))
    await care.tidy()
    assert file.stat().st_size < full / 2
    assert (await accept(store, arrival("after"))).new == (True,)


async def test_a_large_file_is_not_rewritten_by_itself(
    store: SqliteStore, care: Care, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversation.sqlite_care.VACUUM_MAX_BYTES", 1_000_000)
    await big(store)
    async with care.writing() as session:
        for number in range(40):
            await erase(session, address(f"chat {number}").conversation, by="o", at=later(9))
    await care.tidy()
    assert file.stat().st_size > 1_000_000, "its free pages are used again"


async def told(store: Store) -> str:
    """Let a customer say words, which are answered, edited in place and delivered."""
    body = " / ".join(TOKENS).encode()
    await accept(store, arrival(1, body=body))
    (work,) = await store.claim(now=later(), limit=1)
    await finish(
        store, work, log=(heard(body.decode()),), outbox=(words("say:1", work=work),), turn="t"
    )
    return work.row.id


async def test_no_byte_of_what_was_erased_stays_in_the_folder(
    store: SqliteStore, care: Care, file: Path
) -> None:
    """Not in the file, its free pages, its WAL, while the service has it open."""
    one = await told(store)
    for token in TOKENS:
        assert token.encode() in bytes_beside(file)
    async with care.writing() as session:
        await erase(session, one, by="ops", at=later(60))
    space = await care.scrub()
    assert (space.freed, space.why) == (True, "")
    for token in TOKENS:
        assert token.encode() not in bytes_beside(file)
    assert (await accept(store, arrival("after"))).new == (True,)


@pytest.fixture
def careless_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let SQLite leave deleted bytes where they lay, as most builds of it do; Debian's does not."""
    connect = sqlite3.connect

    def careless(*args: Any, **named: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*args, **named)
        db.execute("pragma secure_delete = off")
        return db

    monkeypatch.setattr("conversation.sqlite_writer.sqlite3.connect", careless)


@pytest.mark.usefixtures("careless_sqlite")
async def test_retention_leaves_no_byte_of_what_was_rewritten(
    store: SqliteStore, care: Care, file: Path
) -> None:
    """Snapshots and payloads are written anew all the time; their old bytes must not stay."""
    token, others = "the blue kettle leaks", 300
    for number in range(12):
        said = heard(f"{token} {'y' * 900}", str(number))
        await accept(store, arrival(number, body=said.text.encode()))
        (work,) = await store.claim(now=later(), limit=1)
        after = fold(work.state, [(later(2), said)])
        await finish(store, work, log=(said,), snapshot=(number, work.state), after=after)
    for number in range(others):
        far = later(9_000)
        await accept(store, arrival(f"b{number}", f"other {number}", body=b"x" * 6_000), at=far)
    assert token.encode() in bytes_beside(file)
    async with care.writing() as session:
        emptied = await forget_old(
            session, address().conversation, before=later(60), at=later(9_000)
        )
    assert emptied.entries == 12
    await care.tidy()
    assert len(list(await told_to_writer(store, "select 1 from inbox"))) == 12 + others
    assert token.encode() not in bytes_beside(file), "the file was not rewritten, and need not be"


async def test_a_long_read_is_told_as_what_stands_in_the_way(
    store: SqliteStore, care: Care, file: Path
) -> None:
    await care.close()
    impatient = SqliteCare(str(file), busy_ms=50)
    await impatient.open()
    one = await told(store)
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from inbox").fetchone()
    async with impatient.writing() as session:
        await erase(session, one, by="ops", at=later(60))
    space = await impatient.scrub()
    assert not space.freed
    assert "erase again when it is over" in space.why
    reader.execute("rollback")
    reader.close()
    assert (await impatient.scrub()).freed
    assert TOKENS[0].encode() not in bytes_beside(file)
    await impatient.close()


async def test_f13_a_writer_that_holds_the_file_is_waited_for_and_then_told(
    store: SqliteStore, file: Path
) -> None:
    care = SqliteCare(str(file), busy_ms=20)
    await care.open()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")

    async def write() -> None:
        async with care.writing() as session:
            await session.all("upkeep_put", "retention", "x")

    with pytest.raises(StoreUnavailable, match="locked"):
        await write()
    await care.tidy()
    other.execute("rollback")
    other.close()
    await write()
    await care.close()


async def test_giving_up_in_the_middle_leaves_no_transaction(
    store: SqliteStore, care: Care
) -> None:
    entered = asyncio.Event()

    async def hangs() -> None:
        async with care.writing() as session:
            await session.all("upkeep_put", "retention", "half")
            entered.set()
            await asyncio.get_running_loop().create_future()

    hanging = asyncio.create_task(hangs())
    await entered.wait()
    hanging.cancel()
    await asyncio.wait([hanging])
    assert (await accept(store, arrival(1))).new == (True,)
    async with care.looking() as session:
        assert list(await session.all("upkeep", "retention")) == []


async def test_a_damaged_file_is_told_as_such(store: SqliteStore, file: Path) -> None:
    await big(store, count=5)
    await store.close()
    whole = bytearray(file.read_bytes())
    whole[4096 * 3 :] = b"\xa5" * (len(whole) - 4096 * 3)
    file.write_bytes(whole)
    care = SqliteCare(str(file))

    async def look() -> None:
        await care.open()
        async with care.looking() as session:
            await session.all("trouble_arrivals", 10)
            await session.all("arrivals_of", address("chat 1").conversation, 2**62, 10)

    with pytest.raises((StoreUnavailable, StoreUnusable), match=r"malformed|not a database"):
        await look()
    await care.close()


async def test_tables_of_an_older_version_ask_for_migrate(
    store: SqliteStore, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = (*migrations("sqlite"), (777, "create table later (x text)"))
    monkeypatch.setattr("conversation.sqlite_care.migrations", lambda _: newer)
    with pytest.raises(StoreUnusable, match=r"older tables .* run `socialcare migrate`"):
        await SqliteCare(str(file)).open()


async def test_a_file_without_tables_asks_for_migrate(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreUnusable, match="no tables yet: run `socialcare migrate`"):
        await SqliteCare(str(tmp_path / "empty.db")).open()
