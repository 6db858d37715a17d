"""Tests get a database that others have used: nothing of theirs may be in it."""

import asyncpg
import pytest

from tests.postgres_server import Server

RECEIVED = (
    "insert into inbox (channel, account, event_id, kind, received_us, state) "
    "values ('telegram', '7', $1, 'message', 1, 'pending') returning seq"
)


async def test_one_that_is_lent_again_is_as_new(postgres: Server) -> None:
    """No rows, numbers from the beginning, and nobody else on it."""
    async with postgres.empty_database() as before:
        left_open = await asyncpg.connect(before)
        await left_open.execute("begin; insert into upkeep values ('never', 'committed')")
        shell = await asyncpg.connect(before)
        await shell.execute("insert into storm values ('x', 'c', 'k', 1)")
        assert await shell.fetchval(RECEIVED, "1") == 1
        await shell.close()
    with pytest.raises((asyncpg.InterfaceError, asyncpg.PostgresConnectionError)):
        await left_open.execute("commit")
    async with postgres.empty_database() as again:
        assert again == before
        db = await asyncpg.connect(again)
        assert await db.fetch("table upkeep") == await db.fetch("table storm") == []
        assert await db.fetchval(RECEIVED, "1") == 1
        await db.close()


@pytest.mark.parametrize(
    "change",
    [
        "create table later (x text)",
        "alter table inbox add column half text",
        "alter table inbox drop column why",
        "alter table storm drop constraint storm_pkey",
        "drop index inbox_pending",
        "drop function socialcare_clock_us()",
        "insert into socialcare_tables values (999)",
    ],
)
async def test_one_whose_tables_were_changed_is_thrown_away(postgres: Server, change: str) -> None:
    """It would be another test's riddle."""
    async with postgres.empty_database() as changed:
        db = await asyncpg.connect(changed)
        await db.execute(change)
        await db.close()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(changed)
