"""What the embedded brain gets ready at start: encoder, topics and moods, articles; in a thread.

What our examples teach is shipped; what a brand's teach is learnt here, on top of it.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from brain.classifier import Classifier
from brain.embedded import Mind
from brain.encoder import Encoder
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example, shipped_topics
from brain.heads import shipped_heads
from brain.knowledge.articles import Article, ArticleProblem, parse_articles
from brain.knowledge.search import Knowledge
from brain.language import LanguageEar
from brain.shipped import prepare
from brain.taught import taught
from brain.triage import Triage
from config.schema import Settings
from config.taught import spelled
from config.topics import SHIPPED_TOPICS
from conversation.clock import SystemClock
from socialcare.apart import Apart
from socialcare.article_folder import NO_FOLDER, closed
from socialcare.giving_back import give_back
from socialcare.kept import cache, is_kept, tidy
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
            apart: Where the tables are made that a first start lacks; here, where left out.
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
            HeadsUnfit: another release of an encoder is installed than what is shipped was learnt
                with.
        """
        if self._loading is None:
            if self._apart is not None:
                self._apart.run()
            self._loading = self._load()
        prepare()  # Meanwhile: the loading leaves the interpreter to others.
        loaded, heard = self._loading.encoder.result(), self._loading.ear.result()
        encoder: Encoder = loaded.encoder
        if self._loading.english is not None:
            encoder = JoinedEncoder(encoder, self._loading.english.result())
        give_back()  # Loading leaves most: what is learnt must not come on top of it.
        heads = shipped_heads(encoder)
        # The floor of an answer is set for the multilingual encoder's scores.
        knowledge = Knowledge(in_use(articles, settings), loaded.encoder)
        languages = tuple(settings.brand.languages)
        triage = Triage(
            heads=heads.with_topics(_topics_of(settings, heads.topics)),
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


def learn(settings: Settings, articles: Sequence[Article]) -> Mind:
    """Load and learn in one; takes seconds, call it in a thread."""
    return Learning(settings.brand.languages, english=settings.model.encoder == "english").learn(
        settings, articles
    )


def in_use(articles: Sequence[Article], settings: Settings) -> tuple[Article, ...]:
    """Leave out what is only about topics that are switched off: it would answer by likeness."""
    off = settings.topics_off
    return tuple(each for each in articles if not each.only_about(off))


def own_examples(settings: Settings) -> list[Example]:
    """Give the brand's examples; one that it gives twice counts once."""
    served = settings.topic_ids
    own = {
        spelled(text): Example(label=name, text=text)
        for name, topic in settings.topics.items()
        if name in served
        for text in topic.examples
    }
    return list(own.values())


def own_topics(settings: Settings) -> frozenset[str]:
    """Name the topics that only the brand has."""
    return frozenset(settings.topics).difference(SHIPPED_TOPICS)


def _topics_of(settings: Settings, shipped: Classifier) -> Classifier:
    own = own_examples(settings)
    off = frozenset(SHIPPED_TOPICS).difference(settings.topic_ids)
    known = taught(shipped, own, shipped_topics() if own else (), off=off)
    return known.favouring(own_topics(settings))


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
        return {}, (ArticleProblem(file="", key="", why=NO_FOLDER),)
    for name, why in closed(folder) if folder.exists() else ():
        problems.append(ArticleProblem(file=name, key="", why=why))
    if next(itertools.islice(_within(folder, "**/*.md"), ARTICLES_MAX, None), None) is not None:
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
    for file in sorted(itertools.islice(_within(folder, "**/*"), ARTICLES_MAX)):
        if file.suffix.casefold() in _LIKE_ARTICLES and file.suffix != ".md" and file.is_file():
            yield f"{file}: is no article: its name does not end in .md"


def files_of(folder: Path) -> dict[str, Path]:
    """Name the Markdown files of a folder and its folders, in order."""
    found = sorted(_within(folder, "**/*.md"))[:ARTICLES_MAX]
    return {str(file.relative_to(folder)): file for file in found}


def _within(folder: Path, pattern: str) -> Iterator[Path]:
    """Find what is not hidden: editors, macOS and Kubernetes keep copies below names with a dot."""
    for file in folder.glob(pattern):
        if not any(part.startswith(".") for part in file.relative_to(folder).parts):
            yield file
