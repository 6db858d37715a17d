"""What only the PostgreSQL store promises of one process: a server that may go away, its tables."""

import asyncio
import re

import asyncpg
import pytest

from conversation.clock import SystemClock
from conversation.postgres import PostgresStore
from conversation.sql import migrations, statements
from conversation.store import (
    CommitResult,
    Store,
    StoreUnavailable,
    StoreUnusable,
)
from tests.conversation.store_world import (
    PATIENCE_S,
    OpenShared,
    accept,
    arrival,
    claimed,
    cut_off,
    finish,
    later,
    row,
    turn,
)
from tests.postgres_server import Server

WAITING = "from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


# --- trouble


async def accepted_at_last(store: Store, event_id: str) -> None:
    while True:
        try:
            await accept(store, arrival(event_id))
        except StoreUnavailable:
            await SystemClock().sleep(0.01)
        else:
            return


async def test_connections_that_were_cut_are_made_anew(
    one: PostgresStore, shell: asyncpg.Connection
) -> None:
    work = await claimed(one)
    await cut_off(shell)
    async with asyncio.timeout(PATIENCE_S):
        await accepted_at_last(one, "2")
    assert await one.commit(turn(work)) is CommitResult.COMMITTED


async def test_f13_while_another_holds_a_row_nothing_is_half_written(
    one: PostgresStore, shell: asyncpg.Connection
) -> None:
    work = await claimed(one)
    async with shell.transaction():
        await shell.execute("select 1 from conversation for update")
        writing = asyncio.create_task(accept(one, arrival(2)))
        async with asyncio.timeout(PATIENCE_S):
            while not await shell.fetchval(f"select count(*) {WAITING}"):
                await asyncio.wait([writing], timeout=0)
        other = await accept(one, arrival(3, "bob"))
        assert other.new == (True,), "who has nothing to do with it does not wait"
        await shell.execute(f"select pg_cancel_backend(pid) {WAITING}")
        with pytest.raises(StoreUnavailable, match="cancel"):
            await writing
    assert (await row(one, work.row.id)).accepted == 1
    assert (await accept(one, arrival(2))).new == (True,)


async def test_a_server_that_restarts_is_met_again(
    postgres: Server, open_shared: OpenShared
) -> None:
    if not postgres.ours:
        pytest.skip("the server of SOCIALCARE_TEST_POSTGRES is not ours to restart")
    store = await open_shared()
    kept: list[int] = []
    refused: list[int] = []
    stop = asyncio.Event()

    async def writes() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                await accept(store, arrival(number))
            except StoreUnavailable:
                refused.append(number)
                await SystemClock().sleep(0.01)
            else:
                kept.append(number)

    writing = asyncio.create_task(writes())
    while len(kept) < 20:
        await SystemClock().sleep(0.005)
    await postgres.restart()
    before = len(kept)
    async with asyncio.timeout(PATIENCE_S):
        while len(kept) < before + 20:
            await SystemClock().sleep(0.005)
    stop.set()
    await writing
    assert refused, "while it was away, writers were told"
    seen: set[str] = set()
    while works := await store.claim(now=later(99), limit=1):
        seen |= {pending.arrival.event_id for pending in works[0].pending}
        await finish(store, works[0])
    assert {str(number) for number in kept} <= seen
    assert len(seen) == (await row(store, arrival(1).conversation)).accepted


# --- opening


async def test_four_processes_make_the_tables_at_once(empty_postgres_url: str) -> None:
    url = empty_postgres_url
    stores = [PostgresStore(url, clock=SystemClock(), migrate=True) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    assert (await accept(stores[0], arrival(1))).new == (True,)
    assert (await accept(stores[3], arrival(1))).new == (False,)
    await asyncio.gather(*(store.close() for store in stores))
    db = await asyncpg.connect(url)
    found = await db.fetch("select version from socialcare_tables order by version")
    await db.close()
    assert [one["version"] for one in found] == [number for number, _ in migrations("postgres")]


async def test_without_tables_it_says_what_to_do(empty_postgres_url: str) -> None:
    with pytest.raises(StoreUnusable, match=r"no tables yet: run `socialcare migrate`"):
        await PostgresStore(empty_postgres_url, clock=SystemClock()).open()


@pytest.mark.parametrize("migrate", [True, False])
async def test_tables_of_a_newer_version_are_left_alone(
    postgres_url: str, shell: asyncpg.Connection, migrate: bool
) -> None:
    await shell.execute("insert into socialcare_tables values (999)")
    store = PostgresStore(postgres_url, clock=SystemClock(), migrate=migrate)
    with pytest.raises(StoreUnusable, match=r"newer socialcare \(tables 999"):
        await store.open()


async def test_tables_of_an_older_version_ask_for_migrate(
    postgres_url: str, shell: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ((*migrations("postgres"), (777, "create table later (x text)")),)
    monkeypatch.setattr("conversation.postgres_tables.migrations", lambda _: known[0])
    with pytest.raises(StoreUnusable, match=r"older \(\d+\) .*run `socialcare migrate`"):
        await PostgresStore(postgres_url, clock=SystemClock()).open()
    store = PostgresStore(postgres_url, clock=SystemClock(), migrate=True)
    await store.open()
    await store.close()
    assert await shell.fetchval("select max(version) from socialcare_tables") == 777


async def test_another_encoding_is_refused(postgres: Server) -> None:
    name = "care_latin"
    await postgres.tell(f"create database {name} encoding latin1 locale 'C' template template0")
    try:
        with pytest.raises(StoreUnusable, match="must be UTF8; it is LATIN1"):
            await PostgresStore(postgres.database(name), clock=SystemClock()).open()
    finally:
        await postgres.tell(f"drop database {name}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://care:s3cret%2Fword@127.0.0.1:1/care",
        "postgresql://care:s3cret%2Fword@/care?host=/nowhere/at/all",
    ],
)
async def test_a_server_that_is_not_there_is_named_without_the_password(url: str) -> None:
    store = PostgresStore(url, clock=SystemClock())
    with pytest.raises(StoreUnusable) as caught:
        await store.open()
    assert re.search(
        r"PostgreSQL at (127\.0\.0\.1:1|/nowhere/at/all), database care", str(caught.value)
    )
    assert "s3cret" not in str(caught.value)
    await store.close()


async def test_a_database_that_is_not_there(postgres: Server) -> None:
    with pytest.raises(StoreUnusable, match="database absent cannot be used"):
        await PostgresStore(postgres.database("absent"), clock=SystemClock()).open()


async def test_a_newer_migration_that_fails_leaves_nothing(
    postgres_url: str, shell: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = ((*migrations("postgres"), (777, "create table half (x text); create table half ()")),)
    monkeypatch.setattr("conversation.postgres_tables.migrations", lambda _: broken[0])
    with pytest.raises(StoreUnusable, match="already exists"):
        await PostgresStore(postgres_url, clock=SystemClock(), migrate=True).open()
    assert await shell.fetchval("select to_regclass('half')") is None


# --- plans


async def test_no_statement_walks_a_table_from_end_to_end(one: PostgresStore) -> None:
    """As planned once on empty tables and kept, which is when PostgreSQL would walk them."""
    db = await one._connect()
    await db.execute("set plan_cache_mode = force_generic_plan")
    walks = []
    for name, statement in statements("postgres").items():
        await db.execute(f"prepare {name} as {statement}")
        nulls = ", ".join(["null"] * max(map(int, re.findall(r"\$(\d)", statement)), default=0))
        plan = await db.fetch(f"explain execute {name}" + (f"({nulls})" if nulls else ""))
        text = "\n".join(line[0] for line in plan)
        if re.search(r"Seq Scan|Hash Join|Merge Join", text):
            walks.append((name, text))
    await db.close()
    assert walks == []


def test_both_engines_know_the_same_statements() -> None:
    lite, post = set(statements("sqlite")), set(statements("postgres"))
    assert lite - post == {"recover_leases", "recover_outbox"}
    assert post - lite == {
        "conversation_hold", "conversation_make", "proof_hold", "renew_claims", "renew_sendings",
    }  # fmt: skip
