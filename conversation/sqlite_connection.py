"""Connections of aiosqlite: each has a thread, which must not outlive whoever asked for it."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable

import aiosqlite


async def connected(make: Callable[[], aiosqlite.Connection]) -> aiosqlite.Connection:
    """Connect; who gives up while it is under way waits until the thread has ended.

    aiosqlite lets it end by itself, and it then answers a loop that may be closed by that time.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """

    async def connect() -> aiosqlite.Connection:
        return await make()

    connecting = asyncio.ensure_future(connect())
    try:
        return await asyncio.shield(connecting)
    except asyncio.CancelledError:
        with contextlib.suppress(sqlite3.Error):
            await (await connecting).close()
        raise
