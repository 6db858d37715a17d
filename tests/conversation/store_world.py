"""What the store's contract speaks of: customers, arrivals, turns and messages, in short words."""

import asyncio
import contextlib
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from config.money import Money
from config.stages import Surface
from conversation.care import Care
from conversation.chain import START, LogRow, link
from conversation.events import Event, MessageReceived
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.model import Address, Arrival, Owner, Peer
from conversation.postgres import PostgresStore
from conversation.postgres_care import PostgresCare
from conversation.sql import migrations
from conversation.sqlite import SqliteStore
from conversation.sqlite_care import SqliteCare
from conversation.store import (
    Acceptance,
    Accepted,
    ApprovalDecision,
    CallWrite,
    Commit,
    CommitResult,
    ConversationRow,
    Delivery,
    OutboxKind,
    OutboxWrite,
    OwnerChange,
    Store,
    Work,
)
from socialcare.sandbox.hand_clock import HandClock

NOW = datetime(2026, 11, 20, 9, 0, 0, 123_457, tzinfo=UTC)
OpenStore = Callable[[], Awaitable[Store]]
OpenShared = Callable[[], Awaitable[PostgresStore]]
PATIENCE_S = 10
Lapse = Callable[[], Awaitable[datetime]]
"""Lets the leases of claims made at ``later()`` run out; gives the moment that it is then."""


def on_postgres(place: str) -> bool:
    return place.startswith("postgresql:")


def store_at(place: str) -> Store:
    """Make a store of the engine that the place is for."""
    if on_postgres(place):
        # One writer, so that what is asked for at once is done in the order it was asked.
        return PostgresStore(place, clock=HandClock(NOW), writers=1)
    return SqliteStore(Path(place), clock=HandClock(NOW))


def care_at(place: str) -> Care:
    """Make the second way into the store there."""
    return PostgresCare(place) if on_postgres(place) else SqliteCare(place)


def later(seconds: float = 1.0) -> datetime:
    return NOW + timedelta(seconds=seconds)


def address(key: str = "ada") -> Address:
    return Address(channel="telegram", account="777", key=key, surface=Surface.PRIVATE)


def arrival(event_id: object, key: str = "ada", **fields: Any) -> Arrival:
    given: dict[str, Any] = {
        "channel": "telegram",
        "account": "777",
        "event_id": str(event_id),
        "address": address(key),
        "kind": "message",
        "occurred_at": NOW,
        "body": b'{"text": "hello"}',
    }
    return Arrival(**(given | fields))


def press(event_id: str, conversation: str, **fields: Any) -> Arrival:
    given = {"channel": "desk", "account": "T1", "address": None, "to": conversation}
    return arrival(event_id, **(given | fields))


async def accept(store: Store, *arrivals: Arrival, at: datetime = NOW) -> Accepted:
    return await store.accept(Acceptance(arrivals=arrivals, received_at=at))


async def claimed(store: Store, event_id: object = "1", key: str = "ada") -> Work:
    """Let the customer write, and claim their conversation."""
    await accept(store, arrival(event_id, key))
    (work,) = await store.claim(now=later(), limit=1)
    return work


def turn(work: Work, **fields: Any) -> Commit:
    """Make the commit of a turn that takes all it was given and lets go."""
    given: dict[str, Any] = {
        "conversation": work.row.id,
        "token": work.row.token,
        "at": later(2),
        "seen": work.row.accepted,
        "consumed": tuple(one.seq for one in work.pending),
        "release": True,
    }
    return Commit(**(given | fields))


async def finish(store: Store, work: Work, **fields: Any) -> None:
    assert await store.commit(turn(work, **fields)) is CommitResult.COMMITTED


def heard(text: str, message_id: str = "1", *, user_id: str = "5") -> MessageReceived:
    """Make what a customer's arrival says, for the log."""
    return MessageReceived(
        message_id=message_id, sender=Peer(user_id=user_id), occurred_at=NOW, text=text
    )


def words(key: str, *, to: str | None = None, fenced: bool = True, work: Work) -> OutboxWrite:
    kind = OutboxKind.REPLY if to is None else OutboxKind.DESK
    return OutboxWrite(
        key=key,
        destination=work.row.id if to is None else to,
        kind=kind,
        payload='{"text": "hi"}',
        fenced=fenced,
    )


def call(work: Work, state: CallState, key: str = "refund:1:0", **fields: Any) -> CallRecord:
    given: dict[str, Any] = {
        "key": key,
        "conversation": work.row.id,
        "turn": "t1",
        "action": "refund",
        "connector": "shop",
        "args": '{"charge": "ch_1"}',
        "amount": Money(2490, "GBP"),
        "state": state,
        "summary": "Refund 24.90 GBP",
    }
    return CallRecord(**(given | fields))


def moves(
    work: Work, old: CallState | None, new: CallState, *, key: str = "refund:1:0", **fields: Any
) -> Commit:
    """Make a commit that only moves the one call, and keeps the conversation."""
    write = CallWrite(record=call(work, new, key), expected=old)
    return turn(work, consumed=(), release=False, calls=(write,), **fields)


def sign_off(work: Work, approval_id: str = "a1", **fields: Any) -> Approval:
    given: dict[str, Any] = {
        "id": approval_id,
        "call_key": "refund:1:0",
        "conversation": work.row.id,
        "digest": call(work, CallState.AWAITING).digest,
        "state": ApprovalState.WAITING,
        "asked_at": later(2),
        "expires_at": later(600),
    }
    return Approval(**(given | fields))


async def asked(store: Store) -> Work:
    """Leave a call waiting for a colleague's yes."""
    work = await claimed(store)
    write = CallWrite(record=call(work, CallState.AWAITING), expected=None)
    await finish(store, work, calls=(write,), approvals=(sign_off(work),))
    return work


def decision(
    work: Work, event_id: str, state: ApprovalState, by: str = "U1", at: datetime | None = None
) -> Acceptance:
    at = at or later(10)
    return Acceptance(
        arrivals=(press(event_id, work.row.id),),
        received_at=at,
        approval=ApprovalDecision(approval_id="a1", state=state, by=by, at=at),
    )


def takes_over(work: Work, event_id: str, by: str = "U1", **fields: Any) -> Acceptance:
    given: dict[str, Any] = {
        "conversation": work.row.id,
        "to": Owner.COLLEAGUE,
        "only_from": frozenset({Owner.BOT, Owner.DESK}),
        "claimed_by": by,
    }
    change = OwnerChange(**(given | fields))
    return Acceptance(arrivals=(press(event_id, work.row.id),), received_at=later(10), owner=change)


async def row(store: Store, conversation: str | None) -> ConversationRow:
    assert conversation is not None
    found = await store.conversation(conversation)
    assert found is not None
    return found[0]


async def sent(store: Store, seconds: float = 10, limit: int = 10) -> list[Delivery]:
    return list(await store.take(now=later(seconds), limit=limit))


def keys(deliveries: list[Delivery]) -> list[str]:
    return [one.key for one in deliveries]


async def waiting(store: Store) -> Mapping[str, int]:
    return await store.counts()


async def cut_off(shell: asyncpg.Connection) -> None:
    """End every other connection to the database."""
    await shell.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )


ROOT = Path(__file__).parents[2]
DIES = '''
"""Accept, claim, commit, take, say so, and wait to be killed."""
import asyncio, sys
from conversation.spending import Budget, Spend
from tests.conversation.store_world import *

async def live():
    store = store_at(sys.argv[1])
    await store.open()
    if len(sys.argv) > 2:
        await eval(sys.argv[2])
    spoke = await claimed(store, 1, "ada")
    await finish(store, spoke, outbox=(words("say:1", work=spoke), words("say:2", work=spoke)))
    await sent(store)
    await claimed(store, 2, "bob")
    await asyncio.gather(*(accept(store, arrival(f"x{n}", f"chat {n}")) for n in range(50)))
    print("ready", flush=True)
    await asyncio.get_running_loop().create_future()

asyncio.run(live())
'''


async def killed(place: str, *first: str) -> None:
    """Let another process work on the store there, and kill it; `first` is what it awaits first."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DIES, place, *first, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
    finally:
        process.kill()
        await process.wait()


def of_two_tables(path: Path, said: Sequence[Event], *, key: str = "ada") -> list[LogRow]:
    """Make a SQLite file as the version before kept it, with one conversation; gives its log."""
    one = address(key).conversation
    rows = link(one, said, position=0, before=START, at_us=5, turn=f"{one}:1")
    with contextlib.closing(sqlite3.connect(path)) as db:
        for number, script in migrations("sqlite"):
            if number < 11:
                db.executescript(f"{script}; pragma user_version = {number};")
        db.execute(
            "insert into conversation (id, channel, account, key, surface, customer, position,"
            " chain) values (?, 'telegram', '777', ?, 'private', 'u_1', ?, ?)",
            (one, key, len(rows), rows[-1].hash),
        )
        for each in rows:
            log = (one, each.position, each.at_us, each.kind, each.turn)
            db.execute("insert into log values (?,?,?,?,?,?,?)", (*log, each.digest, each.hash))
            db.execute("insert into content values (?,?,?,?)", (*log[:2], each.salt, each.body))
        db.commit()
    return rows


def log_in(path: Path) -> list[LogRow]:
    """Read the log that a SQLite file keeps of its one conversation."""
    names = tuple(field.name for field in fields(LogRow))
    with contextlib.closing(sqlite3.connect(path)) as db:
        kept = db.execute(f"select {', '.join(names)} from log order by position")  # noqa: S608 - our own columns
        return [LogRow(**dict(zip(names, row, strict=True))) for row in kept]


async def told_to_writer(store: SqliteStore, sql: str) -> list[Any]:
    """Run a statement on the writing connection."""
    writer = store._writer
    assert writer is not None

    def run() -> list[Any]:
        assert writer._db is not None
        return writer._db.execute(sql).fetchall()

    return await writer._errand(run)
