"""The log's hash chain: each entry's hash is over the entry and the hash before it.

What an entry says is in the chain by a salted digest only, so a person's words can be erased and
the chain still verifies; a row altered, dropped, added or moved breaks it from there on.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conversation.events import Event, encode

START = ""
"""The hash before the first entry."""
SALT_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """An entry with its place in the chain."""

    conversation: str
    position: int
    """From 1."""
    at_us: int
    kind: str
    turn: str | None
    salt: str
    body: str | None
    """The entry's JSON; None once it was erased."""
    digest: str
    """Of salt and body."""
    hash: str


def link(
    conversation: str,
    events: Sequence[Event],
    *,
    position: int,
    before: str,
    at_us: int,
    turn: str | None,
) -> list[LogRow]:
    """Give entries their places and hashes behind the one at ``position``."""
    rows = []
    # One call to the kernel for all: it costs as much as all the rest of an entry.
    salts = secrets.token_hex(SALT_BYTES * len(events))
    for number, event in enumerate(events):
        place, body = position + 1 + number, encode(event)
        salt = salts[2 * SALT_BYTES * number : 2 * SALT_BYTES * (number + 1)]
        digest = _digest(salt, body)
        before = _hash(before, conversation, place, at_us, event.kind, turn, digest)
        rows.append(
            LogRow(
                conversation=conversation,
                position=place,
                at_us=at_us,
                kind=event.kind,
                turn=turn,
                salt=salt,
                body=body,
                digest=digest,
                hash=before,
            )
        )
    return rows


def verify(entries: Iterable[LogRow]) -> int | None:
    """Check one conversation's whole log; gives the first place that does not hold, None if sound.

    What the chain alone cannot show is an end cut off: compare the last hash with the one that the
    conversation's row keeps.
    """
    before = START
    for place, row in enumerate(entries, start=1):
        told = _hash(before, row.conversation, place, row.at_us, row.kind, row.turn, row.digest)
        true_body = row.body is None or row.digest == _digest(row.salt, row.body)
        if row.position != place or row.hash != told or not true_body:
            return place
        before = row.hash
    return None


def _digest(salt: str, body: str) -> str:
    return hashlib.sha256((salt + body).encode()).hexdigest()


def _hash(before: str, *named: str | int | None) -> str:
    # JSON keeps the parts apart: no turn's name can pass for another turn and another digest.
    return hashlib.sha256(json.dumps([before, *named]).encode()).hexdigest()
