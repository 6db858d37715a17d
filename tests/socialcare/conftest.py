"""A brand on disk for the command, and one brain for all who need to understand."""

import logging
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest
import structlog

from brain.embedded import Mind
from config.load import load
from config.schema import Settings
from socialcare.learning import learn, read_articles

ENVIRONMENT = {
    "DEMO_URL": "http://127.0.0.1:1",
    "DEMO_STAGE": "autonomous",
    "DEMO_TELEGRAM": "http://127.0.0.1:1",
    "DEMO_TELEGRAM_TOKEN": "4200:a-token-of-telegram",
    "DEMO_TELEGRAM_SECRET": "the-webhooks-secret",
    "DEMO_X": "http://127.0.0.1:1",
    "DEMO_X_USER": "7000000001",
    "DEMO_X_APP": "27000001",
    "DEMO_X_KEY": "an-xs-consumer-key",
    "DEMO_X_SECRET": "an-xs-consumer-secret",
    "DEMO_X_TOKEN": "an-xs-access-token",
    "DEMO_X_TOKEN_SECRET": "an-xs-access-token-secret",
    "DEMO_WEBCHAT_SECRET": "placeholder-of-24-characters",
    "DEMO_WHATSAPP": "http://127.0.0.1:1",
    "DEMO_WHATSAPP_TOKEN": "whatsapps-token",
    "DEMO_WHATSAPP_SECRET": "whatsapps-app-secret",
    "DEMO_WHATSAPP_VERIFY": "whatsapps-verify-token",
    "DEMO_GRAPH": "http://127.0.0.1:1",
    "DEMO_GRAPH_APP": "410",
    "DEMO_GRAPH_SECRET": "metas-app-secret",
    "DEMO_GRAPH_VERIFY": "metas-verify-token",
    "DEMO_GRAPH_TOKEN": "metas-page-token",
    "DEMO_PAGE": "100",
    "DEMO_INSTAGRAM": "178",
    "DEMO_SLACK": "http://127.0.0.1:1/",
    "DEMO_SLACK_TOKEN": "slack-bots-token",
    "DEMO_SLACK_SECRET": "slack-signing-secret",
    "DEMO_SLACK_TEAM": "T0NORTHWIND",
    "DEMO_COMMUNITY": "http://127.0.0.1:1/",
    "DEMO_COMMUNITY_TOKEN": "community-token",
    "DEMO_COMMUNITY_SECRET": "community-secret",
    "DEMO_SHOP": "http://127.0.0.1:1",
    "DEMO_SHOP_TOKEN": "the-shops-token",
}


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """`run` takes over the process's logs; nobody after it shall write to a closed stream."""
    root, kept = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    yield
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def northwind() -> str:
    return files("socialcare.demo").joinpath("northwind.yaml").read_text("utf-8")


@pytest.fixture(scope="session")
def settings(northwind: str) -> Settings:
    return load(northwind, env=ENVIRONMENT, source="northwind.yaml")


@pytest.fixture(scope="session")
def mind(settings: Settings) -> Mind:
    with as_file(files("socialcare.demo").joinpath("knowledge")) as folder:
        articles, _ = read_articles(folder)
    return learn(settings, articles)


@pytest.fixture
def brand(tmp_path: Path, northwind: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the demo's brand to disk, and its secrets into the environment."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with as_file(files("socialcare.demo").joinpath("knowledge")) as folder:
        copytree(folder, tmp_path / "knowledge")
    file = tmp_path / "socialcare.yaml"
    file.write_text(northwind, "utf-8")
    return file
