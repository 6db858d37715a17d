"""A brand on disk for the command, and one brain for all who need to understand."""

from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest

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
    "DEMO_SHOP": "http://127.0.0.1:1",
    "DEMO_SHOP_TOKEN": "the-shops-token",
}


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
