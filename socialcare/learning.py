"""What the embedded brain learns at start: encoder, topics and moods, articles; slow, in a thread.

Training results are kept in the user's cache folder under the hash of all that went into them,
so that a second start takes them from there.
"""

import contextlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from brain.triage import Triage
from config.schema import Settings
from socialcare.apart import Apart
from socialcare.kept import cache, whole
from socialcare.loading import LoadedUse, load_use, use_file
from socialcare.loading_ear import LoadedEar, ear_file, load_ear

ARTICLES_MAX = 5_000
"""Files of one knowledge folder."""

_log = structlog.get_logger(__name__)


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
        self._kept = all(any(at(each).is_file() for each in self._folders)
                         for at in (use_file, ear_file))  # fmt: skip
        self._tables = self._aside.submit(self._keep_tables)
        self._encoder = self._aside.submit(self._load_use)
        self._ear = self._aside.submit(self._load_ear)
        self._english = self._aside.submit(EnglishEncoder) if english and self._kept else None
        if once is not None:
            self._encoder.add_done_callback(lambda _: once())

    def learn(self, settings: Settings, articles: Sequence[Article]) -> Mind:
        """Get everything ready that understanding needs; takes seconds, call it in a thread.

        Raises:
            Stopped: the service ends.
        """
        loaded = self._encoder.result()
        lessons = (_examples(settings), shipped_moods(), shipped_risks())
        self._learn_apart(lessons)
        encoder: Encoder = loaded.encoder
        if self._wants_english:
            # Where a child has learnt just now, it held one, too: here it comes when that is over.
            self._english = self._english or self._aside.submit(EnglishEncoder)
            encoder = JoinedEncoder(encoder, self._english.result())
        topics, moods, risks = (trained(each, encoder, *self._folders) for each in lessons)
        # The floor of an answer is set for the multilingual encoder's scores.
        knowledge = Knowledge(articles, loaded.encoder)
        heard = self._ear.result()
        languages = tuple(settings.brand.languages)
        triage = Triage(
            encoder=encoder,
            classifier=topics,
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
            self._aside.shutdown(wait=False)
        return Mind(triage=triage, knowledge=knowledge)

    def _keep_tables(self) -> None:
        """See to it that encoder and language tables are kept before they are loaded."""
        if self._apart is not None and not self._kept:
            self._apart.run()

    def _load_use(self) -> LoadedUse:
        self._tables.result()
        return load_use(*self._folders)

    def _load_ear(self) -> LoadedEar:
        self._tables.result()
        return load_ear(self._languages, *self._folders)

    def _learn_apart(self, lessons: Sequence[Sequence[Example]]) -> None:
        if self._apart is None:
            return
        named = joined_named(use_named()) if self._wants_english else use_named()
        missing = [
            [(each.label, each.text) for each in lesson]
            for lesson in lessons
            if not any((at / _file_name(lesson, named)).is_file() for at in self._folders)
        ]
        if missing:
            self._apart.run(missing, english=self._wants_english)


def learn(settings: Settings, articles: Sequence[Article]) -> Mind:
    """Load and learn in one; takes seconds, call it in a thread."""
    return Learning(settings.brand.languages, english=settings.model.encoder == "english").learn(
        settings, articles
    )


def _examples(settings: Settings) -> list[Example]:
    """The shipped topics that are switched on, and the brand's own."""
    served = settings.topic_ids
    examples = [each for each in shipped_topics() if each.label in served or each.label[0] == "_"]
    for name, topic in settings.topics.items():
        examples += [Example(label=name, text=text) for text in topic.examples]
    return examples


def trained(examples: Sequence[Example], encoder: Encoder, *folders: Path) -> Classifier:
    """Take a classifier from the first folder that has it, or train it and keep it in the first."""
    name = _file_name(examples, encoder)
    places = folders or (cache(),)
    for folder in places:
        with contextlib.suppress(OSError, ValueError):
            return Classifier.from_bytes((folder / name).read_bytes(), encoder)
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


def read_texts(folder: Path) -> tuple[dict[str, str], tuple[ArticleProblem, ...]]:
    """Read the folder's files, name to content; what cannot be read is a problem."""
    texts: dict[str, str] = {}
    problems: list[ArticleProblem] = []
    for name, file in files_of(folder).items():
        try:
            texts[name] = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(ArticleProblem(file=name, key="", why=f"cannot be read: {error}"))
    return texts, tuple(problems)


def files_of(folder: Path) -> dict[str, Path]:
    """Name the Markdown files of a folder and its folders, in order."""
    found = sorted(folder.glob("**/*.md"))[:ARTICLES_MAX]
    return {str(file.relative_to(folder)): file for file in found}
