"""What an import finds in somebody's file: pieces that may become articles, and what is wrong."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

PIECES_MAX: Final = 1_000
"""Articles out of one file; a larger one is no FAQ page."""
TITLE_MAX, BODY_MAX = 300, 20_000
"""Characters; a longer text is a book, which no customer is answered with."""
_JOINERS = {"\u200c", "\u200d"}
"""Letters of Persian and families of emoji need them; everything else of its kind only hides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One question and its answer, or one headed section, as found."""

    title: str
    body: str
    """Plain paragraphs with a blank line between them."""
    line: int
    """Where it begins in the file, from 1; 1 where that cannot be told."""
    language: str = ""
    """ISO 639-1 as the file says; empty where it does not."""
    topics: tuple[str, ...] = ()
    id: str = ""
    surface: str = ""
    owner: str = ""
    expires: str = ""
    note: str = ""
    """What whoever reviews it should know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportProblem:
    """What could not be taken, where, and what to do about it."""

    line: int
    why: str
    cure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """All that one file holds."""

    pieces: tuple[Piece, ...] = ()
    problems: tuple[ImportProblem, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out on purpose."""


def cleaned(text: str) -> str:
    """Keep what a reader sees: no control, direction or invisible characters, one spelling."""
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    composed = unicodedata.normalize("NFC", broken)
    return "".join(
        c for c in composed if c in "\n\t" or c in _JOINERS or unicodedata.category(c)[0] != "C"
    )


def one_line(text: str) -> str:
    """Bring a text onto one line."""
    return " ".join(cleaned(text).split())


def paragraphs(text: str) -> str:
    """Tidy a text of several lines: single spaces, one blank line at most."""
    lines = [" ".join(line.split()) for line in cleaned(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def line_of(text: str, needle: str) -> int:
    """Say on which line of a file a text begins, as well as its first words tell."""
    words = needle.split()[:6]
    for count in range(len(words), 0, -1):
        found = re.search(r"\s+".join(map(re.escape, words[:count])), text)
        if found:
            return text.count("\n", 0, found.start()) + 1
    return 1


def judged(found: "list[Piece]", problems: "list[ImportProblem]") -> Taken:
    """Put aside what is empty, too long or too much."""
    pieces: list[Piece] = []
    for each in found:
        if len(each.title) > TITLE_MAX:
            why = f"the question or title has {len(each.title)} characters, {TITLE_MAX} are allowed"
            problems.append(ImportProblem(line=each.line, why=why, cure="shorten it"))
        elif len(each.body) > BODY_MAX:
            why = f"“{each.title[:60]}” has {len(each.body)} characters, {BODY_MAX} are allowed"
            cure = "split it by headings"
            problems.append(ImportProblem(line=each.line, why=why, cure=cure))
        else:
            pieces.append(each)
    if len(pieces) > PIECES_MAX:
        why = f"holds {len(pieces)} articles, {PIECES_MAX} are taken"
        cure = "split the file in several"
        problems.append(ImportProblem(line=pieces[PIECES_MAX].line, why=why, cure=cure))
    return Taken(pieces=tuple(pieces[:PIECES_MAX]), problems=tuple(problems))
