"""Words that promise a person, in every language at once: a handoff has to make them true.

Pure. https://github.com/chatwoot/chatwoot/pull/13178 is what happens else: "I am transferring you",
and nobody knows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from brain.sentences import as_read, begins_after, sentences
from brain.shipped import shipped_words, table
from brain.verdicts import Verdicts

WORDS_MAX = 8_000

_LISTED = re.compile(r"[\s*\u2022\u2013-]")
_END = " \t\n.!?\u2026"


def promises_person(words: str) -> bool:
    """Say whether a sentence promises that a person will go on; an offer or a condition is none."""
    return bool(promises_in(words))


def promises_in(words: str) -> tuple[str, ...]:
    """Find the sentences that promise it."""
    found = list[str]()
    for lines in _together(words[:WORDS_MAX]):
        own = [line for line in lines if _promises(line)]
        whole = "\n".join(lines)
        found += own or ([whole] if len(lines) > 1 and _promises(whole) else [])
    return tuple(found)


def _together(words: str) -> Iterator[list[str]]:
    """Give each sentence's lines; one that is only broken goes on in the next line."""
    lines, goes_on = list[str](), False
    for sentence in sentences(words):
        if not goes_on or _LISTED.match(sentence):
            yield lines
            lines = []
        first, *others = (part.strip(_END) for part in sentence.split(";"))
        lines.append(first)
        for other in others:
            yield lines
            lines = [other]
        goes_on = sentence.endswith("\n") and sentence[:-1].rstrip(_END) == sentence[:-1]
    yield lines


@Verdicts
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
        stop = begins_after(said, stops, begins, self.also)
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
