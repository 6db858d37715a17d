"""How fast a platform lets an app speak: one leaky bucket per key."""

from dataclasses import dataclass

from conversation.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many at once, and so many a second after that."""

    burst: int
    per_s: float


class Rates:
    """The buckets of one platform, filled again by the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._levels: dict[tuple[str, ...], tuple[float, float]] = {}

    def spend(self, key: tuple[str, ...], rate: Rate) -> float:
        """Take one from the key's bucket; give the seconds to wait, 0.0 when it was granted."""
        now = self._clock.monotonic()
        level, seen = self._levels.get(key, (float(rate.burst), now))
        level = min(float(rate.burst), level + (now - seen) * rate.per_s)
        granted = level >= 1.0
        self._levels[key] = (level - 1.0 if granted else level, now)
        return 0.0 if granted else (1.0 - level) / rate.per_s
