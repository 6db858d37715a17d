"""A migration that is interrupted half-way, on every engine: the data is as it was before."""

import asyncio
import re
import sys
from pathlib import Path

import asyncpg
import pytest

from conversation.clock import SystemClock
from conversation.postgres import PostgresStore
from conversation.sql import migrations
from conversation.sqlite import SqliteStore
from conversation.store import Store, StoreUnusable
from tests.conversation.store_world import (
    NOW,
    PATIENCE_S,
    accept,
    arrival,
    later,
    on_postgres,
    store_at,
)

ROOT = Path(__file__).parents[2]
HALF = "create table half (x text); alter table inbox add column half text; "
BREAKS = {"sqlite": f"{HALF}drop table nowhere", "postgres": f"{HALF}select 1/0"}
DIES = '''
"""Bring a store up to date by a migration that never comes to its end; wait to be killed."""
import asyncio, sys
from tests.conversation import test_migrations as world

place, hangs = sys.argv[1:]
world.known(hangs)
asyncio.run(world.migrated(place))
'''
# So many rows that nobody lives to see the last one.
ENDLESS = (
    "create table rows as with recursive n (i) as (values (1) union all select i + 1 from n) "
    "select zeroblob(1000000) from n"
)
HANGS = {"sqlite": f"{HALF}{ENDLESS}", "postgres": f"{HALF}select pg_sleep(600)"}


def known(script: str) -> None:
    """Let this process know one migration more."""
    patch = pytest.MonkeyPatch()
    for engine, module in (("sqlite", "sqlite"), ("postgres", "postgres_tables")):
        longer = (*migrations(engine), (777, script))
        patch.setattr(f"conversation.{module}.migrations", lambda _, each=longer: each)


def newer(place: str) -> Store:
    if on_postgres(place):
        return PostgresStore(place, clock=SystemClock(), migrate=True)
    return SqliteStore(Path(place), clock=SystemClock())


async def migrated(place: str) -> None:
    store = newer(place)
    await store.open()
    await store.close()


@pytest.fixture
async def before(place: str) -> None:
    """Leave a store with something in it, closed."""
    store = store_at(place)
    await store.open()
    await accept(store, arrival(1, body=b"kept"))
    await store.close()


async def as_before(place: str) -> None:
    """See that the store is that of the version before, whole and in use again."""
    store = store_at(place)
    await store.open()
    (work,) = await store.claim(now=later(), limit=1)
    assert [one.arrival.body for one in work.pending] == [b"kept"]
    assert (await accept(store, arrival(2), at=NOW)).new == (True,)
    await store.close()


@pytest.mark.usefixtures("before")
async def test_one_that_fails_changes_nothing(
    engine: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        longer = (*migrations(engine), (777, BREAKS[engine]))
        module = "postgres_tables" if on_postgres(place) else "sqlite"
        patched.setattr(f"conversation.{module}.migrations", lambda _: longer)
        for _ in range(2):
            with pytest.raises(StoreUnusable, match=r"nowhere|division by zero"):
                await migrated(place)
    await as_before(place)


@pytest.mark.usefixtures("before")
async def test_one_whose_process_is_killed_changes_nothing(engine: str, place: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES, place, HANGS[engine], cwd=ROOT
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await half_way(place):
                assert process.returncode is None
                await SystemClock().sleep(0.02)
    finally:
        process.kill()
        await process.wait()
    if on_postgres(place):
        # The server, too, must notice; a second `migrate` would wait that long.
        async with asyncio.timeout(PATIENCE_S):
            while await half_way(place):
                await SystemClock().sleep(0.02)
    await as_before(place)


async def half_way(place: str) -> bool:
    """Tell whether the migration is in its middle."""
    if not on_postgres(place):
        wal = Path(place + "-wal")
        return wal.exists() and wal.stat().st_size > 20_000_000
    db = await asyncpg.connect(place)
    try:
        return bool(
            await db.fetchval(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and query like '%pg_sleep(600)%' and pid <> pg_backend_pid()"
            )
        )
    finally:
        await db.close()


async def test_one_that_meets_writers_in_the_other_order_is_tried_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who works on the tables is not stopped for it; of two who wait for each other one goes on."""
    adds = "alter table conversation add column x text; alter table inbox add column x text"
    longer = (*migrations("postgres"), (777, adds))
    monkeypatch.setattr("conversation.postgres_tables.migrations", lambda _: longer)
    writer, eye = [await asyncpg.connect(postgres_url) for _ in range(2)]
    # The migration is who notices, and has to give way.
    name = await eye.fetchval("select current_database()")
    await eye.execute(f"alter database \"{name}\" set deadlock_timeout = '1s'")
    await writer.execute("set deadlock_timeout = '10min'")
    await writer.execute("begin; lock table inbox in row exclusive mode")
    migrating = asyncio.create_task(migrated(postgres_url))
    waits = "select count(*) from pg_locks where not granted and relation = 'inbox'::regclass"
    async with asyncio.timeout(PATIENCE_S):
        while not await eye.fetchval(waits):
            await SystemClock().sleep(0.01)
        await writer.execute("lock table conversation in row exclusive mode; commit")
        await migrating
    assert await eye.fetchval("select max(version) from socialcare_tables") == 777
    await writer.close()
    await eye.close()


def test_migrations_leave_the_version_before_at_work() -> None:
    """A rolling restart: what the old processes know is still there, under its name and type."""
    takes_away = re.compile(
        r"\b(drop|rename|truncate)\b|\balter\s+(column\s+)?\w+\s+(type|set not)", re.IGNORECASE
    )
    # One that adds `not null` gives a default, or what the old ones insert is refused.
    needs = re.compile(r"add column (?!.*default)[^,;]*not null", re.IGNORECASE)
    for number, script in migrations("postgres")[1:]:
        said = re.sub(r"--.*", "", script)
        found = takes_away.search(said) or needs.search(said)
        assert found is None, f"{number}: {found}"
    for harm in (
        "drop table x",
        "alter table x rename a to b",
        "alter table x alter a type bigint",
    ):
        assert takes_away.search(harm)
    assert needs.search("alter table x add column b text not null")
    assert not needs.search("alter table x add column b text not null default ''")
