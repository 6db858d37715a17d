"""Which echoes are of our own words.

Meta sends everything that was said in an account's name back to the app (`is_echo`): what we sent
and what a colleague wrote in the inbox of Meta's own apps. An echo names the app that sent it, but
not always on Instagram, and it can overtake the answer to the call that sent it: so what is being
sent is remembered by its words until its id is known, then by its id. Per process and bounded.
"""

from collections import OrderedDict
from typing import Final

IDS_KEPT: Final = 10_000
"""Messages: echoes come within seconds, and a delivery that is tried again within a day."""
WORDS_KEPT: Final = 1_000
"""Messages under way, or whose answer was lost."""

ANYBODY: Final = ""
"""The recipient of a private reply, who is known by their comment only."""


class OwnWords:
    """What we said and are saying through one account."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._words: OrderedDict[tuple[str, str], int] = OrderedDict()

    def begin(self, recipient: str, text: str) -> None:
        """Note words that are about to be sent."""
        key = (recipient, text)
        self._words[key] = self._words.pop(key, 0) + 1
        while len(self._words) > WORDS_KEPT:
            self._words.popitem(last=False)

    def sent(self, recipient: str, text: str, message_id: str) -> None:
        """Note the id they have now."""
        self.drop(recipient, text)
        self._ids[message_id] = None
        while len(self._ids) > IDS_KEPT:
            self._ids.popitem(last=False)

    def drop(self, recipient: str, text: str) -> None:
        """Forget words that surely did not go, or whose echo came."""
        key = (recipient, text)
        left = self._words.pop(key, 0) - 1
        if left > 0:
            self._words[key] = left

    def said(self, message_id: str, recipient: str, text: str) -> bool:
        """Say whether an echo is of ours."""
        if message_id in self._ids:
            return True
        key = next((k for k in ((recipient, text), (ANYBODY, text)) if k in self._words), None)
        if key is None:
            return False
        self.sent(*key, message_id)
        return True
