"""The articles in force, followed on disk: a good change is learnt, a broken one refused, aloud.

A file that somebody is still writing is left alone until it has rested for one look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from brain.knowledge.articles import Article, ArticleProblem, parse_article, taken_id
from conversation.clock import Clock
from socialcare.learning import files_of, read_texts

LOOK_EVERY_S: Final = 2.0
"""Two looks until a change is in force: some seconds, and a look at 5,000 files costs little."""
SHOWN_MAX: Final = 10
"""Problems that are told at the desk at once; the rest is counted."""

Look = Mapping[str, tuple[int, int]]
"""What a folder's files look like from outside: name to time and size."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    text: str
    article: Article


class Shelf:
    """One folder's articles, each in its last version that could be read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, _Kept] = {}

    @property
    def articles(self) -> tuple[Article, ...]:
        """Those in force, in the order of their files."""
        return tuple(kept.article for _, kept in sorted(self._kept.items()))

    def read(self) -> tuple[ArticleProblem, ...]:
        """Take what is on disk; what is broken is told, and its last good version stays.

        A file that is there and cannot be opened is broken, one that is not there is gone.
        """
        texts, unread = read_texts(self.folder)
        if not texts and any(not each.file for each in unread):
            return unread  # No folder any more: what was in it stays in force.
        problems = list(unread)
        stay = {each.file for each in unread}
        changed: dict[str, _Kept] = {}
        for file, text in texts.items():
            kept = self._kept.get(file)
            if kept is not None and kept.text == text:
                stay.add(file)
                continue
            parsed = parse_article(text, file=file)
            if isinstance(parsed, Article):
                changed[file] = _Kept(text=text, article=parsed)
            else:
                problems += parsed
                stay.add(file)
        self._kept, twice = _joined(self._kept, stay, changed)
        return (*problems, *twice)


def _joined(
    old: Mapping[str, _Kept], stay: set[str], changed: Mapping[str, _Kept]
) -> tuple[dict[str, _Kept], list[ArticleProblem]]:
    """Put changed files beside those that stay; an id that is taken stays with who has it."""
    new = {file: kept for file, kept in old.items() if file in stay}
    ids = {kept.article.id: file for file, kept in new.items()}
    problems = []
    refused = []
    for file, kept in changed.items():
        if kept.article.id in ids:
            holder = ids[kept.article.id]
            problems.append(taken_id(kept.article.id, file=file, holder=holder))
            refused.append(file)
        else:
            new[file] = kept
            ids[kept.article.id] = file
    for file in refused:
        before = old.get(file)
        if before is not None and before.article.id not in ids:
            new[file] = before
            ids[before.article.id] = file
    return new, problems


async def follow(
    *,
    folder: Callable[[], Path],
    read: Callable[[], Awaitable[tuple[ArticleProblem, ...]]],
    tell: Callable[[str], Awaitable[object]],
    clock: Clock,
    seen: Look,
) -> None:
    """Watch the knowledge folder for ever.

    Args:
        folder: The folder in force.
        read: Read it and put it into force; gives what was refused.
        tell: Say something to the desk.
        clock: Time.
        seen: How the folder looked when it was read last.
    """
    before = seen
    while True:
        await clock.sleep(LOOK_EVERY_S)
        now = await asyncio.to_thread(look, folder())
        if now != seen and now == before:
            seen = now
            problems = await read()
            if problems:
                await tell(_refusal(problems))
        before = now


def look(folder: Path) -> Look:
    """See how a folder's files look from outside."""
    seen: dict[str, tuple[int, int]] = {}
    for name, file in files_of(folder).items():
        try:
            found = file.stat()
        except OSError:
            seen[name] = (0, 0)
        else:
            seen[name] = (found.st_mtime_ns, found.st_size)
    return seen


def _refusal(problems: tuple[ArticleProblem, ...]) -> str:
    lines = [
        f"{each.file or 'the folder'}: " + (f"{each.key}: " if each.key else "") + each.why
        for each in problems[:SHOWN_MAX]
    ]
    if len(problems) > SHOWN_MAX:
        lines.append(f"… and {len(problems) - SHOWN_MAX} more")
    told = "Changed articles were refused; what was said before stays in force.\n"
    return told + "\n".join(lines)
