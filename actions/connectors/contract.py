"""What every connector promises: one question to the brand's systems, one answer or one reason.

A connector speaks in the terms of the ports (see `actions.ports`): amounts leave it in major
units, whatever the backend counts in. What went wrong is said so that the engine knows what may
be believed about it, above all whether something may have been done.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

Argument = str | Sequence[str] | None
"""What an operation takes: words, several of them, or nothing where it may be left out."""


class ConnectorError(Exception):
    """The question was not answered; the subclass says what that means."""


class NotFound(ConnectorError):
    """The backend knows no such thing."""


class Rejected(ConnectorError):
    """The backend said no: surely nothing happened.

    Attributes:
        status: the HTTP status, or what comes nearest.
        detail: the backend's own words, shortened; untrusted, and possibly private.
    """

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"the backend said no ({status})")
        self.status = status
        self.detail = detail


class Unreachable(ConnectorError):
    """The question never got there, or was turned away unread: surely nothing happened.

    Attributes:
        retry_after_s: seconds the backend asked us to wait, if it did.
    """

    def __init__(self, why: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class Lost(ConnectorError):
    """The question went out and no clear answer came: it may have been done."""


class BadAnswer(ConnectorError):
    """An answer came that makes no sense; of a write nobody knows whether it was done."""


class Connector(Protocol):
    """One of the brand's systems."""

    async def ask(
        self, operation: str, arguments: Mapping[str, Argument], *, key: str | None = None
    ) -> object:
        """Do one operation and give its answer in the port's terms.

        Args:
            operation: A name of the ports: ``order``, ``refund`` …
            arguments: What the operation takes; amounts as decimal text in major units.
            key: Our idempotency key, with every write and every ``find_…``.

        Raises:
            ConnectorError: One of its subclasses, never another error of a transport.
        """
        ...
