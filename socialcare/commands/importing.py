"""`socialcare knowledge import`: the brand's FAQ pages and tables become articles to review."""

import codecs
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from brain.knowledge.importing import ImportProblem, Taken
from config.schema import Settings
from conversation.clock import SystemClock
from socialcare.commands.shell import (
    BROKEN,
    DEFAULT,
    Config,
    err,
    read_settings,
    say,
    shown,
    source_of,
    stop,
)

if TYPE_CHECKING:
    from brain.embedded import Mind
    from brain.knowledge.drafts import Draft, Known, Shelf
    from brain.triage import Understanding

SIZE_MAX: Final = 5 * 2**20
"""Bytes of one file."""
FILES_MAX: Final = 200
_PAGES: Final = frozenset([".html", ".htm", ".xhtml"])
_TABLES: Final = frozenset([".csv", ".tsv"])
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_AS_BROWSERS_DO: Final = {"iso8859-1": "cp1252", "ascii": "cp1252", "utf-16-le": "utf-8"}
"""What pages mean when they say so (https://encoding.spec.whatwg.org/#names-and-labels)."""
_SUGGESTED_FROM: Final = 0.5
"""Probability of a topic that is worth suggesting."""
_NO_QUESTIONS: Final = (
    "greeting thanks spam out_of_scope confirmation_yes confirmation_no human_request opt_out "
    "praise staff_complaint legal_threat"
)
"""Topics that nobody writes an article about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """How an import went on."""

    drafts: "tuple[tuple[Path, Draft], ...]"
    problems: int


def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="HTML or CSV files.")],
    *,
    question: Annotated[
        str, typer.Option(help="The column of the question, if it is called otherwise.")
    ] = "",
    answer: Annotated[
        str, typer.Option(help="The column of the answer, if it is called otherwise.")
    ] = "",
    encoding: Annotated[
        str, typer.Option(help="The files' encoding, if it is neither UTF-8 nor declared.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")
    ] = False,
    config: Config = DEFAULT,
) -> None:
    """Write articles from FAQ pages and tables; none is used before somebody has reviewed it.

    Existing files are never touched: a question that an article has already is named instead.
    """
    settings = read_settings(source_of(config))
    folder = config.parent / settings.knowledge.folder
    if folder.exists() and not folder.is_dir():
        stop(f"{folder}: is no folder, so no article can be written there; set knowledge.folder")
    if len(files) > FILES_MAX:
        stop(f"{len(files)} files are given, {FILES_MAX} are taken at once; give them in parts")
    if encoding and not _is_encoding(encoding):
        stop(f"--encoding {encoding}: no such encoding is known; windows-1252, say, is one")
    read = _reader(question=question, answer=answer, encoding=encoding)
    found = [(file, read(file)) for file in files]
    told = _drafted(found, settings, folder)
    written = failed = 0
    for file, draft in told.drafts:
        failed += not (dry_run or _write(file, draft.text))
        written += 1
        topics = f"  [{', '.join(draft.topics)}]" if draft.topics else ""
        say(f"{file}  {draft.title}{topics}  {', '.join(draft.languages)}")
        if draft.note:
            say(f"    look twice: {draft.note}")
    done = "would be written" if dry_run else "written"
    say(f"{written - failed} articles {done}; none is used before you set reviewed in it")
    if told.problems or failed:
        raise typer.Exit(BROKEN)


def _drafted(found: Sequence[tuple[Path, Taken]], settings: Settings, folder: Path) -> _Told:
    """Make articles of all that was found; print what is known already and what is wrong."""
    # Only here: most commands need no encoder.
    from brain.knowledge.drafts import Draft, Known, Shelf  # noqa: PLC0415 - see above
    from socialcare.learning import (  # noqa: PLC0415 - see above
        ARTICLES_MAX,
        files_of,
        read_articles,
    )

    articles, _ = read_articles(folder)
    there = files_of(folder)
    shelf = Shelf.of(articles, [Path(name).stem for name in there])
    learned = _mind(settings) if any(taken.pieces for _, taken in found) else None
    drafts: list[tuple[Path, Draft]] = []
    problems = 0
    for file, taken in found:
        count: Counter[str] = Counter()
        for problem in taken.problems:
            problems += _complain(file, problem)
        for made in _made(file, taken, shelf, settings, learned):
            match made:
                case ImportProblem() as problem:
                    problems += _complain(file, problem)
                case Known() as known:
                    count["known"] += known.same
                    count["other"] += not known.same
                    _name_known(file, known)
                case Draft() as draft:
                    count["new"] += 1
                    drafts.append((folder / f"{draft.id}.md", draft))
        for note in taken.notes:
            say(f"{file}: {note}")
        say(
            f"{file}: {count['new']} new, {count['known']} known already, {count['other']} known "
            "with other words"
        )
    if len(there) + len(drafts) > ARTICLES_MAX:
        stop(f"{folder}: would hold more than {ARTICLES_MAX} articles; import fewer files")
    return _Told(drafts=tuple(drafts), problems=problems)


def _made(
    file: Path, taken: Taken, shelf: "Shelf", settings: Settings, learned: "Mind | None"
) -> "Iterator[Draft | Known | ImportProblem]":
    if learned is None:
        return
    zone = ZoneInfo(settings.brand.timezone)
    now = SystemClock().now()

    def understood(text: str) -> "Understanding":
        return learned.triage.understand(text, now=now, timezone=zone)

    def suggest(title: str) -> tuple[str, ...]:
        likely = [
            topic
            for topic, p in understood(title).topics
            if p >= _SUGGESTED_FROM
            and topic in settings.topic_ids
            and topic not in _NO_QUESTIONS.split()
        ]
        return tuple(likely[:1])

    for piece in taken.pieces:
        language = piece.language or understood(f"{piece.title} {piece.body}").language.code
        yield shelf.drafted(piece, source=file.name, language=language, suggest=suggest)


def _mind(settings: Settings) -> "Mind":
    from socialcare.learning import learn  # noqa: PLC0415 - most commands need no encoder

    return learn(settings, ())


def _complain(file: Path, problem: ImportProblem) -> int:
    err.print(
        shown(f"{file}: line {problem.line}: {problem.why}; {problem.cure}"),
        style="red",
        markup=False,
    )
    return 1


def _name_known(file: Path, known: "Known") -> None:
    what = "says the same" if known.same else "has this question with other words: compare them"
    err.print(
        shown(f"{file}: line {known.line}: “{known.title}” is left out, {known.article} {what}"),
        style="yellow",
        markup=False,
    )


def _write(file: Path, text: str) -> bool:
    """Write a new file, never over an old one; say so where that fails."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        why = "is there already; nothing is overwritten"
        err.print(shown(f"{file}: {why}"), style="red", markup=False)
    except OSError as error:
        err.print(shown(f"{file}: cannot be written: {error.strerror}"), style="red", markup=False)
    else:
        return True
    return False


# --- reading


def _reader(*, question: str, answer: str, encoding: str) -> Callable[[Path], Taken]:
    """Make what reads a file by its kind; whatever is wrong with it is told, never raised."""
    # Only here: no other command parses pages.
    from brain.knowledge.faq import taken_from_page  # noqa: PLC0415 - see above
    from brain.knowledge.tables import Columns, taken_from_table  # noqa: PLC0415 - see above

    columns = Columns(question=question, answer=answer)

    def read(file: Path) -> Taken:
        kind = file.suffix.casefold()
        if kind not in _PAGES | _TABLES and not file.is_dir():
            named = ", ".join(sorted(_PAGES | _TABLES))
            return _wrong(f"its name ends in {kind or 'nothing'}", f"give a file of {named}")
        content = _content(file)
        if isinstance(content, Taken):
            return content
        text = _decoded(content, page=kind in _PAGES, encoding=encoding)
        if isinstance(text, Taken):
            return text
        if kind in _PAGES:
            return taken_from_page(text, file=file.stem)
        return taken_from_table(text, columns=columns)

    return read


def _content(file: Path) -> bytes | Taken:
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            return _wrong("is a folder", "name the files in it")
        if not stat.S_ISREG(found.st_mode):
            return _wrong("is no plain file", "copy it into one")
        if found.st_size > SIZE_MAX:
            why = f"has {found.st_size:,} bytes, {SIZE_MAX:,} are taken"
            return _wrong(why, "split it")
        with file.open("rb") as opened:
            content = opened.read(SIZE_MAX + 1)
    except OSError as error:
        return _wrong(f"cannot be read: {error.strerror}", "check its name and its rights")
    except ValueError:
        return _wrong("is no file's name", "check its name")
    if len(content) > SIZE_MAX:  # it grew meanwhile
        return _wrong(f"has more than {SIZE_MAX:,} bytes", "split it")
    return content


def _decoded(content: bytes, *, page: bool, encoding: str) -> str | Taken:
    """Read the bytes as text: by their mark, as asked, as the page declares, else UTF-8."""
    name, skip = encoding or "utf-8", 0
    declared = _DECLARED.search(content[:4_096]) if page and not encoding else None
    for mark, marked in _MARKS:
        if content.startswith(mark):
            name, skip, declared = marked, len(mark), None
    if declared is not None:
        said = declared[1].decode("ascii")
        if not _is_encoding(said):
            why = f"says that its encoding is {said}, which is not known"
            return _wrong(why, "name the right one with --encoding")
        canonical = codecs.lookup(said).name
        name = _AS_BROWSERS_DO.get(canonical, canonical)
    try:
        text = content[skip:].decode(name)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, skip + error.start) + 1
        cure = "name its encoding, --encoding windows-1252, say"
        return _wrong(f"is not written in {name}", cure, line=line)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        cure = "name its encoding, --encoding utf-16, say, or export it anew"
        return _wrong("holds a zero character, so it is no text as it stands", cure, line=line)
    return text


def _is_encoding(name: str) -> bool:
    try:
        b"a".decode(name)
    except (LookupError, ValueError):  # what is no text encoding is a LookupError too
        return False
    return True


def _wrong(why: str, cure: str, *, line: int = 1) -> Taken:
    return Taken(problems=(ImportProblem(line=line, why=why, cure=cure),))
