"""Keeping what platforms send, by whatever way it comes: committed first, acknowledged after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from channels.contract import Adapter
from conversation.clock import Clock
from conversation.model import Arrival, Owner
from conversation.state import OWNER_MOVES
from conversation.store import Acceptance, OwnerChange, Store
from socialcare.echoes import placed
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.waking import Wake

TAKEN_FROM = frozenset(owner for owner, to in OWNER_MOVES.items() if Owner.ELSEWHERE in to)
"""Who loses a conversation to a colleague who answers in the platform's own app."""


def _may_be_elsewhere(arrival: Arrival) -> bool:
    return arrival.elsewhere and (arrival.conversation is not None or arrival.answers is not None)


def _nobody() -> None:
    """Tell nobody: there is no desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Where webhooks, polls and sockets hand in what they were given."""

    store: Store
    clock: Clock
    figures: Figures
    turns: Wake
    announce: Callable[[], None] = _nobody
    """Hears that something was kept for the desk that belongs to no case."""
    passing: Passing = unheard

    async def keep(self, adapter: Adapter, body: bytes) -> None:
        """Keep all arrivals of a body; when this returns, the platform may forget them.

        Raises:
            StoreUnavailable: they were not all kept; the platform must give them again.
        """
        channel = adapter.name
        arrivals = adapter.codec.split(body)
        if not arrivals:
            return
        new = await self._keep(adapter, arrivals)
        self.passing(Point.ACCEPTED)
        self.figures.accepted.labels(channel).inc(len(new))
        self.figures.duplicates.labels(channel).inc(len(arrivals) - len(new))
        unreadable = sum(one.conversation is None and one.why is not None for one in new)
        if unreadable:
            self.figures.quarantined.labels(channel).inc(unreadable)
        if any(one.alarm is not None for one in new):
            self.announce()
        if new:
            self.turns.set()

    async def _keep(self, adapter: Adapter, arrivals: tuple[Arrival, ...]) -> list[Arrival]:
        """Keep arrivals; gives those that are new. Answers given elsewhere silence the bot at once.

        Raises:
            StoreUnavailable: they were not all kept; the platform comes again.
        """
        at = self.clock.now()
        ours = tuple(one for one in arrivals if not _may_be_elsewhere(one))
        accepted = await self.store.accept(Acceptance(arrivals=ours, received_at=at))
        new = [one for one, fresh in zip(ours, accepted.new, strict=True) if fresh]
        for one in filter(_may_be_elsewhere, arrivals):
            echo = await placed(self.store, adapter, one)
            if echo.elsewhere and echo.conversation:
                new += await self._keep_elsewhere(echo, echo.conversation, at)
            else:
                kept = await self.store.accept(Acceptance(arrivals=(echo,), received_at=at))
                new += [echo] if any(kept.new) else []
        return new

    async def _keep_elsewhere(
        self, arrival: Arrival, conversation: str, at: datetime
    ) -> list[Arrival]:
        change = OwnerChange(conversation=conversation, to=Owner.ELSEWHERE, only_from=TAKEN_FROM)
        kept = Acceptance(arrivals=(arrival,), received_at=at, owner=change)
        accepted = await self.store.accept(kept)
        if not accepted.applied:
            # Nobody's yet, or elsewhere already: it is but a line of the log.
            accepted = await self.store.accept(replace(kept, owner=None))
        return [arrival] if any(accepted.new) else []
