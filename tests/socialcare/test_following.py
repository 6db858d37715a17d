import asyncio
from pathlib import Path

import pytest

from config.load import load
from config.schema import Settings
from config.stages import Stage
from socialcare.following import follow, source_of
from socialcare.sandbox.hand_clock import HandClock

FILE = """
brand: {{name: Northwind, timezone: Europe/London, languages: [en], currency: GBP}}
server: {{port: {port}}}
channels:
  telegram:
    stage: {stage}
    token: "${{TOKEN}}"
    webhook_secret: secret-of-the-webhook
desk:
  slack: {{channel: C0CARE, bot_token: "${{TOKEN}}", signing_secret: "${{TOKEN}}"}}
"""
ENVIRONMENT = {"TOKEN": "12345:a-very-secret-token"}


class Running:
    """What a service would do with a changed configuration."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.told: list[str] = []
        self.failing = False

    async def apply(self, settings: Settings) -> None:
        if self.failing:
            raise ValueError("nothing can be learnt of that")
        self.settings = settings

    async def tell(self, text: str) -> None:
        self.told.append(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "socialcare.yaml"
    path.write_text(FILE.format(port=8080, stage="copilot"))
    return path


async def after_a_change(file: Path, text: str | None) -> Running:
    """Let the service look once, change the file (None: delete it), and let it look again."""
    clock = HandClock()
    running = Running(load(file.read_text(), env=ENVIRONMENT))
    task = asyncio.create_task(
        follow(
            source_of(file, ENVIRONMENT),
            running=lambda: running.settings,
            apply=running.apply,
            tell=running.tell,
            clock=clock,
        )
    )
    await clock.skip()
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    await clock.skip()
    await clock.skip()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return running


async def test_a_valid_change_takes_effect(file: Path) -> None:
    running = await after_a_change(file, FILE.format(port=8080, stage="manual"))
    assert running.settings.channels["telegram"].stage is Stage.MANUAL
    assert running.told == []


async def test_a_change_that_was_saved_while_the_service_started_takes_effect(file: Path) -> None:
    source = source_of(file, ENVIRONMENT)
    running = Running(source.read())
    file.write_text(FILE.format(port=8080, stage="manual"))
    clock = HandClock()
    task = asyncio.create_task(
        follow(
            source,
            running=lambda: running.settings,
            apply=running.apply,
            tell=running.tell,
            clock=clock,
        )
    )
    await clock.skip()
    await clock.skip()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert running.settings.channels["telegram"].stage is Stage.MANUAL


async def test_a_broken_file_is_refused_and_told_without_secrets(file: Path) -> None:
    running = await after_a_change(file, FILE.format(port=8080, stage="autonomus"))
    assert running.settings.channels["telegram"].stage is Stage.COPILOT
    (told,) = running.told
    assert "channels.telegram.stage" in told
    assert "old one stays" in told
    assert "very-secret" not in told


async def test_what_needs_a_restart_waits_and_the_rest_takes_effect(file: Path) -> None:
    running = await after_a_change(file, FILE.format(port=9090, stage="off"))
    assert running.settings.channels["telegram"].stage is Stage.OFF
    assert running.settings.server.port == 8080
    (told,) = running.told
    assert "server" in told


KNOWLEDGE = "knowledge: {{folder: {folder}}}\n"


@pytest.mark.parametrize("folder", ["knowlege", "socialcare.yaml"])
async def test_a_folder_of_articles_that_is_none_is_refused_with_its_place(
    file: Path, folder: str
) -> None:
    """A slip of the pen took every article away, and only the log said so."""
    words = FILE.format(port=8080, stage="manual") + KNOWLEDGE.format(folder=folder)
    running = await after_a_change(file, words)
    assert running.settings.channels["telegram"].stage is Stage.COPILOT
    (told,) = running.told
    assert "old one stays" in told
    line = len(words.splitlines())
    assert f"socialcare.yaml:{line}: knowledge.folder: " in told
    assert f"{file.parent / folder}" in told
    assert "name the folder that your articles are in" in told


async def test_another_folder_that_is_there_takes_effect(file: Path) -> None:
    (file.parent / "answers").mkdir()
    words = FILE.format(port=8080, stage="manual") + KNOWLEDGE.format(folder="answers")
    running = await after_a_change(file, words)
    assert running.settings.knowledge.folder == "answers"
    assert running.told == []


async def test_a_file_that_vanishes_changes_nothing_and_is_told(file: Path) -> None:
    running = await after_a_change(file, None)
    assert running.settings.channels["telegram"].stage is Stage.COPILOT
    (told,) = running.told
    assert "cannot be read" in told


async def test_a_change_that_cannot_be_put_into_force_is_told_and_the_next_one_is_taken(
    file: Path,
) -> None:
    """A brain that fails at one change must not leave the service deaf to `stage: off`."""
    clock = HandClock()
    source = source_of(file, ENVIRONMENT)
    running = Running(source.read())
    task = asyncio.create_task(
        follow(
            source,
            running=lambda: running.settings,
            apply=running.apply,
            tell=running.tell,
            clock=clock,
        )
    )
    await clock.skip()
    running.failing = True
    file.write_text(FILE.format(port=8080, stage="manual"))
    await clock.skip()
    await clock.skip()
    (told,) = running.told
    assert "could not be put into force" in told
    assert "nothing can be learnt of that" not in told
    running.failing = False
    file.write_text(FILE.format(port=8080, stage="off"))
    await clock.skip()
    await clock.skip()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert running.settings.channels["telegram"].stage is Stage.OFF
