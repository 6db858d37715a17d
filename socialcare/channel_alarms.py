"""Telling the desk what stops a whole channel: once, until it goes on."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from channels.errors import SendError, SendFailure

Tell = Callable[[str], Awaitable[None]]

_WORDS: Final = {
    SendFailure.REVOKED: "{channel} has stopped: the platform refuses our credentials or our "
    "account ({why}). Its messages wait.",
    SendFailure.SPENT: "{channel} has stopped for today: {why}. Its messages wait for tomorrow.",
}
_log = structlog.get_logger(__name__)


class ChannelAlarms:
    """What the desk was told of each channel."""

    def __init__(self, tell: Tell | None) -> None:
        self._tell = tell
        self._told: dict[str, SendFailure] = {}

    async def note(self, channel: str, error: SendError | None) -> None:
        """Learn what became of a message; None: it was sent."""
        if error is None:
            self._told.pop(channel, None)
            return
        words = _WORDS.get(error.failure)
        if words is None or self._told.get(channel) is error.failure or self._tell is None:
            return
        self._told[channel] = error.failure
        try:
            await self._tell(words.format(channel=channel, why=error))
        except SendError as failed:
            self._told.pop(channel, None)
            _log.warning("desk not told", channel=channel, failure=failed.failure)
