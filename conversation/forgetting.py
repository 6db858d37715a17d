"""Forgetting: content is emptied, the log's chain, the ledger's keys and the dedupe keys stay.

Theory of operation. What people said stands beside what must last: bodies beside the log's digests
and the inbox's keys, arguments beside the ledger's. Forgetting empties the former, in one
transaction for each conversation. Whoever works on it meanwhile is fenced off by its token, so a
turn that still knows what was said cannot write it back; what is about to be sent is dropped.
An erased person who writes again begins anew under the same ids, which are digests.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from conversation.care import note
from conversation.events import Erased, Event, Tended
from conversation.judging import microseconds
from conversation.ledger import UNFINISHED, ApprovalState, CallState
from conversation.model import Author, Owner
from conversation.people import Person, arrivals_of, everything
from conversation.row_json import decision_json
from conversation.rows import Row, entry_of, post_of, state_of
from conversation.state import ConversationState, encode_state, fold
from conversation.store import ApprovalDecision, DeskPosted
from conversation.writes import Session

NO_END = 2**62
"""Later than any moment, in microseconds."""
LOST_AT_ONCE = 500
"""Arrivals that belong to no conversation, emptied in one transaction."""
MEDIA_AT_ONCE = 50
"""Files, of a few megabytes each, dropped in one transaction."""
ARCHIVE = "archive"
"""What was done to a conversation whose past is in a file."""
UPKEEP = "upkeep"
"""Who does what happens by itself."""


class StillOpen(Exception):
    """Calls are under way or of unknown outcome: without their arguments nobody could end them."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(", ".join(keys))
        self.keys = tuple(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emptied:
    """What was emptied, counted."""

    conversations: int = 0
    entries: int = 0
    arrivals: int = 0
    deliveries: int = 0
    calls: int = 0
    files: int = 0
    posts: tuple[DeskPosted, ...] = ()
    """Posts of ours at the desk that still say it."""

    def __add__(self, other: "Emptied") -> "Emptied":
        return Emptied(
            conversations=self.conversations + other.conversations,
            entries=self.entries + other.entries,
            arrivals=self.arrivals + other.arrivals,
            deliveries=self.deliveries + other.deliveries,
            calls=self.calls + other.calls,
            files=self.files + other.files,
            posts=self.posts + other.posts,
        )


# --- a person


async def unfinished(session: Session, conversation: str) -> tuple[str, ...]:
    """Name the calls of a conversation that somebody still has to end."""
    rows = await session.all("calls_of", conversation)
    return tuple(row["key"] for row in rows if row["state"] in UNFINISHED)


async def erase(session: Session, conversation: str, *, by: str, at: datetime) -> Emptied:
    """Empty all that one conversation says, and let it begin anew.

    Raises:
        StillOpen: calls of it are not at their end; nothing was changed.
    """
    await session.all("rows_for_commit", [conversation])
    open_calls = await unfinished(session, conversation)
    if open_calls:
        raise StillOpen(open_calls)
    emptied = await _empty(session, conversation, at=at)
    await session.all("conversation_empty", conversation)
    await note(session, conversation, Tended(by=by, what="erase"), at=at)
    return emptied


async def _empty(session: Session, conversation: str, *, at: datetime) -> Emptied:
    at_us = microseconds(at)
    await _expire(session, conversation, at)
    entries = await session.all("content_empty", conversation, NO_END)
    arrivals = await arrivals_of(session, conversation)
    if arrivals:
        await session.all("inbox_empty", list(arrivals))
    deliveries = await session.all("outbox_empty", conversation, NO_END, at_us)
    calls = await session.all("calls_of", conversation)
    await _empty_calls(session, calls)
    await session.all("timers_drop", conversation)
    await session.all("mentions_drop", conversation)
    files = await session.all("media_drop", conversation, NO_END)
    await session.all("invitations_drop", conversation)
    posts = await session.all("posts_of", conversation)
    return Emptied(
        conversations=1,
        entries=len(entries),
        arrivals=len(arrivals),
        deliveries=len(deliveries),
        calls=len(calls),
        files=len(files),
        posts=tuple(map(post_of, posts)),
    )


async def _expire(session: Session, conversation: str, at: datetime) -> None:
    """Let nobody sign off what nobody can read any more."""
    for row in await session.all("approvals_of", conversation):
        if row["state"] == ApprovalState.WAITING:
            decision = ApprovalDecision(
                approval_id=row["id"], state=ApprovalState.EXPIRED, by=UPKEEP, at=at
            )
            listed = [decision_json(decision, row["call_key"])]
            await session.all("approval_decide", listed)
            await session.all("call_decide", listed)


async def _empty_calls(session: Session, calls: Sequence[Row]) -> None:
    rows = [{"key": row["key"], "args": _digested(row["args"])} for row in calls]
    if rows:
        await session.all("call_empty", rows)


def _digested(args: str | None) -> str:
    """Keep a proof of what a call was, and nothing to read."""
    if args is not None and set(json.loads(args)) == {"erased"}:
        return args
    return json.dumps({"erased": salted(args or "")})


def salted(text: str) -> str:
    """Digest a text under a salt of its own; the same text never gives the same digest twice."""
    salt = secrets.token_hex(16)
    return f"{salt}:{hashlib.blake2b(text.encode(), digest_size=16, key=salt.encode()).hexdigest()}"


async def forget_identities(session: Session, person: Person) -> None:
    """Leave digests in place of a person's ids, so that nobody is linked to them again."""
    rows = [
        {
            "channel": channel,
            "account": account,
            "user_id": user_id,
            "digest": f"erased:{salted(user_id)}",
        }
        for channel, account, user_id in person.identities
        if not user_id.startswith("erased:")
    ]
    if rows:
        await session.all("identity_empty", rows)
    await session.all("joined_empty", person.customer)


# --- a message that was taken back


def without_message(state: ConversationState, message_id: str) -> ConversationState:
    """Give the state without the words of a message that was taken back.

    Wishes are told in the customer's own words: those that stand in no other message go, too.
    """
    lines = tuple(
        replace(line, text="", files=(), deleted=True) if line.message_id == message_id else line
        for line in state.lines
    )
    said = [line.text for line in lines if line.author is Author.CUSTOMER]
    issues = tuple(
        one if any(one.text in text for text in said) else replace(one, text="")
        for one in state.issues
    )
    return replace(state, lines=lines, issues=issues)


# --- what is old


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One look of a round of retention."""

    stale: tuple[str, ...]
    """Conversations in which something is too old."""
    last: str | None
    """Where the next look goes on; None: the round is over."""


async def find_old(session: Session, *, before: datetime, after: str, limit: int) -> Page:
    """Look through the next conversations, by their ids, for what is older than a moment."""
    rows = await session.all("retention_page", after, limit, microseconds(before))
    return Page(
        stale=tuple(row["id"] for row in rows if row["stale"]),
        last=rows[-1]["id"] if len(rows) == limit else None,
    )


async def forget_lost(session: Session, *, before: datetime) -> int:
    """Empty old arrivals that belong to no conversation, some at a time; says how many."""
    lost = await session.all("inbox_old_lost", microseconds(before), LOST_AT_ONCE)
    if lost:
        await session.all("inbox_empty", [row["seq"] for row in lost])
    return len(lost)


async def forget_media(session: Session, *, before: datetime) -> int:
    """Drop old files of conversations that are the bot's, some at a time; says how many."""
    return len(await session.all("media_drop_old", microseconds(before), MEDIA_AT_ONCE))


async def forget_old(
    session: Session, conversation: str, *, before: datetime, at: datetime
) -> Emptied:
    """Empty what is older than a moment in one conversation.

    One in which nothing happened since is emptied whole; of others, the older entries. One that is
    being worked on, or about to be, waits for the next round.
    """
    (row,) = await session.all("rows_for_commit", [conversation])
    if _awake(row):
        return Emptied()
    (told,) = await session.all("retention_of", conversation)
    if told["last_us"] < microseconds(before) and await _at_rest(session, told):
        emptied = await _empty(session, conversation, at=at)
        await session.all("conversation_empty", conversation)
        await _forget_whom(session, told["customer"])
        await note(session, conversation, Tended(by=UPKEEP, what="retention"), at=at)
        return emptied
    return await _forget_past(session, conversation, before=before, at=at)


async def _forget_past(session: Session, one: str, *, before: datetime, at: datetime) -> Emptied:
    before_us = microseconds(before)
    rows = await session.all("conversations", [one])
    state = state_of(rows[0], await session.all("entries", [one]))
    entries = await session.all("content_empty", one, before_us)
    arrivals = [each["seq"] for each in await session.all("inbox_old", one, before_us)]
    if arrivals:
        await session.all("inbox_empty", arrivals)
    files = await session.all("media_drop", one, before_us)
    deliveries: Sequence[Row] = ()
    if not await session.all("outbox_open_of", one):
        deliveries = await session.all("outbox_empty", one, before_us, microseconds(at))
    calls = [
        each
        for each in await session.all("calls_of", one)
        if each["updated_us"] < before_us
        and each["state"] not in {*UNFINISHED, CallState.AWAITING}
        and each["summary"] != "erased"
    ]
    await _empty_calls(session, calls)
    if entries:
        left = map(entry_of, await session.all("entries_all", one))
        kept = encode_state(without_past(state, fold(ConversationState(), left)))
        await session.all("snapshot_put", one, kept, rows[0]["position"])
    return Emptied(
        conversations=1,
        entries=len(entries),
        arrivals=len(arrivals),
        deliveries=len(deliveries),
        calls=len(calls),
        files=len(files),
    )


def _awake(row: Row) -> bool:
    """Say whether somebody works on a conversation, or is about to."""
    return row["lease_us"] is not None or row["wake_us"] is not None


async def _at_rest(session: Session, row: Row) -> bool:
    """Say whether nobody still has something to do in a conversation."""
    return (
        row["owner"] == Owner.BOT
        and not await unfinished(session, row["id"])
        and not await session.all("outbox_open_of", row["id"])
    )


# --- what is archived


async def archive(
    session: Session,
    conversation: str,
    *,
    before: datetime,
    at: datetime,
    keep: Callable[[Mapping[str, Any]], None],
    by: str,
    about: str,
) -> bool:
    """Move what an old conversation says out of the store; whose it is stays known.

    Args:
        session: The transaction.
        conversation: Which.
        before: Only if nothing happened since.
        at: Now.
        keep: Keeps what `people.everything` gives of it for good, before it is emptied here;
            raises `quarantine.NotSo` where it cannot.
        by: The account of the person who wants it.
        about: Where it is kept: who is erased later is told of it.

    Returns:
        Whether it was old, at rest, and said anything.
    """
    (row,) = await session.all("rows_for_commit", [conversation])
    (told,) = await session.all("retention_of", conversation)
    if _awake(row) or told["last_us"] >= microseconds(before):
        return False
    entries = [entry_of(each)[1] for each in await session.all("entries_all", conversation)]
    speaks = any(not isinstance(each, Tended | Erased) for each in entries)
    if not speaks or not await _at_rest(session, told):
        return False
    known = tuple(
        (each["channel"], each["account"], each["user_id"])
        for each in await session.all("identities_of", told["customer"])
    )
    person = Person(customer=told["customer"], conversations=(conversation,), identities=known)
    keep(await everything(session, person, at=at))
    await _empty(session, conversation, at=at)
    await session.all("conversation_archive", conversation)
    places = dict.fromkeys((*_archives(entries), about))
    notes = [Tended(by=by, what=ARCHIVE, about=place) for place in places]
    await note(session, conversation, *notes, at=at)
    return True


async def archives_of(session: Session, conversation: str) -> tuple[str, ...]:
    """Name the archives that hold a conversation's past."""
    rows = await session.all("entries_all", conversation)
    return _archives([entry_of(row)[1] for row in rows])


def _archives(entries: Sequence[Event | Erased]) -> tuple[str, ...]:
    return tuple(e.about for e in entries if isinstance(e, Tended) and e.what == ARCHIVE)


async def _forget_whom(session: Session, customer: str) -> None:
    """Forget a customer's ids once none of their conversations says anything."""
    if any(row["key"] for row in await session.all("conversations_of", customer)):
        return
    identities = await session.all("identities_of", customer)
    known = tuple((row["channel"], row["account"], row["user_id"]) for row in identities)
    person = Person(customer=customer, conversations=(), identities=known)
    await forget_identities(session, person)


def without_past(state: ConversationState, left: ConversationState) -> ConversationState:
    """Give the state with what was said, looked up and understood as the entries left tell it.

    Who writes, who has the case and what waits for a yes stay as they are.
    """
    return replace(
        state,
        earlier_mood=left.earlier_mood,
        moods=left.moods,
        urgency=left.urgency,
        risks=left.risks,
        issues=left.issues,
        deadline=left.deadline,
        summary=left.summary,
        lines=left.lines,
        acts=left.acts,
        facts=left.facts,
        proofs=left.proofs,
        memory=left.memory,
        draft=left.draft,
    )
