"""What the embedded brain learns at start: encoder, topics and moods, articles; slow, in a thread.

Training results are kept in the user's cache folder under the hash of all that went into them,
so that a second start takes them from there.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from brain.classifier import Classifier, content_key
from brain.embedded import Mind
from brain.encoder import Encoder, NamedEncoder, use_named
from brain.english import EnglishEncoder, JoinedEncoder, joined_named
from brain.examples import Example, shipped_moods, shipped_risks, shipped_topics
from brain.knowledge.articles import Article, ArticleProblem, parse_articles
from brain.knowledge.search import Knowledge
from brain.language import LanguageEar
from brain.shipped import prepare
from brain.triage import Triage
from config.schema import Settings
from config.taught import spelled
from conversation.clock import SystemClock
from socialcare.apart import Apart
from socialcare.giving_back import give_back
from socialcare.kept import cache, is_kept, tidy, used, whole
from socialcare.loading import LoadedUse, load_use, use_file
from socialcare.loading_ear import LoadedEar, ear_file, load_ear

ARTICLES_MAX = 5_000
"""Files of one knowledge folder."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loading:
    """What is being loaded."""

    encoder: Future[LoadedUse]
    ear: Future[LoadedEar]
    english: Future[EnglishEncoder] | None


class Learning:
    """Loads what takes longest, once, from the moment it is made and beside everything else.

    Most of the loading leaves the interpreter to others.
    """

    def __init__(
        self,
        languages: Sequence[str],
        *,
        english: bool = False,
        apart: Apart | None = None,
        once: Callable[[], None] | None = None,
    ) -> None:
        """Begin to load; ``once`` is called when the encoder, the slowest, is loaded.

        Args:
            languages: The brand's.
            english: The English encoder, too.
            apart: Where what nobody has learnt before is learnt; this process, where left out.
            once: What to do then.
        """
        self._languages = tuple(languages)
        self._apart = apart
        self._folders = (cache(),) if apart is None else apart.folders
        self._aside = ThreadPoolExecutor(max_workers=3, thread_name_prefix="loading")
        self._wants_english = english
        self._once = once
        kept = all(any(is_kept(at(each)) for each in self._folders) for at in (use_file, ear_file))
        self._loading = self._load() if apart is None or kept else None

    def learn(self, settings: Settings, articles: Sequence[Article]) -> Mind:
        """Get everything ready that understanding needs; takes seconds, call it in a thread.

        Raises:
            Stopped: the service ends.
        """
        lessons = (examples_of(settings), shipped_moods(), shipped_risks())
        self._learn_apart(lessons)
        if self._loading is None:  # Only now: a child that learns has what it loads to itself.
            self._loading = self._load()
        prepare()  # Meanwhile: the loading leaves the interpreter to others.
        loaded, heard = self._loading.encoder.result(), self._loading.ear.result()
        encoder: Encoder = loaded.encoder
        if self._loading.english is not None:
            encoder = JoinedEncoder(encoder, self._loading.english.result())
        give_back()  # Loading leaves most: what is learnt must not come on top of it.
        topics, moods, risks = (trained(each, encoder, *self._folders) for each in lessons)
        # The floor of an answer is set for the multilingual encoder's scores.
        knowledge = Knowledge(articles, loaded.encoder)
        languages = tuple(settings.brand.languages)
        triage = Triage(
            encoder=encoder,
            classifier=topics.favouring(own_topics(settings)),
            moods=moods,
            risks=risks,
            order_id_patterns=settings.brand.order_ids,
            languages=languages,
            currency=settings.brand.currency or "GBP",
            language=LanguageEar(languages, heard.ear.identifier),
        )
        with contextlib.suppress(RuntimeError):  # it learns a second time, and has kept it already
            self._aside.submit(loaded.keep)
            self._aside.submit(heard.keep)
            self._aside.submit(tidy, self._folders[0], now=SystemClock().now().timestamp())
            self._aside.shutdown(wait=False)
        give_back()
        return Mind(triage=triage, knowledge=knowledge)

    def _load(self) -> "_Loading":
        loading = _Loading(
            encoder=self._aside.submit(load_use, *self._folders),
            ear=self._aside.submit(load_ear, self._languages, *self._folders),
            english=self._aside.submit(EnglishEncoder) if self._wants_english else None,
        )
        if self._once is not None:
            once = self._once
            loading.encoder.add_done_callback(lambda _: once())
        return loading

    def _learn_apart(self, lessons: Sequence[Sequence[Example]]) -> None:
        """Have a child keep the tables and learn what nobody has kept or learnt before."""
        if self._apart is None:
            return
        named = joined_named(use_named()) if self._wants_english else use_named()
        missing = [
            [(each.label, each.text) for each in lesson]
            for lesson in lessons
            if not any(is_kept(at / _file_name(lesson, named)) for at in self._folders)
        ]
        if missing or self._loading is None:
            self._apart.run(missing, english=self._wants_english)


def learn(settings: Settings, articles: Sequence[Article]) -> Mind:
    """Load and learn in one; takes seconds, call it in a thread."""
    return Learning(settings.brand.languages, english=settings.model.encoder == "english").learn(
        settings, articles
    )


def examples_of(settings: Settings) -> list[Example]:
    """Give the brand's own, and those of the shipped topics that are switched on.

    What the brand gives to another topic than we do is the brand's to say, and what it says twice
    counts once: the threshold would be set by the twin.
    """
    served = settings.topic_ids
    own = {
        spelled(text): Example(label=name, text=text)
        for name, topic in settings.topics.items()
        if name in served
        for text in topic.examples
    }
    shipped = (each for each in shipped_topics() if each.label in served or each.label[0] == "_")
    return [*own.values(), *(each for each in shipped if spelled(each.text) not in own)]


def own_topics(settings: Settings) -> frozenset[str]:
    """Name the topics that only the brand has."""
    return frozenset(settings.topics) - {each.label for each in shipped_topics()}


def trained(examples: Sequence[Example], encoder: Encoder, *folders: Path) -> Classifier:
    """Take a classifier from the first folder that has it, or train it and keep it in the first."""
    name = _file_name(examples, encoder)
    places = folders or (cache(),)
    for folder in places:
        with contextlib.suppress(OSError, ValueError):
            known = Classifier.from_bytes((folder / name).read_bytes(), encoder)
            used(folder / name)
            return known
    learnt = Classifier.train(examples, encoder)
    try:
        with whole(places[0] / name) as out:
            out.write(learnt.to_bytes())
    except OSError as error:
        _log.info("training not kept", why=error.strerror)
    return learnt


def _file_name(examples: Sequence[Example], encoder: NamedEncoder) -> str:
    return f"{content_key(examples, encoder)}.npz"


def read_articles(folder: Path) -> tuple[tuple[Article, ...], tuple[ArticleProblem, ...]]:
    """Read the brand's Markdown files; a folder that is not there holds none."""
    texts, problems = read_texts(folder)
    articles, found = parse_articles(texts)
    return articles, (*problems, *found)


_LIKE_ARTICLES = frozenset({".md", ".markdown", ".mdown", ".txt", ".docx", ".html", ".htm", ".csv"})


def read_texts(folder: Path) -> tuple[dict[str, str], tuple[ArticleProblem, ...]]:
    """Read the folder's files, name to content; what cannot be read is a problem."""
    texts: dict[str, str] = {}
    problems: list[ArticleProblem] = []
    if folder.exists() and not folder.is_dir():
        why = "is no folder; `knowledge.folder` names the folder that the articles are in"
        return {}, (ArticleProblem(file="", key="", why=why),)
    if next(itertools.islice(folder.glob("**/*.md"), ARTICLES_MAX, None), None) is not None:
        why = f"holds more than {ARTICLES_MAX:,} articles; the rest is not read"
        problems.append(ArticleProblem(file="", key="", why=why))
    for name, file in files_of(folder).items():
        try:
            texts[name] = file.read_text("utf-8")
        except UnicodeDecodeError:
            why = "cannot be read: it is not written in UTF-8; save it so"
            problems.append(ArticleProblem(file=name, key="", why=why))
        except OSError as error:
            why = f"cannot be read: {error.strerror or error}"
            problems.append(ArticleProblem(file=name, key="", why=why))
    return texts, tuple(problems)


def no_articles(folder: Path) -> Iterator[str]:
    """Name what lies among the articles and is none, though somebody may think so."""
    for file in sorted(itertools.islice(folder.glob("**/*"), ARTICLES_MAX)):
        if file.suffix.casefold() in _LIKE_ARTICLES and file.suffix != ".md" and file.is_file():
            yield f"{file}: is no article: its name does not end in .md"


def files_of(folder: Path) -> dict[str, Path]:
    """Name the Markdown files of a folder and its folders, in order."""
    found = sorted(folder.glob("**/*.md"))[:ARTICLES_MAX]
    return {str(file.relative_to(folder)): file for file in found}
