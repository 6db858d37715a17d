"""The writing operations of the SQLite store, each over a whole batch of its kind.

They run inside a transaction that `conversation.group_commit` has begun, so between reading and
writing nobody else writes. Every list goes to SQLite as one JSON array.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import aiosqlite

from conversation.judging import Books, LogRow, RowState, apply_to_row, chain, judge, microseconds
from conversation.ledger import Approval, ApprovalState, CallState
from conversation.model import Address, Arrival, Owner
from conversation.sql import statements
from conversation.sqlite_rows import (
    Claim,
    Take,
    arrival_of,
    body_text,
    call_json,
    call_of,
    conversation_of,
    moment,
    state_of,
)
from conversation.state import encode_state
from conversation.store import (
    Acceptance,
    Accepted,
    ApprovalDecision,
    Commit,
    CommitResult,
    Delivery,
    DeliveryState,
    OutboxKind,
    OwnerChange,
    Pending,
    Settlement,
    Work,
)

SQL = statements("sqlite")
LEASE_S = 180
"""Seconds a claim lasts; longer than any turn may take."""
PENDING_LIMIT = 100
"""Arrivals that one turn takes; the rest wake the next."""

Rows = list[aiosqlite.Row]
Key = tuple[str, str, str]


class Writes:
    """Set-based writes on one connection."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db

    async def _put(self, name: str, rows: Sequence[object]) -> None:
        if rows:
            await self._db.execute(SQL[name], (json.dumps(rows),))

    async def _all(self, name: str, what: object) -> Rows:
        parameters = what if isinstance(what, dict) else (json.dumps(what),)
        async with self._db.execute(SQL[name], parameters) as cursor:
            return list(await cursor.fetchall())

    # --- accept

    async def accept(self, items: Sequence[Acceptance]) -> list[Accepted]:
        """Keep arrivals once; apply the changes that came with them, or nothing of the item."""
        applicable = await self._applicable(items)
        fresh = await self._add_arrivals(
            [
                (arrival, microseconds(item.received_at))
                for item, applies in zip(items, applicable, strict=True)
                if applies
                for arrival in item.arrivals
            ]
        )
        results = []
        owners, decisions = [], []
        for item, applies in zip(items, applicable, strict=True):
            if not applies:
                results.append(Accepted(new=(False,) * len(item.arrivals), applied=False))
                continue
            new = tuple(_taken(fresh, arrival) for arrival in item.arrivals)
            results.append(Accepted(new=new))
            # A press that was seen before changes nothing a second time.
            if new[0] and item.owner is not None:
                owners.append(item.owner)
            if new[0] and item.approval is not None:
                decisions.append(item.approval)
        await self._put("conversation_own", [_owner_json(change) for change in owners])
        await self._decide(decisions)
        return results

    async def _applicable(self, items: Sequence[Acceptance]) -> list[bool]:
        owners = await self._owners([item.owner for item in items if item.owner])
        waiting = await self._waiting([item.approval for item in items if item.approval])
        results = []
        for item in items:
            ok = item.owner is None or _owner_applies(item.owner, owners)
            if item.approval is not None:
                ok = ok and item.approval.approval_id in waiting
            if ok and item.owner is not None:
                owners[item.owner.conversation] = (item.owner.to, item.owner.claimed_by)
            if ok and item.approval is not None:
                waiting.discard(item.approval.approval_id)
            results.append(ok)
        return results

    async def _owners(self, changes: Sequence[OwnerChange]) -> dict[str, tuple[Owner, str | None]]:
        if not changes:
            return {}
        rows = await self._all("owners", [change.conversation for change in changes])
        return {row["id"]: (Owner(row["owner"]), row["claimed_by"]) for row in rows}

    async def _waiting(self, decisions: Sequence[ApprovalDecision]) -> set[str]:
        if not decisions:
            return set()
        rows = await self._all("approvals_waiting", [one.approval_id for one in decisions])
        expires = {row["id"]: row["expires_us"] for row in rows}
        return {
            one.approval_id
            for one in decisions
            if one.approval_id in expires
            and (
                one.state is ApprovalState.EXPIRED
                or microseconds(one.at) < expires[one.approval_id]
            )
        }

    async def _decide(self, decisions: Sequence[ApprovalDecision]) -> None:
        if not decisions:
            return
        rows = await self._all("approvals_waiting", [one.approval_id for one in decisions])
        keys = {row["id"]: row["call_key"] for row in rows}
        listed = [
            {
                "id": one.approval_id,
                "key": keys[one.approval_id],
                "state": one.state,
                "by": one.by,
                "at_us": microseconds(one.at),
                "call_state": CallState.ALLOWED
                if one.state is ApprovalState.APPROVED
                else CallState.REFUSED,
                "why": None if one.state is ApprovalState.APPROVED else one.state,
            }
            for one in decisions
        ]
        await self._put("approval_decide", listed)
        await self._put("call_decide", listed)

    async def _add_arrivals(self, arrivals: Sequence[tuple[Arrival, int]]) -> set[Key]:
        """Insert arrivals and wake their conversations; gives the keys that were new."""
        if not arrivals:
            return set()
        rows = await self._all("inbox_add", [_inbox_json(one, at) for one, at in arrivals])
        fresh = {(row["channel"], row["account"], row["event_id"]) for row in rows}
        made: dict[str, dict[str, Any]] = {}
        nudged: dict[str, dict[str, Any]] = {}
        counted: set[Key] = set()
        for arrival, at_us in arrivals:
            key = _key(arrival)
            if arrival.conversation is None or key not in fresh or key in counted:
                continue
            counted.add(key)
            if arrival.address is not None and arrival.to is None:
                row = made.setdefault(arrival.conversation, _new_row(arrival.address, at_us))
            else:
                row = nudged.setdefault(
                    arrival.conversation, {"id": arrival.conversation, "count": 0, "wake_us": at_us}
                )
            row["count"] += 1
        await self._put("conversation_wake", list(made.values()))
        await self._put("conversation_nudge", list(nudged.values()))
        return fresh

    # --- turns

    async def claim(self, items: Sequence[Claim]) -> list[list[Work]]:
        """Take awake conversations and load all that their turns need."""
        results = []
        for item in items:
            now_us = microseconds(item.now)
            claimed = await self._all(
                "claim",
                {"now_us": now_us, "lease_us": now_us + LEASE_S * 1_000_000, "limit": item.limit},
            )
            results.append(await self._load([row["id"] for row in claimed]))
        return results

    async def _load(self, ids: list[str]) -> list[Work]:
        if not ids:
            return []
        rows = {row["id"]: row for row in await self._all("conversations", ids)}
        pending = _grouped(
            await self._all("inbox_tries", {"ids": json.dumps(ids), "limit": PENDING_LIMIT})
        )
        entries = _grouped(await self._all("entries", ids))
        calls = _grouped(await self._all("calls_unfinished", ids))
        works = []
        for one in ids:
            row = rows[one]
            later = entries.get(one, [])
            arrivals = sorted(pending.get(one, []), key=lambda r: r["seq"])
            works.append(
                Work(
                    row=conversation_of(row),
                    state=state_of(row, later),
                    position=row["snapshot_position"] + len(later),
                    pending=tuple(
                        Pending(
                            seq=r["seq"],
                            arrival=arrival_of(r, conversation_of(row).address),
                            received_at=moment(r["received_us"]),
                            tries=r["tries"],
                        )
                        for r in arrivals
                    ),
                    calls=tuple(call_of(r) for r in calls.get(one, [])),
                )
            )
        return works

    async def commit(self, items: Sequence[Commit]) -> list[CommitResult]:
        """Judge each commit against the rows as they are, and write those that hold."""
        rows = await self._all("rows_for_commit", [item.conversation for item in items])
        keys = [write.record.key for item in items for write in item.calls]
        known = await self._all("calls", keys) if keys else []
        books = Books(
            rows={row["id"]: _row_state(row) for row in rows},
            calls={row["key"]: CallState(row["state"]) for row in known},
        )
        results, held, logged = [], [], []
        for item in items:
            result = judge(item, books)
            results.append(result)
            if result is CommitResult.COMMITTED:
                logged += _taken_into(item, books.rows[item.conversation])
                held.append((item, books.rows[item.conversation].epoch))
        await self._put_log(logged)
        await self._put_commits(held)
        touched = {item.conversation for item, _ in held}
        await self._put("conversation_put", [_row_json(one, books.rows[one]) for one in touched])
        return results

    async def _put_log(self, rows: Sequence[LogRow]) -> None:
        listed = [asdict(row) for row in rows]
        await self._put("log_add", listed)
        await self._put("content_add", listed)

    async def _put_commits(self, held: Sequence[tuple[Commit, int]]) -> None:
        items = [item for item, _ in held]
        done = [{"seq": seq, "state": "taken"} for item in items for seq in item.consumed]
        bad = [
            {"seq": seq, "state": "quarantined", "why": why}
            for item in items
            for seq, why in item.quarantined
        ]
        await self._put("inbox_done", done + bad)
        await self._put(
            "call_put",
            [call_json(w.record, at_us=microseconds(i.at)) for i in items for w in i.calls],
        )
        await self._put("approval_add", [_approval_json(a) for i in items for a in i.approvals])
        await self._decide(
            [
                ApprovalDecision(approval_id=one, state=ApprovalState.EXPIRED, by="", at=i.at)
                for i in items
                for one in i.expired
            ]
        )
        await self._put("outbox_add", [row for i, epoch in held for row in _outbox_json(i, epoch)])
        await self._put("timer_drop", _named(items, lambda item: item.cancel))
        await self._put("timer_put", [row for item in items for row in _timer_json(item)])
        met = [
            {
                "conversation": item.conversation,
                "user_id": item.peer.user_id,
                "at_us": microseconds(item.at),
            }
            for item in items
            if item.peer
        ]
        await self._put("customer_add", met)
        await self._put("identity_add", met)
        await self._put("identity_follow", met)

    # --- deliveries and timers

    async def take(self, items: Sequence[Take]) -> list[list[Delivery]]:
        """Take the first open message of each destination that is due; drop overtaken ones."""
        results = []
        for item in items:
            found = await self._all(
                "outbox_due", {"now_us": microseconds(item.now), "limit": item.limit}
            )
            old = [row for row in found if row["fenced"] and row["row_epoch"] != row["epoch"]]
            due = [row for row in found if row not in old]
            await self._put(
                "outbox_take",
                [_outbox_move(row["id"], DeliveryState.SENDING, tried=1) for row in due]
                + [_outbox_move(row["id"], DeliveryState.SUPERSEDED, tried=0) for row in old],
            )
            results.append([_delivery_of(row) for row in due])
        return results

    async def settle(self, items: Sequence[Settlement]) -> list[None]:
        """Note what became of deliveries, in the outbox and in the log."""
        await self._put(
            "outbox_settle",
            [
                {
                    "id": item.delivery.id,
                    "state": item.state,
                    "due_us": microseconds(item.due_at) if item.due_at else None,
                    "why": item.why,
                    "at_us": microseconds(item.at),
                }
                for item in items
            ],
        )
        await self._put("desk_post_put", [asdict(i.posted) for i in items if i.posted])
        noted = [item for item in items if item.log]
        if noted:
            ids = sorted({item.delivery.conversation for item in noted})
            rows = {r["id"]: _row_state(r) for r in await self._all("rows_for_commit", ids)}
            logged = []
            for item in noted:
                row = rows[item.delivery.conversation]
                at_us = microseconds(item.at)
                logged += chain(item.delivery.conversation, row, item.log, at_us=at_us, turn=None)
            await self._put_log(logged)
            await self._put("conversation_put", [_row_json(one, rows[one]) for one in ids])
        await self._add_arrivals([(i.wake, microseconds(i.at)) for i in items if i.wake])
        return [None] * len(items)

    async def fire(self, items: Sequence[Take]) -> list[int]:
        """Turn due timers into arrivals, in the transaction that removes them."""
        results = []
        for item in items:
            now_us = microseconds(item.now)
            rows = await self._all("timer_fire", {"now_us": now_us, "limit": item.limit})
            rows.sort(key=lambda row: row["due_us"])
            await self._add_arrivals([(_timer_arrival(row), now_us) for row in rows])
            results.append(len(rows))
        return results


def _key(arrival: Arrival) -> Key:
    return (arrival.channel, arrival.account, arrival.event_id)


def _taken(fresh: set[Key], arrival: Arrival) -> bool:
    """Say whether this arrival was the new one; its twins in the same batch are not."""
    key = _key(arrival)
    if key in fresh:
        fresh.discard(key)
        return True
    return False


def _owner_applies(change: OwnerChange, owners: Mapping[str, tuple[Owner, str | None]]) -> bool:
    if change.conversation not in owners:
        return False
    owner, claimed_by = owners[change.conversation]
    free = claimed_by is None or change.only_claimed_by in (None, claimed_by)
    return owner in change.only_from and free


def _owner_json(change: OwnerChange) -> dict[str, object]:
    return {"id": change.conversation, "owner": change.to, "claimed_by": change.claimed_by}


def _inbox_json(arrival: Arrival, at_us: int) -> dict[str, object]:
    lost = arrival.conversation is None
    return {
        "channel": arrival.channel,
        "account": arrival.account,
        "event_id": arrival.event_id,
        "conversation": arrival.conversation,
        "kind": arrival.kind,
        "occurred_us": microseconds(arrival.occurred_at) if arrival.occurred_at else None,
        "received_us": at_us,
        "body": body_text(arrival.body),
        "why": arrival.why,
        "state": ("quarantined" if arrival.why else "stray") if lost else "pending",
    }


def _new_row(address: Address, at_us: int) -> dict[str, Any]:
    return {
        "id": address.conversation,
        "channel": address.channel,
        "account": address.account,
        "key": address.key,
        "surface": address.surface,
        "customer": "u_" + address.conversation[2:],
        "count": 0,
        "wake_us": at_us,
    }


def _grouped(rows: Rows) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for row in rows:
        groups.setdefault(row["conversation"], []).append(row)
    return groups


def _row_state(row: aiosqlite.Row) -> RowState:
    return RowState(
        owner=Owner(row["owner"]),
        epoch=row["epoch"],
        claimed_by=row["claimed_by"],
        accepted=row["accepted"],
        token=row["token"],
        lease=row["lease_us"],
        wake=row["wake_us"],
        position=row["position"],
        chain=row["chain"],
    )


def _row_json(conversation: str, row: RowState) -> dict[str, object]:
    return {
        "id": conversation,
        "owner": row.owner,
        "epoch": row.epoch,
        "claimed_by": row.claimed_by,
        "lease_us": row.lease,
        "wake_us": row.wake,
        "position": row.position,
        "chain": row.chain,
        "snapshot": row.snapshot,
        "snapshot_position": row.snapshot_position,
    }


def _taken_into(item: Commit, row: RowState) -> list[LogRow]:
    """Move the row along for a holding commit; gives its log rows."""
    at_us = microseconds(item.at)
    wake_us = microseconds(item.wake_at) if item.wake_at else None
    apply_to_row(item, row, at_us=at_us, wake_us=wake_us)
    if item.snapshot is not None:
        row.snapshot_position, row.snapshot = item.snapshot[0], encode_state(item.snapshot[1])
    return chain(item.conversation, row, item.log, at_us=at_us, turn=item.turn)


def _approval_json(approval: Approval) -> dict[str, object]:
    return {
        "id": approval.id,
        "call_key": approval.call_key,
        "conversation": approval.conversation,
        "digest": approval.digest,
        "state": approval.state,
        "asked_us": microseconds(approval.asked_at),
        "expires_us": microseconds(approval.expires_at),
    }


def _outbox_json(item: Commit, epoch: int) -> Iterable[dict[str, object]]:
    for row in item.outbox:
        yield {
            "key": row.key,
            "destination": row.destination,
            "conversation": item.conversation,
            "kind": row.kind,
            "payload": row.payload,
            "fenced": int(row.fenced),
            "epoch": epoch,
            "at_us": microseconds(item.at),
        }


def _timer_json(item: Commit) -> Iterable[dict[str, object]]:
    for timer in item.timers:
        yield {
            "conversation": item.conversation,
            "name": timer.name,
            "due_us": microseconds(timer.due_at),
            "data": timer.data,
        }


def _named(items: Sequence[Commit], names: Any) -> list[dict[str, str]]:
    return [
        {"conversation": item.conversation, "name": name} for item in items for name in names(item)
    ]


def _outbox_move(row_id: int, state: DeliveryState, *, tried: int) -> dict[str, object]:
    why = "another owner speaks now" if state is DeliveryState.SUPERSEDED else None
    return {"id": row_id, "state": state, "tried": tried, "why": why}


def _delivery_of(row: aiosqlite.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        destination=row["destination"],
        conversation=row["conversation"],
        address=Address(
            channel=row["channel"], account=row["account"], key=row["chat"], surface=row["surface"]
        ),
        kind=OutboxKind(row["kind"]),
        payload=row["payload"],
        tries=row["tries"] + 1,
        created_at=moment(row["created_us"]),
    )


def _timer_arrival(row: aiosqlite.Row) -> Arrival:
    return Arrival(
        channel="timer",
        account="",
        event_id=f"{row['conversation']}:{row['name']}:{row['due_us']}",
        address=None,
        kind=row["name"],
        occurred_at=datetime.fromtimestamp(row["due_us"] / 1_000_000, UTC),
        body=row["data"].encode(),
        to=row["conversation"],
    )
