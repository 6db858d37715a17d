"""How much one visitor and one address may ask for: of strangers, nothing is free.

Each process counts for itself: behind a balancer a flood gets as many times the limit as there are
processes, which is still a limit.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from conversation.clock import Clock

KEYS_MAX: Final = 50_000
"""Visitors or addresses that are remembered; the quietest are forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A burst, and how fast it is given back."""

    burst: float
    per_minute: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one process grants."""

    messages: Rate = Rate(burst=10, per_minute=20)
    """Of one visitor: faster than anybody types, slower than a script."""
    messages_of_address: Rate = Rate(burst=60, per_minute=180)
    """Many colleagues may share one address."""
    frames: Rate = Rate(burst=80, per_minute=240)
    """Of one visitor: typing signs, receipts and beats are many and cheap."""
    bytes: Rate = Rate(burst=512 * 1024, per_minute=512 * 1024)
    """Of one visitor, in all frames."""
    receipts: Rate = Rate(burst=40, per_minute=60)
    """Of one visitor; each is a row. Those above it are let fall, which nobody misses."""
    errands: Rate = Rate(burst=4, per_minute=6)
    """Of one visitor: transcripts and links read or open a whole conversation."""
    files: Rate = Rate(burst=5, per_minute=5)
    """Of one visitor."""
    files_of_address: Rate = Rate(burst=30, per_minute=30)
    """Of one address, tries that fail included."""
    file_bytes: Rate = Rate(burst=64 * 1024 * 1024, per_minute=16 * 1024 * 1024)
    """Of one address: some 23 GB a day is the most that it can fill."""
    uploads_of_visitor: int = 2
    uploads: int = 16
    """Of the process, at the same time: each may hold 8 MB of memory."""
    opened: Rate = Rate(burst=60, per_minute=120)
    """Sockets that one address opens, whatever becomes of them."""
    strangers: Rate = Rate(burst=30, per_minute=30)
    """New visitors from one address."""
    sockets_of_visitor: int = 8
    """Tabs and devices at the same time."""
    sockets_of_address: int = 100
    sockets: int = 10_000
    """Of the process; each costs some 30 kB."""


USUAL: Final = Limits()


class Gate:
    """A token bucket for each key."""

    def __init__(self, rate: Rate, *, clock: Clock, keys_max: int = KEYS_MAX) -> None:
        self._rate = rate
        self._clock = clock
        self._keys_max = keys_max
        self._spent: dict[str, tuple[float, float]] = {}
        """What was taken and not given back yet, as of when; in the order of last use."""

    def take(self, key: str, amount: float = 1.0) -> float:
        """Take from a key's bucket; gives 0, or the seconds until there is enough."""
        now = self._clock.monotonic()
        spent = self._now(key, now) + amount
        over = spent - self._rate.burst
        if over > 0:
            return max(0.1, over * 60 / self._rate.per_minute)
        self._spent.pop(key, None)
        if len(self._spent) >= self._keys_max:
            del self._spent[next(iter(self._spent))]
        self._spent[key] = (spent, now)
        return 0.0

    def _now(self, key: str, now: float) -> float:
        spent, at = self._spent.get(key, (0.0, now))
        return max(0.0, spent - (now - at) * self._rate.per_minute / 60)


class Places:
    """So many at the same time for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, key: str) -> Iterator[bool]:
        """Hold a place for as long as the body lasts; gives False where there was none."""
        if self._taken[key] >= self._most:
            yield False
            return
        self._taken[key] += 1
        try:
            yield True
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]

    @property
    def total(self) -> int:
        """How many there are."""
        return self._taken.total()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """All limits of one process, with what was used of them."""

    messages: Gate
    messages_of_address: Gate
    frames: Gate
    bytes: Gate
    receipts: Gate
    errands: Gate
    files: Gate
    files_of_address: Gate
    file_bytes: Gate
    opened: Gate
    strangers: Gate
    uploads_of_visitor: Places
    uploads: Places
    of_visitor: Places
    of_address: Places
    of_process: Places


def gates(limits: Limits, *, clock: Clock) -> Gates:
    """Make the gates of one process."""

    def gate(rate: Rate) -> Gate:
        return Gate(rate, clock=clock)

    return Gates(
        messages=gate(limits.messages),
        messages_of_address=gate(limits.messages_of_address),
        frames=gate(limits.frames),
        bytes=gate(limits.bytes),
        receipts=gate(limits.receipts),
        errands=gate(limits.errands),
        files=gate(limits.files),
        files_of_address=gate(limits.files_of_address),
        file_bytes=gate(limits.file_bytes),
        opened=gate(limits.opened),
        strangers=gate(limits.strangers),
        uploads_of_visitor=Places(limits.uploads_of_visitor),
        uploads=Places(limits.uploads),
        of_visitor=Places(limits.sockets_of_visitor),
        of_address=Places(limits.sockets_of_address),
        of_process=Places(limits.sockets),
    )
