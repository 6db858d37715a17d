"""Rows of the SQLite store as the domain's values, and back."""

import base64
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiosqlite

from config.money import Money
from config.stages import Surface
from conversation.events import Erased, Event, decode
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.model import Address, Arrival, Owner
from conversation.state import ConversationState, decode_state, fold
from conversation.store import ConversationRow, DeskPosted


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
    return datetime.fromtimestamp(us // 1_000_000, UTC).replace(microsecond=us % 1_000_000)


def body_text(body: bytes) -> str:
    """Put any bytes into a text column: text as it is, the rest in base64."""
    if b"\0" not in body:
        with contextlib.suppress(UnicodeDecodeError):
            return "t" + body.decode()
    return "b" + base64.b64encode(body).decode()


def body_bytes(text: str | None) -> bytes:
    """Get the bytes back."""
    if not text:
        return b""
    return text[1:].encode() if text[0] == "t" else base64.b64decode(text[1:])


def address_of(row: aiosqlite.Row) -> Address:
    """Read where a conversation lives."""
    return Address(
        channel=row["channel"],
        account=row["account"],
        key=row["key"],
        surface=Surface(row["surface"]),
    )


def conversation_of(row: aiosqlite.Row) -> ConversationRow:
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
    )


def entry_of(row: aiosqlite.Row) -> tuple[datetime, Event | Erased]:
    """Read a log entry; one without content was erased."""
    body = row["body"]
    return moment(row["at_us"]), Erased() if body is None else decode(body)


def state_of(row: aiosqlite.Row, entries: Sequence[aiosqlite.Row]) -> ConversationState:
    """Fold the snapshot with the entries behind it."""
    snapshot = decode_state(row["snapshot"]) if row["snapshot"] else ConversationState()
    return fold(snapshot, (entry_of(entry) for entry in entries))


def arrival_of(row: aiosqlite.Row, address: Address) -> Arrival:
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


def call_of(row: aiosqlite.Row) -> CallRecord:
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


def call_json(record: CallRecord, *, at_us: int) -> dict[str, object]:
    """Give a row of the ledger for writing."""
    return {
        "key": record.key,
        "conversation": record.conversation,
        "turn": record.turn,
        "action": record.action,
        "connector": record.connector,
        "args": record.args,
        "amount_minor": record.amount.minor if record.amount else None,
        "currency": record.amount.currency if record.amount else None,
        "state": record.state,
        "summary": record.summary,
        "result": record.result,
        "why": record.why,
        "at_us": at_us,
    }


def approval_of(row: aiosqlite.Row) -> Approval:
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
    )


def post_of(row: aiosqlite.Row) -> DeskPosted:
    """Read where a post stands."""
    return DeskPosted(
        key=row["key"], conversation=row["conversation"], channel=row["channel"], ts=row["ts"]
    )
