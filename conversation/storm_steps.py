"""The steps of `conversation.storms`, in a transaction of either store."""

from collections.abc import Sequence

from conversation.judging import microseconds
from conversation.rows import Row, moment
from conversation.storms import Storm, StormAsk, StormSeen
from conversation.writes import Session, Writes


async def step_storms(writes: Writes, asks: Sequence[StormAsk]) -> list[StormSeen]:
    """Note complaints and look, for each ask (`GroupCommit`'s form)."""
    session = writes.session
    rows = {
        (ask.channel, ask.complaint): {
            "channel": ask.channel,
            "customer": ask.complaint,
            "at_us": microseconds(ask.at or ask.since),
        }
        for ask in asks
        if ask.complaint is not None
    }
    # In one order everywhere, lest two wait for each other.
    if rows:
        await session.all("complaint_put", [rows[key] for key in sorted(rows)])
    return [await _seen(session, ask, prune=bool(rows)) for ask in asks]


async def _seen(session: Session, ask: StormAsk, *, prune: bool) -> StormSeen:
    since_us = microseconds(ask.since)
    if prune:
        await session.all("complaints_forget", ask.channel, since_us)
    latest = await session.all("complaints_of", ask.channel, since_us)
    storms = await session.all("storms_of", [ask.channel])
    calm = len(latest) < ask.enough_for_calm
    return StormSeen(
        complaints=len(latest),
        calm_since=None if calm else moment(latest[ask.enough_for_calm - 1]["at_us"]),
        storm=_storm(storms[0]) if storms else None,
    )


def _storm(row: Row) -> Storm:
    return Storm(conversation=row["conversation"], case_id=row["case_id"], lines=row["lines"])
