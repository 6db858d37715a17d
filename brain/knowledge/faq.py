"""A page's questions and answers: from what it declares to machines, its lists and its headings."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from brain.knowledge.importing import (
    ImportProblem,
    Piece,
    Taken,
    judged,
    line_of,
    one_line,
)
from brain.knowledge.page import (
    AnswerEnds,
    Block,
    Heading,
    Page,
    Paragraph,
    Question,
    TooDeep,
    joined,
    read_page,
    readable,
)

_DEPTH_MAX: Final = 12
"""Levels of a page's data that are searched for questions."""
_LONE_WORDS: Final = 25
"""Words that text without a heading needs to be more than crumbs and dates."""
_NAMED_MAX: Final = 3
_HEADING_WORDS: Final = 2
"""A heading of so few words says too little by itself: the one above it goes before it."""


@dataclass(slots=True)
class _Section:
    title: str
    texts: list[str] = field(default_factory=list)


def taken_from_page(html: str, *, file: str) -> Taken:
    """Take the articles out of an HTML page.

    Args:
        html: The page.
        file: Its name: the title of a page that has none.

    Returns:
        What was found, and the mistakes by line.
    """
    problems: list[ImportProblem] = []
    try:
        page = read_page(html)
    except TooDeep as error:
        cure = "save the page anew from a browser, or give a CSV file"
        problems.append(ImportProblem(line=1, why=str(error), cure=cure))
        return Taken(problems=tuple(problems))
    declared = list(_declared(page, html, problems))
    shown, empty = _sections(page.blocks, fallback=page.title or file)
    questions = [_spelled(title) for title, _ in declared]
    found = [*declared, *(each for each in shown if not _repeats(each, questions))]
    seen = _spelled(" ".join(b.text for b in page.blocks if not isinstance(b, AnswerEnds)))
    pieces = [
        Piece(
            title=title,
            body=text,
            line=line_of(html, title),
            language=page.language,
            note=""
            if _spelled(title) in seen
            else "stands only in the page's data, nobody reads it",
        )
        for title, text in _once(found)
    ]
    if not pieces and not problems:
        why = "holds no question with an answer and no heading with text below it"
        cure = "save the page as it looks once it has loaded, or give a CSV file"
        problems.append(ImportProblem(line=1, why=why, cure=cure))
    taken = judged(pieces, problems)
    bare = [each for each in empty if not _repeats((each, ""), questions)]
    named = ", ".join(f"“{each[:60]}”" for each in bare[:_NAMED_MAX])
    notes = (f"{len(bare)} questions have no text that a visitor sees: {named}",) if bare else ()
    return Taken(pieces=taken.pieces, problems=taken.problems, notes=notes)


def _spelled(text: str) -> str:
    return " ".join(text.casefold().split())


def _once(found: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    told: set[tuple[str, str]] = set()
    for title, text in found:
        key = (_spelled(title), _spelled(text))
        if key not in told:
            told.add(key)
            yield title, text


def _repeats(section: tuple[str, str], questions: Sequence[str]) -> bool:
    """Say whether a section shows what the page declares as a question already."""
    words = _spelled(" ".join(section))
    return any(question in words for question in questions)


# --- what the page declares (schema.org FAQPage and QAPage)


def _declared(page: Page, html: str, problems: list[ImportProblem]) -> Iterator[tuple[str, str]]:
    for text in page.data:
        begins = html.find(text) if text else -1
        line = html.count("\n", 0, begins) + 1 if begins >= 0 else 1
        try:
            loaded = json.loads(text, strict=False)
        except json.JSONDecodeError as error:
            why = f"the page's data (JSON-LD) is broken: {error.msg}"
            cure = "correct it, or take the script out to import what the page shows"
            problems.append(ImportProblem(line=line + error.lineno - 1, why=why, cure=cure))
        except RecursionError:
            why, cure = "the page's data (JSON-LD) nests without end", "take the script out"
            problems.append(ImportProblem(line=line, why=why, cure=cure))
        else:
            yield from _answered(loaded, depth=0)


def _answered(node: Any, *, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEPTH_MAX:
        return
    if isinstance(node, list):
        for each in node:
            yield from _answered(each, depth=depth + 1)
    elif isinstance(node, dict):
        if "Question" in _listed(node.get("@type")):
            asked = one_line(readable(_text(node.get("name")) or _text(node.get("text"))))
            answers = _listed(node.get("acceptedAnswer")) or _listed(node.get("suggestedAnswer"))
            told = "\n\n".join(_answer(each) for each in answers)
            if asked and told.strip():
                yield asked, told.strip()
            return
        for each in node.values():
            yield from _answered(each, depth=depth + 1)


def _answer(node: Any) -> str:
    return readable(_text(node.get("text"))) if isinstance(node, dict) else readable(_text(node))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


# --- what the page shows


def _sections(blocks: Sequence[Block], *, fallback: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Cut a page at its headings, and its lists of questions out of the text around them.

    Returns:
        Title and text of each section, and the questions that have no text.
    """
    above: list[tuple[int, str]] = []
    titles: set[str] = set()
    lone = _Section(title=fallback)
    sections, outer, inner = [lone], lone, None
    for block in blocks:
        match block:
            case Heading(level=level, text=text) if inner is None:
                above = [each for each in above if each[0] < level]
                sections.append(outer := _Section(title=_titled(text, above, titles)))
                above.append((level, text))
            case Question(text=text):
                sections.append(inner := _Section(title=_titled(text, above, titles)))
            case AnswerEnds():
                inner = None
            case Heading() | Paragraph():
                (inner or outer).texts.append(block.text)
    found = [(one_line(each.title), joined(each.texts)) for each in sections[1:]]
    told = joined(lone.texts)
    if told and (not found or len(told.split()) >= _LONE_WORDS):
        found.insert(0, (one_line(lone.title), told))
    empty = [title for title, text in found if not text and title.endswith("?")]
    return [each for each in found if each[1]], empty


def _titled(text: str, above: Sequence[tuple[int, str]], titles: set[str]) -> str:
    """Put the heading above before one that says little or was there before.

    The page's own heading is no help.
    """
    higher = [each for level, each in above if level > 1]
    short = len(text.split()) <= _HEADING_WORDS and not text.endswith("?")
    title = f"{higher[-1]}: {text}" if higher and (short or text in titles) else text
    titles.add(text)
    return title
