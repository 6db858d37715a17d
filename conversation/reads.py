"""The reading operations of every store."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from conversation.ceilings import Ceiling, Used
from conversation.entries import LogEntry
from conversation.events import Erased, Event
from conversation.joining import relatives
from conversation.kin import LATEST_MAX, Relative, Spoken
from conversation.ledger import Approval, CallRecord
from conversation.media import Media, MediaHeld
from conversation.row_json import ceilings_json
from conversation.rows import (
    address_of,
    approval_of,
    call_of,
    conversation_of,
    entry_of,
    log_entry_of,
    media_of,
    moment,
    pending_of,
    post_of,
    state_of,
    used_of,
)
from conversation.state import ConversationState
from conversation.store import ConversationRow, DeskPosted, Pending
from conversation.trace import Trace
from conversation.traces import traces_of
from conversation.writes import Session


class Reads(ABC):
    """Looks of two kinds: at each moment as it comes, and at one moment however long it takes."""

    @abstractmethod
    def _look(self) -> AbstractAsyncContextManager[Session]:
        """Open a look in which each statement sees what is committed when it runs."""

    @abstractmethod
    def _look_still(self) -> AbstractAsyncContextManager[Session]:
        """Open a look in which all statements see the same."""

    async def next_due(self) -> datetime | None:
        """Say when the next timer, retry or wake-up is due."""
        async with self._look() as session:
            (row,) = await session.all("next_due")
        return None if row["due"] is None else moment(row["due"])

    async def calls(self, keys: Sequence[str]) -> Mapping[str, CallRecord]:
        """Look up rows of the ledger."""
        if not keys:
            return {}
        async with self._look() as session:
            rows = await session.all("calls", list(keys))
        return {row["key"]: call_of(row) for row in rows}

    async def used(self, ceilings: Sequence[Ceiling], *, key: str) -> Sequence[Used]:
        """Sum up the ledger below each ceiling, the call of that key left out."""
        if not ceilings:
            return ()
        async with self._look() as session:
            asked = ceilings_json([(one, key) for one in ceilings])
            return used_of(await session.all("ceiling_used", asked), len(ceilings))

    async def approval(self, approval_id: str) -> tuple[Approval, CallRecord] | None:
        """Look up a sign-off with its call."""
        async with self._look_still() as session:
            rows = await session.all("approval", approval_id)
            if not rows:
                return None
            approval = approval_of(rows[0])
            (call,) = await session.all("calls", [approval.call_key])
        return approval, call_of(call)

    async def conversation(
        self, conversation: str
    ) -> tuple[ConversationRow, ConversationState] | None:
        """Look up a conversation as it stands now."""
        async with self._look_still() as session:
            rows = await session.all("conversations", [conversation])
            entries = await session.all("entries", [conversation])
        if not rows:
            return None
        return conversation_of(rows[0]), state_of(rows[0], entries)

    async def posted(self, keys: Sequence[str]) -> Mapping[str, DeskPosted]:
        """Look up where posts of ours stand at the desk."""
        if not keys:
            return {}
        async with self._look() as session:
            rows = await session.all("posts", list(keys))
        return {row["key"]: post_of(row) for row in rows}

    async def posted_at(self, *, channel: str, ts: str) -> DeskPosted | None:
        """Find the post of ours at this place of the desk."""
        async with self._look() as session:
            rows = await session.all("post_at", channel, ts)
        return post_of(rows[0]) if rows else None

    async def log(self, conversation: str) -> Sequence[tuple[datetime, Event | Erased]]:
        """Read a conversation's whole log, in order."""
        async with self._look() as session:
            return [entry_of(row) for row in await session.all("entries_all", conversation)]

    async def entries_after(
        self, after: Mapping[str, int], *, kinds: Sequence[str], limit: int
    ) -> Sequence[LogEntry]:
        """Read what logs hold behind a position of each, in order."""
        if not after:
            return ()
        asked = [{"id": one, "after": position} for one, position in after.items()]
        async with self._look() as session:
            rows = await session.all("entries_after", asked, list(kinds), limit)
        return [log_entry_of(row) for row in rows]

    async def arrivals(self, conversation: str, *, before: int, limit: int) -> Sequence[Pending]:
        """Read a conversation's arrivals before one, latest first, the erased left out."""
        async with self._look_still() as session:
            known = await session.all("conversations", [conversation])
            rows = await session.all("arrivals_of", conversation, before, limit)
        return [pending_of(row, address_of(known[0])) for row in rows if row["body"] is not None]

    async def media(self, media_id: str) -> Media | None:
        """Read a file that a customer sent; None: there is none, or it is kept no more."""
        async with self._look() as session:
            rows = await session.all("media", media_id)
        return media_of(rows[0]) if rows else None

    async def media_held(self, conversation: str) -> MediaHeld:
        """Say how much a conversation holds in files."""
        async with self._look() as session:
            (row,) = await session.all("media_held", conversation)
        return MediaHeld(count=row["count"], size=row["size"])

    async def traces(self, conversation: str, *, last: int) -> Sequence[Trace]:
        """Tell a conversation's last turns, oldest first."""
        async with self._look_still() as session:
            return await traces_of(session, conversation, last=last)

    async def relatives(self, conversation: str) -> Sequence[Relative]:
        """Find the customer's other conversations, and those of who may be the same person."""
        async with self._look_still() as session:
            return await relatives(session, conversation)

    async def arrived_in(self, *, channel: str, account: str, event_id: str) -> str | None:
        """Name the conversation that an arrival was kept in."""
        async with self._look() as session:
            rows = await session.all("arrived_in", channel, account, event_id)
        return rows[0]["conversation"] if rows else None

    async def spoke(self, spoken: Spoken) -> bool:
        """Say whether words were sent by us in public, or are just being sent."""
        place, texts = (spoken.channel, spoken.account), list(spoken.texts)
        async with self._look() as session:
            if spoken.user_id is not None:
                rows = await session.all("spoke_to", *place, spoken.user_id, texts)
            else:
                thread = spoken.thread or ""
                rows = await session.all("spoke_under", *place, thread, texts, LATEST_MAX)
        return bool(rows)

    async def counts(self) -> Mapping[str, int]:
        """Count what waits."""
        async with self._look() as session:
            return {row["what"]: row["n"] for row in await session.all("counts")}
