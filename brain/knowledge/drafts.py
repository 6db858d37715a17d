"""Pieces of somebody's file become articles that nobody has reviewed: Markdown, one file each."""

import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML

from brain.knowledge.articles import Article, parse_article
from brain.knowledge.importing import ImportProblem, Piece
from brain.knowledge.index import stems
from brain.wording import plain

_ID_MAX: Final = 60
_SAME_WORDS: Final = 0.9
"""Share of the words from which two texts say the same."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRIES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article to be written."""

    id: str
    title: str
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    text: str
    """The file's content."""
    line: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A piece that is not written, since an article has its question or its words already."""

    title: str
    line: int
    article: str
    """That article's id."""
    same: bool
    """Whether it says the same too, as far as words tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spine:
    """What of an article tells whether a piece says the same."""

    id: str
    title: str
    languages: tuple[str, ...]
    texts: tuple[frozenset[str], ...]


@dataclass(slots=True)
class Shelf:
    """What is known while an import goes on: each draft joins it."""

    spines: list[_Spine]
    taken: set[str]
    """Ids and file names in use, in lower case."""

    @classmethod
    def of(cls, articles: Sequence[Article], files: Collection[str]) -> "Shelf":
        """Begin with the articles and the file names that are there, without their endings."""
        taken = {each.casefold() for each in files} | {each.id.casefold() for each in articles}
        return cls(spines=[_spine(each) for each in articles], taken=taken)

    def drafted(
        self,
        piece: Piece,
        *,
        source: str,
        language: str,
        suggest: Callable[[str], tuple[str, ...]],
    ) -> Draft | Known | ImportProblem:
        """Make a piece an article, unless there is one.

        Args:
            piece: What was found.
            source: The name of its file.
            language: Its language, ISO 639-1.
            suggest: Names the topics that a question is about, as far as the brain knows.
        """
        known = self._known(piece, language)
        if known is not None:
            return known
        name = piece.id or self._free(_slug(piece.title))
        if name.casefold() in self.taken:
            why, cure = f"{name} is another article's id", "choose another id, or leave it empty"
            return ImportProblem(line=piece.line, why=why, cure=cure)
        if piece.expires and not _DAY.fullmatch(piece.expires):
            why, cure = f"expires says {piece.expires[:40]!r}", "write a day like 2027-01-31"
            return ImportProblem(line=piece.line, why=why, cure=cure)
        topics = piece.topics or suggest(piece.title)
        suggested = bool(topics) and not piece.topics
        text = _written(
            piece, name, source=source, language=language, topics=topics, suggested=suggested
        )
        parsed = parse_article(text, file=name)
        if not isinstance(parsed, Article):
            why = "; ".join(f"{each.key}: {each.why}" for each in parsed)
            return ImportProblem(line=piece.line, why=why, cure="correct that column")
        self.spines.append(_spine(parsed))
        self.taken.add(name.casefold())
        return Draft(
            id=name,
            title=parsed.title,
            topics=topics,
            languages=parsed.languages,
            text=text,
            line=piece.line,
            note=piece.note,
        )

    def _known(self, piece: Piece, language: str) -> Known | None:
        words, title = _words(piece.body), plain(piece.title)
        for each in self.spines:
            if each.languages and language not in each.languages:
                continue
            same = any(_alike(words, other) for other in each.texts)
            if same or each.title == title or each.id == piece.id:
                return Known(title=piece.title, line=piece.line, article=each.id, same=same)
        return None

    def _free(self, name: str) -> str:
        """Give the name, with a number where it is taken."""
        tries = (name, *(f"{name}-{number}" for number in range(2, _TRIES)))
        return next(each for each in tries if each.casefold() not in self.taken)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for part in text.split("\n\n") for word in stems(part))


def _spine(article: Article) -> _Spine:
    return _Spine(
        id=article.id,
        title=plain(article.title),
        languages=article.languages,
        texts=tuple({_words(article.body), _words(article.answer)}),
    )


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    # Their sizes first: that alone tells for nearly all, and there may be millions of pairs.
    if min(len(one), len(other)) < _SAME_WORDS * max(len(one), len(other)):
        return False
    return len(one & other) >= _SAME_WORDS * len(one | other)


def _slug(title: str) -> str:
    """Make a file's name of a title; one without Latin letters is known by its digest."""
    spelled = unicodedata.normalize("NFKD", title.casefold().replace("ß", "ss"))
    bare = "".join(c for c in spelled if not unicodedata.combining(c))
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")
    if len(slug) > _ID_MAX:
        slug = slug[: _ID_MAX + 1].rpartition("-")[0] or slug[:_ID_MAX]
    return slug or f"article-{hashlib.sha256(title.encode()).hexdigest()[:8]}"


def _written(
    piece: Piece,
    name: str,
    *,
    source: str,
    language: str,
    topics: Sequence[str],
    suggested: bool,
) -> str:
    front: dict[str, object] = {"id": name, "title": piece.title}
    if topics:
        front["topics"] = list(topics)
    if language:
        front["languages"] = [language]
    front["surface"] = piece.surface or "private"
    if piece.owner:
        front["owner"] = piece.owner
    front["source"] = source
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # typed as None
    yaml.allow_unicode = True
    yaml.width = 10_000
    stream = io.StringIO()
    yaml.dump(front, stream)
    keys = stream.getvalue()
    if suggested:
        keys = re.sub(r"^(topics: .*)$", r"\1 # suggested: make sure", keys, flags=re.MULTILINE)
    # Dates stand unquoted, as people write them; parsing says what is none.
    keys += f"expires: {piece.expires}\n" if piece.expires else ""
    keys += "reviewed: # the day on which you read it: not used before\n"
    return f"---\n{keys}---\n{piece.body}\n"
