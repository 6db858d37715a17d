"""Reading what traces are folded from, out of any store."""

from collections.abc import Sequence

from conversation.delivery import DeliveryState
from conversation.events import Said
from conversation.rows import Row, call_of, entry_of, moment
from conversation.trace import ArrivalSeen, DeliverySeen, Trace, trace
from conversation.writes import Session

ARRIVALS_MAX = 500
"""The latest of a conversation: older turns are told without them."""
TURNS_MAX = 200
"""Of one conversation, the latest."""
_NO_END = 2**62


async def traces_of(
    session: Session, conversation: str, *, last: int = TURNS_MAX
) -> tuple[Trace, ...]:
    """Tell the turns of a conversation, oldest first; the last one may be under way.

    Args:
        session: A look at one moment.
        conversation: Its id; an unknown one has no turns.
        last: How many of them, counted from the end.
    """
    log = await session.all("log_of", conversation)
    arrivals = await session.all("arrivals_of", conversation, _NO_END, ARRIVALS_MAX)
    deliveries = await session.all("deliveries_of", conversation)
    calls = [call_of(row) for row in await session.all("calls_of", conversation)]
    begun = _turns(conversation, log, arrivals)
    told = []
    for turn, seqs in begun[-last:]:
        entries = [entry_of(row) for row in log if row["turn"] == turn]
        words = {event.outbox_key for _, event in entries if isinstance(event, Said)}
        found = trace(
            turn,
            arrivals=[_arrival(row) for row in reversed(arrivals) if row["seq"] in seqs],
            entries=entries,
            deliveries=[
                _delivery(row) for row in deliveries if row["key"].rpartition(":")[0] in words
            ],
            calls=[one for one in calls if one.turn == turn],
        )
        if found is not None:
            told.append(found)
    return tuple(told)


async def trace_named(session: Session, turn: str) -> Trace | None:
    """Tell one turn by its id; None where there is no such turn (any more)."""
    conversation = turn.rpartition(":")[0]
    return next((one for one in await traces_of(session, conversation) if one.turn == turn), None)


def _turns(
    conversation: str, log: Sequence[Row], arrivals: Sequence[Row]
) -> list[tuple[str, frozenset[int]]]:
    """Name the turns with the arrivals that each took: those from its first to the next one's."""
    seqs = sorted(row["seq"] for row in arrivals)
    logged = dict.fromkeys(row["turn"] for row in log if row["turn"])
    waiting = sorted(row["seq"] for row in arrivals if row["state"] == "pending")
    if waiting:
        # What a turn would be called that begins (or is under way) with them.
        logged.setdefault(f"{conversation}:{waiting[0]}")
    firsts = sorted(first for turn in logged if (first := _first(turn)) is not None)
    told = []
    for turn in logged:
        first = _first(turn)
        end = next((one for one in firsts if first is not None and one > first), _NO_END)
        mine = (seq for seq in seqs if first is not None and first <= seq < end)
        told.append((turn, frozenset(mine)))
    return told


def _first(turn: str) -> int | None:
    number = turn.rpartition(":")[2]
    return int(number) if number.isdecimal() else None


def _arrival(row: Row) -> ArrivalSeen:
    return ArrivalSeen(
        channel=row["channel"],
        kind=row["kind"],
        received_at=moment(row["received_us"]),
        tries=row["tries"],
        state=row["state"],
    )


def _delivery(row: Row) -> DeliverySeen:
    settled = row["settled_us"]
    return DeliverySeen(
        key=row["key"],
        state=DeliveryState(row["state"]),
        tries=row["tries"],
        settled_at=None if settled is None else moment(settled),
        why=row["why"],
    )
