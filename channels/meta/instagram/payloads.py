"""What Instagram sends of comments and mentions, as far as we read it.

https://developers.facebook.com/docs/graph-api/webhooks/reference/instagram. Lenient on purpose:
unknown fields are left alone, every field that we can do without is optional.
"""

from typing import Annotated

from pydantic import Field

from channels.meta.webhooks import Id, Moment, Payload, Text

Word = Annotated[str, Field(max_length=64)]


class Author(Payload):
    """Who wrote it, by the same id as in their private thread."""

    id: Id
    username: Text | None = None


class Media(Payload):
    """The post, reel or live broadcast under which it stands."""

    id: Id
    original_media_id: Id | None = None
    """Of an advertisement: the post that it shows."""


class Comment(Payload):
    """A comment."""

    id: Id
    text: Text = ""
    author: Author | None = Field(default=None, alias="from")
    media: Media | None = None
    parent_id: Id | None = None
    timestamp: Moment | None = None


class Mention(Payload):
    """Somebody named the account elsewhere; the words have to be fetched."""

    media_id: Id
    comment_id: Id | None = None


class Change(Payload):
    """One event of an account's subscriptions."""

    field: Word
    value: object = None
