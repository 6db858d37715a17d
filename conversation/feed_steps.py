"""The steps of `conversation.feeds`, in a transaction of either store."""

from collections.abc import Sequence

from conversation.feeds import FeedAsk, FeedHeld
from conversation.writes import Writes


async def step_feeds(writes: Writes, asks: Sequence[FeedAsk]) -> list[FeedHeld | None]:
    """Take each step; None where somebody else holds the feed."""
    results: list[FeedHeld | None] = []
    for ask in asks:
        row = {
            "channel": ask.channel,
            "name": ask.name,
            "holder": ask.holder,
            "cursor": ask.cursor,
            "lease_us": writes.lease_us,
        }
        rows = await writes.session.all(f"feed_{ask.step}", [row])
        results.append(FeedHeld(cursor=rows[0]["cursor"]) if rows else None)
    return results
