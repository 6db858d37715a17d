"""Cutting a reply into parts that each fit one message of a platform.

The best boundary that still fills the message wins: paragraph, line, sentence, word. A link, an
e-mail address or a number is cut only where it alone exceeds a whole message, a grapheme cluster
(what people see as one character) only where it alone does.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import accumulate
from typing import Final

import regex

MAX_PARTS: Final = 20
"""Parts of one reply. More is a flood for whoever reads it, and at one message a second and chat
(Telegram, Slack) it would hold up the conversation for longer than a person waits."""

SHORTEST_LIMIT: Final = 8
"""A message shorter than this cannot carry the mark of a cut."""

CUT_MARK: Final = " […]"
"""Ends the last part of a text that needed more than `MAX_PARTS`."""

Measure = Callable[[str], int]
"""How a platform counts the length of a text; never smaller for a longer text, links aside."""


class _Edge(IntEnum):
    """How good a place is to cut at."""

    FORBIDDEN = 0
    GRAPHEME = 1
    WORD = 2
    SENTENCE = 3
    LINE = 4
    PARAGRAPH = 5


_GRAPHEME: Final = regex.compile(r"\X")
_GAP: Final = regex.compile(r"\s+")
_SENTENCE_END: Final = regex.compile(r"[.!?…。！？؟।][)\]\"'»”’]*\Z")  # noqa: RUF001 (CJK marks are meant)
_SENTENCE_WITHOUT_GAP: Final = regex.compile(r"[。！？]+(?=\S)")  # noqa: RUF001 (CJK marks are meant)
_UNBROKEN: Final = regex.compile(
    r"""
      (?: https?:// | www\. ) [^\s\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]+  # link, to a CJK mark
    | [!-?A-~]{1,64} @ [A-Z0-9.-]{1,255}  # e-mail address (RFC 5321 lengths: linear time)
    | [+\#]? [A-Z]{0,4} \d [\dA-Z]*        # order, IBAN, card or telephone number …
      (?: [ \u00a0\u202f./-] \d [\dA-Z]* ){0,7}   # … in at most eight groups
    """,
    regex.VERBOSE | regex.IGNORECASE,
)


def utf16_length(text: str) -> int:
    """Count UTF-16 code units, as Telegram does; a lone surrogate counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split_text(
    text: str, *, limit: int, measure: Measure, parts_max: int = MAX_PARTS
) -> tuple[str, ...]:
    """Cut `text` into parts of at most `limit` by `measure`, none of them empty.

    Nothing is lost but whitespace at the cuts, up to `parts_max`; a longer text ends in
    `CUT_MARK`. A text of whitespace alone has no parts.

    Raises:
        ValueError: the limit is below `SHORTEST_LIMIT`.
    """
    if limit < SHORTEST_LIMIT:
        raise ValueError(f"a message of {limit} is too short to split into")
    if measure(text) <= limit and text == text.strip() and text:
        return (text,)
    parts: list[str] = []
    cutter = _Cutter(text, limit=limit, measure=measure)
    for part in cutter.parts():
        if len(parts) == parts_max:
            parts[-1] = _marked(parts[-1], limit=limit, measure=measure)
            break
        parts.append(part)
    return tuple(parts)


def is_cut(text: str, parts: tuple[str, ...]) -> bool:
    """Say whether parts hold less than the text: they end in a mark that is none of its own."""
    return bool(parts) and parts[-1].endswith(CUT_MARK) and not text.rstrip().endswith(CUT_MARK)


def in_one(text: str, cut: Callable[[str], tuple[str, ...]]) -> str:
    """Give a text as one part; one that needs more ends in `CUT_MARK`.

    Args:
        text: What is to be said.
        cut: Cuts it into the parts of a platform.
    """
    parts = cut(text)
    if len(parts) < 2:
        return "".join(parts)
    begun = parts[0]
    while begun and len(cut(begun + CUT_MARK)) > 1:
        shorter, _, _ = begun.rpartition(" ")
        begun = (shorter or begun[: -len(CUT_MARK)]).rstrip()
    return begun + CUT_MARK


def _marked(part: str, *, limit: int, measure: Measure) -> str:
    """Put the mark of the cut at the end of a part, in place of as much as it needs."""
    room = limit - measure(CUT_MARK)
    shorter = next(_Cutter(part, limit=room, measure=measure).parts())
    return shorter + CUT_MARK


class _Cutter:
    """A text with the places where it may be cut."""

    def __init__(self, text: str, *, limit: int, measure: Measure) -> None:
        self._text = text
        self._limit = limit
        self._measure = measure
        graphemes = _GRAPHEME.findall(text)
        self._edges = [0, *accumulate(len(grapheme) for grapheme in graphemes)]
        self._blank = [grapheme.isspace() for grapheme in graphemes]
        self._rank = _ranks(text)

    def parts(self) -> Iterator[str]:
        """Give one part after the other."""
        start = self._after_blanks(0)
        while start < len(self._text):
            end = self._end(start)
            stripped = self._before_blanks(start, end)
            yield self._text[start:stripped]
            start = self._after_blanks(end)

    def _end(self, start: int) -> int:
        """Find where the part that begins at `start` ends best."""
        first = bisect_right(self._edges, start)
        last = self._last_fitting(start, first)
        if last < first:
            return self._inside_grapheme(start)
        if self._edges[last] == len(self._text):
            return len(self._text)
        third = start + (self._edges[last] - start) // 3  # a part shorter than that is a waste
        for rank, floor in (
            (_Edge.PARAGRAPH, third),
            (_Edge.LINE, third),
            (_Edge.SENTENCE, third),
            (_Edge.WORD, start),
            (_Edge.GRAPHEME, start),
        ):
            for index in range(last, first - 1, -1):
                edge = self._edges[index]
                if edge <= floor:
                    break
                if self._rank.get(edge, _Edge.GRAPHEME) >= rank and self._fits(start, edge):
                    return edge
        return self._edges[last]

    def _fits(self, start: int, end: int) -> bool:
        end = self._before_blanks(start, end)
        return self._measure(self._text[start:end]) <= self._limit

    def _last_fitting(self, start: int, first: int) -> int:
        """Find the index of the furthest grapheme edge within the limit, `first - 1` if none."""
        step = self._limit
        fitting, beyond = first - 1, first
        while beyond < len(self._edges) and self._fits(start, self._edges[beyond]):
            fitting, beyond = beyond, beyond + step
        beyond = min(beyond, len(self._edges))
        while beyond - fitting > 1:
            middle = (fitting + beyond) // 2
            if self._fits(start, self._edges[middle]):
                fitting = middle
            else:
                beyond = middle
        return fitting

    def _inside_grapheme(self, start: int) -> int:
        """Cut one cluster that exceeds a whole message: a letter under a thousand accents."""
        end = start + 1
        while end < len(self._text) and self._measure(self._text[start : end + 1]) <= self._limit:
            end += 1
        return end

    def _after_blanks(self, place: int) -> int:
        index = bisect_left(self._edges, place)
        if self._edges[index] != place:  # inside a cluster: nothing to skip
            return place
        while index < len(self._blank) and self._blank[index]:
            index += 1
        return self._edges[index]

    def _before_blanks(self, start: int, place: int) -> int:
        index = bisect_left(self._edges, place)
        if self._edges[index] != place:
            return place
        while index > 0 and self._blank[index - 1] and self._edges[index - 1] > start:
            index -= 1
        return self._edges[index]


def _ranks(text: str) -> dict[int, _Edge]:
    """Rank the places in the text that are better or worse than any other grapheme's edge."""
    ranks: dict[int, _Edge] = {}
    for found in _SENTENCE_WITHOUT_GAP.finditer(text):
        ranks[found.end()] = _Edge.SENTENCE
    for gap in _GAP.finditer(text):
        ranks[gap.start()] = _gap_rank(text, gap.start(), gap.group())
    for unbroken in _UNBROKEN.finditer(text):
        for place in range(unbroken.start() + 1, unbroken.end()):
            ranks[place] = _Edge.FORBIDDEN
    return ranks


def _gap_rank(text: str, place: int, gap: str) -> _Edge:
    lines = gap.count("\n")
    if lines:
        return _Edge.PARAGRAPH if lines > 1 else _Edge.LINE
    before = text[max(0, place - 4) : place]
    return _Edge.SENTENCE if _SENTENCE_END.search(before) else _Edge.WORD
