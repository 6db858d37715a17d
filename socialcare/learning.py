"""What the embedded brain learns at start: encoder, topics and moods, articles; slow, in a thread.

Training results are kept in the user's cache folder under the hash of all that went into them,
so that a second start takes them from there.
"""

import contextlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog
from platformdirs import user_cache_path

from brain.classifier import Classifier, content_key
from brain.embedded import Mind
from brain.encoder import Encoder
from brain.english import EnglishEncoder, JoinedEncoder
from brain.examples import Example, shipped_moods, shipped_risks, shipped_topics
from brain.knowledge.articles import Article, ArticleProblem, parse_articles
from brain.knowledge.search import Knowledge
from brain.language import LanguageEar
from brain.triage import Triage
from config.schema import Settings
from socialcare.loading import load_use
from socialcare.loading_ear import load_ear

ARTICLES_MAX = 5_000
"""Files of one knowledge folder."""

_log = structlog.get_logger(__name__)


class Learning:
    """Loads what takes longest, once, from the moment it is made and beside everything else.

    Most of the loading is decompression, which leaves the interpreter to others.
    """

    def __init__(
        self,
        languages: Sequence[str],
        *,
        english: bool = False,
        once: Callable[[], None] | None = None,
    ) -> None:
        """Begin to load; ``once`` is called when the encoder, the slowest, is loaded.

        Args:
            languages: The brand's.
            english: The English encoder, too.
            once: What to do then.
        """
        self._languages = tuple(languages)
        self._aside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="loading")
        self._encoder = self._aside.submit(load_use)
        self._ear = self._aside.submit(load_ear, self._languages)
        self._english = self._aside.submit(EnglishEncoder) if english else None
        if once is not None:
            self._encoder.add_done_callback(lambda _: once())

    def learn(self, settings: Settings, articles: Sequence[Article]) -> Mind:
        """Get everything ready that understanding needs; takes seconds, call it in a thread."""
        loaded = self._encoder.result()
        encoder: Encoder = loaded.encoder
        if self._english is not None:
            encoder = JoinedEncoder(encoder, self._english.result())
        topics = _trained(_examples(settings), encoder)
        moods = _trained(shipped_moods(), encoder)
        risks = _trained(shipped_risks(), encoder)
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


def _trained(examples: Sequence[Example], encoder: Encoder) -> Classifier:
    """Take a classifier from the cache, or train it and keep it."""
    file = user_cache_path("socialcare") / f"{content_key(examples, encoder)}.npz"
    with contextlib.suppress(OSError, ValueError):
        return Classifier.from_bytes(file.read_bytes(), encoder)
    trained = Classifier.train(examples, encoder)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Of each process its own: two that start at once must not write into one.
        unfinished = file.with_suffix(f".{os.getpid()}.part")
        unfinished.write_bytes(trained.to_bytes())
        unfinished.replace(file)
    except OSError as error:
        _log.info("training not kept", why=error.strerror)
    return trained


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
