"""The writing operations of every store: each is one errand to whoever groups them into commits."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from conversation.feed_steps import step_feeds
from conversation.feeds import FeedAsk, FeedHeld
from conversation.group_commit import Work as Writing
from conversation.invitations import Invite, Redeem, Redemption
from conversation.inviting import invite_all, keep_key, redeem_all
from conversation.joining import commit_all
from conversation.notice_steps import step_notices
from conversation.notices import Notice, NoticeAsk
from conversation.reads import Reads
from conversation.rows import Claim, Take
from conversation.spend_steps import spend_all
from conversation.spending import Spend, Spent
from conversation.store import (
    Acceptance,
    Accepted,
    Commit,
    CommitResult,
    Delivery,
    Settlement,
    Work,
)
from conversation.storm_steps import step_storms
from conversation.storms import StormAsk, StormSeen
from conversation.writes import Writes


class Operations(Reads):
    """What both stores do alike; a store adds its engine."""

    @abstractmethod
    async def _write(self, work: Writing[Writes], what: object) -> Any:
        """Have something written in a shared transaction; gives its answer once it is committed.

        Raises:
            StoreUnavailable: it may not have been written; the same may be asked again.
        """

    async def accept(self, acceptance: Acceptance) -> Accepted:
        """Keep arrivals, once each, and wake their conversations."""
        result: Accepted = await self._write(Writes.accept, acceptance)
        return result

    async def claim(self, *, now: datetime, limit: int) -> Sequence[Work]:
        """Take conversations that have something to do."""
        result: Sequence[Work] = await self._write(Writes.claim, Claim(now=now, limit=limit))
        return result

    async def commit(self, commit: Commit) -> CommitResult:
        """Make a turn's results true, or none of them."""
        result: CommitResult = await self._write(commit_all, commit)
        return result

    async def take(self, *, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due messages, at most one per destination."""
        result: Sequence[Delivery] = await self._write(Writes.take, Take(now=now, limit=limit))
        return result

    async def settle(self, settlement: Settlement) -> None:
        """Note what became of a delivery."""
        await self._write(Writes.settle, settlement)

    async def fire(self, *, now: datetime, limit: int) -> int:
        """Turn due timers into arrivals."""
        result: int = await self._write(Writes.fire, Take(now=now, limit=limit))
        return result

    async def invitation_key(self) -> str:
        """Give what invitations are signed with."""
        result: str = await self._write(keep_key, None)
        return result

    async def invite(self, invite: Invite) -> None:
        """Note an invitation."""
        await self._write(invite_all, invite)

    async def redeem(self, redeem: Redeem) -> Redemption:
        """Let who arrived with an invitation be who was invited."""
        result: Redemption = await self._write(redeem_all, redeem)
        return result

    async def feed(self, ask: FeedAsk) -> FeedHeld | None:
        """Take, keep or let a feed that platforms hold for us."""
        result: FeedHeld | None = await self._write(step_feeds, ask)
        return result

    async def notice(self, ask: NoticeAsk) -> Sequence[Notice]:
        """Keep, take or settle what the desk must hear of a whole channel."""
        result: Sequence[Notice] = await self._write(step_notices, ask)
        return result

    async def storm(self, ask: StormAsk) -> StormSeen:
        """Look how stormy it is in public on a channel, and note a complaint that was made."""
        result: StormSeen = await self._write(step_storms, ask)
        return result

    async def spend(self, spend: Spend) -> Spent:
        """Count what is spent, if all its budgets allow it."""
        result: Spent = await self._write(spend_all, spend)
        return result
