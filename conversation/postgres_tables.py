"""The PostgreSQL store's tables: is the database fit to be used, and bringing it up to date."""

import asyncpg

from conversation.sql import migrations
from conversation.store import StoreUnusable

SERVER_MIN = 15
_LOCK = 7_316_021
"""Names the advisory lock under which one process at a time changes tables."""
TRIES_MAX = 20
"""How often a migration gives way to who is at work; each time costs a second at most."""
_IN_THE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
_TABLES = """
select quote_ident(tablename) as name from pg_tables
where schemaname = current_schema() and tableowner = current_user
-- as most transactions do, conversations first
order by tablename <> 'conversation', tablename <> 'inbox', tablename <> 'outbox', tablename
"""
_MAKE = "create table if not exists socialcare_tables (version integer primary key)"
_VERSION = "select coalesce(max(version), 0) from socialcare_tables"


async def check(db: asyncpg.Connection) -> None:
    """See that this is a server and a database that can be used.

    Raises:
        StoreUnusable: it is not, and why.
    """
    version = db.get_server_version().major
    if version < SERVER_MIN:
        raise StoreUnusable(f"PostgreSQL {SERVER_MIN} or newer is needed; this is {version}")
    encoding = await db.fetchval("show server_encoding")
    if encoding != "UTF8":
        raise StoreUnusable(f"the database's encoding must be UTF8; it is {encoding}")


async def check_tables(db: asyncpg.Connection) -> None:
    """See that the tables are those that this version knows.

    Raises:
        StoreUnusable: they are older or newer.
    """
    there = await db.fetchval("select to_regclass('socialcare_tables') is not null")
    found = await db.fetchval(_VERSION) if there else 0
    known = migrations("postgres")[-1][0]
    if found < known:
        told = f"the tables are older ({found}) than this socialcare knows ({known})"
        raise StoreUnusable(f"{told if found else 'the database has no tables yet'}: "
                            "run `socialcare migrate`")  # fmt: skip
    _refuse_newer(found, known)


async def migrate(db: asyncpg.Connection) -> None:
    """Bring the tables up to date, all or nothing; others who try at the same time wait.

    Processes of the version before may be at work meanwhile: they wait a moment, then go on.

    Raises:
        StoreUnusable: they are newer than this version, or never free.
    """
    for _ in range(TRIES_MAX):
        try:
            await _migrate(db)
        except _IN_THE_WAY:
            continue
        return
    raise StoreUnusable(
        "others hold the tables; nothing was changed: run `socialcare migrate` again"
    )


async def _migrate(db: asyncpg.Connection) -> None:
    async with db.transaction():
        # A process that is killed in the middle holds the tables no longer than this.
        await db.execute("set local client_connection_check_interval = '1s'")
        await db.execute("select pg_advisory_xact_lock($1)", _LOCK)
        await db.execute(_MAKE)
        found = await db.fetchval(_VERSION)
        known = migrations("postgres")
        _refuse_newer(found, known[-1][0])
        if found and found < known[-1][0]:
            # All of them before the first is changed: who has to give way has done nothing yet.
            tables = ", ".join(row["name"] for row in await db.fetch(_TABLES))
            await db.execute(f"lock table {tables} in access exclusive mode")
        for number, script in known:
            if number > found:
                await db.execute(script)
                await db.execute("insert into socialcare_tables (version) values ($1)", number)


def _refuse_newer(found: int, known: int) -> None:
    if found > known:
        raise StoreUnusable(
            f"the tables were written by a newer socialcare (tables {found}, this one knows "
            f"{known}); update socialcare"
        )
