"""The writing operations of every store, each over a whole batch of its kind.

They run inside a transaction that `conversation.group_commit` has begun and speak to it by the
names of statements, of which each engine has its own wording. Between reading a row and writing
it nobody else writes it: SQLite has one writer, PostgreSQL's statements lock what they read.
"""

# Longer than 400 lines: every writing operation, so that their order of locks is seen in one place.

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any, Protocol, TypeVar

from conversation.ceilings import Ceiling, Used
from conversation.chain import LogRow
from conversation.delivery import DeliveryState, may_settle
from conversation.judging import (
    Books,
    Changes,
    Key,
    Member,
    judge,
    key_of,
    microseconds,
    take_into,
    write_log,
)
from conversation.kin import COMMON_MAX, news_of_kin
from conversation.ledger import ApprovalState, CallState
from conversation.model import Arrival, Owner
from conversation.row_json import (
    alarm_json,
    approval_json,
    call_json,
    ceilings_json,
    decision_json,
    forgotten_json,
    inbox_json,
    log_json,
    media_json,
    mention_json,
    new_row_json,
    outbox_json,
    outbox_move,
    owners_json,
    place_json,
    row_json,
    settlement_json,
    timer_json,
)
from conversation.rows import (
    Claim,
    Row,
    Take,
    delivery_of,
    row_state,
    timer_arrival,
    used_of,
    work_of,
)
from conversation.store import (
    Acceptance,
    Accepted,
    ApprovalDecision,
    Commit,
    CommitResult,
    Delivery,
    Settlement,
    Work,
)
from conversation.storms import StormStep, StormWrite

PENDING_LIMIT = 100
"""Arrivals that one turn takes; the rest wake the next."""

PROBE_LENGTH = 65_536
"""Characters that are written to see whether there is room."""

Parameter = int | str | Sequence[object]
"""What a statement takes: a value, or a list that it unfolds."""
Fields = Mapping[str, object]
"""A row to write: its columns by name."""
T = TypeVar("T")


class Session(Protocol):
    """An open transaction of an engine."""

    async def all(self, name: str, *what: Parameter) -> Sequence[Row]:
        """Run a named statement; gives its rows, in the statement's order."""
        ...

    async def each(self, name: str, rows: Sequence[Fields]) -> Sequence[Row]:
        """Run a named statement for each of these rows; gives all that it returns."""
        ...


class Raced(Exception):
    """Another transaction has written what this one judged; it has to be judged anew."""


class Writes:
    """Set-based writes in one transaction."""

    def __init__(self, session: Session, *, lease_s: int) -> None:
        """Take a session.

        Args:
            session: The transaction.
            lease_s: Seconds that a claim lasts, and a sending.
        """
        self._session = session
        self._lease_us = lease_s * 1_000_000

    @property
    def session(self) -> Session:
        """The transaction."""
        return self._session

    @property
    def lease_us(self) -> int:
        """How long what is taken is one's own, in microseconds."""
        return self._lease_us

    async def _put(self, name: str, rows: Sequence[object]) -> None:
        if rows:
            await self._session.all(name, rows)

    async def _each(self, name: str, rows: Sequence[Fields]) -> Sequence[Row]:
        return await self._session.each(name, rows) if rows else ()

    async def _all(self, name: str, listed: Sequence[object], *more: int) -> Sequence[Row]:
        return await self._session.all(name, listed, *more) if listed else ()

    # --- accept

    async def accept(self, items: Sequence[Acceptance]) -> list[Accepted]:
        """Keep arrivals once; apply the changes that came with them, or nothing of the item."""
        changes = await self._changes([item for item in items if item.owner or item.approval])
        kept = [changes.judge(item) for item in items]
        fresh = await self._add_arrivals(
            [
                (arrival, microseconds(item.received_at))
                for item, keeps in zip(items, kept, strict=True)
                if keeps
                for arrival in item.arrivals
            ]
        )
        await self._add_media(
            [item for item, keeps in zip(items, kept, strict=True) if keeps], fresh
        )
        await self._follow(changes)
        await self._put("conversation_own", owners_json(changes))
        begun = [{"id": one.approval_id, "by": one.by} for one in changes.begun]
        await self._put("approval_first", begun)
        await self._decide(changes.decided)
        return [
            Accepted(
                new=tuple(keeps and _taken(fresh, arrival) for arrival in item.arrivals),
                applied=keeps,
            )
            for item, keeps in zip(items, kept, strict=True)
        ]

    async def _add_media(self, items: Sequence[Acceptance], fresh: set[Key]) -> None:
        """Keep the bytes that came with arrivals that are new."""
        rows = [
            media_json(one, at_us=microseconds(item.received_at))
            for item in items
            if item.media and key_of(item.arrivals[0]) in fresh
            for one in item.media
        ]
        await self._each("media_add", rows)

    async def _follow(self, changes: Changes) -> None:
        """Let what shares an owner change hands along."""
        named = [change.conversation for _, change, _ in changes.moved]
        rows = await self._all("linked_with", named)
        told = changes.along(
            [
                Member(
                    id=row["id"],
                    of=row["of"],
                    owner=Owner(row["owner"]),
                    claimed_by=row["claimed_by"],
                    linked=row["linked"] is not None,
                )
                for row in rows
            ]
        )
        await self._add_arrivals([(arrival, microseconds(at)) for arrival, at in told])

    async def _changes(self, items: Sequence[Acceptance]) -> Changes:
        if not items:
            return Changes(owners={}, waiting={}, seen=set())
        owners = await self._all("owners", [i.owner.conversation for i in items if i.owner])
        asked = [i.approval.approval_id for i in items if i.approval]
        waiting = await self._all("approvals_waiting", asked)
        seen = await self._all("inbox_seen", [key_of(i.arrivals[0]) for i in items if i.arrivals])
        return Changes(
            owners={row["id"]: (Owner(row["owner"]), row["claimed_by"]) for row in owners},
            waiting={row["id"]: row["expires_us"] for row in waiting},
            firsts={row["id"]: row["first_by"] for row in waiting if row["first_by"]},
            seen={(row["channel"], row["account"], row["event_id"]) for row in seen},
        )

    async def _decide(self, decisions: Sequence[ApprovalDecision]) -> None:
        """Decide sign-offs that still wait, once each; the ledger moves with them."""
        if not decisions:
            return
        rows = await self._all("approvals_waiting", [one.approval_id for one in decisions])
        calls = {row["id"]: row["call_key"] for row in rows}
        listed = [
            decision_json(one, calls.pop(one.approval_id))
            for one in decisions
            if one.approval_id in calls
        ]
        await self._put("approval_decide", listed)
        await self._put("call_decide", listed)

    async def _add_arrivals(self, arrivals: Sequence[tuple[Arrival, int]]) -> set[Key]:
        """Insert arrivals and wake their conversations; gives the keys that were new."""
        if not arrivals:
            return set()
        rows = await self._each("inbox_add", [inbox_json(one, at_us) for one, at_us in arrivals])
        fresh = {(row["channel"], row["account"], row["event_id"]) for row in rows}
        made: dict[str, dict[str, Any]] = {}
        nudged: dict[str, dict[str, Any]] = {}
        counted: set[Key] = set()
        for arrival, at_us in arrivals:
            key = key_of(arrival)
            if arrival.conversation is None or key not in fresh or key in counted:
                continue
            counted.add(key)
            if arrival.address is not None and arrival.to is None:
                anew = new_row_json(arrival.address, at_us, also=arrival.also)
                row = made.setdefault(arrival.conversation, anew)
            else:
                row = nudged.setdefault(
                    arrival.conversation, {"id": arrival.conversation, "count": 0, "wake_us": at_us}
                )
            row["count"] += 1
        await self._each("conversation_wake", list(made.values()))
        await self._put("conversation_nudge", list(nudged.values()))
        await self._put("inbox_stray", list(nudged))
        alarms = {key_of(one): one for one, _ in arrivals if one.alarm and key_of(one) in fresh}
        await self._put("notice_add", [alarm_json(one) for one in alarms.values()])
        return fresh

    # --- turns

    async def claim(self, items: Sequence[Claim]) -> list[list[Work]]:
        """Take awake conversations and load all that their turns need; one query for all items."""
        now_us = microseconds(max(item.now for item in items))
        room = sum(item.limit for item in items)
        claimed = await self._session.all("claim", now_us, self._lease_us, room)
        return _dealt(await self._load([row["id"] for row in claimed]), items)

    async def _load(self, ids: list[str]) -> list[Work]:
        if not ids:
            return []
        rows = await self._all("conversations", ids)
        pending = _grouped(await self._all("inbox_tries", ids, PENDING_LIMIT))
        entries = _grouped(await self._all("entries", ids))
        calls = _grouped(await self._all("calls_unfinished", ids))
        return [
            work_of(
                row,
                entries=entries.get(row["id"], []),
                pending=sorted(pending.get(row["id"], []), key=lambda one: int(one["seq"])),
                calls=calls.get(row["id"], []),
            )
            for row in rows
        ]

    async def commit(self, items: Sequence[Commit]) -> list[CommitResult]:
        """Judge each commit against the rows as they are, and write those that hold."""
        books = await self._books(items)
        unknown = {write.record.key for item in items for write in item.calls} - set(books.calls)
        results, held, logged = [], [], []
        for item in items:
            result = judge(item, books)
            results.append(result)
            if result is CommitResult.COMMITTED:
                logged += take_into(item, books)
                held.append((item, books.rows[item.conversation].epoch))
        await self._put_log(logged)
        await self._put_calls([item for item, _ in held], unknown)
        await self._put_commits(held)
        touched = dict.fromkeys(item.conversation for item, _ in held)
        await self._each("conversation_put", [row_json(one, books.rows[one]) for one in touched])
        # A burst longer than one turn takes: what is left wakes the next turn.
        await self._each(
            "conversation_rest",
            [
                {"id": item.conversation, "wake_us": microseconds(item.at)}
                for item, _ in held
                if item.release and item.wake_at is None
            ],
        )
        return results

    async def _books(self, items: Sequence[Commit]) -> Books:
        """Read what commits are judged by. Always in this order, lest two wait for each other."""
        named = {item.conversation for item in items}
        named |= {item.shares.conversation for item in items if item.shares}
        rows = await self._all("rows_for_commit", sorted(named))
        expiring = await self._all("approvals_waiting", [one for i in items for one in i.expired])
        begins = {i.storm.channel for i in items if i.storm and i.storm.step is StormStep.BEGIN}
        storms = await self._all("storms_of", sorted(begins))
        keys = {write.record.key for item in items for write in item.calls}
        known = await self._all("calls_held", sorted(keys | {row["call_key"] for row in expiring}))
        return Books(
            rows={row["id"]: row_state(row) for row in rows},
            calls={row["key"]: CallState(row["state"]) for row in known if row["key"] in keys},
            storms={row["channel"] for row in storms},
            used=await self._used(items),
        )

    async def _used(self, items: Sequence[Commit]) -> dict[tuple[str, Ceiling], Used]:
        """Read what was had below the ceilings of calls; nobody else begins one meanwhile."""
        asked = [
            (one, write.record.key) for i in items for write in i.calls for one in write.ceilings
        ]
        if not asked:
            return {}
        await self._put("ceiling_hold", sorted({one.scope for one, _ in asked}))
        rows = await self._session.all("ceiling_used", ceilings_json(asked))
        used = used_of(rows, len(asked))
        return {(key, one): had for (one, key), had in zip(asked, used, strict=True)}

    async def _put_calls(self, items: Sequence[Commit], unknown: set[str]) -> None:
        """Write the ledger; of two who begin the same call at once, one is judged anew."""
        rows = {
            write.record.key: call_json(write.record, at_us=microseconds(item.at))
            for item in items
            for write in item.calls
        }
        new = [rows[key] for key in sorted(rows.keys() & unknown)]
        if len(await self._all("call_add", new)) < len(new):
            raise Raced
        await self._put("call_put", [row for key, row in rows.items() if key not in unknown])

    async def _put_log(self, rows: Sequence[LogRow]) -> None:
        await self._each("log_add", [log_json(row) for row in rows])

    async def _put_commits(self, held: Sequence[tuple[Commit, int]]) -> None:
        items = [item for item, _ in held]
        done: list[Fields] = [
            {"seq": seq, "state": "taken", "why": None} for item in items for seq in item.consumed
        ]
        done += [
            {"seq": seq, "state": "quarantined", "why": why}
            for item in items
            for seq, why in item.quarantined
        ]
        await self._each("inbox_done", done)
        gone = [(i.conversation, one) for i in items for one in i.forgotten]
        words = [forgotten_json(*one) for one in gone]
        await self._put("decided_forget", words)
        await self._put("message_forget", words)
        await self._put("lines_forget", words)
        await self._put("inbox_empty", [seq for _, one in gone for seq in one.arrivals])
        await self._put("approval_add", [approval_json(a) for i in items for a in i.approvals])
        await self._decide(
            [
                ApprovalDecision(approval_id=one, state=ApprovalState.EXPIRED, by="", at=i.at)
                for i in items
                for one in i.expired
            ]
        )
        await self._each("outbox_add", [row for i, epoch in held for row in outbox_json(i, epoch)])
        await self._put_timers(items)
        met = [
            {
                "conversation": item.conversation,
                "user_id": item.peer.user_id,
                "at_us": microseconds(item.at),
            }
            for item in items
            if item.peer
        ]
        await self._each("customer_add", met)
        await self._each("identity_add", met)
        await self._each("identity_follow", met)
        await self._put_mentions(items)
        await self._put_storms([(i.conversation, i.storm) for i in items if i.storm])

    async def _put_mentions(self, items: Sequence[Commit]) -> None:
        """Keep what was named; where colleagues have a case in which the same was, they see it.

        It is one statement, for turns that are nothing special ask for it.
        """
        rows = await self._all(
            "mention_add", [r for i in items for r in mention_json(i)], COMMON_MAX
        )
        at = {item.conversation: item.at for item in items}
        likely = {
            (held, row["conversation"])
            for row in rows
            if row["held"] is not None
            for held in row["held"].split(",")
        }
        await self._add_arrivals(
            [
                (
                    news_of_kin(held, by="mention", what="likely", about=one, at=at[one]),
                    microseconds(at[one]),
                )
                for held, one in sorted(likely)
            ]
        )

    async def _put_storms(self, steps: Sequence[tuple[str, StormWrite]]) -> None:
        """Move storms along; of two who begin one at once, one is judged anew."""
        begun = [
            {"channel": one.channel, "conversation": conversation, "case_id": one.case_id}
            for conversation, one in steps
            if one.step is StormStep.BEGIN
        ]
        if begun and len(await self._session.all("storm_begin", begun)) < len(begun):
            raise Raced
        for _, one in sorted(steps, key=lambda step: step[1].channel):
            if one.step is StormStep.LINE:
                await self._session.all("storm_line", one.channel)
            elif one.step is StormStep.LIFT:
                await self._session.all("storm_lift", one.channel)
                await self._session.all("complaints_drop", one.channel)

    async def _put_timers(self, items: Sequence[Commit]) -> None:
        """Leave each timer as the last commit that names it wants it; none: dropped."""
        rows: dict[tuple[str, str], dict[str, object] | None] = {}
        for item in items:
            rows |= dict.fromkeys(((item.conversation, name) for name in item.cancel), None)
            rows |= {(item.conversation, str(row["name"])): row for row in timer_json(item)}
        dropped = [key for key, row in rows.items() if row is None]
        await self._put(
            "timer_drop", [{"conversation": one, "name": name} for one, name in dropped]
        )
        await self._put("timer_put", [row for row in rows.values() if row is not None])

    async def probe(self, items: Sequence[object]) -> list[None]:
        """Write something of a webhook's size and take it away again."""
        await self._session.all("upkeep_put", "probe", "." * PROBE_LENGTH)
        await self._session.all("upkeep_drop", "probe")
        return [None] * len(items)

    # --- deliveries and timers

    async def take(self, items: Sequence[Take]) -> list[list[Delivery]]:
        """Take the first open message of each destination that is due; drop overtaken ones."""
        now_us = microseconds(max(item.now for item in items))
        room = sum(item.limit for item in items)
        due: list[Delivery] = []
        while len(due) < room:
            found = await self._session.all("outbox_due", now_us, room - len(due))
            old = [row["id"] for row in found if _overtaken(row)]
            good = [delivery_of(row) for row in found if not _overtaken(row)]
            moves = dict.fromkeys((one.id for one in good), DeliveryState.SENDING)
            moves |= dict.fromkeys(old, DeliveryState.SUPERSEDED)
            await self._each(
                "outbox_take",
                [outbox_move(one, to, lease_us=self._lease_us) for one, to in moves.items()],
            )
            due += good
            if not old:  # Otherwise those behind the dropped ones have come to the head.
                break
        return _dealt(due, items)

    async def settle(self, items: Sequence[Settlement]) -> list[None]:
        """Note what became of deliveries, in the outbox and in the log; once for each sending."""
        sending = await self._all("outbox_sending", [item.delivery.id for item in items])
        tries = {row["id"]: row["tries"] for row in sending}
        true = []
        for item in items:
            if tries.get(item.delivery.id) == item.delivery.tries and may_settle(item.state):
                del tries[item.delivery.id]
                true.append(item)
        await self._each("outbox_settle", [settlement_json(item) for item in true])
        posted = {item.posted.key: asdict(item.posted) for item in true if item.posted}
        await self._put("desk_post_put", list(posted.values()))
        noted = [item for item in true if item.log]
        ids = sorted({item.delivery.conversation for item in noted})
        rows = {row["id"]: row_state(row) for row in await self._all("rows_for_commit", ids)}
        logged = []
        for item in noted:
            one, at_us = item.delivery.conversation, microseconds(item.at)
            logged += write_log(one, rows[one], item.log, at_us=at_us, turn=None)
        await self._put_log(logged)
        await self._each("conversation_log", [place_json(one, rows[one]) for one in ids])
        await self._add_arrivals([(i.wake, microseconds(i.at)) for i in true if i.wake])
        return [None] * len(items)

    async def fire(self, items: Sequence[Take]) -> list[int]:
        """Turn due timers into arrivals, in the transaction that removes them."""
        results = []
        for item in items:
            now_us = microseconds(item.now)
            rows = await self._session.all("timer_fire", now_us, item.limit)
            rows = sorted(rows, key=lambda row: (row["due_us"], row["conversation"], row["name"]))
            await self._add_arrivals([(timer_arrival(row), now_us) for row in rows])
            results.append(len(rows))
        return results


def _overtaken(row: Row) -> bool:
    """Say whether these are words of an owner who speaks no more."""
    return bool(row["fenced"]) and row["row_epoch"] != row["epoch"]


def _dealt(found: Sequence[T], items: Sequence[Claim | Take]) -> list[list[T]]:
    """Deal what was found for all out to each, as much as it asked for."""
    left = iter(found)
    return [list(islice(left, item.limit)) for item in items]


def _taken(fresh: set[Key], arrival: Arrival) -> bool:
    """Say whether this arrival was the new one; its twins in the same batch are not."""
    key = key_of(arrival)
    if key in fresh:
        fresh.discard(key)
        return True
    return False


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["conversation"], []).append(row)
    return groups
