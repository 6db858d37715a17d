"""What journeys share: a brain that learns once, and houses to play in."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
import structlog

from brain.embedded import Mind
from config.load import load
from config.stages import Stage
from conversation.clock import SystemClock
from socialcare.learning import learn, read_articles
from socialcare.sandbox.language_model import ModelStandIn
from tests.browser import browser, chromium
from tests.journeys.house import SQLITE, House, empty_house, northwind, running, served_by

__all__ = ["browser", "chromium"]

OpenHouse = Callable[..., Awaitable[House]]

PLACEHOLDERS = {
    "DEMO_URL": "http://127.0.0.1:1",
    "DEMO_STAGE": "autonomous",
    "DEMO_TELEGRAM": "http://127.0.0.1:1",
    "DEMO_TELEGRAM_TOKEN": "4200:placeholder",
    "DEMO_TELEGRAM_SECRET": "placeholder",
    "DEMO_X": "http://127.0.0.1:1",
    "DEMO_X_USER": "7000000001",
    "DEMO_X_APP": "27000001",
    "DEMO_X_KEY": "placeholder",
    "DEMO_X_SECRET": "placeholder",
    "DEMO_X_TOKEN": "placeholder",
    "DEMO_X_TOKEN_SECRET": "placeholder",
    "DEMO_WEBCHAT_SECRET": "placeholder-of-24-characters",
    "DEMO_WHATSAPP": "http://127.0.0.1:1",
    "DEMO_WHATSAPP_TOKEN": "placeholder",
    "DEMO_WHATSAPP_SECRET": "placeholder",
    "DEMO_WHATSAPP_VERIFY": "placeholder",
    "DEMO_GRAPH": "http://127.0.0.1:1",
    "DEMO_GRAPH_APP": "410",
    "DEMO_GRAPH_SECRET": "placeholder",
    "DEMO_GRAPH_VERIFY": "placeholder",
    "DEMO_GRAPH_TOKEN": "placeholder",
    "DEMO_PAGE": "100",
    "DEMO_INSTAGRAM": "178",
    "DEMO_SLACK": "http://127.0.0.1:1/",
    "DEMO_SLACK_TOKEN": "placeholder",
    "DEMO_SLACK_SECRET": "placeholder",
    "DEMO_SLACK_TEAM": "T0NORTHWIND",
    "DEMO_COMMUNITY": "http://127.0.0.1:1/",
    "DEMO_COMMUNITY_TOKEN": "community-token",
    "DEMO_COMMUNITY_SECRET": "community-secret",
    "DEMO_SHOP": "http://127.0.0.1:1",
    "DEMO_SHOP_TOKEN": "placeholder",
}


@pytest.fixture(scope="session", autouse=True)
def _plain_records() -> None:
    """Records of the service are shown with failures, one line each, without locals."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )


def learn_northwind() -> Mind:
    """Learn the demo's brand."""
    settings = load(northwind(), env=PLACEHOLDERS, source="northwind.yaml")
    with as_file(files("socialcare.demo").joinpath("knowledge")) as folder:
        articles, problems = read_articles(folder)
    assert not problems
    return learn(settings, articles)


@pytest.fixture(scope="session")
def mind() -> Mind:
    """Learn the demo's brand, once."""
    return learn_northwind()


@pytest.fixture
async def open_house(tmp_path: Path, mind: Mind) -> AsyncIterator[OpenHouse]:
    """Open houses with other settings; they close by themselves."""
    async with contextlib.AsyncExitStack() as stack:

        async def opened(
            *,
            stage: Stage = Stage.AUTONOMOUS,
            changes: dict[str, str] | None = None,
            serve: bool = True,
            folder: str = "house",
        ) -> House:
            home = await stack.enter_async_context(
                empty_house(tmp_path / folder, mind, stage=stage, changes=changes or {})
            )
            if serve:
                await stack.enter_async_context(running(home))
            return home

        yield opened


@pytest.fixture
async def house(open_house: OpenHouse) -> House:
    """The demo's house, with the service running."""
    return await open_house()


@pytest.fixture
async def server() -> AsyncIterator[ModelStandIn]:
    """Serve a language model."""
    async with ModelStandIn(clock=SystemClock()) as server:
        yield server


@pytest.fixture
def model_house(open_house: OpenHouse, server: ModelStandIn) -> OpenHouse:
    """Open houses where that model has the words."""

    async def opened(more: str = "", *, store: str = "", **given: Any) -> House:
        changes = served_by(server, more) | ({SQLITE: store} if store else {})
        return await open_house(changes=changes, **given)

    return opened
