"""Keeping what platforms send, by whatever way it comes: committed first, acknowledged after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from channels.contract import Adapter
from config.stages import Surface
from conversation.clock import Clock
from conversation.events import AnsweredElsewhere, Delivered, Said
from conversation.model import Arrival, Owner
from conversation.state import OWNER_MOVES
from conversation.store import Acceptance, OwnerChange, Store
from socialcare.fault_points import Passing, Point, unheard
from socialcare.figures import Figures
from socialcare.waking import Wake

TAKEN_FROM = frozenset(owner for owner, to in OWNER_MOVES.items() if Owner.ELSEWHERE in to)
"""Who loses a conversation to a colleague who answers in the platform's own app."""


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
        ours = tuple(one for one in arrivals if not (one.elsewhere and one.conversation))
        accepted = await self.store.accept(Acceptance(arrivals=ours, received_at=at))
        new = [one for one, fresh in zip(ours, accepted.new, strict=True) if fresh]
        for one in arrivals:
            if one.elsewhere and one.conversation:
                if await self._said_here(adapter, one, one.conversation):
                    echo = replace(one, address=None, elsewhere=False)
                    kept = await self.store.accept(Acceptance(arrivals=(echo,), received_at=at))
                    new += [echo] if any(kept.new) else []
                else:
                    new += await self._keep_elsewhere(one, one.conversation, at)
        return new

    async def _said_here(self, adapter: Adapter, arrival: Arrival, conversation: str) -> bool:
        """Say whether it was this service after all, in another process or an earlier life.

        A platform that does not name the sending app is understood by whoever sent it, from memory.
        Others know it by its id, or, as long as the answer that names it is under way or was lost,
        by its words: what is sent was said in the log before.
        """
        found = adapter.codec.decode(arrival)
        answers = [event for event in found if isinstance(event, AnsweredElsewhere)]
        ids = {event.message_id for event in answers}
        texts = {event.text.strip() for event in answers if not event.named} - {""}
        surface = Surface.PRIVATE if arrival.address is None else arrival.address.surface
        for _, event in await self.store.log(conversation):
            if isinstance(event, Delivered) and event.message_id in ids:
                return True
            if texts and isinstance(event, Said):
                parts = adapter.codec.split_text(event.text, surface=surface)
                if not texts.isdisjoint(parts):
                    return True
        return False

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
