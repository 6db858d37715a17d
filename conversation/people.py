"""People: who is meant by a name, and all that is kept of them."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversation.rows import Row, body_bytes, moment
from conversation.writes import Session

PAGE = 500
"""Arrivals read at a time."""
_NO_END = 2**62

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "conversation": (
        *("id", "channel", "account", "key", "surface", "customer", "owner", "epoch"),
        *("claimed_by", "linked", "accepted", "position", "chain"),
    ),
    "log": ("position", "at_us", "kind", "turn", "digest", "hash", "salt", "body"),
    "arrivals": (
        *("seq", "channel", "account", "event_id", "kind", "occurred_us", "received_us", "body"),
        *("why", "state", "tries"),
    ),
    "deliveries": (
        *("id", "key", "destination", "kind", "payload", "state", "tries", "created_us"),
        *("settled_us", "why"),
    ),
    "calls": (
        *("key", "turn", "action", "connector", "args", "amount_minor", "currency", "state"),
        *("summary", "result", "why", "created_us", "updated_us"),
    ),
    "approvals": (
        *("id", "call_key", "digest", "state", "asked_us", "expires_us"),
        *("first_by", "decided_by", "decided_us"),
    ),
    "timers": ("name", "due_us", "data"),
    "posts": ("key", "channel", "ts"),
    "files": ("id", "kept_us", "mime", "size", "body"),
    "invitations": ("channel", "expires_us", "used_us"),
}
_WITHIN: Mapping[str, str] = {
    "log": "log_of",
    "deliveries": "deliveries_of",
    "calls": "calls_of",
    "approvals": "approvals_of",
    "timers": "timers_of",
    "posts": "posts_of",
    "files": "media_of",
    "invitations": "invitations_of",
}
_JSON = frozenset({"payload", "args", "result"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer, with all places where they wrote."""

    customer: str
    conversations: tuple[str, ...]
    identities: tuple[tuple[str, str, str], ...]
    """Channel, account, and the platform's id of the person."""


async def whose(session: Session, named: str) -> tuple[Person, ...]:
    """Find whom a name means; more than one where accounts of a channel share an id.

    Args:
        session: The look.
        named: A customer's id (``u_…``), a conversation's (``c_…``) or ``channel:user_id``.
    """
    if not named.isprintable():
        # Half a character, as a shell passes bytes on that are no text: nobody is called so.
        return ()
    if named.startswith("u_"):
        customers = [named]
    elif named.startswith("c_"):
        customers = [row["customer"] for row in await session.all("customer_of", named)]
    else:
        channel, _, user_id = named.partition(":")
        rows = await session.all("customers_named", channel, user_id) if user_id else ()
        customers = sorted({row["customer"] for row in rows})
    found = [await _person(session, one) for one in customers]
    return tuple(one for one in found if one.conversations or one.identities)


async def _person(session: Session, customer: str) -> Person:
    conversations = await session.all("conversations_of", customer)
    identities = await session.all("identities_of", customer)
    return Person(
        customer=customer,
        conversations=tuple(row["id"] for row in conversations),
        identities=tuple((row["channel"], row["account"], row["user_id"]) for row in identities),
    )


async def everything(session: Session, person: Person, *, at: datetime) -> dict[str, Any]:
    """Give all that is kept of a person: what came in, what went out, what was done.

    Ready for JSON. Moments are ISO texts in UTC; what was erased is null.
    """
    rows = {row["id"]: row for row in await session.all("conversations_of", person.customer)}
    conversations = []
    for one in person.conversations:
        told = _plain(rows[one], "conversation")
        told["arrivals"] = await _arrivals(session, one)
        for name, statement in _WITHIN.items():
            found = await session.all(statement, one)
            told[name] = [_plain(row, name) for row in found]
        conversations.append(told)
    return {
        "customer": person.customer,
        "exported_at": at.isoformat(),
        "identities": [
            {"channel": channel, "account": account, "user_id": user_id}
            for channel, account, user_id in person.identities
        ],
        "conversations": conversations,
    }


async def _arrivals(session: Session, conversation: str) -> list[dict[str, Any]]:
    found: list[Row] = []
    before = _NO_END
    while rows := await session.all("arrivals_of", conversation, before, PAGE):
        found += rows
        before = rows[-1]["seq"]
    return [_plain(row, "arrivals") for row in reversed(found)]


async def arrivals_of(session: Session, conversation: str) -> Sequence[int]:
    """Name all arrivals of a conversation."""
    return [row["seq"] for row in await _arrivals(session, conversation)]


def _plain(row: Row, table: str) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in _COLUMNS[table]:
        value = row[name]
        if name.endswith("_us"):
            told[f"{name.removesuffix('_us')}_at"] = None if value is None else _iso(value)
        elif table == "files" and name == "body":
            told[name] = base64.b64encode(value).decode()
        elif name == "body" and table == "arrivals":
            told[name] = None if value is None else _read(body_bytes(value))
        elif name == "body" or name in _JSON:
            told[name] = None if value is None else _read(value)
        else:
            told[name] = value
    return told


def _iso(us: int) -> str:
    return moment(us).isoformat()


def _read(text: str | bytes) -> Any:
    """Give JSON as it is, and everything else as text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
