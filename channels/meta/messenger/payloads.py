"""What Facebook sends of a page's feed, as far as we read it.

https://developers.facebook.com/docs/graph-api/webhooks/reference/page#feed. Lenient on purpose:
unknown fields are left alone, every field that we can do without is optional.
"""

from typing import Annotated

from pydantic import Field

from channels.meta.webhooks import Id, Moment, Payload, Text

Word = Annotated[str, Field(max_length=64)]


class Author(Payload):
    """Who wrote it; the id is not the one the same person has in Messenger."""

    id: Id
    name: Text | None = None


class FeedItem(Payload):
    """What happened under a page's post."""

    item: Word
    verb: Word
    post_id: Id | None = None
    comment_id: Id | None = None
    parent_id: Id | None = None
    message: Text = ""
    photo: Text | None = None
    video: Text | None = None
    author: Author | None = Field(default=None, alias="from")
    sender_id: Id | None = None
    """In older versions in the place of `from`."""
    sender_name: Text | None = None
    created_time: Moment | None = None


class Change(Payload):
    """One event of a page's subscriptions."""

    field: Word
    value: object = None
