"""What X answers to our calls, as far as we read it. Pure.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from channels.x.payloads import Filter, Id, Name, Payload


class Problem(Payload):
    """Why a call was refused: https://docs.x.com/x-api/fundamentals/response-codes-and-errors."""

    OTHER_NAMES: ClassVar[Mapping[str, tuple[str, ...]]] = {"detail": ("message",)}

    title: str | None = None
    detail: str | None = None
    type: str | None = None
    status: int | None = None

    @property
    def said(self) -> str:
        """Its words, in one lower-case line."""
        return " ".join(filter(None, (self.title, self.detail, self.type))).lower()


class Problems(Problem):
    """A refusal, or a success that names what failed."""

    errors: tuple[Problem, ...] = ()


class SentPost(Payload):
    """What became of `POST /2/tweets`."""

    id: Id


class SentMessage(Payload):
    """What became of `POST /2/dm_conversations/…/messages`."""

    dm_event_id: Id


class Me(Payload):
    """`GET /2/users/me`."""

    id: Id
    username: Name = ""


class Webhook(Payload):
    """One of the app's webhooks."""

    id: Id
    url: str
    valid: bool = False


class Subscription(Payload):
    """What the app is told of."""

    subscription_id: Id
    event_type: str = ""
    filter: Filter = Filter()
    webhook_id: Id | None = None


class Token(Payload):
    """What `POST /oauth2/token` gives."""

    access_token: str


class Page(Payload):
    """The turning of pages."""

    next_token: str | None = None
    newest_id: Id | None = None


class Listed(Payload):
    """A page of posts or events."""

    data: tuple[Any, ...] = ()
    includes: Any = None
    meta: Page = Page()
