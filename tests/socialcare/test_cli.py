"""The command from outside: what it prints, and with which code it ends."""

import asyncio
import fcntl
import json
import os
import shutil
import signal
from importlib.metadata import version
from pathlib import Path
from typing import cast

import pytest
from typer.testing import CliRunner, Result

from brain.embedded import Mind
from conversation.store import StoreUnusable
from socialcare import cli as command
from socialcare.apart import Apart
from socialcare.app import Service

PATIENCE_S = 10.0

runner = CliRunner()


def invoke(*words: str, given: str | bytes | None = None) -> Result:
    return runner.invoke(command.cli, list(words), input=given)


def test_version() -> None:
    told = invoke("version")
    assert told.exit_code == 0
    assert told.stdout.strip() == version("socialcare")


def test_check_of_a_good_configuration(brand: Path) -> None:
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 0, told.output
    assert "telegram: autonomous, share 100%" in told.stdout
    assert "praise copilot" in told.stdout
    assert "11 articles, 3 actions configured" in told.stdout


def test_an_encoder_that_is_not_installed_is_told_with_its_cure(
    brand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = brand.read_text("utf-8")
    brand.write_text(f"{words}\nmodel:\n  encoder: english\n", "utf-8")
    assert invoke("check", "--config", str(brand)).exit_code == 0
    monkeypatch.setattr("socialcare.following.english_installed", lambda: False)
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 2
    line = len(words.splitlines()) + 3
    place = f"{brand}:{line}: model.encoder: the English encoder is not installed"
    assert f"{place}; pip install 'socialcare[english]'" in told.stderr.replace("\n", "")


def test_an_encoder_that_nothing_was_learnt_with_is_told_with_its_cure(
    brand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brain.extras.version", lambda _name: "99.0")
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 2
    why = "model.encoder: of the encoder another release is installed than ours; pip install"
    assert why in told.stderr.replace("\n", "")


def test_a_credential_that_cannot_be_the_platforms_is_warned_of_and_not_started_with(
    brand: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_TELEGRAM_TOKEN", "to-be-filled-in")
    monkeypatch.setenv("DEMO_X_USER", "@northwind")
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 0, told.output
    run = invoke("run", "--config", str(brand))
    assert run.exit_code == 2, run.output
    lines = brand.read_text("utf-8").splitlines()
    for key, sign in (("telegram.token", "DEMO_TELEGRAM_TOKEN}"), ("x.user_id", "DEMO_X_USER}")):
        line = next(n for n, one in enumerate(lines, 1) if sign in one)
        assert f"warning: {brand}:{line}: channels.{key}: " in told.stderr
        assert f"{brand}:{line}: channels.{key}: " in run.stderr
    assert "to-be-filled-in" not in told.output + run.output


def test_check_names_broken_articles(brand: Path) -> None:
    (brand.parent / "knowledge" / "broken.md").write_text("---\ntitle: [\n---\nx", "utf-8")
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 2
    assert "broken.md" in told.stderr


def test_check_names_a_folder_of_articles_that_is_none(brand: Path) -> None:
    folder = brand.parent / "knowledge"
    shutil.rmtree(folder)
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 0
    lines = brand.read_text("utf-8").splitlines()
    line = next(n for n, one in enumerate(lines, 1) if one.startswith("knowledge:"))
    place = f"warning: {brand}:{line}: knowledge.folder: there is no such folder: {folder}"
    assert f"{place}; make it, or name the folder that your articles are in" in told.stderr
    folder.write_text("# Returns\n", "utf-8")
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 2
    assert f"{folder}: is no folder; `knowledge.folder` names the folder" in told.stderr
    assert "is fine" not in told.output


def test_check_names_what_lies_among_the_articles_and_is_none(brand: Path) -> None:
    folder = brand.parent / "knowledge"
    for name in ("HOURS.MD", "prices.txt", "gap-1a2b3c4d.md.draft", ".DS_Store", "photo.png"):
        (folder / name).write_text("x", "utf-8")
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 0, told.output
    named = [each for each in told.stderr.splitlines() if "is no article" in each]
    assert [Path(each.split(":")[1].strip()).name for each in named] == ["HOURS.MD", "prices.txt"]


def test_check_warns_of_articles_to_look_at_and_ends_well(brand: Path) -> None:
    folder = brand.parent / "knowledge"
    front = "topics: [start_return]\nlanguages: [en]\nsurface: public\n"
    old = f"---\nid: old\ntitle: Old\n{front}expires: 2020-01-31\n---\nLast year's sale.\n"
    (folder / "old.md").write_text(old, "utf-8")
    words = "You can send anything back within 14 days, unused and with its label."
    rival = f"---\nid: rival\ntitle: Sending back\n{front}---\n{words}\n"
    (folder / "rival.md").write_text(rival, "utf-8")
    text = brand.read_text("utf-8").replace("languages:", "formality: {de: du}\n  languages:", 1)
    brand.write_text(text, "utf-8")
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 0, told.output
    assert "warning: old: stale: expired on 2020-01-31" in told.stderr
    assert "warning: returns and rival: contradictory" in told.stderr
    assert "warning: brand.disclosure.de: other form of address: “Schreiben Sie" in told.stderr
    assert told.stderr.count("warning:") == 5, "and one of X, as below, and the German return"


def test_check_warns_where_x_is_answered_in_public_and_nobody_said_so(brand: Path) -> None:
    text = brand.read_text("utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if one.startswith("  x:")) + 1
    told = invoke("check", "--config", str(brand))
    assert told.exit_code == 0, told.output
    # Lines are folded where the path is long.
    words = "".join(told.stderr.split())
    place = f"warning:{brand}:{line}:channels.x.stage:letsthebotanswerposts"
    assert place in words
    assert "surfaces:{public:copilot}" in words
    head, x, rest = text.partition("  x:\n")
    for public in ("copilot", "autonomous"):
        said = f"{head}{x}    surfaces: {{public: {public}}}\n{rest}"
        brand.write_text(said, "utf-8")
        told = invoke("check", "--config", str(brand))
        assert (told.exit_code, "channels.x.stage" in told.stderr) == (0, False), told.output


@pytest.mark.parametrize("words", ["check", "run", "migrate", "understand"])
def test_a_broken_configuration_is_told_with_file_and_line(brand: Path, words: str) -> None:
    text = brand.read_text("utf-8").replace("acknowledge: 10s", "acknowledge: soon")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "acknowledge" in one)
    brand.write_text(text, "utf-8")
    told = invoke(words, "--config", str(brand))
    assert told.exit_code == 2
    assert f"{brand}:{line}" in told.stderr
    assert "targets.acknowledge" in told.stderr


@pytest.mark.parametrize("words", ["check", "run", "migrate", "understand"])
def test_a_missing_secret_is_named(
    brand: Path, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEMO_SHOP_TOKEN")
    told = invoke(words, "--config", str(brand))
    assert told.exit_code == 2
    assert "DEMO_SHOP_TOKEN" in told.stderr
    assert "slack-bots-token" not in told.output


@pytest.mark.parametrize("words", ["check", "run", "migrate", "understand"])
def test_no_file_is_told(tmp_path: Path, words: str) -> None:
    told = invoke(words, "--config", str(tmp_path / "none.yaml"))
    assert told.exit_code == 2
    assert "none.yaml" in told.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
@pytest.mark.parametrize("words", ["run", "demo"])
def test_what_is_no_port_is_told(words: str, port: str) -> None:
    told = invoke(words, "--port", port)
    assert told.exit_code == 2
    assert "--port" in told.stderr


def test_migrate_makes_the_store(brand: Path) -> None:
    told = invoke("migrate", "--config", str(brand))
    assert told.exit_code == 0, told.output
    assert (brand.parent / "socialcare.db").exists()
    assert invoke("migrate", "--config", str(brand)).exit_code == 0


def test_migrate_beside_a_running_service_has_nothing_to_wait_for(brand: Path) -> None:
    invoke("migrate", "--config", str(brand))
    with (brand.parent / "socialcare.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = invoke("migrate", "--config", str(brand))
    assert told.exit_code == 0, told.output
    assert "up to date" in told.stdout


@pytest.mark.parametrize("words", ["migrate", "run"])
def test_a_file_that_is_no_store_ends_with_three(brand: Path, words: str) -> None:
    (brand.parent / "socialcare.db").write_bytes(b"this is not a database " * 400)
    told = invoke(words, "--config", str(brand))
    assert told.exit_code == 3, told.output
    assert "socialcare.db" in told.stderr


@pytest.mark.parametrize("words", ["migrate", "run"])
def test_a_store_in_other_hands_ends_with_three(
    brand: Path, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def held(_store: object) -> None:
        raise StoreUnusable("socialcare.db is held by another running socialcare; stop it first")

    monkeypatch.setattr("conversation.sqlite.SqliteStore.open", held)
    told = invoke(words, "--config", str(brand))
    assert told.exit_code == 3
    assert "held by another" in told.stderr


def test_understand_answers_line_by_line(
    brand: Path, mind: Mind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socialcare.learning.learn", lambda _settings, _articles: mind)
    lines = [
        {"text": "where is my order A-10611?"},
        {"text": "Wann haben Sie geöffnet?", "channel": "telegram", "surface": "public"},
    ]
    given = "\n".join(map(json.dumps, lines)) + "\n\n"
    told = invoke("understand", "--config", str(brand), given=given)
    assert told.exit_code == 0, told.output
    first, second = map(json.loads, told.stdout.splitlines())
    assert first["entities"]["order_ids"] == ["A-10611"]
    assert second["language"] == "de"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"words": 1}', "text"),
        (b'{"text": "caf\xe9"}', "the line"),  # Latin-1
    ],
)
def test_understand_says_which_line_is_wrong(
    brand: Path, mind: Mind, monkeypatch: pytest.MonkeyPatch, line: bytes, why: str
) -> None:
    monkeypatch.setattr("socialcare.learning.learn", lambda _settings, _articles: mind)
    told = invoke(
        "understand", "--config", str(brand), given=b'\xef\xbb\xbf{"text": "hi"}\n' + line
    )
    assert told.exit_code == 2
    assert f"line 2: {why}" in told.stderr
    assert json.loads(told.stdout)["language"] == "en"


class Starting:
    """A service that waits for its store for ever."""

    def __init__(self) -> None:
        self.waits = asyncio.Event()
        self.left = False

    async def start(self, **_where: object) -> None:
        self.waits.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True


async def test_a_stop_is_heard_while_the_store_is_waited_for() -> None:
    service = Starting()
    async with asyncio.timeout(PATIENCE_S):
        serving = asyncio.create_task(
            command.serve(cast(Service, service), Apart(), host=None, port=None)
        )
        await service.waits.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
    assert service.left
