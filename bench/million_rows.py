"""A store with a year of traffic in it: a small real one, multiplied in SQL.

The seed's conversations were accepted, answered and delivered by the core. Each copy gets ids of
its own and happened earlier, evenly over a year. Copies of log entries keep the hashes of their
originals: plans and sizes are as in life, chains do not verify.
"""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import asyncpg

YEAR_US = 365 * 86_400_000_000
OWN = {
    "customer": ("id",),
    "identity": ("user_id", "customer"),
    "conversation": ("id", "key", "customer"),
    "inbox": ("event_id", "conversation"),
    "log": ("conversation",),
    "content": ("conversation",),
    "outbox": ("key", "destination", "conversation"),
}
"""What names a thing, by table, in an order that references allow."""
DEALT = frozenset({("inbox", "seq"), ("outbox", "id")})
"""Numbers that the engine deals out."""
BIG = frozenset(OWN)


class Shell(Protocol):
    """An operator's way in."""

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement."""
        ...

    async def columns(self, table: str) -> list[str]:
        """Name a table's columns."""
        ...

    @property
    def series(self) -> str:
        """Write a table ``(k)`` of the numbers from 1 to ``{most}``."""
        ...


class SqliteShell:
    """`Shell` on a file."""

    series = (
        "(with recursive n (k) as (select 1 union all select k + 1 from n where k < {most})"
        " select k from n)"
    )

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement."""
        return self._db.execute(statement).fetchall()

    async def columns(self, table: str) -> list[str]:
        """Name a table's columns; of a view, which holds nothing of its own, none."""
        kinds = dict(self._db.execute("select name, type from sqlite_schema"))
        found = self._db.execute(f"pragma table_info({table})")
        return [row[1] for row in found] if kinds[table] == "table" else []


class PostgresShell:
    """`Shell` on a database."""

    series = "generate_series(1, {most}) as n (k)"

    def __init__(self, db: asyncpg.Connection) -> None:
        self._db = db

    async def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement."""
        return [tuple(row) for row in await self._db.fetch(statement)]

    async def columns(self, table: str) -> list[str]:
        """Name a table's columns."""
        rows = await self.run(
            "select column_name from information_schema.columns"  # noqa: S608 - our own tables
            f" where table_name = '{table}' and table_schema = 'public' order by ordinal_position"
        )
        return [str(row[0]) for row in rows]


@contextlib.asynccontextmanager
async def shell(store: str, folder: Path) -> AsyncIterator[Shell]:
    """Open a way into a store, by its URL."""
    if store.startswith("postgresql:"):
        db = await asyncpg.connect(store)
        try:
            yield PostgresShell(db)
        finally:
            await db.close()
        return
    with contextlib.closing(
        sqlite3.connect(folder / store.removeprefix("sqlite:///"), isolation_level=None)
    ) as file:
        for pragma in ("cache_size = -500000", "synchronous = off", "temp_store = memory"):
            file.execute(f"pragma {pragma}")
        yield SqliteShell(file)


async def multiply(one: Shell, copies: int) -> None:
    """Put so many copies of every conversation beside it."""
    series = one.series.format(most=copies)
    for table, own in OWN.items():
        names = [name for name in await one.columns(table) if (table, name) not in DEALT]
        if not names:
            continue
        values = [_copied(name, own, copies) for name in names]
        await one.run(
            f"insert into {table} ({', '.join(names)}) select {', '.join(values)}"  # noqa: S608 - our own tables
            f" from {table} cross join {series}"
        )


def _copied(name: str, own: tuple[str, ...], copies: int) -> str:
    if name in own:
        return f"{name} || '~' || k"
    if name.endswith("_us"):
        return f"{name} - k * {YEAR_US // copies}"
    return name
