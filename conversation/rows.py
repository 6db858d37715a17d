"""Rows of a store's tables as the domain's values, whichever engine gave them."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from config.money import Money
from config.stages import Surface
from conversation.ceilings import Used
from conversation.entries import LogEntry
from conversation.events import Erased, Event, decode
from conversation.judging import RowState
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.media import Media
from conversation.model import Address, Arrival, Owner
from conversation.state import ConversationState, decode_state, fold
from conversation.store import (
    ConversationRow,
    Delivery,
    DeskPosted,
    OutboxKind,
    Pending,
    Work,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row(Protocol):
    """One row: its columns by name."""

    def __getitem__(self, name: str, /) -> Any:
        """Give a column's value."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A wish to take conversations."""

    now: datetime
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A wish to take what is due."""

    now: datetime
    limit: int


def moment(us: int) -> datetime:
    """Read microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=us)


def body_bytes(text: str | None) -> bytes:
    """Get the bytes back."""
    if not text:
        return b""
    return text[1:].encode() if text[0] == "t" else base64.b64decode(text[1:])


def address_of(row: Row) -> Address:
    """Read where a conversation lives."""
    return Address(
        channel=row["channel"],
        account=row["account"],
        key=row["key"],
        surface=Surface(row["surface"]),
    )


def conversation_of(row: Row) -> ConversationRow:
    """Read a conversation's row."""
    return ConversationRow(
        id=row["id"],
        address=address_of(row),
        customer=row["customer"],
        owner=Owner(row["owner"]),
        epoch=row["epoch"],
        claimed_by=row["claimed_by"],
        accepted=row["accepted"],
        token=row["token"],
        held=row["held"],
    )


def entry_of(row: Row) -> tuple[datetime, Event | Erased]:
    """Read a log entry; one without content was erased."""
    body = row["body"]
    return moment(row["at_us"]), Erased() if body is None else decode(body)


def log_entry_of(row: Row) -> LogEntry:
    """Read a log entry with its place; what it says only where that was asked for."""
    at, event = entry_of(row)
    return LogEntry(
        conversation=row["conversation"],
        position=row["position"],
        at=at,
        event=event if row["wanted"] else None,
    )


def state_of(row: Row, entries: Sequence[Row]) -> ConversationState:
    """Fold the snapshot with the entries behind it."""
    snapshot = decode_state(row["snapshot"]) if row["snapshot"] else ConversationState()
    return fold(snapshot, (entry_of(entry) for entry in entries))


def arrival_of(row: Row, address: Address) -> Arrival:
    """Read an arrival out of the inbox."""
    return Arrival(
        channel=row["channel"],
        account=row["account"],
        event_id=row["event_id"],
        address=address,
        kind=row["kind"],
        occurred_at=moment(row["occurred_us"]) if row["occurred_us"] is not None else None,
        body=body_bytes(row["body"]),
        why=row["why"],
        to=row["conversation"],
    )


def pending_of(row: Row, address: Address) -> Pending:
    """Read an arrival with its place in the inbox."""
    return Pending(
        seq=row["seq"],
        arrival=arrival_of(row, address),
        received_at=moment(row["received_us"]),
        tries=row["tries"],
    )


def call_of(row: Row) -> CallRecord:
    """Read a row of the ledger."""
    amount = None
    if row["amount_minor"] is not None:
        amount = Money(row["amount_minor"], row["currency"])
    return CallRecord(
        key=row["key"],
        conversation=row["conversation"],
        turn=row["turn"],
        action=row["action"],
        connector=row["connector"],
        args=row["args"] or "{}",
        amount=amount,
        state=CallState(row["state"]),
        summary=row["summary"],
        result=row["result"],
        why=row["why"],
    )


def approval_of(row: Row) -> Approval:
    """Read a sign-off."""
    return Approval(
        id=row["id"],
        call_key=row["call_key"],
        conversation=row["conversation"],
        digest=row["digest"],
        state=ApprovalState(row["state"]),
        asked_at=moment(row["asked_us"]),
        expires_at=moment(row["expires_us"]),
        decided_by=row["decided_by"],
        first_by=row["first_by"],
    )


def media_of(row: Row) -> Media:
    """Read a file that a customer sent."""
    return Media(
        id=row["id"],
        conversation=row["conversation"],
        mime=row["mime"],
        body=bytes(row["body"]),
    )


def post_of(row: Row) -> DeskPosted:
    """Read where a post stands."""
    return DeskPosted(
        key=row["key"], conversation=row["conversation"], channel=row["channel"], ts=row["ts"]
    )


def row_state(row: Row) -> RowState:
    """Read the parts of a conversation's row that commits change."""
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
        linked=row["linked"],
    )


def work_of(
    row: Row,
    *,
    entries: Sequence[Row],
    pending: Sequence[Row],
    calls: Sequence[Row],
) -> Work:
    """Read a claimed conversation with all that its turn needs."""
    conversation = conversation_of(row)
    return Work(
        row=conversation,
        state=state_of(row, entries),
        position=row["snapshot_position"] + len(entries),
        pending=tuple(pending_of(one, conversation.address) for one in pending),
        calls=tuple(call_of(one) for one in calls),
    )


def delivery_of(row: Row) -> Delivery:
    """Read an outbox row that is being taken: one try more than it had."""
    return Delivery(
        id=row["id"],
        key=row["key"],
        destination=row["destination"],
        conversation=row["conversation"],
        address=Address(
            channel=row["channel"],
            account=row["account"],
            key=row["chat"],
            surface=Surface(row["surface"]),
        ),
        kind=OutboxKind(row["kind"]),
        payload=row["payload"],
        tries=row["tries"] + 1,
        created_at=moment(row["created_us"]),
        interrupted=bool(row["interrupted"]),
    )


def timer_arrival(row: Row) -> Arrival:
    """Make a due timer what the conversation hears of."""
    return Arrival(
        channel="timer",
        account="",
        event_id=f"{row['conversation']}:{row['name']}:{row['due_us']}",
        address=None,
        kind=row["name"],
        occurred_at=moment(row["due_us"]),
        body=row["data"].encode(),
        to=row["conversation"],
    )


def used_of(rows: Sequence[Row], asked: int) -> tuple[Used, ...]:
    """Read what was had below so many ceilings; of one that nothing counts for there is no row."""
    found = {int(row["at"]): row for row in rows}
    return tuple(
        Used(count=int(found[at]["count"]), minor=int(found[at]["minor"] or 0))
        if at in found
        else Used()
        for at in range(asked)
    )
