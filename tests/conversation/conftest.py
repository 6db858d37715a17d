"""Stores for the contract suite: a second engine joins by one more name here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.sqlite import SqliteStore
from conversation.store import Store
from socialcare.sandbox.hand_clock import HandClock
from tests.conversation.store_world import NOW, OpenStore


@pytest.fixture(params=["sqlite"])
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Open stores of the engine under test, each on the same empty place; closed at the end."""
    opened: list[Store] = []

    async def one() -> Store:
        store = SqliteStore(tmp_path / "care.db", clock=HandClock(NOW))
        await store.open()
        opened.append(store)
        return store

    yield one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()
