"""Who gives up while a file is opened leaves no thread behind: a service that ends, for one."""

import asyncio
import sqlite3
from typing import Any

import pytest

from conversation.sqlite_connection import connected


class Slow:
    """A connection that takes until it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked, self.go = asyncio.Event(), asyncio.Event()
        self.error = error
        self.closed = False

    async def open(self) -> "Slow":
        self.asked.set()
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return self

    async def close(self) -> None:
        self.closed = True

    def make(self) -> Any:
        return self.open()


async def given_up(slow: Slow) -> asyncio.Task[Any]:
    task = asyncio.create_task(connected(slow.make))
    await slow.asked.wait()
    task.cancel()
    slow.go.set()
    await asyncio.wait({task})
    return task


async def test_it_is_closed_before_the_one_who_gave_up_goes_on() -> None:
    slow = Slow()
    assert (await given_up(slow)).cancelled()
    assert slow.closed


async def test_one_that_fails_meanwhile_is_no_matter_any_more() -> None:
    slow = Slow(sqlite3.OperationalError("unable to open database file"))
    assert (await given_up(slow)).cancelled()


async def test_what_cannot_be_opened_is_said() -> None:
    slow = Slow(sqlite3.OperationalError("unable to open database file"))
    slow.go.set()
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        _ = await connected(slow.make)


async def test_what_was_opened_is_given() -> None:
    slow = Slow()
    slow.go.set()
    opened: Any = await connected(slow.make)
    assert opened is slow
    assert not slow.closed
