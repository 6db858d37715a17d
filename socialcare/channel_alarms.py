"""Telling the desk what stops a whole channel: once, until it goes on.

That it was told is kept (`conversation.notices`), so that neither a restart nor a second process
tells it again, and none forgets to.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import structlog

from channels.errors import SendError, SendFailure
from conversation.notices import Notice, NoticeAsk, NoticeStep
from conversation.store import Store, StoreUnavailable


class Doing(StrEnum):
    """What a channel does not do any more; platforms may allow the one and refuse the other."""

    SENDING = "sending"
    READING = "reading"


_WORDS: Final = {
    (Doing.SENDING, SendFailure.REVOKED): "{channel} has stopped: the platform refuses our "
    "credentials or our account ({why}). Its messages wait.",
    (Doing.SENDING, SendFailure.SPENT): "{channel} has stopped for today: {why}. Its messages "
    "wait for tomorrow.",
    (Doing.READING, SendFailure.REVOKED): "{channel} is not read any more: the platform refuses "
    "our credentials or our account ({why}). What customers write there is not seen.",
    (Doing.READING, SendFailure.SPENT): "{channel} is not read any more today: {why}.",
}
_log = structlog.get_logger(__name__)


def _nobody() -> None:
    """Ring nowhere."""


class ChannelAlarms:
    """What is kept for the desk of each channel, as far as this process knows."""

    def __init__(self, store: Store, *, ring: Callable[[], None] = _nobody) -> None:
        self._store = store
        self._ring = ring
        self._known: dict[tuple[str, Doing], SendFailure | None] = {}
        """What each channel stopped for; None: it goes on. Not there: nobody knows yet."""

    async def note(
        self, channel: str, error: SendError | None, *, doing: Doing = Doing.SENDING
    ) -> None:
        """Learn what became of a message, or of a try to reach the platform; None: it went well."""
        failure = None if error is None else error.failure
        known = (channel, doing)
        if failure is not None and (doing, failure) not in _WORDS:
            return
        if known in self._known and self._known[known] is failure:
            return
        try:
            await self._store.notice(_ask(channel, error, doing))
        except StoreUnavailable as unavailable:
            _log.warning("not kept for the desk", channel=channel, why=str(unavailable))
            return
        self._known[known] = failure
        if failure is not None:
            self._ring()


def _ask(channel: str, error: SendError | None, doing: Doing) -> NoticeAsk:
    if error is None:
        gone = [_key(channel, failure, of) for of, failure in _WORDS if of is doing]
        return NoticeAsk(step=NoticeStep.LIFT, keys=tuple(gone))
    words = _WORDS[doing, error.failure].format(channel=channel, why=error)
    notice = Notice(key=_key(channel, error.failure, doing), text=words, stands=True)
    return NoticeAsk(step=NoticeStep.ADD, notices=(notice,))


def _key(channel: str, failure: SendFailure, doing: Doing) -> str:
    return f"stopped\x1f{channel}\x1f{doing}\x1f{failure}"
