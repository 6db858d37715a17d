"""Why a message could not be sent, said so that nobody has to inspect status codes."""

from enum import StrEnum


class SendFailure(StrEnum):
    """What a failed send means for the message and for what waits behind it."""

    RATE_LIMITED = "rate_limited"
    """Try again, not before ``retry_after_s``."""
    UNAVAILABLE = "unavailable"
    """The platform is down or unreachable and surely did nothing: try again."""
    UNKNOWN = "unknown"
    """The request went out, no answer came: it may have been delivered."""
    BLOCKED = "blocked"
    """The customer will not receive anything from us."""
    WINDOW_CLOSED = "window_closed"
    """The platform's reply window is over."""
    REFUSED = "refused"
    """The platform will never take this message (too long, malformed, gone chat …)."""
    MOVED = "moved"
    """The chat has another id now: ``new_key``."""
    REVOKED = "revoked"
    """Our credentials no longer work: the channel stops, its messages wait."""
    SPENT = "spent"
    """The day's money for this platform is used up: wait ``retry_after_s``, and tell the desk."""


RETRYABLE = frozenset(
    {
        SendFailure.RATE_LIMITED,
        SendFailure.UNAVAILABLE,
        SendFailure.REVOKED,
        SendFailure.SPENT,
    }
)


class SendError(Exception):
    """A platform did not take a message.

    Attributes:
        failure: what it means.
        retry_after_s: seconds the platform asked us to wait, if it did.
        new_key: the chat's new id, for `SendFailure.MOVED`.
        wide: the whole account has to wait on this surface, not this chat alone, for
            `SendFailure.RATE_LIMITED`.
    """

    def __init__(
        self,
        failure: SendFailure,
        message: str,
        *,
        retry_after_s: float | None = None,
        new_key: str | None = None,
        wide: bool = False,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.retry_after_s = retry_after_s
        self.new_key = new_key
        self.wide = wide

    @property
    def retryable(self) -> bool:
        """True where sending the same again later can help and cannot double."""
        return self.failure in RETRYABLE
