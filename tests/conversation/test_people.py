"""Who is meant by a name, and all that is kept of them, on every engine."""

import json
import sqlite3
from typing import Any

import pytest

from conversation import people
from conversation.care import Care
from conversation.ledger import CallState
from conversation.model import Peer
from conversation.people import PAGE, Person, arrivals_of, everything, whose
from conversation.sql import migrations
from conversation.store import CommitResult, Store, TimerWrite, Work
from tests.conversation.store_world import (
    accept,
    address,
    arrival,
    claimed,
    finish,
    heard,
    later,
    moves,
    sign_off,
    words,
)


async def found(care: Care, named: str) -> tuple[Person, ...]:
    async with care.looking() as session:
        return await whose(session, named)


async def told(care: Care, work: Work) -> dict[str, Any]:
    """Export, through JSON as the command writes it."""
    async with care.looking() as session:
        (person,) = await whose(session, work.row.id)
        told: dict[str, Any] = json.loads(
            json.dumps(await everything(session, person, at=later(99)), ensure_ascii=False)
        )
        return told


async def met(store: Store, event_id: object, key: str, user_id: str) -> Work:
    work = await claimed(store, event_id, key)
    await finish(store, work, log=(heard("hi", str(event_id)),), peer=Peer(user_id=user_id))
    return work


async def test_three_names_mean_the_same_person(store: Store, care: Care) -> None:
    work = await met(store, 1, "chat 1", "5")
    (by_id,) = await found(care, "telegram:5")
    assert await found(care, work.row.id) == await found(care, by_id.customer) == (by_id,)
    assert by_id.conversations == (work.row.id,)
    assert by_id.identities == (("telegram", "777", "5"),)


async def test_all_places_of_a_person_are_found(store: Store, care: Care) -> None:
    one, two = await met(store, 1, "chat 1", "5"), await met(store, 2, "a group", "5")
    other = await met(store, 3, "chat 3", "6")
    (person,) = await found(care, "telegram:5")
    assert set(person.conversations) == {one.row.id, two.row.id}
    assert other.row.id not in person.conversations


async def test_who_wrote_but_was_never_answered_is_found_by_the_chat(
    store: Store, care: Care
) -> None:
    await accept(store, arrival(1, "ada"))
    (person,) = await found(care, "telegram:ada")
    assert (person.conversations, person.identities) == ((address("ada").conversation,), ())


@pytest.mark.parametrize(
    "named",
    ["", ":", "telegram:", ":5", "5", "u_", "c_", "u_nobody", "c_nobody", "telegram:\udcff"],
)
async def test_nobody_is_nobody(store: Store, care: Care, named: str) -> None:
    await met(store, 1, "chat 1", "5")
    assert await found(care, named) == ()


async def test_two_accounts_of_a_channel_may_know_two_people_by_one_id(
    store: Store, care: Care
) -> None:
    await met(store, 1, "chat 1", "5")
    other = address("5")
    await accept(store, arrival(2, account="888", address=type(other)(
        channel="telegram", account="888", key="5", surface=other.surface,
    )))  # fmt: skip
    assert len(await found(care, "telegram:5")) == 2


async def test_all_that_went_in_and_out_is_told(store: Store, care: Care) -> None:
    text = 'a "quoted" ünïcode 🎉 line'
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    await accept(store, arrival("up_1", body=body))
    (work,) = await store.claim(now=later(), limit=1)
    assert (
        await store.commit(moves(work, None, CallState.AWAITING, approvals=(sign_off(work),)))
        is CommitResult.COMMITTED
    )
    await finish(
        store,
        work,
        log=(heard(text),),
        outbox=(words("say:1", work=work), words("card:1", work=work, to="case_1")),
        timers=(TimerWrite(name="human", due_at=later(900), data="x"),),
        turn="t1",
    )
    export = await told(care, work)
    assert export["exported_at"] == later(99).isoformat()
    (one,) = export["conversations"]
    assert (one["channel"], one["key"], one["owner"]) == ("telegram", "ada", "bot")
    (came,) = one["arrivals"]
    assert came["body"] == {"text": text}
    assert (came["event_id"], came["state"]) == ("up_1", "taken")
    assert came["received_at"].endswith("+00:00")
    (entry,) = one["log"]
    assert (entry["kind"], entry["body"]["text"], entry["turn"]) == ("message", text, "t1")
    assert {each["kind"]: each["payload"] for each in one["deliveries"]} == {
        "reply": {"text": "hi"}, "desk": {"text": "hi"},
    }  # fmt: skip
    (call,) = one["calls"]
    assert (call["key"], call["args"], call["amount_minor"], call["currency"]) == (
        "refund:1:0", {"charge": "ch_1"}, 2490, "GBP",
    )  # fmt: skip
    (approval,) = one["approvals"]
    assert (approval["id"], approval["state"]) == ("a1", "waiting")
    (timer,) = one["timers"]
    assert (timer["name"], timer["due_at"]) == ("human", later(900).isoformat())
    assert one["posts"] == []


OF_NO_USE = {
    "conversation": {"token", "lease_us", "wake_us", "snapshot", "snapshot_position"},
    "inbox": {"conversation"},
    "log": {"conversation"},
    "content": {"conversation"},
    "outbox": {"conversation", "fenced", "epoch", "interrupted", "due_us"},
    "action_call": {"conversation"},
    "approval": {"conversation"},
    "timer": {"conversation"},
    "desk_post": {"conversation"},
    "invitation": {"conversation", "nonce", "used_by"},
}
"""The engine's own notes: how it shares work, and what it has folded from the log."""
PARTS = {
    "arrivals": ("inbox",),
    "log": ("log", "content"),
    "deliveries": ("outbox",),
    "calls": ("action_call",),
    "approvals": ("approval",),
    "timers": ("timer",),
    "posts": ("desk_post",),
    "invitations": ("invitation",),
    "conversation": ("conversation",),
}


def test_every_column_is_told_or_named_as_of_no_use() -> None:
    """What a migration adds is added to the export, or here."""
    db = sqlite3.connect(":memory:")
    for _, script in migrations("sqlite"):
        db.executescript(script)
    for part, tables in PARTS.items():
        columns = {
            name
            for table in tables
            for _, name, *_ in db.execute(f"pragma table_info({table})")
            if name not in OF_NO_USE[table]
        }
        assert columns == set(people._COLUMNS[part])
    db.close()


async def test_what_is_no_text_is_told_as_far_as_it_is(store: Store, care: Care) -> None:
    await accept(store, arrival(1, body=b"\xff\x00{"), arrival(2, body=b"[" * 5000))
    (work,) = await store.claim(now=later(), limit=1)
    (one,) = (await told(care, work))["conversations"]
    assert [came["body"] for came in one["arrivals"]] == ["\\xff\x00{", "[" * 5000]


async def test_long_conversations_are_told_from_the_first_to_the_last(
    store: Store, care: Care
) -> None:
    count = PAGE + 3
    await accept(store, *(arrival(n, body=str(n).encode()) for n in range(count)))
    (work,) = await store.claim(now=later(), limit=1)
    (one,) = (await told(care, work))["conversations"]
    assert [came["body"] for came in one["arrivals"]] == list(range(count))
    async with care.looking() as session:
        assert len(await arrivals_of(session, work.row.id)) == count
