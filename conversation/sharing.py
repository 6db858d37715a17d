"""One owner for the open cases of one person, from the moment that they are known to be one.

Theory of operation. Cases that were open before two customers were joined have owners of their
own. The transaction that joins gives all of them to one: the colleague who claimed first keeps
theirs and gets the others; where nobody has claimed, they wait at the desk together, and go to
whoever claims one. From then on they are linked: what is done with one is done with all
(`conversation.judging.Changes.along`). Each case that changes hands raises its epoch, so that no
word that was made before is sent after, and is told so by an arrival of its own, from which its
card and thread learn it. What is answered in a platform's own app stays there: nobody can write
elsewhere from it. Parting (`conversation.joining.part`) takes the links away and leaves each case
with who has it.
"""

from datetime import datetime
from typing import Final

from conversation.events import Claimed, Colleague, decode, decode_desk, encode
from conversation.judging import microseconds
from conversation.model import Arrival, Owner
from conversation.row_json import inbox_json
from conversation.rows import Row, body_bytes
from conversation.writes import Session

_CHANNEL: Final = "desk"
_SOMEBODY: Final = "A colleague"
"""Whose name is not known any more."""


async def share_owner(session: Session, customer: str, *, at: datetime) -> None:
    """Give a customer's open cases one owner and link them; nothing, where there is one case."""
    first, *others = await session.all("kin_open", customer) or (None,)
    if first is None or not others:
        return
    by = await _claimed_by(session, first)
    at_us = microseconds(at)
    told: list[Arrival] = []
    links: list[dict[str, object]] = [_link(first, None, moves=False, by=by)]
    for one in others:
        moves = by is not None and one["claimed_by"] != by.user_id
        links.append(_link(one, first["id"], moves=moves, by=by))
        if by is not None and moves:
            told.append(_news(one["id"], by, at=at))
    await session.all("conversation_link", links)
    if told:
        await session.each("inbox_add", [inbox_json(one, at_us) for one in told])
        woken = [{"id": one.to, "count": 1, "wake_us": at_us} for one in told]
        await session.all("conversation_nudge", woken)


def _link(row: Row, root: str | None, *, moves: bool, by: Colleague | None) -> dict[str, object]:
    return {
        "id": row["id"],
        "owner": Owner.COLLEAGUE if moves else row["owner"],
        "claimed_by": by.user_id if moves and by is not None else row["claimed_by"],
        "raised": int(moves),
        "linked": root,
    }


async def _claimed_by(session: Session, row: Row) -> Colleague | None:
    """Name who has a case; the latest claim says it, in the inbox while no turn has read it."""
    user_id = row["claimed_by"]
    if row["owner"] != Owner.COLLEAGUE or user_id is None:
        return None
    waiting = await session.all("claim_waiting", row["id"])
    logged = await session.all("claim_logged", row["id"])
    claims = [decode_desk(body_bytes(one["body"])) for one in waiting if one["body"]]
    said = [*claims, *(decode(one["body"]) for one in logged if one["body"])]
    names = (one.by.name for one in said if isinstance(one, Claimed) and one.by.user_id == user_id)
    return Colleague(user_id=user_id, name=next(names, _SOMEBODY))


def _news(conversation: str, by: Colleague, *, at: datetime) -> Arrival:
    event = Claimed(by=by, joined=True)
    return Arrival(
        channel=_CHANNEL,
        account=_CHANNEL,
        event_id=f"joined:{conversation}:{microseconds(at)}",
        address=None,
        kind=event.kind,
        occurred_at=at,
        body=encode(event).encode(),
        to=conversation,
    )
