"""Stores for the contract suite: a further engine joins by one more name here."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from conversation.care import Care
from conversation.clock import SystemClock
from conversation.postgres import PostgresStore
from conversation.sqlite import LEASE_S
from conversation.store import Store
from tests.conversation.store_world import (
    Lapse,
    OpenShared,
    OpenStore,
    care_at,
    later,
    on_postgres,
    store_at,
)


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name an empty place for a store of the engine under test."""
    if engine == "sqlite":
        return str(tmp_path / "care.db")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def open_store(place: str) -> AsyncIterator[OpenStore]:
    """Open stores of the engine under test, each on the same empty place; closed at the end."""
    opened: list[Store] = []

    async def one() -> Store:
        store = store_at(place)
        await store.open()
        opened.append(store)
        return store

    yield one
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()


@pytest.fixture
async def care(store: Store, place: str) -> AsyncIterator[Care]:
    """The second way into the store under test, which is open."""
    one = care_at(place)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def lapse(place: str) -> Lapse:
    async def lapse() -> datetime:
        if not on_postgres(place):
            return later(1) + timedelta(seconds=LEASE_S)
        db = await asyncpg.connect(place)
        await db.execute("update conversation set lease_us = 0 where lease_us is not null")
        await db.close()
        return later(1)

    return lapse


# --- several processes on one PostgreSQL


@pytest.fixture
async def open_shared(postgres_url: str) -> AsyncIterator[OpenShared]:
    """Open stores as processes would: each with its own connections, on one database."""
    opened: list[PostgresStore] = []

    async def one() -> PostgresStore:
        store = PostgresStore(postgres_url, clock=SystemClock())
        await store.open()
        opened.append(store)
        return store

    yield one
    for store in opened:
        await store.close()


@pytest.fixture
async def one(open_shared: OpenShared) -> PostgresStore:
    return await open_shared()


@pytest.fixture
async def two(open_shared: OpenShared) -> PostgresStore:
    return await open_shared()


@pytest.fixture
async def shell(postgres_url: str) -> AsyncIterator[asyncpg.Connection]:
    """An operator's own connection."""
    db = await asyncpg.connect(postgres_url)
    yield db
    await db.close()
