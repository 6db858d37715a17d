"""Keeping what a page sends: committed first, acknowledged then, like any platform's event."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.codec import enveloped
from channels.webchat.payloads import Kept
from config.schema import Settings
from conversation.clock import Clock
from conversation.media import Media
from conversation.store import Acceptance, Store, StoreUnavailable
from socialcare.backlog import Backlog
from socialcare.chat.followers import Followers
from socialcare.chat.limits import Gates
from socialcare.fault_points import Passing, Point
from socialcare.figures import Figures
from socialcare.waking import Wake

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all sockets of a process share."""

    store: Store
    backlog: Backlog
    settings: Callable[[], Settings]
    clock: Clock
    figures: Figures
    turns: Wake
    followers: Followers
    gates: Gates
    passing: Passing


async def keep(
    house: House,
    adapter: WebchatAdapter,
    frame: Kept,
    *,
    visitor: str,
    media: tuple[Media, ...] = (),
) -> bool:
    """Commit an event of a visitor's conversation; False: not now, the page shall come again."""
    channel, began, now = adapter.name, house.clock.monotonic(), house.clock.now()
    if house.backlog.closed:
        house.figures.rejected.labels(channel, "backlog").inc()
        return False
    arrivals = adapter.codec.split(enveloped(frame, visitor=visitor, at=now))
    try:
        accepted = await house.store.accept(
            Acceptance(arrivals=arrivals, received_at=now, media=media)
        )
    except StoreUnavailable as error:
        house.figures.rejected.labels(channel, "store").inc()
        _log.warning("not accepted", channel=channel, why=str(error))
        return False
    house.passing(Point.ACCEPTED)
    new = sum(accepted.new)
    house.figures.accepted.labels(channel).inc(new)
    house.figures.duplicates.labels(channel).inc(len(arrivals) - new)
    if new:
        house.turns.set()
    house.figures.ack_seconds.observe(house.clock.monotonic() - began)
    return True
