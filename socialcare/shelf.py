"""The articles in force, followed on disk: a good change is learnt, a broken one refused, aloud.

A file that somebody is still writing is left alone until it has rested for one look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from brain.knowledge.articles import Article, ArticleProblem, parse_article, taken_id
from conversation.clock import Clock
from socialcare.article_folder import ABSENT
from socialcare.learning import files_of, read_texts

LOOK_EVERY_S: Final = 2.0
"""Two looks until a change is in force: some seconds, and a look at 5,000 files costs little."""
SHOWN_MAX: Final = 10
"""Problems that are told at the desk at once; the rest is counted."""
UNLEARNT: Final = (
    "Changed articles could not be learnt; what was in force before stays so. The log says why."
)

Look = Mapping[str, tuple[int, int]]
"""What a folder's files look like from outside: name to time and size."""
_log = structlog.get_logger(__name__)


_GONE: Final = "is not there any more; what was in it stays in force until the next start"
_MAKE_IT: Final = "make it, or let `knowledge.folder` name the one that your articles are in"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    text: str
    article: Article


class Shelf:
    """One folder's articles, each in its last version that could be read."""

    def __init__(self, folder: Path, *, named: bool = False) -> None:
        """Make it; ``named`` says that a folder which is not there is a mistake."""
        self.folder = folder
        self._named = named
        self._kept: dict[str, _Kept] = {}

    @property
    def articles(self) -> tuple[Article, ...]:
        """Those in force, in the order of their files."""
        return tuple(kept.article for _, kept in sorted(self._kept.items()))

    def read(self) -> tuple[ArticleProblem, ...]:
        """Take what is on disk; what is broken is told, and its last good version stays.

        A file that is there and cannot be opened is broken, one that is not there is gone.
        """
        if (self._kept or self._named) and not self.folder.exists():
            why = _GONE if self._kept else f"{ABSENT}: {self.folder}; {_MAKE_IT}"
            return (ArticleProblem(file="", key="", why=why),)
        texts, unread = read_texts(self.folder)
        if not texts and any(not each.file for each in unread):
            return unread  # No folder, or closed: what was in it stays in force.
        problems = list(unread)
        stay = {file for file in self._kept if any(_in(file, each.file) for each in unread)}
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


def _in(file: str, place: str) -> bool:
    """Say whether a file is one that could not be read, or is in a folder that could not."""
    return file == place or file.startswith(f"{place}/")


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


def differences(old: Iterable[Article], new: Iterable[Article]) -> tuple[str, ...]:
    """Name the articles in force that were not, are no longer, or say something else."""
    before, now = ({each.id: each for each in some} for some in (old, new))
    return tuple(
        f"{name}: {'added' if name not in before else 'changed' if name in now else 'removed'}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    )


async def follow(
    *,
    folder: Callable[[], Path],
    read: Callable[[], Awaitable[tuple[ArticleProblem, ...]]],
    tell: Callable[[str], Awaitable[object]],
    clock: Clock,
    seen: Look,
    told: Iterable[ArticleProblem] = (),
) -> None:
    """Watch the knowledge folder for ever.

    Args:
        folder: The folder in force.
        read: Read it and put it into force; gives what was refused.
        tell: Say something to the desk.
        clock: Time.
        seen: How the folder looked when it was read last.
        told: What was refused then, and is known.
    """
    before, known = seen, frozenset(told)
    while True:
        await clock.sleep(LOOK_EVERY_S)
        try:
            now = await asyncio.to_thread(look, folder())
        except OSError:
            continue  # A folder that goes while it is looked through is looked through again.
        if now != seen and now == before:
            seen = now
            known = await _taken(read, tell, known)
        before = now


async def _taken(
    read: Callable[[], Awaitable[tuple[ArticleProblem, ...]]],
    tell: Callable[[str], Awaitable[object]],
    known: frozenset[ArticleProblem],
) -> frozenset[ArticleProblem]:
    """Put a change into force, and tell what of it was refused and was not known yet."""
    try:
        problems = await read()
    except Exception:  # noqa: BLE001 - whatever one change does, the next is to be taken
        _log.exception("articles not learnt, the old ones stay")
        await tell(UNLEARNT)
        return known
    new = tuple(each for each in problems if each not in known)
    if new:
        await tell(_refusal(new))
    return frozenset(problems)


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


def _refusal(problems: Sequence[ArticleProblem]) -> str:
    told = "Changed articles were refused; where one was in force before, it stays so.\n"
    return told + _listed(problems)


def left_out(problems: Sequence[ArticleProblem]) -> str:
    """Tell what could not be read at start, when there is no earlier version to go on with."""
    return "These articles cannot be read and are not used.\n" + _listed(problems)


def _listed(problems: Sequence[ArticleProblem]) -> str:
    lines = [
        f"{each.file or 'the folder'}: " + (f"{each.key}: " if each.key else "") + each.why
        for each in problems[:SHOWN_MAX]
    ]
    if len(problems) > SHOWN_MAX:
        lines.append(f"… and {len(problems) - SHOWN_MAX} more")
    return "\n".join(lines)
