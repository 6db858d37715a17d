"""Webhook bodies of Messenger and Instagram: what both platforms' codecs do alike. Pure.

Both send private threads in one shape and what is public in shapes of their own. What they differ
in is data (`Bodies`); each one's `codec.py` says it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from channels.meta.thread_events import read_thread
from channels.meta.threads import (
    FOREIGN,
    UNREADABLE,
    Us,
    only_item,
    plain_arrival,
    thread_arrival,
    unreadable,
)
from channels.meta.webhooks import Item, Unreadable, split_body
from conversation.events import Ignored, Inbound, Undecodable
from conversation.model import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What tells the two platforms' bodies apart, for one account."""

    us: Us
    kind: str
    """What a body of theirs calls itself (`object`)."""
    in_thread: Callable[[Item], object | None]
    """Gives the event of a private thread; None: it is of none."""
    on_standby: Callable[[Item], bool]
    """Whether another app owns that thread."""
    public_arrival: Callable[[Item], Arrival]
    """Keeps what is of no thread."""
    public_event: Callable[[Arrival, Item], Inbound]
    """Reads what is of no thread."""

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the events of all entries."""
        return tuple(self._arrival(found) for found in split_body(body))

    def _arrival(self, found: Item | Unreadable) -> Arrival:
        if isinstance(found, Unreadable):
            return unreadable(self.us, found)
        if found.kind != self.kind or found.account != self.us.account:
            return plain_arrival(self.us, found, kind=FOREIGN)
        value = self.in_thread(found)
        if value is None:
            return self.public_arrival(found)
        return thread_arrival(self.us, found, value, standby=self.on_standby(found))

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one event; never raises."""
        item = only_item(arrival)
        if arrival.kind == UNREADABLE or item is None:
            return (Undecodable(why=arrival.why or UNREADABLE),)
        if arrival.kind == FOREIGN:
            return (Ignored(what=FOREIGN),)
        value = self.in_thread(item)
        if value is not None:
            return read_thread(self.us, arrival, value)
        return (self.public_event(arrival, item),)
