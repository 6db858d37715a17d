"""What a child makes is what the service would have made; its death costs time only."""

import contextlib
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brain.embedded import Mind
from brain.encoder import UseEncoder
from config.load import load
from config.schema import Settings
from socialcare import apart as apart_
from socialcare.apart import Apart, Stopped, Task
from socialcare.learning import Learning

# Stands for the system, which kills what is largest where memory is short.
KILLED = [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, of the children, too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "socialcare"


@pytest.fixture
def settings() -> Settings:
    return load("brand: {name: Northwind, currency: GBP, languages: [en]}", env={})


def learnt(settings: Settings, apart: Apart) -> Mind:
    mind = Learning(["en"], apart=apart).learn(settings, ())
    apart.close()
    return mind


def topic(mind: Mind) -> str:
    now = datetime(2026, 11, 18, 10, tzinfo=UTC)
    return mind.triage.understand("are you open today", now=now, timezone=UTC).topics[0][0]


def test_a_first_start_makes_its_tables_in_another_process(
    place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("made here")

    monkeypatch.setattr(UseEncoder, "tables", never)
    assert topic(learnt(settings, Apart())) == "store_hours"
    assert sorted(file.name.split("-")[0] for file in place.iterdir()) == ["ear", "use"]
    assert topic(learnt(settings, Apart(KILLED))) == "store_hours"  # a second start asks no child


@pytest.mark.usefixtures("place")
def test_a_killed_child_is_asked_once_more_and_then_done_without(settings: Settings) -> None:
    assert topic(learnt(settings, Apart(KILLED))) == "store_hours"


@pytest.mark.usefixtures("place")
def test_a_child_that_cannot_begin_is_done_without() -> None:
    assert not Apart(["/nowhere/at/all"]).run()


@pytest.mark.usefixtures("place")
def test_a_child_is_tried_twice(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    code = "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(not sys.stdin.read())"
    assert Apart([sys.executable, "-c", code, str(tries)]).run()
    assert tries.read_text("utf-8") == "x"
    failing = "import sys; open(sys.argv[1], 'a').write('y'); sys.exit(1)"
    assert not Apart([sys.executable, "-c", failing, str(tries)]).run()
    assert tries.read_text("utf-8") == "xyy"


@pytest.mark.usefixtures("place")
def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart_, "LIMIT_S", 0.0)
    assert not Apart([sys.executable, "-c", "import time; time.sleep(600)"]).run()


@pytest.mark.usefixtures("place")
def test_a_service_that_ends_does_not_wait_for_its_child(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    code = "import os, sys, time; os.mkfifo(sys.argv[1]); open(sys.argv[1], 'w'); time.sleep(600)"
    one = Apart([sys.executable, "-c", code, str(begun)])
    ended: list[type[BaseException]] = []

    def run() -> None:
        try:
            one.run()
        except Stopped as stopped:
            ended.append(type(stopped))

    thread = threading.Thread(target=run)
    thread.start()
    while not begun.exists():
        thread.join(0.01)
    with begun.open("rb"):  # opens when the child does
        one.stop()
    thread.join()
    assert ended == [Stopped]
    with pytest.raises(Stopped):
        one.run()


def test_a_child_that_is_ended_leaves_nothing_half_written(place: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    code = (
        "import os, pathlib, sys\n"
        "folder = pathlib.Path(sys.argv[2])\n"
        "(folder / f'use-2-0.2.1.{os.getpid()}.part').write_bytes(b'half')\n"
        "(folder / 'use-2-0.2.1.1.part').write_bytes(b'of another')\n"
        "os.mkfifo(sys.argv[1])\n"
        "open(sys.argv[1], 'w')\n"
        "sys.stdin.read()\n"
        "os.kill(os.getpid(), 9)"
    )
    one = Apart([sys.executable, "-c", code, str(begun), str(place)])

    def run() -> None:
        with contextlib.suppress(Stopped):
            one.run()

    thread = threading.Thread(target=run)
    thread.start()
    while not begun.exists():
        thread.join(0.01)
    with begun.open("rb"):
        one.stop()
    thread.join()
    assert [file.name for file in place.iterdir()] == ["use-2-0.2.1.1.part"]


def test_a_cache_that_cannot_be_written_is_stood_in_for(place: Path, settings: Settings) -> None:
    place.parent.mkdir(exist_ok=True)
    place.write_text("a file stands where the folder should", "utf-8")
    one = Apart()
    spare, cache = one.folders
    mind = Learning(["en"], apart=one).learn(settings, ())
    assert (cache, place.is_file()) == (place, True)
    assert list(spare.iterdir())
    one.close()
    assert not spare.exists()
    assert topic(mind) == "store_hours"  # what is mapped stays


def test_a_task_is_read_as_it_was_written() -> None:
    task = Task(folders=(Path("/x"),))
    assert Task.model_validate_json(task.model_dump_json()) == task
