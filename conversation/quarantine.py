"""Quarantine: what no worker goes on with, until a person says how.

Arrivals that nobody could read or that ended every turn, messages of ours that died or whose
outcome nobody knows, and calls of which nobody can say whether they happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from conversation.care import note
from conversation.delivery import DeliveryState
from conversation.events import Acted, Tended
from conversation.judging import microseconds
from conversation.ledger import CallState
from conversation.model import Owner
from conversation.rows import Row, body_bytes, moment
from conversation.store import OutboxKind
from conversation.writes import Session

RECONCILE = "reconcile:"
"""The timer, followed by a call's key, upon which a turn asks what became of that call."""
DIGITS_MAX = 18
"""Of a row's number: what every engine can compare with."""


class TroubleKind(StrEnum):
    """What kind of thing waits; also how its id begins."""

    ARRIVAL = "in"
    DELIVERY = "out"
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One thing that waits for a person."""

    id: str
    """``in_12``, ``out_7``, ``call_refund:…``."""
    what: str
    """``arrival``, ``reply``, ``desk post`` or the action's name, with its state."""
    channel: str
    conversation: str | None
    since: datetime
    tries: int
    why: str
    payload: str = ""
    """What it carries; only where one thing is looked at."""


class NotSo(Exception):
    """It cannot be done, and why: the message is for the person who asked."""


# --- looking


async def troubles(session: Session, *, limit: int) -> Sequence[Trouble]:
    """List what waits, arrivals first, each kind oldest first and ``limit`` at most."""
    arrivals = await session.all("trouble_arrivals", limit)
    deliveries = await session.all("trouble_deliveries", limit)
    calls = await session.all("trouble_calls", limit)
    return [
        *map(_arrival, arrivals),
        *map(_delivery, deliveries),
        *map(_call, calls),
    ]


async def trouble(session: Session, named: str) -> Trouble:
    """Look at one thing, payload and all; raises `NotSo` where there is no such thing."""
    kind, row = await _found(session, named)
    match kind:
        case TroubleKind.ARRIVAL:
            return _arrival(row, payload=body_bytes(row["body"]).decode("utf-8", "replace"))
        case TroubleKind.DELIVERY:
            return _delivery(row, payload=row["payload"] or "")
        case TroubleKind.CALL:
            return _call(row, payload=f"{row['summary']}\n{row['args'] or ''}")
        case _:
            assert_never(kind)


def _arrival(row: Row, payload: str = "") -> Trouble:
    return Trouble(
        id=f"{TroubleKind.ARRIVAL}_{row['seq']}",
        what=f"arrival ({row['kind']})",
        channel=row["channel"],
        conversation=row["conversation"],
        since=moment(row["received_us"]),
        tries=row["tries"],
        why=row["why"] or "",
        payload=payload,
    )


def _delivery(row: Row, payload: str = "") -> Trouble:
    desk = row["kind"] == OutboxKind.DESK
    return Trouble(
        id=f"{TroubleKind.DELIVERY}_{row['id']}",
        what=f"{'desk post' if desk else 'reply'} ({row['state']})",
        channel="desk" if desk else row["channel"],
        conversation=row["conversation"],
        since=moment(row["created_us"]),
        tries=row["tries"],
        why=row["why"] or "",
        payload=payload,
    )


def _call(row: Row, payload: str = "") -> Trouble:
    return Trouble(
        id=f"{TroubleKind.CALL}_{row['key']}",
        what=f"{row['action']} ({row['state']})",
        channel=row["connector"],
        conversation=row["conversation"],
        since=moment(row["updated_us"]),
        tries=0,
        why=row["why"] or "",
        payload=payload,
    )


async def _found(session: Session, named: str) -> tuple[TroubleKind, Row]:
    kind, number = _read(named)
    match kind:
        case TroubleKind.ARRIVAL:
            rows = await session.all("arrival_kept", int(number))
            waits = bool(rows) and rows[0]["state"] == "quarantined"
        case TroubleKind.DELIVERY:
            rows = await session.all("delivery_kept", int(number))
            waits = bool(rows) and rows[0]["state"] in {DeliveryState.DEAD, DeliveryState.UNKNOWN}
        case TroubleKind.CALL:
            rows = await session.all("calls", [number])
            waits = bool(rows) and rows[0]["state"] == CallState.UNKNOWN
        case _:
            assert_never(kind)
    if not waits:
        now = f": it is {rows[0]['state']} now" if rows else ""
        raise NotSo(f"{named} does not wait in quarantine{now}")
    return kind, rows[0]


def _read(named: str) -> tuple[TroubleKind, str]:
    start, _, number = named.partition("_")
    if start not in tuple(TroubleKind) or not number or not number.isascii():
        raise NotSo(f"{named} is no id of the quarantine; they look like in_12, out_7, call_…")
    kind = TroubleKind(start)
    counts = number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX
    if kind is not TroubleKind.CALL and not counts:
        raise NotSo(f"{named} is no id of the quarantine; they look like in_12, out_7, call_…")
    return kind, number


# --- deciding


async def retry(session: Session, named: str, *, by: str, at: datetime) -> str:
    """Let the workers try once more; says what happens now.

    Raises:
        NotSo: it waits no more, or trying again makes no sense.
    """
    kind, row = await _held(session, named)
    at_us = microseconds(at)
    match kind:
        case TroubleKind.ARRIVAL:
            told = await _arrival_again(session, row, at_us)
        case TroubleKind.DELIVERY:
            told = await _delivery_again(session, row, at_us)
        case TroubleKind.CALL:
            timer = {
                "conversation": row["conversation"],
                "name": f"{RECONCILE}{row['key']}",
                "due_us": at_us,
                "data": "0",
            }
            await session.all("timer_put", [timer])
            told = "the backend is asked again"
        case _:
            assert_never(kind)
    await note(session, row["conversation"], Tended(by=by, what="retry", about=named), at=at)
    return told


async def _arrival_again(session: Session, row: Row, at_us: int) -> str:
    if row["conversation"] is None or row["body"] is None:
        raise NotSo("it belongs to no conversation that could take it up; it can only be dropped")
    await session.all("arrival_again", row["seq"])
    nudge = {"id": row["conversation"], "count": 1, "wake_us": at_us}
    await session.all("conversation_nudge", [nudge])
    return "the conversation takes it up again"


async def _delivery_again(session: Session, row: Row, at_us: int) -> str:
    if row["fenced"] and row["owner"] != Owner.BOT:
        raise NotSo(
            f"these are the bot's words, and the conversation is the {row['owner']}'s now: "
            "they are sent only once it is given back to the bot"
        )
    await session.all("delivery_again", row["id"], at_us, row["epoch"])
    return "it is sent again"


async def drop(
    session: Session, named: str, *, by: str, at: datetime, happened: bool | None = None
) -> str:
    """End a thing for good; says in which state.

    Args:
        session: The transaction.
        named: The thing's id.
        by: The account of the person who decides.
        at: Now.
        happened: Of a call whose outcome nobody knew: what the person found in the backend.

    Raises:
        NotSo: it waits no more, or nobody said what became of the call.
    """
    kind, row = await _held(session, named)
    at_us, why = microseconds(at), f"dropped by {by}"
    told = [Tended(by=by, what="drop", about=named)]
    match kind:
        case TroubleKind.ARRIVAL:
            await session.all("arrival_drop", row["seq"], why)
            state = "dropped"
        case TroubleKind.DELIVERY:
            await session.all("delivery_drop", row["id"], at_us, why)
            state = "dropped"
        case TroubleKind.CALL:
            return await _end_call(session, row, told[0], at=at, happened=happened)
        case _:
            assert_never(kind)
    if row["conversation"] is not None:
        await note(session, row["conversation"], *told, at=at)
    return state


async def _end_call(
    session: Session, row: Row, told: Tended, *, at: datetime, happened: bool | None
) -> str:
    if happened is None:
        raise NotSo(
            "look into the backend first: after `--as failed` the bot may do it again, "
            "after `--as done` never"
        )
    state = CallState.DONE if happened else CallState.FAILED
    why = f"{told.by} says that it {'happened' if happened else 'did not happen'}"
    await session.all("call_end", row["key"], state, why, microseconds(at))
    timer = {"conversation": row["conversation"], "name": f"{RECONCILE}{row['key']}"}
    await session.all("timer_drop", [timer])
    acted = Acted(
        call_key=row["key"],
        action=row["action"],
        state=state,
        summary=f"{row['summary']}: {why}",
    )
    await note(session, row["conversation"], told, acted, at=at)
    return state


async def _held(session: Session, named: str) -> tuple[TroubleKind, Row]:
    """Find a thing that waits, with its conversation locked before it is judged."""
    _, row = await _found(session, named)
    if row["conversation"] is not None:
        await session.all("rows_for_commit", [row["conversation"]])
    return await _found(session, named)
