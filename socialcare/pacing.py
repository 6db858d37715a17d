"""Keeping each channel within its platform's rates, ahead of the platform's own refusal.

Theory of operation. A channel's capabilities say how many messages the platform takes in a while,
from the account and to one chat (`channels.contract.Rate`). Before each sending a window of the
last sendings is looked at; where it is full, the message waits until the oldest leaves it. Public
and private words are counted apart, as platforms do: X's fifteen direct messages have nothing to do
with its hundred posts. A rate that both surfaces name alike is one for both. A refusal that comes
all the same (others use the account too) closes the chat, or the account's surface, for as long as
the platform says. It is kept per process: N processes may together exceed a rate,
then the refusals keep them in step.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from channels.contract import Rate
from channels.errors import SendError, SendFailure
from conversation.clock import Clock

CHATS_KEPT = 10_000
"""Chats whose latest sendings are remembered; a forgotten one may send at once."""
CLOSED_DEFAULT_S = 5.0
"""Where a platform refuses without saying for how long."""
CLOSED_MAX_S = 900.0
"""A platform that asks for more is asked again after that."""


class PacedError(SendError):
    """The message waits for its turn; nothing was sent, and nothing went wrong."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(
            SendFailure.RATE_LIMITED, "kept within the platform's rate", retry_after_s=wait_s
        )
        self.wait_s = wait_s


@dataclass(slots=True)
class _Lane:
    """The latest sendings of a chat, or of an account within one rate."""

    sent: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0

    def wait_s(self, now: float, rates: tuple[Rate, ...]) -> float:
        """Say how long the next message has to wait."""
        wait = self.closed_until - now
        for rate in rates:
            if len(self.sent) >= rate.count:
                wait = max(wait, self.sent[-rate.count] + rate.window_s - now)
        return max(0.0, wait)

    def take(self, now: float, rates: tuple[Rate, ...]) -> None:
        self.sent.append(now)
        most = max((rate.count for rate in rates), default=0)
        while len(self.sent) > most:
            self.sent.popleft()


class Pacer:
    """One channel's sendings."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accounts: dict[Rate, _Lane] = {}
        self._closed_until: dict[str, float] = {}
        """By surface: when the account may go on there."""
        self._chats: OrderedDict[str, _Lane] = OrderedDict()

    def ask(self, chat: str, rates: tuple[Rate, ...], *, surface: str = "") -> None:
        """Take a place for one message; raises `PacedError` where there is none yet.

        Args:
            chat: Whom it goes to; any name that is the same each time.
            rates: What the platform takes.
            surface: Who reads it: refusals of the account count there alone.
        """
        now = self._clock.monotonic()
        accounts = {
            rate: self._accounts.setdefault(rate, _Lane()) for rate in rates if not rate.per_chat
        }
        of_chat = tuple(rate for rate in rates if rate.per_chat)
        lane = self._lane(chat)
        waits = [each.wait_s(now, (rate,)) for rate, each in accounts.items()]
        closed_s = self._closed_until.get(surface, 0.0) - now
        wait = max(lane.wait_s(now, of_chat), closed_s, *waits)
        if wait > 0:
            raise PacedError(wait)
        for rate, each in accounts.items():
            each.take(now, (rate,))
        lane.take(now, of_chat)

    def note(self, chat: str, error: SendError, *, surface: str = "") -> None:
        """Learn from a refusal."""
        if error.failure is not SendFailure.RATE_LIMITED or isinstance(error, PacedError):
            return
        asked = CLOSED_DEFAULT_S if error.retry_after_s is None else error.retry_after_s
        until = self._clock.monotonic() + min(CLOSED_MAX_S, asked)
        if error.wide:
            self._closed_until[surface] = max(self._closed_until.get(surface, 0.0), until)
            return
        lane = self._lane(chat)
        lane.closed_until = max(lane.closed_until, until)

    def _lane(self, chat: str) -> _Lane:
        lane = self._chats.setdefault(chat, _Lane())
        self._chats.move_to_end(chat)
        while len(self._chats) > CHATS_KEPT:
            self._chats.popitem(last=False)
        return lane
