"""`socialcare export`, `erase`, `retention run` and `archive` from outside, on both stores."""

import json
import resource
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from conversation.clock import SystemClock
from conversation.delivery import DeliveryState
from conversation.events import Erased
from conversation.ledger import CallState
from conversation.model import Peer
from conversation.quarantine import NotSo
from conversation.store import DeskPosted, Settlement, Store
from socialcare.commands.archive import keeper
from tests.conversation.store_world import (
    accept,
    address,
    arrival,
    claimed,
    finish,
    heard,
    later,
    moves,
    words,
)
from tests.socialcare.commands.conftest import Invoke, WithStore

WORDS = "Grüße 🎉, my kettle leaks"
DAY = timedelta(days=1)


async def wrote(store: Store) -> None:
    body = json.dumps({"text": WORDS}).encode()
    await accept(store, arrival(1, body=body))
    (work,) = await store.claim(now=later(), limit=1)
    await finish(store, work, log=(heard(WORDS),), peer=Peer(user_id="4711"))


async def wrote_long_ago(store: Store) -> None:
    for number, days in ((1, 500), (2, 200), (3, 1)):
        at = SystemClock().now() - days * DAY
        await accept(store, arrival(number, f"chat {number}", body=WORDS.encode()), at=at)
        (work,) = await store.claim(now=at, limit=1)
        await finish(store, work, at=at, log=(heard(WORDS, user_id=str(number)),),
                     peer=Peer(user_id=f"u{number}"))  # fmt: skip


async def empties(store: Store) -> list[bool]:
    return [
        any(isinstance(event, Erased) for _, event in await store.log(address(key).conversation))
        for key in ("chat 1", "chat 2", "chat 3")
    ]


# --- export


def test_an_export_is_complete_json(with_store: WithStore, invoke: Invoke) -> None:
    with_store(wrote)
    told = invoke("export", "telegram:4711")
    assert told.exit_code == 0, told.output
    export = json.loads(told.stdout)
    assert export["identities"] == [{"channel": "telegram", "account": "777", "user_id": "4711"}]
    (one,) = export["conversations"]
    assert one["arrivals"][0]["body"] == {"text": WORDS}
    assert one["log"][0]["body"]["text"] == WORDS
    for name in (export["customer"], one["id"]):
        again = json.loads(invoke("export", name).stdout)
        assert again["conversations"] == export["conversations"]


def test_an_export_goes_into_a_new_file_that_nobody_else_reads(
    with_store: WithStore, invoke: Invoke, tmp_path: Path
) -> None:
    with_store(wrote)
    file = tmp_path / "person.json"
    assert invoke("export", "telegram:4711", "--out", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert WORDS in file.read_text("utf-8")
    told = invoke("export", "telegram:4711", "--out", str(file))
    assert told.exit_code == 2
    assert "cannot be written" in told.stderr


@pytest.mark.parametrize("command", [("export",), ("erase", "--yes")])
def test_nobody_and_several_end_with_two(
    with_store: WithStore, invoke: Invoke, command: tuple[str, ...]
) -> None:
    async def two(store: Store) -> None:
        for account in ("777", "888"):
            there = type(address())(
                channel="telegram", account=account, key="5", surface=address().surface
            )
            await accept(store, arrival(account, account=account, address=there))

    with_store(two)
    told = invoke(*command, "telegram:nobody")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "nobody is known as telegram:nobody" in told.stderr
    told = invoke(*command, "telegram:5")
    assert told.exit_code == 2
    assert "means several: u_" in told.stderr


# --- erase


def test_an_erasure_says_what_it_did_and_what_it_could_not(
    with_store: WithStore, invoke: Invoke, place: str
) -> None:
    with_store(wrote)
    told = invoke("erase", "telegram:4711", "--yes")
    assert told.exit_code == 0, told.output
    assert "1 log entries, 1 arrivals" in told.stdout
    assert "not erased: backups" in told.stdout
    assert "not erased: what the platform itself keeps" in told.stdout
    assert ("PostgreSQL keeps bytes" in told.stdout) == place.startswith("postgresql")
    assert invoke("export", "telegram:4711").exit_code == 2
    left = invoke("export", address().conversation)
    assert "kettle" not in left.stdout
    assert json.loads(left.stdout)["conversations"][0]["log"][0]["body"] is None


def test_copies_of_the_store_are_named(
    with_store: WithStore, invoke: Invoke, place: str, tmp_path: Path
) -> None:
    if place.startswith("postgresql"):
        pytest.skip("PostgreSQL's copies are pg_dump's")
    with_store(wrote)
    kept = Path(f"{place}.replaced-20260101T000000Z")
    kept.write_bytes(b"an older one")
    assert invoke("archive", str(tmp_path / "old.jsonl"), "--older-than", "0s").exit_code == 0
    told = invoke("erase", "telegram:4711", "--yes")
    assert told.exit_code == 0, told.output
    assert f"not erased: {kept}, a copy of the store" in told.stdout
    assert f"archive {tmp_path / 'old.jsonl'}" in told.stdout
    assert "socialcare.db.lock" not in told.stdout


def test_nobody_to_ask_means_no(with_store: WithStore, invoke: Invoke) -> None:
    with_store(wrote)
    told = invoke("erase", "telegram:4711")
    assert told.exit_code == 2
    assert "say --yes" in told.stderr
    assert WORDS in invoke("export", "telegram:4711").stdout


def test_calls_without_an_end_come_first(with_store: WithStore, invoke: Invoke) -> None:
    async def unknown(store: Store) -> None:
        work = await claimed(store)
        for old, new in (
            (None, CallState.ALLOWED),
            (CallState.ALLOWED, CallState.EXECUTING),
            (CallState.EXECUTING, CallState.UNKNOWN),
        ):
            await store.commit(moves(work, old, new))
        await finish(store, work, outbox=(words("say:1", work=work),))

    with_store(unknown)
    told = invoke("erase", "telegram:ada", "--yes")
    assert told.exit_code == 2
    assert "refund:1:0" in told.stderr
    assert "Nothing was erased" in told.stderr
    assert invoke("quarantine", "drop", "call_refund:1:0", "--as", "failed").exit_code == 0
    assert invoke("erase", "telegram:ada", "--yes").exit_code == 0


def test_slack_that_cannot_be_reached_is_told_with_what_to_do(
    with_store: WithStore, invoke: Invoke
) -> None:
    async def carded(store: Store) -> None:
        await wrote(store)
        await accept(store, arrival(2), at=later(3))
        (work,) = await store.claim(now=later(3), limit=1)
        await finish(store, work, outbox=(words("card", work=work, to="case_1"),))
        (delivery,) = await store.take(now=later(4), limit=1)
        posted = DeskPosted(key="case:1", conversation=work.row.id, channel="C0", ts="1.2")
        await store.settle(
            Settlement(delivery=delivery, state=DeliveryState.SENT, at=later(5), posted=posted)
        )

    with_store(carded)
    told = invoke("erase", "telegram:4711", "--yes")
    assert told.exit_code == 0, told.output
    assert "not erased: 1 posts in Slack" in told.stdout
    assert f"erase again what is kept as {address().conversation}" in told.stdout
    again = invoke("erase", address().conversation, "--yes")
    assert "1 posts in Slack" in again.stdout, "they are not forgotten"


# --- retention and archives


def test_retention_empties_what_is_too_old(with_store: WithStore, invoke: Invoke) -> None:
    with_store(wrote_long_ago)
    told = invoke("retention", "run")
    assert told.exit_code == 0, told.output
    assert "1 log entries, 1 arrivals" in told.stdout

    async def see(store: Store) -> None:
        assert await empties(store) == [True, False, False]

    with_store(see)
    assert "emptied 0 log entries" in invoke("retention", "run").stdout


def test_what_retention_does_not_obey_is_refused(place: str, invoke: Invoke, brand: Path) -> None:
    """A promise that nobody keeps is no setting."""
    brand.write_text(f"{brand.read_text('utf-8')}\nretention: {{logs: 7d}}\n", "utf-8")
    told = invoke("retention", "run")
    assert told.exit_code == 2
    assert "not built yet" in told.stderr


def test_an_archive_is_json_lines_and_the_store_forgets(
    with_store: WithStore, invoke: Invoke, tmp_path: Path
) -> None:
    with_store(wrote_long_ago)
    file = tmp_path / "old.jsonl"
    told = invoke("archive", str(file), "--older-than", "180d")
    assert told.exit_code == 0, told.output
    assert "2 conversations" in told.stdout
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {line["identities"][0]["user_id"] for line in lines} == {"u1", "u2"}
    assert all(line["conversations"][0]["arrivals"][0]["body"] == WORDS for line in lines)

    async def see(store: Store) -> None:
        assert await empties(store) == [True, True, False]

    with_store(see)
    assert f"{file}" in invoke("export", "telegram:u1").stdout, "the log says where the past is"
    again = invoke("archive", str(tmp_path / "2.jsonl"), "--older-than", "180d")
    assert "nothing is that old" in again.stdout
    assert not (tmp_path / "2.jsonl").exists()


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Let no file of this process grow beyond a size, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_f14_an_archive_on_a_full_disk_ends_with_a_whole_line(
    small_files: Callable[[int], None], tmp_path: Path
) -> None:
    file = tmp_path / "old.jsonl"
    with file.open("xb") as opened:
        keep = keeper(opened.fileno())
        keep({"customer": "u_1"})
        small_files(file.stat().st_size + 5_000)
        with pytest.raises(NotSo, match="the archive cannot be written"):
            keep({"customer": "u_2", "words": "x" * 50_000})
        keep({"customer": "u_3"})
    lines = file.read_text("utf-8").splitlines()
    assert [json.loads(line)["customer"] for line in lines] == ["u_1", "u_3"]


@pytest.mark.parametrize(
    ("words_", "why"),
    [
        (("old.jsonl", "soon"), "--older-than is not a duration"),
        (("absent/old.jsonl", "180d"), "cannot be written"),
        (("socialcare.yaml", "180d"), "cannot be written"),
    ],
)
def test_an_archive_that_cannot_be_made_changes_nothing(
    with_store: WithStore, invoke: Invoke, brand: Path, words_: tuple[str, str], why: str
) -> None:
    with_store(wrote_long_ago)
    file, older = words_
    told = invoke("archive", str(brand.parent / file), "--older-than", older)
    assert told.exit_code == 2
    assert why in told.stderr

    async def see(store: Store) -> None:
        assert await empties(store) == [False, False, False]

    with_store(see)
