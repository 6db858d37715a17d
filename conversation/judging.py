"""Which commits hold: pure, so that every store judges alike.

A store reads the rows that a batch of commits touches, asks `judge` for each in turn, and writes
what holds. `Books` carries the rows and takes each holding commit into account for the next one
of the same batch.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from conversation.events import Event, encode
from conversation.ledger import CallState, may_move
from conversation.model import Owner
from conversation.store import Commit, CommitResult


@dataclass(slots=True)
class RowState:
    """The parts of a conversation's row that commits read and change."""

    owner: Owner
    epoch: int
    claimed_by: str | None
    accepted: int
    token: int
    lease: int | None
    wake: int | None
    position: int
    chain: str
    snapshot: str | None = None
    snapshot_position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """An entry with its place in the chain."""

    conversation: str
    position: int
    at_us: int
    kind: str
    turn: str | None
    salt: str
    body: str
    digest: str
    hash: str


@dataclass(slots=True)
class Books:
    """Rows of one batch, as they stand after the commits judged so far."""

    rows: dict[str, RowState]
    calls: dict[str, CallState] = field(default_factory=dict)


def judge(commit: Commit, books: Books) -> CommitResult:
    """Say whether a commit holds; a holding one's ledger moves are noted in the books."""
    row = books.rows.get(commit.conversation)
    if row is None or row.lease is None or row.token != commit.token:
        return CommitResult.LOST
    if commit.epoch is not None and row.epoch != commit.epoch:
        return CommitResult.OVERTAKEN
    if commit.fresh and row.accepted != commit.seen:
        return CommitResult.STALE
    for write in commit.calls:
        old = books.calls.get(write.record.key)
        same = old is write.record.state
        if old is not write.expected or not (same or may_move(old, write.record.state)):
            return CommitResult.CONFLICT
    for write in commit.calls:
        books.calls[write.record.key] = write.record.state
    return CommitResult.COMMITTED


def apply_to_row(commit: Commit, row: RowState, *, at_us: int, wake_us: int | None) -> None:
    """Put what a holding commit says of its conversation into the row."""
    if commit.owner is not None and commit.owner is not row.owner:
        row.owner = commit.owner
        row.epoch += 1
        row.claimed_by = None
    if commit.release:
        row.lease = None
        row.wake = wake_us if row.accepted == commit.seen else at_us


def chain(
    conversation: str, row: RowState, events: Sequence[Event], *, at_us: int, turn: str | None
) -> list[LogRow]:
    """Give entries their places and hashes behind the row's last one; moves the row along."""
    rows = []
    for event in events:
        body, salt = encode(event), secrets.token_hex(8)
        row.position += 1
        digest = hashlib.sha256((salt + body).encode()).hexdigest()
        named = (row.chain, conversation, row.position, at_us, event.kind, turn, digest)
        row.chain = hashlib.sha256("\x1f".join(map(str, named)).encode()).hexdigest()
        rows.append(
            LogRow(
                conversation=conversation,
                position=row.position,
                at_us=at_us,
                kind=event.kind,
                turn=turn,
                salt=salt,
                body=body,
                digest=digest,
                hash=row.chain,
            )
        )
    return rows


def microseconds(moment: datetime) -> int:
    """Give a moment as whole microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)
