"""The second way in, on every engine: who may open it, and what it leaves to the first."""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from conversation.care import Care, note
from conversation.chain import LogRow, verify
from conversation.events import Tended
from conversation.sql import migrations
from conversation.store import Store, StoreUnavailable, StoreUnusable
from tests.conversation.store_world import (
    accept,
    arrival,
    care_at,
    claimed,
    finish,
    heard,
    later,
    on_postgres,
)

ABSENT = "postgresql://care:s3cret%2Fword@127.0.0.1:1/care"


async def test_what_was_not_opened_is_closed(place: str) -> None:
    care = care_at(place)
    for way in (care.writing, care.looking):
        with pytest.raises(StoreUnavailable, match="closed"):
            async with way():
                pass
    await care.close()


async def test_what_goes_wrong_inside_changes_nothing(store: Store, care: Care) -> None:
    work = await claimed(store)

    async def breaks() -> None:
        async with care.writing() as session:
            await note(session, work.row.id, Tended(by="ops", what="retry"), at=later(9))
            raise KeyError

    with pytest.raises(KeyError):
        await breaks()
    assert list(await store.log(work.row.id)) == []


async def test_a_note_goes_behind_the_log_while_a_turn_runs(store: Store, care: Care) -> None:
    work = await claimed(store)
    async with care.writing() as session:
        await note(session, work.row.id, Tended(by="ops", what="retry"), at=later(2))
    await finish(store, work, log=(heard("hi"),))
    assert [event.kind for _, event in await store.log(work.row.id)] == ["tended", "message"]
    names = ("conversation", "position", "at_us", "kind", "turn", "digest", "hash", "salt", "body")
    async with care.looking() as session:
        rows = await session.all("log_of", work.row.id)
    assert verify(LogRow(**{name: one[name] for name in names}) for one in rows) is None


async def test_a_note_about_nobody_is_no_matter(care: Care) -> None:
    async with care.writing() as session:
        await note(session, "c_nobody", Tended(by="ops", what="retry"), at=later(2))


async def test_a_look_is_at_one_moment(store: Store, care: Care) -> None:
    await accept(store, arrival(1))
    async with care.looking() as session:
        (before,) = await session.all("conversations", [arrival(1).conversation])
        await accept(store, arrival(2))
        (after,) = await session.all("conversations", [arrival(1).conversation])
    assert before["accepted"] == after["accepted"] == 1


async def test_notes_and_webhooks_go_on_side_by_side(store: Store, care: Care) -> None:
    work = await claimed(store)

    async def notes() -> None:
        for number in range(20):
            async with care.writing() as session:
                told = Tended(by="ops", what="retry", about=str(number))
                await note(session, work.row.id, told, at=later(number))

    accepting = [accept(store, arrival(f"x{n}", f"chat {n % 7}")) for n in range(60)]
    await asyncio.gather(notes(), *accepting)
    log = [event for _, event in await store.log(work.row.id)]
    assert [e.about for e in log if isinstance(e, Tended)] == [str(n) for n in range(20)]
    assert len(await store.claim(now=later(90), limit=99)) == 7


async def test_tidying_beside_writers_loses_nothing(store: Store, care: Care) -> None:
    async def tidies() -> None:
        for _ in range(5):
            # Where a writer has the file, the next round comes within the hour.
            with contextlib.suppress(StoreUnavailable):
                await care.tidy()

    tidying = asyncio.create_task(tidies())
    answers = await asyncio.gather(*(accept(store, arrival(n)) for n in range(80)))
    await tidying
    assert sum(one.new[0] for one in answers) == 80


# --- what cannot be opened


async def test_tables_of_a_newer_version_are_left_alone(
    store: Store, care: Care, place: str
) -> None:
    newer = migrations("postgres" if on_postgres(place) else "sqlite")[-1][0] + 1
    async with care.writing() as session:
        await session.all("upkeep_put", "retention", json.dumps("untouched"))
    if on_postgres(place):
        db = await asyncpg.connect(place)
        await db.execute("insert into socialcare_tables values ($1)", newer)
        await db.close()
    else:
        with sqlite3.connect(place) as lite:
            lite.execute(f"pragma user_version = {newer}")
        lite.close()
    with pytest.raises(StoreUnusable, match=f"newer socialcare .tables {newer}"):
        await care_at(place).open()
    async with care.looking() as session:
        (kept,) = await session.all("upkeep", "retention")
    assert kept["value"] == '"untouched"'


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    with pytest.raises(StoreUnusable, match="is not there: `socialcare migrate` makes it"):
        await care_at(str(file)).open()
    assert list(tmp_path.iterdir()) == []


async def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(StoreUnusable) as caught:
        await care_at(ABSENT).open()
    assert "PostgreSQL" in str(caught.value)
    assert "s3cret" not in str(caught.value)


async def test_a_database_without_tables_says_what_to_do(empty_postgres_url: str) -> None:
    with pytest.raises(StoreUnusable, match="no tables yet: run `socialcare migrate`"):
        await care_at(empty_postgres_url).open()
