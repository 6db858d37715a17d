"""The domain's values as rows that a store writes: one JSON object each."""

import base64
import contextlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from conversation.ceilings import Ceiling
from conversation.chain import LogRow
from conversation.delivery import DeliveryState
from conversation.judging import NUL_SHOWN, Changes, RowState, microseconds
from conversation.ledger import Approval, ApprovalState, CallRecord, CallState
from conversation.media import Media
from conversation.model import Address, Arrival
from conversation.state import encode_state
from conversation.store import ApprovalDecision, Commit, Forgotten, Settlement

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def dumped(what: object) -> str:
    """Put a list into the one parameter its statement takes.

    Not escaped to ASCII: half a surrogate pair is then refused by the driver, as a fault of the
    one item, where SQLite would keep bytes that nobody can read back. SQLite also ends a text at
    its first NUL, so that two ids became one, and PostgreSQL refuses it; what stands for a NUL in
    `judging.key_of` does so here.
    """
    text = json.dumps(what, ensure_ascii=False, default=_packed)
    return _NUL.sub(rf"\1{NUL_SHOWN}", text) if "\\u0000" in text else text


def _packed(what: object) -> str:
    """Put bytes into a text, for the statement that takes them out again."""
    if isinstance(what, bytes):
        return base64.b64encode(what).decode()
    raise TypeError(f"{type(what).__name__} cannot be written")


def bindable(row: Mapping[str, object]) -> Mapping[str, Any]:
    """Give a row as it goes to SQLite column by column; what stands for a NUL does so here too."""
    for value in row.values():
        if isinstance(value, str) and "\0" in value:
            return {
                name: value.replace("\0", NUL_SHOWN) if isinstance(value, str) else value
                for name, value in row.items()
            }
    return row


def body_text(body: bytes) -> str:
    """Put any bytes into a text column: text as it is, the rest in base64."""
    if b"\0" not in body:
        with contextlib.suppress(UnicodeDecodeError):
            return "t" + body.decode()
    return "b" + base64.b64encode(body).decode()


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


def media_json(media: Media, *, at_us: int) -> dict[str, object]:
    """Give the row of a file that a customer sent."""
    return {
        "id": media.id,
        "conversation": media.conversation,
        "kept_us": at_us,
        "mime": media.mime,
        "size": len(media.body),
        "body": media.body,
    }


def inbox_json(arrival: Arrival, at_us: int) -> dict[str, object]:
    """Give an arrival's row."""
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


def alarm_json(arrival: Arrival) -> dict[str, object]:
    """Give the row of what the desk must hear of an account."""
    key = f"{arrival.channel}\x1f{arrival.account}\x1f{arrival.event_id}"
    return {"key": key, "words": f"{arrival.channel}: {arrival.alarm}", "stands": 0}


def new_row_json(address: Address, at_us: int, *, also: str | None = None) -> dict[str, Any]:
    """Give the row of a conversation that nobody has seen before.

    Args:
        address: Where it is.
        at_us: When to look at it.
        also: Another id of the customer's, by which they may be known already.
    """
    return {
        "id": address.conversation,
        "channel": address.channel,
        "account": address.account,
        "key": address.key,
        "surface": address.surface,
        "customer": "u_" + address.conversation[2:],
        "also": also,
        "count": 0,
        "wake_us": at_us,
    }


def row_json(conversation: str, row: RowState) -> dict[str, object]:
    """Give what commits leave of a conversation's row."""
    return {
        "id": conversation,
        "owner": row.owner,
        "epoch": row.epoch,
        "claimed_by": row.claimed_by,
        "lease_us": row.lease,
        "wake_us": row.wake,
        "position": row.position,
        "chain": row.chain,
        "linked": row.linked,
        "snapshot": None if row.snapshot is None else encode_state(row.snapshot),
        "snapshot_position": row.snapshot_position,
    }


def place_json(conversation: str, row: RowState) -> dict[str, object]:
    """Give where a conversation's log ends."""
    return {"id": conversation, "position": row.position, "chain": row.chain}


def approval_json(approval: Approval) -> dict[str, object]:
    """Give a sign-off's row."""
    return {
        "id": approval.id,
        "call_key": approval.call_key,
        "conversation": approval.conversation,
        "digest": approval.digest,
        "state": approval.state,
        "asked_us": microseconds(approval.asked_at),
        "expires_us": microseconds(approval.expires_at),
    }


def outbox_json(item: Commit, epoch: int) -> Iterable[dict[str, object]]:
    """Give the rows of a commit's messages, at the epoch it leaves."""
    for row in item.outbox:
        yield {
            "key": row.key,
            "destination": row.destination,
            "conversation": item.conversation,
            "kind": row.kind,
            "payload": row.payload,
            "fenced": row.fenced,
            "epoch": epoch,
            "at_us": microseconds(item.at),
        }


def timer_json(item: Commit) -> Iterable[dict[str, object]]:
    """Give the rows of a commit's timers."""
    for timer in item.timers:
        yield {
            "conversation": item.conversation,
            "name": timer.name,
            "due_us": microseconds(timer.due_at),
            "data": timer.data,
        }


def outbox_move(row_id: int, state: DeliveryState, *, lease_us: int) -> dict[str, object]:
    """Give a message's new state; being sent counts as a try, and is leased."""
    sending = state is DeliveryState.SENDING
    return {
        "id": row_id,
        "state": state,
        "tried": int(sending),
        "why": "another owner speaks now" if state is DeliveryState.SUPERSEDED else None,
        "lease_us": lease_us if sending else None,
    }


def forgotten_json(conversation: str, message: Forgotten) -> dict[str, object]:
    """Give the words that only the entries of that message hold."""
    said = json.dumps(message.message_id, ensure_ascii=False)
    return {"conversation": conversation, "words": f'"message_id":{said}'}


def log_json(row: LogRow) -> dict[str, object]:
    """Give a log entry's row."""
    return {
        "conversation": row.conversation,
        "position": row.position,
        "at_us": row.at_us,
        "kind": row.kind,
        "turn": row.turn,
        "digest": row.digest,
        "hash": row.hash,
        "salt": row.salt,
        "body": row.body,
    }


def owners_json(changes: Changes) -> list[dict[str, object]]:
    """Give the conversations that changed hands, with how often."""
    return [
        {
            "id": one,
            "owner": changes.owners[one][0],
            "claimed_by": changes.owners[one][1],
            "raised": times,
        }
        for one, times in changes.raised.items()
    ]


def decision_json(decision: ApprovalDecision, call_key: str) -> dict[str, object]:
    """Give a decided sign-off and what its call becomes."""
    approved = decision.state is ApprovalState.APPROVED
    return {
        "id": decision.approval_id,
        "key": call_key,
        "state": decision.state,
        "by": decision.by,
        "at_us": microseconds(decision.at),
        "call_state": CallState.ALLOWED if approved else CallState.REFUSED,
        "why": None if approved else decision.state,
    }


def mention_json(item: Commit) -> list[dict[str, object]]:
    """Give what was named in a conversation, as digests."""
    kept = {(one.kind, one.digest) for one in item.mentions}
    return [
        {"conversation": item.conversation, "kind": kind, "value": digest}
        for kind, digest in sorted(kept)
    ]


def settlement_json(item: Settlement) -> dict[str, object]:
    """Give what became of a delivery."""
    return {
        "id": item.delivery.id,
        "state": item.state,
        "due_us": microseconds(item.due_at) if item.due_at else None,
        "why": item.why,
        "at_us": microseconds(item.at),
    }


def ceilings_json(asked: Sequence[tuple[Ceiling, str]]) -> list[dict[str, object]]:
    """Give what is asked about ceilings, each with the key of the call that is left out."""
    return [
        {
            "at": at,
            "action": one.action,
            "since_us": microseconds(one.since),
            "key": key,
            "currency": None if one.total is None else one.total.currency,
            "customer": one.customer,
            "channel": one.channel,
        }
        for at, (one, key) in enumerate(asked)
    ]
