"""What an outbox row for the customer carries: written by turns, read by deliveries."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from conversation.model import Author


class ReplyPayload(BaseModel):
    """What an outbox row for the customer carries."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    text: str
    part: int
    key: str
    author: Author = Author.BOT
    reply_to: str | None = None
    """On a public surface: the customer's message that it answers."""
    language: str | None = None
    drafted: bool = False
    """A colleague sent the bot's draft as it was."""
    private: bool = False
    """On a public surface: to its author alone, in the platform's own way."""
    heard_at: datetime | None = None
    """When the customer last wrote, as known when it was committed: reply windows begin there."""
    waiting_since: datetime | None = None
    """Of the first words after a customer's message: the platform's time of that message."""
