"""Upkeep: once a day what is too old is forgotten, and the store's files are kept small."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from config.schema import Settings
from conversation.care import Care
from conversation.clock import Clock
from conversation.forgetting import Emptied, find_old, forget_lost, forget_media, forget_old
from conversation.judging import microseconds
from conversation.store import StoreUnavailable, StoreUnusable

FIRST_S = 60.0
"""After the start: what waited while nobody ran goes first."""
EVERY_S = 3_600.0
"""Between two looks: a WAL that a burst left behind is cut within the hour."""
ROUND = timedelta(days=1)
AT_ONCE = 200
"""Conversations looked through at a time."""
OVER = timedelta(days=1)
"""Invitations that ended so long ago, and what was spent of a day so long past, are dropped."""
PAUSE_S = 0.02
"""Between two transactions, so that webhooks come first."""
LAST = "retention"
"""What the store remembers the latest round under."""

_log = structlog.get_logger(__name__)


async def forget_everywhere(
    care: Care, *, before: datetime, media_before: datetime, clock: Clock
) -> Emptied:
    """Empty what is older than a moment, conversation by conversation; files by their own moment.

    Each is a transaction of its own; a round that is broken off loses nothing and is begun anew.

    Raises:
        StoreUnavailable: the store cannot be used now.
    """
    total = Emptied()
    after: str | None = ""
    while after is not None:
        async with care.looking() as session:
            page = await find_old(session, before=before, after=after, limit=AT_ONCE)
        for one in page.stale:
            async with care.writing() as session:
                total += await forget_old(session, one, before=before, at=clock.now())
            await clock.sleep(PAUSE_S)
        after = page.last
    while True:
        async with care.writing() as session:
            lost = await forget_lost(session, before=before)
        if not lost:
            break
        total += Emptied(arrivals=lost)
        await clock.sleep(PAUSE_S)
    while True:
        async with care.writing() as session:
            dropped = await forget_media(session, before=media_before)
        if not dropped:
            return total
        total += Emptied(files=dropped)
        await clock.sleep(PAUSE_S)


async def keep_up(
    *, make_care: Callable[[], Care], settings: Callable[[], Settings], clock: Clock
) -> None:
    """Look after the store, for ever; what cannot be done now is done at the next look."""
    await clock.sleep(FIRST_S)
    while True:
        care = make_care()
        try:
            await care.open()
            await _round(care, settings(), clock)
            await care.tidy()
        except (StoreUnavailable, StoreUnusable) as error:
            _log.warning("upkeep put off", why=str(error))
        finally:
            await care.close()
        await clock.sleep(EVERY_S)


async def _round(care: Care, settings: Settings, clock: Clock) -> None:
    """Forget what is too old, unless this or another process has done so today."""
    now = clock.now()
    async with care.looking() as session:
        rows = await session.all("upkeep", LAST)
    if rows and abs(now - datetime.fromisoformat(rows[0]["value"])) < ROUND:
        return  # One of the future was by a clock that went wrong: it holds up none.
    kept = settings.retention
    told = await forget_everywhere(
        care, before=now - kept.messages, media_before=now - kept.media, clock=clock
    )
    async with care.writing() as session:
        await session.all("invitations_old", microseconds(now - OVER))
        # Two days: wherever the brand is, its today is one of them.
        await session.all("spend_old", (now - 2 * OVER).date().isoformat())
        await session.all("upkeep_put", LAST, now.isoformat())
    _log.info("retention", conversations=told.conversations, entries=told.entries, files=told.files)
