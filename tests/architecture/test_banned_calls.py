"""Each banned name is called once, as somebody in a hurry would, and must be caught."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
RUFF: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
BANNED: Final = RUFF["flake8-tidy-imports"]["banned-api"]

CALLS: Final = {
    "datetime.datetime.now": "from datetime import UTC, datetime\nx = datetime.now(UTC)",
    "datetime.datetime.today": "import datetime as dt\nx = dt.datetime.today()",
    "datetime.datetime.utcnow": "from datetime import datetime\nx = datetime.utcnow()",
    "datetime.date.today": "from datetime import date\nx = date.today()",
    "time.time": "import time\nx = time.time()",
    "time.time_ns": "from time import time_ns\nx = time_ns()",
    "time.monotonic": "import time as t\nx = t.monotonic()",
    "time.monotonic_ns": "import time\nx = time.monotonic_ns()",
    "time.sleep": "from time import sleep\nsleep(1)",
    "asyncio.sleep": "import asyncio\nx = asyncio.sleep(1)",
    "asyncio.timeout_at": "import asyncio\nx = asyncio.timeout_at(1)",
    "asyncio.wait_for": "from asyncio import wait_for as patient\nx = patient",
    "random.choice": "import random\nx = random.choice([1])",
    "random.choices": "import random\nx = random.choices([1])",
    "random.gauss": "import random\nx = random.gauss()",
    "random.randint": "from random import randint\nx = randint(1, 2)",
    "random.randrange": "import random\nx = random.randrange(2)",
    "random.random": "import random\nx = random.random()",
    "random.sample": "import random\nx = random.sample([1], 1)",
    "random.seed": "import random\nrandom.seed(1)",
    "random.shuffle": "import random\nrandom.shuffle([1])",
    "random.uniform": "import random\nx = random.uniform(1, 2)",
    "os.environ": "import os\nx = os.environ['TOKEN']",
    "os.getenv": "from os import getenv\nx = getenv('TOKEN')",
    "unittest.mock": "from unittest.mock import AsyncMock\nx = AsyncMock()",
    "importlib.import_module": "import importlib\nx = importlib.import_module('telegram')",
    "pickle": "import pickle\nx = pickle.dumps(1)",
}

ALLOWED: Final = [
    "import random\nx = random.Random(7)",
    "import asyncio\nx = asyncio.timeout(None)",
    "from datetime import UTC, datetime\nx = datetime(2026, 11, 22, tzinfo=UTC)",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What ruff says of each snippet, all asked at once: message per banned name."""
    folder = tmp_path_factory.mktemp("planted")
    snippets = {**CALLS, **{f"allowed.{n}": text for n, text in enumerate(ALLOWED)}}
    for name, text in snippets.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    asked = subprocess.run(  # noqa: S603 - the linter of our own environment
        [
            Path(sys.executable).with_name("ruff"),
            *("check", "--no-cache", "--output-format=json", "--select=TID251"),
            *("--config", ROOT / "pyproject.toml", folder),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said: dict[str, list[str]] = {name: [] for name in snippets}
    for finding in json.loads(asked.stdout):
        said[Path(finding["filename"]).stem].append(finding["message"])
    return said


@pytest.mark.parametrize("name", CALLS)
def test_a_banned_call_is_caught(found: dict[str, list[str]], name: str) -> None:
    assert any(message.startswith(f"`{name}") for message in found[name])


@pytest.mark.parametrize("number", range(len(ALLOWED)))
def test_what_takes_its_place_is_not(found: dict[str, list[str]], number: int) -> None:
    assert found[f"allowed.{number}"] == []


def test_every_ban_is_proved() -> None:
    assert CALLS.keys() == BANNED.keys()
