"""Which direct messages of our account a colleague wrote in X's own app, and not we.

X tells of every message our account sends, ours too, and may do so before it has answered our own
call. In the Activity API and the Account Activity API each of them names the app it was written
with (`source_app_id`). So the rule needs no race and outlives a restart: a message is a
colleague's where it names another app than ours. Which app is ours says the configuration
(`app_id`), or else the first message that X tells of after having given us its id; until then,
and where no app is named (API v2's `dm_events`, posts), nobody can tell, and it counts as ours:
better one answer too many than a bot that falls silent at its own words.
"""

from collections import OrderedDict
from typing import Final

SENT_KEPT: Final = 1_000
"""Ids of our latest messages: X tells of a message within seconds of its sending."""


class OwnWords:
    """What we sent, and with which app."""

    def __init__(self, app_id: str | None = None) -> None:
        self._app_id = app_id
        self._sent: OrderedDict[str, None] = OrderedDict()

    def sent(self, message_id: str) -> None:
        """Remember a message that we sent."""
        self._sent[message_id] = None
        while len(self._sent) > SENT_KEPT:
            self._sent.popitem(last=False)

    def elsewhere(self, message_id: str, app: str | None) -> bool:
        """Say whether a message of our account surely comes from another app."""
        if message_id in self._sent:
            self._app_id = self._app_id or app
            return False
        return app is not None and self._app_id is not None and app != self._app_id
