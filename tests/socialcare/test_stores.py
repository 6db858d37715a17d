"""Which store a configuration asks for, how the command opens it, and keeping leases."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from config.load import load
from config.schema import Settings
from conversation.postgres import PostgresStore
from conversation.sqlite import SqliteStore
from socialcare import cli as command
from socialcare.sandbox.hand_clock import HandClock
from socialcare.secrets import secret_values
from socialcare.stores import RENEW_EVERY_S, keep_leases, make_store
from tests.conversation.store_world import claimed, finish, sent, words

ABSENT = "postgresql://care:s3cret%2Fword@127.0.0.1:1/care"


def invoke(*words_: str) -> Result:
    return CliRunner().invoke(command.cli, list(words_))


def on_postgres(brand: Path, url: str) -> None:
    text = brand.read_text("utf-8")
    assert "sqlite:///socialcare.db" in text
    brand.write_text(text.replace("sqlite:///socialcare.db", url), "utf-8")


def settings_with(url: str) -> Settings:
    return load(f"brand: {{name: N}}\nstore: {{url: '{url}'}}", env={})


def test_the_url_says_which_store(tmp_path: Path) -> None:
    clock = HandClock()
    lite = make_store(settings_with("sqlite:///care.db"), folder=tmp_path, clock=clock)
    post = make_store(settings_with(ABSENT), folder=tmp_path, clock=clock)
    assert isinstance(lite, SqliteStore)
    assert isinstance(post, PostgresStore)


def test_the_databases_password_is_a_secret() -> None:
    assert {"s3cret%2Fword", "s3cret/word"} <= secret_values(settings_with(ABSENT))


@pytest.mark.parametrize("words_", ["migrate", "run"])
def test_a_server_that_is_not_there_ends_with_three(brand: Path, words_: str) -> None:
    on_postgres(brand, ABSENT)
    told = invoke(words_, "--config", str(brand))
    assert told.exit_code == 3, told.output
    assert "PostgreSQL at 127.0.0.1:1, database care cannot be used" in told.stderr
    assert "s3cret" not in told.output


def test_run_asks_for_migrate_which_makes_the_tables(brand: Path, empty_postgres_url: str) -> None:
    on_postgres(brand, empty_postgres_url)
    told = invoke("run", "--config", str(brand))
    assert told.exit_code == 3, told.output
    assert "run `socialcare migrate`" in told.stderr
    for _ in range(2):
        assert invoke("migrate", "--config", str(brand)).exit_code == 0


async def test_what_is_worked_on_and_sent_is_kept(postgres_url: str) -> None:
    clock = HandClock()
    store = PostgresStore(postgres_url, clock=clock)
    await store.open()
    shell = await asyncpg.connect(postgres_url)
    one = await claimed(store)
    await finish(store, one, outbox=(words("say", work=one),))
    two = await claimed(store, 2, "bob")
    sendings = await sent(store)
    await shell.execute("update conversation set lease_us = 1 where lease_us is not null")
    await shell.execute("update outbox set lease_us = 1")
    keeping = asyncio.create_task(
        keep_leases(store, works=lambda: [two], deliveries=lambda: sendings, clock=clock)
    )
    assert await clock.skip() == RENEW_EVERY_S
    # It sleeps again: what was to be renewed is.
    assert await clock.skip() == RENEW_EVERY_S
    kept = "lease_us > socialcare_clock_us()"
    assert await shell.fetchval(f"select count(*) from conversation where {kept}") == 1  # noqa: S608 - our own words
    assert await shell.fetchval(f"select count(*) from outbox where {kept}") == 1  # noqa: S608 - our own words
    keeping.cancel()
    await asyncio.wait([keeping])
    await shell.close()
    await store.close()


async def test_a_store_that_is_away_is_asked_again(postgres_url: str) -> None:
    clock = HandClock()
    store = PostgresStore(postgres_url, clock=clock)
    await store.open()
    work = await claimed(store)
    await store.close()
    keeping = asyncio.create_task(
        keep_leases(store, works=lambda: [work], deliveries=list, clock=clock)
    )
    await clock.skip()
    assert await clock.skip() == RENEW_EVERY_S
    assert not keeping.done()
    keeping.cancel()
    await asyncio.wait([keeping])
