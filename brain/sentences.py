"""What the bot says, parted into sentences and read word by word: pure, for every guard alike.

A dot ends no sentence in a date ("23. November"), a number, a link or an address, nor behind what
is only short for a word ("Nr.", "z. B."). In doubt where a lie could hide (`readings`), both ways
are read.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from brain.days.names import in_calendar
from brain.verdicts import Verdicts

AHEAD_MAX: Final = 200
"""Characters behind a mark that are looked at to see whether it ends a sentence."""
BEHIND_MAX: Final = 200
SHORT_MAX: Final = 12
"""Characters before a dot in which something short for a word is looked for."""
LETTERS_MAX: Final = 11
"""Of a word that is short for something ("Bestell-Nr")."""
JOINED_MAX: Final = 400
"""Characters that are read together over dots which may end nothing."""

_MARK = re.compile(r"[.!?\u2026\n]")
_ENDS = re.compile(
    r"(?P<mark>[.!?\u2026]+)(?P<closed>[\"'\u201c\u201d\u2019\u00bb)\]]*)(?:[^\S\n]*\n+|(?=\s|$))"
    r"|(?<=[^\W\d_]{2})[.!?\u2026]+(?=[A-Z\u00c0-\u00de])"
    r"|\n+"
)
"""The second: where only the space is missing, "It is done.Your money comes"."""
_TOGETHER = re.compile(r"[/@]|^www\.", re.IGNORECASE)
"""What tells a link or an address."""
_SHORT_FOR = re.compile(
    r"(?:(?<![\w.,])\d{1,2}|\b(?:[a-tv-z]|núm|num|bzw|ca|approx|st|dr|mr|mrs|ms|prof|sr|sra|sig|dott|"
    r"bijv|mevr|dhr|p\. ?ex|par ex|p\. ?es|p\. ?ej|por ej|inkl|incl|zzgl|evtl|ggf|jan|feb|mar|apr|"
    r"jun|jul|aug|sept?|okt|oct|nov|dez|dec))$",
    re.IGNORECASE,
)
"""What a dot after it ends no sentence of: "23. November", "Dr. Smith"."""
_OF_A_NUMBER = re.compile(r"\b(?:nr|no|núm|num|tel|ref|art|best|pos|abs)$", re.IGNORECASE)
"""What is short for something only before a number: "no. 5", and no plain "No."."""
_MAY_END = re.compile(r"\b(?:u|usw|etc|ecc|ex|es|ej)$", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(?:#|(?:nr|no)\b|[a-z]{0,3}-?\d)", re.IGNORECASE)
_FIRST, _LAST = re.compile(r"^\S*"), re.compile(r"(?<!\S)\S*$")
_NEXT_WORD = re.compile(r"\s*([^\W\d_]+)")
_SMALL = re.compile(r"\W*([^\W\d_])")
_PIECE = re.compile(r"[^.!?;:\n]+(?:[.:](?=\d)[^.!?;:\n]*)*")
_BROKEN = re.compile(r"[ \t]*(?:\n|:\s*|\.)[ \t]*")
_TOKEN = re.compile(
    r"[\w'£€$#%@&+/](?:[\w'£€$#%@&+/]|[.,](?=\d)|[.-](?=\w))*|[,()\[\]\u2013\u2014\u2026\"-]"
)
_EDGE = " \t\n.!?\u2026"
_MARKUP = dict.fromkeys(map(ord, "*_~`"))


def sentences(text: str) -> list[str]:
    """Part a text into its sentences, each with what ends it; together they are the text."""
    return [text[begins:ends] for begins, ends in sentences_of(text)]


def parts(text: str) -> list[str]:
    """Part a text at semicolons, too, and leave out the marks at both ends."""
    found = (part.strip(_EDGE) for one in sentences(text) for part in one.split(";"))
    return [part for part in found if part]


@Verdicts
def sentences_of(text: str) -> tuple[tuple[int, int], ...]:
    """Give the places of a text's sentences."""
    spans, begins, looked = list[tuple[int, int]](), 0, 0
    for mark in _MARK.finditer(text):
        end = _ENDS.match(text, mark.start()) if mark.start() >= looked else None
        if end is not None:
            looked = end.end()
            if not _goes_on(text, begins, end):
                spans.append((begins, looked))
                begins = looked
    return (*spans, (begins, len(text))) if begins < len(text) else tuple(spans)


def _goes_on(text: str, begins: int, end: re.Match[str]) -> bool:
    """Say whether a mark ends no sentence."""
    before = text[max(begins, end.start() - BEHIND_MAX) : end.start()]
    after = text[end.end() : end.end() + AHEAD_MAX]
    match end["mark"]:
        case None:
            written = f"{_LAST.findall(before)[0]}{end[0]}{_FIRST.findall(after)[0]}"
            return not end[0].isspace() and _TOGETHER.search(written) is not None
        case _ if "\n" in end[0]:
            return False
        case "." if not end["closed"]:
            return _is_short(before, after, listed=begins + len(before) == end.start())
        case mark if end["closed"] or mark.startswith(("\u2026", "..")):
            # "It is (finally!) here", "Well … it is".
            small = _SMALL.match(after.partition("\n")[0])
            return small is not None and small[1].islower()
        case _:
            return False


def _is_short(before: str, after: str, *, listed: bool) -> bool:
    """Say whether a dot belongs to what is short for a word, or to a number."""
    tail = before[-SHORT_MAX:]
    if len(tail.rpartition(" ")[2]) > LETTERS_MAX:
        return False
    if _OF_A_NUMBER.search(tail):
        return _NUMBER.match(after) is not None
    word = _NEXT_WORD.match(after)
    small = word is not None and word[1][0].islower()
    if not _SHORT_FOR.search(tail):
        return small and _MAY_END.search(tail) is not None
    if not before[-1:].isdigit():
        return True
    # After a number only a month or a small letter tells, and a list's number ends nothing.
    return (
        (listed and not before.rstrip("0123456789").strip())
        or small
        or (word is not None and in_calendar(word[1]))
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece of a text, as it is read."""

    start: int
    end: int
    words: str
    stops: tuple[int, ...]
    """Where commas and their like stand in the words."""
    over: int = 0
    """Where two pieces are read as one: what matters lies across this place of the words."""


def readings(text: str) -> Iterator[Reading]:
    """Give all that may be a sentence or a part of one, cut at every mark.

    Where only a line was broken, a colon stands, or a dot may end nothing, what it parts is read
    together, too.
    """
    before: re.Match[str] | None = None
    joined = 0
    for piece in _PIECE.finditer(text):
        yield Reading(piece.start(), piece.end(), *as_read(piece[0]))
        between = "" if before is None else text[before.end() : piece.start()]
        if before is not None and _BROKEN.fullmatch(between) and _may_go_on(before[0], between):
            if not between.startswith(".") or piece.end() - joined > JOINED_MAX:
                joined = before.start()
            words, stops = as_read(text[joined : piece.end()])
            over = len(as_read(text[joined : before.end()])[0])
            yield Reading(joined, piece.end(), words, stops, over)
        else:
            joined = piece.start()
        before = piece


def _may_go_on(before: str, between: str) -> bool:
    dotted = between.startswith(".")
    tail = before[-SHORT_MAX:]
    return not dotted or bool(_SHORT_FOR.search(tail) or _OF_A_NUMBER.search(tail))


def as_read(piece: str) -> tuple[str, tuple[int, ...]]:
    """Give the words as they are read, without marks, and the places of commas between them."""
    seen = unicodedata.normalize("NFKC", piece).replace("\u2019", "'").casefold()
    if not seen.isprintable():
        seen = "".join(one for one in seen if unicodedata.category(one) != "Cf")
    words, stops, length = list[str](), list[int](), 0
    for one in _TOKEN.findall(seen.translate(_MARKUP)):
        if one[0].isalnum() or len(one) > 1 or one in "£€$#&":
            words.append(one)
            length += len(one) + 1
        else:
            stops.append(length)
    return " ".join(words), tuple(stops)


def begins_after(
    words: str, stops: Sequence[int], at: int, also: re.Pattern[str] | None = None
) -> int:
    """Say how far back what unsays a word may stand: to a comma, or a word as good as one.

    Args:
        words: As they are read.
        stops: Where commas stand.
        at: Where the word begins.
        also: Words like "and".
    """
    ands = () if also is None else (one.end() for one in also.finditer(words[:at]))
    return max((one for one in (*stops, *ands) if one <= at), default=0)
