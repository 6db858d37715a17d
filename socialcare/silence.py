"""The alarm for a channel that falls silent: customers do not stop at once, webhooks do.

A platform that no longer calls us looks like a quiet day. Each channel's usual rhythm is learnt:
the longest it was ever quiet, of which half is forgotten in two weeks. Quiet for twice as long, and
for three hours at least, is told at the desk, once, and so is its end. What is known lies in the
store, so that restarts forget nothing and several processes know the same.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from pydantic import TypeAdapter, ValidationError

from conversation.care import Care
from conversation.clock import Clock
from conversation.store import StoreUnavailable, StoreUnusable
from socialcare.figures import Figures

LOOK_EVERY_S = 60.0
LEARN = timedelta(days=3)
"""Nothing is unusual before a rhythm is known."""
QUIET_MIN = timedelta(hours=3)
TIMES = 2
"""As long as the longest quiet so far may still be chance."""
HALF_LIFE = timedelta(days=14)

Tell = Callable[[str], Awaitable[bool]]
"""Says something at the desk; False where it could not be said now."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When a channel is heard."""

    since: datetime
    last: datetime
    longest_s: float = 0.0
    """The longest quiet, in seconds, the older the less."""
    told: bool = False
    """The desk knows of the present quiet."""


_RHYTHM = TypeAdapter(Rhythm)


def heard(rhythm: Rhythm | None, at: datetime, *, up_since: datetime) -> Rhythm:
    """Learn that something was heard; while nobody listened, nothing was quiet."""
    if rhythm is None:
        return Rhythm(since=at, last=at)
    faded = rhythm.longest_s * 0.5 ** ((at - rhythm.last) / HALF_LIFE)
    # A quiet that was an alarm is no part of the rhythm.
    quiet_s = 0.0 if rhythm.told else (at - max(rhythm.last, up_since)).total_seconds()
    return replace(rhythm, last=at, longest_s=max(quiet_s, faded), told=False)


def allowed(rhythm: Rhythm) -> timedelta:
    """Say how long a channel may be quiet before it is strange."""
    return max(QUIET_MIN, timedelta(seconds=rhythm.longest_s) * TIMES)


def strange(rhythm: Rhythm, now: datetime, *, up_since: datetime) -> timedelta | None:
    """Say how long it has been quiet, where that is strange and the desk does not know."""
    quiet = now - max(rhythm.last, up_since)
    if rhythm.told or now - rhythm.since < LEARN or quiet <= allowed(rhythm):
        return None
    return quiet


class Silence:
    """Listens for what does not come."""

    def __init__(
        self,
        *,
        channels: Callable[[], tuple[str, ...]],
        figures: Figures,
        make_care: Callable[[], Care],
        tell: Tell,
        clock: Clock,
    ) -> None:
        """Take the channels that should be heard, what counts them, and a way to the desk."""
        self._channels = channels
        self._figures = figures
        self._make_care = make_care
        self._tell = tell
        self._clock = clock
        self._up_since = clock.now()
        self._counted: dict[str, float] = {}

    async def run(self) -> None:
        """Listen, for ever."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            care = self._make_care()
            try:
                await care.open()
                counted = self._count()
                for channel in self._channels():
                    anew = counted.get(channel, 0.0) > self._counted.get(channel, 0.0)
                    await self._look(care, channel, anew=anew)
                self._counted = counted
            except (StoreUnavailable, StoreUnusable) as error:
                _log.warning("silence not looked for", why=str(error))
            finally:
                await care.close()

    def _count(self) -> dict[str, float]:
        """Give how many arrivals of each channel this process has kept."""
        return {
            sample.labels["channel"]: sample.value
            for family in self._figures.accepted.collect()
            for sample in family.samples
            if sample.name.endswith("_total")
        }

    async def _look(self, care: Care, channel: str, *, anew: bool) -> None:
        now, name = self._clock.now(), f"heard:{channel}"
        async with care.writing() as session:
            rows = await session.all("upkeep", name)
            known = _read(rows[0]["value"]) if rows else None
            after, words = _judged(channel, known, now, up_since=self._up_since, anew=anew)
            if after != known and after is not None:
                await session.all("upkeep_put", name, _RHYTHM.dump_json(after).decode())
        if words is not None:
            _log.warning("silence", channel=channel, told=words)
            while not await self._tell(words):
                await self._clock.sleep(LOOK_EVERY_S)


def _judged(
    channel: str, known: Rhythm | None, now: datetime, *, up_since: datetime, anew: bool
) -> tuple[Rhythm | None, str | None]:
    """Say what is known from now on, and what the desk hears."""
    if anew:
        back = f"{channel} is heard again." if known is not None and known.told else None
        return heard(known, now, up_since=up_since), back
    quiet = None if known is None else strange(known, now, up_since=up_since)
    if known is None or quiet is None:
        return known, None
    return replace(known, told=True), (
        f"Nobody has written on {channel} for {_hours(quiet)}; that is unusual there. Perhaps the "
        "platform no longer calls us: look at its webhook's address and its app's state."
    )


def _hours(quiet: timedelta) -> str:
    hours = round(quiet / timedelta(hours=1))
    return f"{hours} hours" if hours != 1 else "an hour"


def _read(text: str) -> Rhythm | None:
    try:
        return _RHYTHM.validate_json(text)
    except ValidationError:
        return None
