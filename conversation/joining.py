"""One person, several places: what is certain, what is only likely, and how it is undone.

Theory of operation. Accounts of one platform are one customer by the platform's own id. Across
platforms nothing is believed: only who has proved the same order with the same e-mail address in
two places is joined, by `Store.join`, or who arrives with an invitation that was given to them
elsewhere, by `Store.redeem`; a colleague can part them again (`part`). Their open cases have one
owner from then on (`conversation.sharing`). What was merely
named in both places (an order number, an address) is shown to the desk as a hint. Values are kept
as digests; they go when the person is erased.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from config.stages import Surface
from conversation.judging import microseconds
from conversation.kin import Join, Joined, Named, Relative
from conversation.model import Owner
from conversation.rows import Row, moment
from conversation.sharing import share_owner
from conversation.writes import Session, Writes

HINTS_MAX = 20
"""Other places of a person that are shown."""
COMMON_MAX = 5
"""A value named in more places than that says nothing about who names it."""


class NotJoined(Exception):
    """There is no such joining, or it was undone already."""


async def relatives(session: Session, conversation: str) -> tuple[Relative, ...]:
    """Find a customer's other conversations, then those of who may be the same person."""
    same = await session.all("kin_same", conversation, HINTS_MAX)
    found = [_relative(row, same=True, why=()) for row in same]
    likely: dict[str, tuple[Row, list[Named]]] = {}
    for row in await session.all("kin_likely", conversation, COMMON_MAX, HINTS_MAX):
        likely.setdefault(row["id"], (row, []))[1].append(Named(row["kind"]))
    found += [_relative(row, same=False, why=tuple(why)) for row, why in likely.values()]
    return tuple(found)


def _relative(row: Row, *, same: bool, why: tuple[Named, ...]) -> Relative:
    return Relative(
        conversation=row["id"],
        channel=row["channel"],
        surface=Surface(row["surface"]),
        owner=Owner(row["owner"]),
        claimed_by=row["claimed_by"],
        same=same,
        why=why,
    )


async def join_all(writes: Writes, items: Sequence[Join]) -> list[tuple[str, ...]]:
    """Join whoever has proved the same, for each item (`GroupCommit`'s form)."""
    return [await join(writes.session, item) for item in items]


async def join(session: Session, wish: Join) -> tuple[str, ...]:
    """Join the customers who proved the same; gives the ids of those that are no more."""
    rows = await session.all("kin_proved", wish.conversation)
    if not rows:
        return ()
    kept = rows[0]["kept"]
    gone = sorted({row["gone"] for row in rows})
    for one in gone:
        why = "proved the same order with its e-mail address"
        await _move(session, one, kept, why=why, by=wish.by, at=wish.at)
    await share_owner(session, kept, at=wish.at)
    return tuple(gone)


async def join_two(
    session: Session, inviter: str, arrived: str, *, why: str, by: str, at: datetime
) -> bool:
    """Join the customers of two conversations; False: there is one customer already.

    Who has been known for longer stays.
    """
    rows = await session.all("kin_two", [inviter, arrived])
    kept, *gone = [row["customer"] for row in rows]
    for one in gone:
        await _move(session, one, kept, why=why, by=by, at=at)
    if gone:
        await share_owner(session, kept, at=at)
    return bool(gone)


async def _move(session: Session, one: str, kept: str, *, why: str, by: str, at: datetime) -> None:
    conversations = await session.all("conversations_of", one)
    identities = await session.all("identities_of", one)
    moved = {
        "conversations": [row["id"] for row in conversations],
        "identities": [[row["channel"], row["account"], row["user_id"]] for row in identities],
    }
    await session.all("customer_move", one, kept)
    await session.all("identity_move", one, kept)
    at_us = microseconds(at)
    await session.all("joined_add", kept, one, why, by, at_us, json.dumps(moved))


async def joinings(session: Session, customer: str) -> tuple[Joined, ...]:
    """List the joinings that made a customer, or that one went into; the oldest first."""
    return tuple(_joined(row) for row in await session.all("joined_of", customer))


async def part(session: Session, joined: int, *, by: str, at: datetime) -> Joined:
    """Undo a joining: what moved goes back, as far as it has not moved on since.

    Raises:
        NotJoined: there is no such joining, or it was undone.
    """
    rows: Sequence[Row] = await session.all("joined_undo", joined, microseconds(at), by)
    if not rows:
        raise NotJoined(f"there is no joining {joined} that could be undone")
    (row,) = rows
    moved = json.loads(row["moved"])
    back = {"gone": row["gone"], "kept": row["kept"]}
    conversations = [{"id": one, **back} for one in moved["conversations"]]
    identities = [
        {"channel": channel, "account": account, "user_id": user_id, **back}
        for channel, account, user_id in moved["identities"]
    ]
    if conversations:
        await session.all("customer_back", conversations)
        await session.all("kin_unlink", row["kept"], row["gone"])
        # Their proofs stay what they are: without this the next turn would join them again.
        await session.all("proof_drop", [one["id"] for one in conversations])
    if identities:
        await session.all("identity_back", identities)
    return _joined(row)


def _joined(row: Row) -> Joined:
    undone_us = row["undone_us"]
    return Joined(
        id=row["id"],
        kept=row["kept"],
        gone=row["gone"],
        why=row["why"],
        by=row["by"],
        at=moment(row["at_us"]),
        undone_at=None if undone_us is None else moment(undone_us),
        undone_by=row["undone_by"],
    )
