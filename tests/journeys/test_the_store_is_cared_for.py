"""Commands beside a service that runs: people's rights, quarantine, backup, a disk that is full."""

import json
import re
import sqlite3
from contextlib import closing

import asyncpg

from conversation.chain import LogRow, verify
from conversation.sqlite import SqliteStore
from socialcare.demo.world import CARE
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.slack_reading import plain
from socialcare.sandbox.telegram_people import Customer
from tests.conversation.store_world import told_to_writer
from tests.journeys.conftest import OpenHouse
from tests.journeys.house import (
    HOURS,
    OPEN,
    PATIENCE_S,
    REFUNDED,
    House,
    hears,
    update,
)
from tests.journeys.process import command, run
from tests.journeys.test_bad_input import post
from tests.journeys.test_two_processes import settled as all_done

MAIL, ORDER = "ella@northwind.example", "A-10388"
NAME, HANDLE = "Ella Quillfeather", "ella_quill"
STORY = (
    f"I want my money back for {ORDER}, my mail is {MAIL}",
    "the purple umbrella broke in Tintagel, I want to talk to a human",
)
TOKENS = (MAIL, ORDER, "Quillfeather", HANDLE, "umbrella", "Tintagel")


def data_of(house: House) -> dict[str, bytes]:
    """Everything in the service's folder but what others keep there: the shop, the articles."""
    files = (one for one in house.world.folder.rglob("*") if one.is_file())
    return {
        one.name: one.read_bytes()
        for one in files
        if not one.name.startswith("shop.db") and one.parent.name != "knowledge"
    }


def tokens_in(data: bytes, customer: Customer) -> list[str]:
    return [one for one in (*TOKENS, str(customer.user_id)) if one.encode() in data]


async def told_a_story(house: House) -> Customer:
    """Let Ella be refunded, ask for a person, and be answered by Ben."""
    ella = house.customer(NAME, username=HANDLE)
    await ella.write(STORY[0])
    await hears(ella, REFUNDED)
    await ella.write(STORY[1])
    await house.with_button("case.claim", NAME)
    await house.settled()
    return ella


def chain_of(house: House, customer: Customer) -> list[LogRow]:
    rows = house.rows(
        "select log.conversation, position, at_us, kind, turn, content.salt, content.body, "
        "digest, hash from log join content using (conversation, position) "
        "where log.conversation = ? order by position",
        house.conversation(customer),
    )
    names = ("conversation", "position", "at_us", "kind", "turn", "salt", "body", "digest", "hash")
    return [LogRow(**dict(zip(names, row, strict=True))) for row in rows]


async def test_after_an_erasure_nothing_of_the_person_is_found_anywhere(
    open_house: OpenHouse,
) -> None:
    """T14, CASES 42: the folder is searched, file, WAL and log, with `run` up the whole time."""
    house = await open_house(serve=False)
    async with run(house) as running:
        ella = await told_a_story(house)
        line = await house.world.ben.write_in_thread(
            house.world.slack.messages(CARE)[0], "I'll ring Ms Quillfeather"
        )
        await house.settled()
        before = data_of(house)
        assert set(tokens_in(b"".join(before.values()), ella)) == {*TOKENS, str(ella.user_id)}
        backup = house.world.folder.parent / "backup.db"
        assert (await command(house, "backup", str(backup))).code == 0

        told = await command(house, "erase", f"telegram:{ella.user_id}", "--yes")
        assert told.code == 0, told.err
        found = {name: tokens_in(data, ella) for name, data in data_of(house).items()}
        assert {name: tokens for name, tokens in found.items() if tokens} == {}

        assert "not erased: backups of the store" in told.out
        assert tokens_in(backup.read_bytes(), ella), "which is why they are listed"
        assert f"{CARE} {line.ts}: a colleague's line" in told.out
        left = [m for m in house.world.slack.messages(CARE) if m.ts != line.ts]
        assert not any(tokens_in(repr((plain(m), m.blocks)).encode(), ella) for m in left)

        assert verify(chain_of(house, ella)) is None
        assert house.calls() == ["done"]
        (key, args) = house.rows("select key, args from action_call")[0]
        assert key.startswith("refund:")
        assert list(json.loads(args)) == ["erased"]

        # Whoever writes again begins anew; the money was paid once, and stays so.
        await ella.write(HOURS)
        await hears(ella, OPEN)
        await ella.write(STORY[0])
        await house.settled()
        assert await house.refunds(ORDER) == [4200]
        assert await running.terminate() == 0


async def tables_of(url: str) -> dict[str, bytes]:
    """Everything that stands in a database, table by table."""
    db = await asyncpg.connect(url)
    named = await db.fetch("select tablename from pg_tables where schemaname = 'public'")
    found = {}
    for (name,) in named:
        rows = await db.fetch(f'select one::text from "{name}" as one')  # noqa: S608 - our own tables
        # Bytes are shown in hexadecimal: they are read as what they are.
        told = "\n".join(row[0] for row in rows).encode()
        found[name] = told + b"".join(
            map(bytes.fromhex, re.findall(r"x((?:[0-9a-f]{2})+)", told.decode()))
        )
    await db.close()
    return found


async def test_after_an_erasure_nothing_of_the_person_is_found_in_any_table(
    open_house: OpenHouse, postgres_url: str
) -> None:
    """The same on PostgreSQL: no table holds a word of hers, whatever `export` knows of."""
    house = await open_house(changes={"sqlite:///socialcare.db": postgres_url})
    ella = house.customer(NAME, username=HANDLE)
    await ella.write(STORY[0])
    await hears(ella, REFUNDED)
    await ella.write(STORY[1])
    await house.with_button("case.claim", NAME)
    await all_done(postgres_url)
    before = b"".join((await tables_of(postgres_url)).values())
    assert set(tokens_in(before, ella)) == {*TOKENS, str(ella.user_id)}
    exported = await command(house, "export", f"telegram:{ella.user_id}")
    assert all(words in exported.out for words in (*STORY, REFUNDED, str(ella.user_id)))
    told = await command(house, "erase", f"telegram:{ella.user_id}", "--yes")
    assert told.code == 0, told.err
    found = {name: tokens_in(data, ella) for name, data in (await tables_of(postgres_url)).items()}
    assert {name: tokens for name, tokens in found.items() if tokens} == {}
    posts = house.world.slack.messages(CARE)
    assert not any(tokens_in(repr((plain(m), m.blocks)).encode(), ella) for m in posts)
    await ella.write(STORY[0])
    await all_done(postgres_url)
    assert await house.refunds(ORDER) == [4200]


async def test_a_name_that_was_asked_for_is_exported_and_erased(house: House) -> None:
    """What Meta said of who she is goes the way of what she said herself."""
    ella = house.world.graph.customer(name=NAME)
    await ella.write(STORY[1])
    await house.with_button("case.claim", NAME)
    await house.settled()
    whom = f"messenger:{ella.user_id}"
    exported = await command(house, "export", whom)
    assert exported.code == 0, exported.err
    assert NAME in exported.out
    told = await command(house, "erase", whom, "--yes")
    assert told.code == 0, told.err
    found = {name: NAME.encode() in data for name, data in data_of(house).items()}
    assert [name for name, there in found.items() if there] == []
    assert NAME not in house.desk()


async def test_a_name_that_was_asked_for_stands_in_no_log(open_house: OpenHouse) -> None:
    """T14: ids only, whatever was said and by whom."""
    house = await open_house(serve=False)
    async with run(house) as running:
        ella = house.world.graph.customer(name=NAME)
        await ella.write(STORY[1])
        await house.with_button("case.claim", NAME)
        await house.settled()
        log = data_of(house)["errors.log"]
        assert b'"event": "started"' in log or b'"event":"started"' in log
        assert [one for one in ("Quillfeather", "umbrella") if one.encode() in log] == []
        assert await running.terminate() == 0


async def test_copies_in_slack_are_taken_back_when_slack_is_there_again(house: House) -> None:
    ella = await told_a_story(house)
    await house.world.slack.go_down()
    told = await command(house, "erase", f"telegram:{ella.user_id}", "--yes")
    assert told.code == 0, told.err
    assert "posts in Slack" in told.out
    assert "Quillfeather" in house.desk()
    await house.world.slack.come_back()
    again = await command(house, "erase", house.conversation(ella), "--yes")
    assert "taken back from Slack" in again.out
    assert "Quillfeather" not in house.desk()


async def test_an_export_while_it_runs_is_all_that_went_in_and_out(house: House) -> None:
    ella = await told_a_story(house)
    told = await command(house, "export", f"telegram:{ella.user_id}")
    assert told.code == 0, told.err
    (one,) = json.loads(told.out)["conversations"]
    came = [
        each["body"]["message"]["text"] for each in one["arrivals"] if "message" in each["body"]
    ]
    assert came == list(STORY)
    went = [each["payload"]["text"] for each in one["deliveries"] if each["kind"] == "reply"]
    assert went == [each.text for each in ella.chat]
    (call,) = one["calls"]
    assert (call["action"], call["amount_minor"], call["state"]) == ("refund", 4200, "done")
    assert {"message", "said", "delivered", "handed_off", "acted"} <= {
        e["kind"] for e in one["log"]
    }
    assert len(one["posts"]) >= 1


async def test_what_is_put_aside_is_taken_up_again_by_the_service_that_runs(house: House) -> None:
    """CASES 9, 16: an outcome nobody knew is asked about once more, and told."""
    faults = house.world.shop.faults
    faults.next("refund", Fault(kind="reset", after_effect=True))
    faults.until_cleared("find_refund", Fault(kind="status", status=503))
    ella = house.customer(NAME)
    await ella.write(STORY[0])
    await house.until(lambda: house.calls() == ["unknown"] or None, lambda: str(house.calls()))
    for _ in range(6):
        house.clock.leap(3600)
        await house.settled()
    faults.clear()
    listed = await command(house, "quarantine", "list")
    (name,) = [one.split()[0] for one in listed.out.splitlines() if one.startswith("call_")]
    told = await command(house, "quarantine", "retry", name)
    assert told.out == f"{name}: the backend is asked again\n"
    await house.until(lambda: house.calls() == ["done"] or None, lambda: str(house.calls()))
    assert await house.refunds(ORDER) == [4200]
    assert (await command(house, "quarantine", "retry", name)).code == 2


async def test_a_backup_while_it_runs_comes_back_only_when_it_does_not(
    open_house: OpenHouse,
) -> None:
    house = await open_house(serve=False)
    backup = house.world.folder.parent / "b.db"
    ana = house.customer()
    async with run(house) as first:
        await ana.write(HOURS)
        await hears(ana, OPEN)
        await house.settled()
        assert (await command(house, "backup", str(backup))).code == 0
        refused = await command(house, "restore", str(backup))
        assert refused.code == 3
        assert "held by a running socialcare; stop it first" in refused.err
        assert await first.terminate() == 0
    for one in house.world.folder.glob("socialcare.db*"):
        one.unlink()
    assert (await command(house, "restore", str(backup))).code == 0
    async with run(house) as second:
        assert house.log(ana, "message") == 1
        await ana.write("and on sunday?")
        await ana.sees(lambda _: True, after=ana.chat[0], timeout=PATIENCE_S)
        assert await second.terminate() == 0


async def test_f14_a_full_disk_refuses_is_told_once_and_goes_on(house: House) -> None:
    """503 with Retry-After, not ready, one word at the desk; then on without a restart."""
    ana = house.customer()
    await ana.write(HOURS)
    await hears(ana, OPEN)
    await house.settled()
    store = house.service._store if house.service else None
    assert isinstance(store, SqliteStore)
    await room(store, pages=1)
    big = update(ana, "x" * 60_000, update_id=910_001)
    for _ in range(3):
        assert await post(house, "telegram", big) == 503
    await house.until_missing("store")
    house.clock.leap(11)
    await house.world.slack.appears(CARE, "cannot keep what customers write", timeout=PATIENCE_S)
    for _ in range(3):
        house.clock.leap(60)
        assert await post(house, "telegram", big) == 503
    await room(store, pages=1_000_000)
    await house.until_missing(None)
    house.clock.leap(11)
    await house.world.slack.appears(CARE, "takes messages again", timeout=PATIENCE_S)
    assert house.desk().count("cannot keep what customers write") == 1
    assert house.desk().count("takes messages again") == 1
    assert await post(house, "telegram", update(ana, HOURS, update_id=910_002)) == 200
    await house.settled()
    with closing(sqlite3.connect(house.world.store_file)) as db:
        assert db.execute("pragma integrity_check").fetchall() == [("ok",)]


async def room(store: SqliteStore, *, pages: int) -> None:
    """Give the service's writing connection that much room, as a full disk would."""
    await told_to_writer(store, f"pragma max_page_count = {pages}")


async def test_a_years_retention_is_kept_by_the_service_itself(open_house: OpenHouse) -> None:
    """Words of long ago are gone a minute after a start; what was done is still known as done."""
    house = await open_house()
    ella = await told_a_story(house)
    await house.press(house.world.ben, house.world.slack.messages(CARE)[0], "case.claim")
    await house.press(house.world.ben, house.world.slack.messages(CARE)[0], "case.resolve")
    await house.settled()
    house.clock.leap(401 * 86_400)
    await house.until(
        lambda: (
            house.rows(
                "select 1 from content where conversation = ? and body is null",
                house.conversation(ella),
            )
            or None
        ),
        "nothing was emptied",
    )
    await house.settled()
    kept = "\n".join(str(row) for row in house.rows("select body from content"))
    assert "umbrella" not in kept
    assert verify(chain_of(house, ella)) is None
    assert house.calls() == ["done"]
