"""A brand whose store is on either engine, and the command from outside."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from conversation.store import Store
from socialcare import cli as command
from tests.conversation.store_world import store_at

T = TypeVar("T")
Invoke = Callable[..., Result]
WithStore = Callable[[Callable[[Store], Awaitable[object]]], None]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, brand: Path) -> str:
    """Name where the brand's store is; its configuration says so too."""
    if request.param == "sqlite":
        return str(brand.parent / "socialcare.db")
    url = str(request.getfixturevalue("postgres_url"))
    text = brand.read_text("utf-8").replace("sqlite:///socialcare.db", url)
    brand.write_text(text, "utf-8")
    return url


@pytest.fixture
def with_store(place: str) -> WithStore:
    """Do something with the store as the service would; it is closed after."""

    def done(work: Callable[[Store], Awaitable[object]]) -> None:
        async def do() -> None:
            store = store_at(place)
            await store.open()
            try:
                await work(store)
            finally:
                await store.close()

        asyncio.run(do())

    return done


@pytest.fixture
def invoke(brand: Path) -> Invoke:
    """Give a command, with the brand's configuration."""

    def invoked(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(
            command.cli, [*words, "--config", str(brand)], input=given, catch_exceptions=False
        )

    return invoked
