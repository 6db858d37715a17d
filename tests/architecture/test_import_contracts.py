"""Each import contract is broken on purpose: one that nothing can break guards nothing."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
LINTER: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
PACKAGES: Final[list[str]] = LINTER["root_packages"]
CONTRACTS: Final = {contract["name"]: contract["id"] for contract in LINTER["contracts"]}


class Planted(NamedTuple):
    """An import that must not be, and the contracts that say so."""

    file: str
    imported: str
    breaks: str


PLANTED: Final = [
    Planted("config/money.py", "conversation.model", "layers"),
    Planted("conversation/sql/__init__.py", "actions.limits", "layers"),
    Planted("conversation/group_commit.py", "channels.errors", "layers"),
    Planted("channels/registry.py", "brain.days.words", "layers"),
    Planted("actions/engine.py", "brain.decision", "layers"),
    Planted("brain/embedded.py", "handoff.handles", "layers"),
    Planted("handoff/desk.py", "socialcare.figures", "layers"),
    Planted("actions/engine.py", "channels.errors", "layers actions-and-channels"),
    Planted("channels/registry.py", "actions.limits", "layers actions-and-channels"),
    Planted("channels/telegram/adapter.py", "channels.slack.transport", "channels-apart"),
    Planted("channels/slack/transport.py", "channels.telegram.sending", "channels-apart"),
    Planted("channels/x/posts.py", "channels.telegram.messages", "channels-apart"),
    Planted("channels/x/posts.py", "aiohttp", "pure-core"),
    Planted("channels/meta/graph.py", "channels.telegram.request", "channels-apart"),
    Planted(
        "channels/meta/instagram/codec.py", "channels.meta.messenger.codec", "metas-channels-apart"
    ),
    Planted("channels/telegram/codec.py", "asyncio", "pure-core"),
    Planted("channels/meta/threads.py", "aiohttp", "pure-core"),
    Planted("channels/telegram/messages.py", "aiohttp", "pure-core"),
    Planted("channels/telegram/payloads.py", "sqlite3", "pure-core"),
    Planted("channels/contract.py", "ssl", "pure-core"),
    Planted("actions/limits.py", "asyncio", "pure-core"),
    Planted("config/rollout.py", "asyncio", "pure-core"),
    Planted("conversation/events/own.py", "asyncio", "pure-core"),
    Planted("conversation/state/lines.py", "asyncio", "pure-core"),
    Planted("handoff/context.py", "socket", "pure-core"),
    Planted("socialcare/figures.py", "asyncio", "pure-core"),
    Planted("brain/guardrails.py", "asyncio", "pure-core"),
    Planted("channels/telegram/codec.py", "telegram", "codecs-without-libraries"),
    Planted("channels/telegram/payloads.py", "slack_sdk", "codecs-without-libraries"),
    Planted("channels/telegram/codec.py", "tweepy", "codecs-without-libraries"),
    Planted("actions/engine.py", "slack_sdk", "vendor-free-core"),
    Planted("brain/embedded.py", "telegram", "vendor-free-core"),
    Planted("conversation/sqlite.py", "tweepy", "vendor-free-core"),
    Planted("brain/embedded.py", "conversation.sqlite", "brain-proposes"),
    Planted("brain/embedded.py", "conversation.postgres", "brain-proposes"),
    Planted("conversation/writes.py", "asyncpg", "pure-core"),
    Planted("brain/embedded.py", "actions.connectors.http", "brain-proposes"),
    Planted("brain/embedded.py", "actions.engine", "brain-proposes"),
    Planted("brain/embedded.py", "channels.splitting", "brain-and-channels"),
    Planted("handoff/desk.py", "channels.registry", "desk-and-channels"),
    Planted("handoff/desk.py", "channels.telegram.sending", "desk-and-channels"),
    Planted("actions/engine.py", "config.load", "one-loader"),
    Planted("handoff/desk.py", "os", "one-reader"),
    Planted("brain/embedded.py", "pathlib", "one-reader"),
    Planted("socialcare/sandbox/rates.py", "channels.errors", "stand-ins-apart"),
    Planted("socialcare/sandbox/rates.py", "actions.limits", "stand-ins-apart"),
    Planted("socialcare/sandbox/rates.py", "telegram", "stand-ins-apart"),
    Planted("socialcare/sandbox/rates.py", "socialcare.app", "stand-ins-apart"),
    Planted("config/stages.py", "config.rollout", "acyclic"),
]


def broken(tree: Path) -> set[str]:
    """Check the contracts over a tree; gives the ids of the broken ones."""
    asked = subprocess.run(  # noqa: S603 - the linter of our own environment
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(tree)},  # noqa: TID251 - passed on
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = {
        name: verdict
        for line in asked.stdout.splitlines()
        for name in CONTRACTS
        if (verdict := line.removeprefix(f"{name} ")) != line
    }
    assert verdicts.keys() == CONTRACTS.keys(), asked.stdout + asked.stderr
    return {CONTRACTS[name] for name, verdict in verdicts.items() if verdict.startswith("BROKEN")}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copied = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", copied)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, copied / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return copied


@pytest.fixture
def plant(tree: Path, planted: Planted) -> Iterator[None]:
    file = tree / planted.file
    before = file.read_text("utf-8")
    file.write_text(f"{before}\nimport {planted.imported}\n", "utf-8")
    yield
    file.write_text(before, "utf-8")


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize("planted", PLANTED, ids=lambda row: f"{row.file}-{row.imported}")
@pytest.mark.usefixtures("plant")
def test_an_import_the_wrong_way_breaks_its_contract(tree: Path, planted: Planted) -> None:
    assert broken(tree) == set(planted.breaks.split())


def test_every_contract_was_broken_once() -> None:
    assert {name for row in PLANTED for name in row.breaks.split()} == set(CONTRACTS.values())


def test_every_channel_stands_apart() -> None:
    (apart,) = (one["modules"] for one in LINTER["contracts"] if one["id"] == "channels-apart")
    folders = {f"channels.{file.parent.name}" for file in ROOT.glob("channels/*/__init__.py")}
    assert set(apart) == folders


def test_each_of_metas_channels_stands_apart() -> None:
    (apart,) = (
        one["modules"] for one in LINTER["contracts"] if one["id"] == "metas-channels-apart"
    )
    found = ROOT.glob("channels/meta/*/__init__.py")
    assert set(apart) == {f"channels.meta.{file.parent.name}" for file in found}
