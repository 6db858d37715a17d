"""One owner for the open cases of one person, from the moment that they are known to be one.

Theory of operation. Cases that were open before two customers were joined have owners of their
own. The transaction that joins gives all of them to one: the colleague who claimed first keeps
theirs and gets the others; where nobody has claimed, they wait at the desk together, and go to
whoever claims one. A case of which only a draft or a sign-off waits is the bot's: it goes along
where a colleague or the desk has another one, and where none has it is linked, so that it goes to
who claims the first of them. From then on they are linked: what is done with one is done with all
(`conversation.judging.Changes.along`). Each case that changes hands raises its epoch, so that no
word that was made before is sent after. Every open case is told by an arrival of its own, from
which its card and thread learn who else the customer is. What is answered in a platform's own app
stays there: nobody can write elsewhere from it. Parting (`conversation.joining.part`) takes the
links away and leaves each case with who has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from conversation.events import Claimed, Colleague, decode, decode_desk, encode
from conversation.judging import microseconds
from conversation.kin import news_of_kin
from conversation.model import Arrival, Owner
from conversation.row_json import inbox_json
from conversation.rows import Row, body_bytes, state_of
from conversation.state import CaseStatus, ConversationState
from conversation.writes import Session

CASES_MAX: Final = 50
"""Conversations of one person that are looked at for an open case."""
_DESK: Final = "desk"
_SOMEBODY: Final = "A colleague"
"""Whose name is not known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """How customers were found to be one person."""

    by: str
    """``proof`` or ``invitation``."""
    conversation: str
    """Where it was found; the turn that found it tells its case by itself."""
    at: datetime


async def share_owner(session: Session, customer: str, kinship: Kinship) -> frozenset[str]:
    """Give a customer's open cases one owner, link them and tell them; gives who was told."""
    cases = await _open_cases(session, customer)
    if not cases:
        return frozenset()
    by = await _claimed_by(session, cases[0])
    if len(cases) > 1:
        await session.all("conversation_link", [_link(one, cases[0], by) for one in cases])
    told = [one for row in cases if (one := _news(row, cases[0], by, kinship)) is not None]
    await _tell(session, told, at=kinship.at)
    return frozenset(str(one.to) for one in told)


async def tell_parted(session: Session, customer: str, *, of: str, by: str, at: datetime) -> None:
    """Tell a customer's open cases that they are not who they were joined with."""
    cases = await _open_cases(session, customer)
    told = [news_of_kin(one["id"], by=by, what="parted", about=of, at=at) for one in cases]
    await _tell(session, told, at=at)


async def _open_cases(session: Session, customer: str) -> list[Row]:
    """Find a customer's open cases: who claimed first leads, those of the bot come last."""
    # First: what is looked at next is then as whoever writes there just now leaves it.
    await session.all("kin_hold", customer)
    rows = await session.all("kin_open", customer, CASES_MAX)
    mine = [row["id"] for row in rows if row["owner"] == Owner.BOT]
    if not mine:
        return list(rows)
    found = await session.all("conversations", mine)
    entries = await session.all("entries", mine)
    states = {
        row["id"]: state_of(row, [one for one in entries if one["conversation"] == row["id"]])
        for row in found
    }
    return [row for row in rows if row["owner"] != Owner.BOT or _is_open(states[row["id"]])]


def _is_open(state: ConversationState) -> bool:
    return state.case is not None and state.case.status is not CaseStatus.RESOLVED


def _moves(row: Row, first: Row, by: Colleague | None) -> bool:
    """Say whether a case changes hands."""
    if by is not None:
        return bool(row["claimed_by"] != by.user_id)
    return bool(row["owner"] == Owner.BOT != first["owner"])


def _link(row: Row, first: Row, by: Colleague | None) -> dict[str, object]:
    moves = _moves(row, first, by)
    goes_to = Owner.DESK if by is None else Owner.COLLEAGUE
    return {
        "id": row["id"],
        "owner": goes_to if moves else row["owner"],
        "claimed_by": by.user_id if moves and by is not None else row["claimed_by"],
        "raised": int(moves),
        "linked": first["id"],
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


def _news(row: Row, first: Row, by: Colleague | None, kinship: Kinship) -> Arrival | None:
    """Say what a case is told; nothing where the turn that found it out tells it."""
    if by is not None and _moves(row, first, by):
        return _theirs(row["id"], by, kinship.at)
    if row["id"] == kinship.conversation:
        return None
    return news_of_kin(
        row["id"], by=kinship.by, what="joined", about=kinship.conversation, at=kinship.at
    )


def _theirs(conversation: str, by: Colleague, at: datetime) -> Arrival:
    event = Claimed(by=by, joined=True)
    return Arrival(
        channel=_DESK,
        account=_DESK,
        event_id=f"joined:{conversation}:{microseconds(at)}",
        address=None,
        kind=event.kind,
        occurred_at=at,
        body=encode(event).encode(),
        to=conversation,
    )


async def _tell(session: Session, told: Sequence[Arrival], *, at: datetime) -> None:
    if not told:
        return
    at_us = microseconds(at)
    await session.each("inbox_add", [inbox_json(one, at_us) for one in told])
    woken = [{"id": one.to, "count": 1, "wake_us": at_us} for one in told]
    await session.all("conversation_nudge", woken)
