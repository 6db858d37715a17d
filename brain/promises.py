"""Words that promise a person, in every language at once: a handoff has to make them true.

Pure. https://github.com/chatwoot/chatwoot/pull/13178 is what happens else: "I am transferring you",
and nobody knows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from brain.claims import SENTENCES_KEPT, as_read
from brain.shipped import shipped_words, table

WORDS_MAX = 8_000

_SENTENCE = re.compile(r"[^.!?;\n]+(?:\n(?![\s*\u2022\u2013-])[^.!?;\n]+)*")
"""A line that is only broken goes on in the next one."""
_LINE = re.compile(r"[^.!?;\n]+")


def promises_person(words: str) -> bool:
    """Say whether a sentence promises that a person will go on; an offer or a condition is none."""
    return bool(promises_in(words))


def promises_in(words: str) -> tuple[str, ...]:
    """Find the sentences that promise it."""
    found = list[str]()
    for sentence in _SENTENCE.findall(words[:WORDS_MAX]):
        lines = [line.strip() for line in _LINE.findall(sentence) if _promises(line)]
        found += lines or ([sentence.strip()] if _promises(sentence) else [])
    return tuple(found)


@lru_cache(maxsize=SENTENCES_KEPT)
def _promises(sentence: str) -> bool:
    said, stops = as_read(sentence)
    return any(
        not table.offers(said, stops, found)
        for table in _tables().values()
        for found in table.promises.finditer(said)
    )


@dataclass(frozen=True, slots=True)
class _Promises:
    """A language's table: what promises a person, and what makes it an offer."""

    promises: re.Pattern[str]
    conditions: re.Pattern[str]
    orders: re.Pattern[str]
    may: re.Pattern[str]
    surely: re.Pattern[str]
    also: re.Pattern[str]

    def offers(self, said: str, stops: Sequence[int], found: re.Match[str]) -> bool:
        """Say whether a person is only offered, or comes on a condition."""
        begins, ends = found.span()
        before = said[:begins]
        if self.conditions.search(before) or self.conditions.search(said[ends:]):
            return True
        also = (one.end() for one in self.also.finditer(before))
        stop = max((one for one in (*stops, *also) if one <= begins), default=0)
        asked = self.may.search(found[0]) or (
            self.may.search(before[stop:]) and not self.surely.search(before[stop:])
        )
        return bool(asked or self.orders.search(said[:ends]))


@table
def _tables() -> Mapping[str, _Promises]:
    loaded = shipped_words("promises")
    return {
        code: _Promises(
            promises=_any(table["promises"]),
            conditions=_any(table["if"]),
            orders=_any(table["order"]),
            may=_any(table["may"]),
            surely=_any(table["surely"]),
            also=_any(table["also"]),
        )
        for code, table in loaded.items()
    }


def _any(lines: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{line})" for line in lines.strip().splitlines()))
