"""Named statements on a connection to PostgreSQL."""

from collections.abc import Sequence

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from conversation.judging import NUL_SHOWN
from conversation.row_json import dumped
from conversation.sql import statements
from conversation.writes import Fields, Parameter

SQL = statements("postgres")


class PostgresSession:
    """`conversation.writes.Session` on one connection."""

    def __init__(self, db: "PoolConnectionProxy[asyncpg.Record]") -> None:
        self._db = db

    async def all(self, name: str, *what: Parameter) -> Sequence[asyncpg.Record]:
        """Run a named statement: rows go as one jsonb array, keys as one array."""
        try:
            return await self._db.fetch(SQL[name], *map(_given, what))
        except asyncpg.DataError as error:
            if isinstance(error.__cause__, UnicodeError):
                raise error.__cause__ from None
            raise

    async def each(self, name: str, rows: Sequence[Fields]) -> Sequence[asyncpg.Record]:
        """Run a named statement, which takes all rows at once."""
        return await self.all(name, rows)


def _given(what: Parameter) -> object:
    """Put a parameter the way the statements expect it; no NUL, which PostgreSQL refuses."""
    if isinstance(what, int):
        return what
    if isinstance(what, str):
        return what.replace("\0", NUL_SHOWN)
    if isinstance(what[0], str):
        return [str(one).replace("\0", NUL_SHOWN) for one in what]
    return what if isinstance(what[0], int) else dumped(what)
