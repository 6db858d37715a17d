"""One person, several places: what is certain, what is only likely, and how it is undone.

Theory of operation. Accounts of one platform are one customer by the platform's own id. Across
platforms nothing is believed: only who has proved the same order with the same e-mail address in
two places is joined, in the commit of the turn that proved it (`commit_all`), or who arrives with
an invitation that was given to them elsewhere, by `Store.redeem`. Their open cases have one owner
from then on (`conversation.sharing`). A colleague can part them again (`part`): no proof joins
those two a second time, only an invitation does. What was merely named in both places (an order
number, an address) is shown to the desk as a hint. Values are kept as digests; they go when the
person is erased.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from config.stages import Surface
from conversation.care import note
from conversation.events import Tended
from conversation.judging import microseconds
from conversation.kin import COMMON_MAX, Joined, Named, Relative, proofs_in
from conversation.model import Owner
from conversation.rows import Row, moment
from conversation.sharing import Kinship, share_owner, tell_parted
from conversation.store import Commit, CommitResult
from conversation.writes import Session, Writes

BY_PROOF = "proof"
"""Who joins by a proof, in the log and among the joinings."""

HINTS_MAX = 20
"""Other places of a person that are shown."""


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


async def commit_all(writes: Writes, items: Sequence[Commit]) -> list[CommitResult]:
    """Commit turns, and join whoever has proved in one what was proved elsewhere.

    It is one transaction, so that no death between the two loses a join; a turn that proves
    nothing costs no statement more. PostgreSQL lets in one after the other who prove the same
    (`conversation.touching.proofs_of`): else neither of two at once would see the other.
    """
    results = await writes.commit(items)
    for item, result in zip(items, results, strict=True):
        if item.mentions and result is CommitResult.COMMITTED and proofs_in(item.mentions):
            await _join_proved(writes.session, item)
    return results


async def _join_proved(session: Session, turn: Commit) -> None:
    """Join the customers who proved the same as a turn's, but for whom a person has parted."""
    rows = await session.all("kin_proved", turn.conversation)
    if not rows:
        return
    kept = rows[0]["kept"]
    apart = {
        one
        for row in await session.all("joined_of", kept)
        if row["undone_us"] is not None
        for one in (row["kept"], row["gone"])
    }
    gone = sorted({row["gone"] for row in rows} - apart)
    if not gone:
        return
    (mine,) = await session.all("customer_of", turn.conversation)
    for one in gone:
        why = "proved the same order with its e-mail address"
        await _move(session, one, kept, why=why, by=BY_PROOF, at=turn.at)
    found = [
        Tended(by=BY_PROOF, what="joined", about=one)
        for one in sorted({kept, *gone} - {mine["customer"]})
    ]
    await note(session, turn.conversation, *found, at=turn.at, turn=turn.turn)
    kinship = Kinship(by=BY_PROOF, conversation=turn.conversation, at=turn.at)
    await share_owner(session, kept, kinship)
    words = [one.key for one in turn.outbox if one.fenced]
    if words:
        # Where its own case went to another owner, what the turn says is as true as before.
        await session.all("outbox_keep", words)


async def join_two(
    session: Session, inviter: str, arrived: str, *, why: str, by: str, at: datetime
) -> frozenset[str] | None:
    """Join the customers of two conversations; None: there is one customer already.

    Who has been known for longer stays. Gives the conversations that were told, as they have an
    open case.
    """
    rows = await session.all("kin_two", [inviter, arrived])
    kept, *gone = [row["customer"] for row in rows]
    for one in gone:
        await _move(session, one, kept, why=why, by=by, at=at)
    if not gone:
        return None
    return await share_owner(session, kept, Kinship(by=by, conversation=arrived, at=at))


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
        # What proves who they are is proved anew, by each of them.
        await session.all("proof_drop", [one["id"] for one in conversations])
    if identities:
        await session.all("identity_back", identities)
    for one, other in ((row["kept"], row["gone"]), (row["gone"], row["kept"])):
        await tell_parted(session, one, of=other, by=by, at=at)
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
