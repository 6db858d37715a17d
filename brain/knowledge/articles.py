"""What the brand has written for its customers: Markdown with front matter becomes articles.

An article that cannot be read is a value naming file and key, so that `check` can list all
mistakes at once and one bad file does not silence the others.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.stages import Surface

TEXT_MAX: Final = 100_000
"""Characters of one file; a longer one is a book, not an article."""
REVIEWED_WITHIN: Final = timedelta(days=366)
"""A year, be it a leap one: what nobody has looked at for longer is not relied on."""
_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?P<keys>.*?)^---[ \t]*\r?(?:\n|\Z)(?P<body>.*)\Z",
    re.DOTALL | re.MULTILINE,
)

_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One thing the brand says, and to whom, in which language and until when."""

    id: str
    title: str
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    """Empty: it may be said in any language."""
    surface: Surface
    reviewed: date | None = None
    """When somebody last made sure that it is true; without it, only ``expires`` bounds it."""
    expires: date | None = None
    """The last day on which it is true."""
    owner: str | None = None
    source: str | None = None
    """The file it was imported from; such an article is not relied on before it was reviewed."""
    answer: str
    """The words a scripted channel may send as they are; the body where none are given."""
    body: str

    def only_about(self, topics: Collection[str]) -> bool:
        """Say whether it names topics, and none but these."""
        return bool(self.topics) and set(self.topics) <= set(topics)

    def valid_on(self, day: date) -> bool:
        """Say whether it may still be relied on that day."""
        return not self.stale_on(day)

    def stale_on(self, day: date) -> str:
        """Say why it may not be relied on that day; empty where it may."""
        if self.expires is not None and day > self.expires:
            return f"expired on {self.expires}"
        if self.reviewed is not None and day - self.reviewed > REVIEWED_WITHIN:
            return f"was last reviewed on {self.reviewed}, more than a year ago"
        if self.source is not None and self.reviewed is None:
            return f"was imported from {self.source}, and nobody has reviewed it yet"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleProblem:
    """Why an article cannot be used."""

    file: str
    key: str
    """The front matter's key; empty where the file as a whole is wrong."""
    why: str


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: _Id
    title: _Line
    topics: tuple[_Line, ...] = Field(default=(), max_length=50)
    languages: tuple[_Code, ...] = Field(default=(), max_length=50)
    # Who forgets the line has not decided that everybody may read it.
    surface: Surface = Surface.PRIVATE
    reviewed: date | None = None
    expires: date | None = None
    owner: _Line | None = None
    source: _Line | None = None
    answer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)] | None = None


def parse_article(text: str, *, file: str) -> Article | tuple[ArticleProblem, ...]:
    """Read one Markdown file with front matter.

    Args:
        text: The file's content.
        file: Its name, for the problems.

    Returns:
        The article, or every problem that keeps it from being one.
    """
    if len(text) > TEXT_MAX:
        return (ArticleProblem(file=file, key="", why=f"is longer than {TEXT_MAX} characters"),)
    found = _FRONT_MATTER.match(text)
    if found is None:
        return (ArticleProblem(file=file, key="", why="has no front matter between two --- lines"),)
    keys = _keys(found["keys"])
    if isinstance(keys, _Broken):
        return (ArticleProblem(file=file, key=keys.key, why=keys.why),)
    try:
        front = _FrontMatter.model_validate(keys)
    except ValidationError as error:
        return tuple(
            ArticleProblem(file=file, key=".".join(map(str, each["loc"])), why=_why(each))
            for each in error.errors(include_input=False, include_url=False)
        )
    body = found["body"].strip()
    if not body and not front.answer:
        return (ArticleProblem(file=file, key="answer", why="there is neither answer nor body"),)
    return Article(
        id=front.id,
        title=front.title,
        topics=front.topics,
        languages=front.languages,
        surface=front.surface,
        reviewed=front.reviewed,
        expires=front.expires,
        owner=front.owner,
        source=front.source,
        answer=front.answer or body,
        body=body or front.answer or "",
    )


def _why(error: ErrorDetails) -> str:
    days = error["type"].startswith("date")
    return "is no day: write one like 2027-01-31, and nothing after it" if days else error["msg"]


def parse_articles(
    files: Mapping[str, str],
) -> tuple[tuple[Article, ...], tuple[ArticleProblem, ...]]:
    """Read a folder of files, name to content; of two with one id only the first counts."""
    articles: dict[str, Article] = {}
    holders: dict[str, str] = {}
    problems: list[ArticleProblem] = []
    for file, text in sorted(files.items()):
        parsed = parse_article(text, file=file)
        if not isinstance(parsed, Article):
            problems += parsed
        elif parsed.id in articles:
            problems.append(taken_id(parsed.id, file=file, holder=holders[parsed.id]))
        else:
            articles[parsed.id] = parsed
            holders[parsed.id] = file
    return tuple(articles.values()), tuple(problems)


def taken_id(name: str, *, file: str, holder: str) -> ArticleProblem:
    """Say that an article's id is that of another file."""
    return ArticleProblem(file=file, key="id", why=f"{name} is the id of {holder} already")


def passages(article: Article) -> tuple[str, ...]:
    """Cut an article into the pieces that are searched: its answer, then its paragraphs."""
    pieces = [article.answer, *_paragraphs(article.body)]
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def _paragraphs(body: str, longest: int = 700) -> Iterable[str]:
    gathered = ""
    for paragraph in re.split(r"\n\s*\n", body):
        shown = re.sub(r"\s+", " ", re.sub(r"^#+\s*", "", paragraph.strip(), flags=re.MULTILINE))
        heading = paragraph.lstrip().startswith("#")
        if gathered and (heading or len(gathered) + len(shown) > longest):
            yield gathered
            gathered = ""
        gathered = f"{gathered} {shown}".strip()[: longest * 2]
    yield gathered


@dataclass(frozen=True, slots=True)
class _Broken:
    """Why front matter cannot be read, by its line in the file."""

    why: str
    key: str = ""


_PLAINLY: Final = {
    "mapping values are not allowed": "a colon in words: put them in quotes",
    "while scanning a quoted scalar": "a quote is opened and not closed",
    "found character '\\t'": "a tab: use spaces",
}
"""What the reader of YAML says, and what whoever writes articles can do about it."""


def _keys(text: str) -> dict[str, Any] | _Broken:
    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        return _broken(error, text)
    except YAMLError:
        return _Broken("line 2: the front matter is no YAML")
    except ValueError:  # an impossible date
        return _no_day(text)
    if isinstance(loaded, dict):
        return {str(key): value for key, value in loaded.items()}
    return _Broken("line 2: the front matter is no list of keys, like `title: Returns`")


def _broken(error: MarkedYAMLError, text: str) -> _Broken:
    said = f"{error.context or ''} {error.problem or ''}".strip()
    plainly = next((told for sign, told in _PLAINLY.items() if sign in said), said)
    # Of a quote it is told where it opens; the end of all keys helps nobody.
    mark = error.context_mark if "is opened" in plainly else error.problem_mark
    number = min(mark.line if mark is not None else 0, max(0, len(text.splitlines()) - 1))
    key = _key_of(text, number) if "colon" in plainly else ""
    return _Broken(f"line {number + 2}: {plainly}", key)


def _no_day(text: str) -> _Broken:
    for number, each in enumerate(text.splitlines()):
        for found in _DAY.finditer(each):
            try:
                date(*map(int, found.groups()))
            except ValueError:
                return _Broken(f"line {number + 2}: {found[0]} is no day", _key_of(text, number))
    return _Broken("line 2: a value is no day or number that there is")


def _key_of(text: str, number: int) -> str:
    return text.splitlines()[number].partition(":")[0].strip()
