"""What the sandbox page shows: small documents by name, told to every browser when they change.

A browser is told the latest of each document it has not seen, never a history: one that was away,
or is slow, catches up by itself, and nothing piles up for it.
"""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from socialcare.sandbox.watching import Changes

Json = dict[str, Any]
GONE_MAX = 2_000
"""Names of documents that are gone and that browsers may still show; beyond it the oldest are
forgotten, and a browser that was away so long reads everything anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A document as it stands now; None: it is gone."""

    version: int
    key: str
    text: str
    """Its JSON: ``null`` where it is gone."""


class Board:
    """The documents of one demo."""

    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        """Tells this demo from the one before: versions begin anew."""
        self.changes = Changes()
        self._news: dict[str, News] = {}
        self._version = 0
        self._forgotten = 0
        """The version up to which documents that are gone may be forgotten."""

    def put(self, key: str, document: Json) -> None:
        """Show a document, or its change; one that reads the same is no news."""
        text = json.dumps(document, separators=(",", ":"))
        before = self._news.get(key)
        if before is None or before.text != text:
            self._tell(key, text)

    def drop(self, key: str) -> None:
        """Take a document away."""
        if key in self._news and self._news[key].text != "null":
            self._tell(key, "null")
            self._forget()

    def keys(self, prefix: str) -> list[str]:
        """Name the documents that begin so, longest unchanged first."""
        return [
            key for key, one in self._news.items() if key.startswith(prefix) and one.text != "null"
        ]

    def keep(self, prefix: str, most: int) -> None:
        """Drop those of a kind that have not changed for longest, beyond so many."""
        for key in self.keys(prefix)[:-most]:
            self.drop(key)

    def since(self, version: int) -> list[News]:
        """Give what changed after a version, oldest first."""

        def newer() -> Iterator[News]:
            for one in reversed(self._news.values()):
                if one.version <= version:
                    return
                yield one

        return list(reversed(list(newer())))

    def read(self, place: str) -> int:
        """Take up where a browser was; 0 where that is another demo, or too long ago."""
        run, _, version = place.partition(".")
        if run != self.run or not version.isdecimal() or int(version) < self._forgotten:
            return 0
        return int(version)

    def _tell(self, key: str, text: str) -> None:
        self._version += 1
        # Put in anew, so that the order of the documents is that of their changes.
        self._news.pop(key, None)
        self._news[key] = News(version=self._version, key=key, text=text)
        self.changes.tell()

    def _forget(self) -> None:
        gone = [key for key, one in self._news.items() if one.text == "null"]
        for key in gone[:-GONE_MAX]:
            self._forgotten = self._news.pop(key).version
