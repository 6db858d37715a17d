"""The brand's knowledge, asked by a customer's words: what may be said here, today."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

from brain.always import folded
from brain.encoder import Encoder
from brain.knowledge.articles import Article, passages
from brain.knowledge.index import PassageIndex
from config.stages import Surface

SENTENCES_MAX = 30
"""Sentences of one passage that are indexed by themselves."""
TOPIC_BONUS = 0.2
"""What an article gains by naming a topic of the message: slang shares no words with it."""

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An article that may answer, its best passage, and how well it fits, 0 to 1."""

    article: Article
    passage: str
    score: float


class Knowledge:
    """All articles of the brand, searchable; synchronous and CPU bound."""

    def __init__(self, articles: Sequence[Article], encoder: Encoder) -> None:
        """Index the articles; stale and private ones are left out when they are asked for."""
        self.articles = tuple(articles)
        self._units = [unit for article in self.articles for unit in _units(article)]
        self._index = PassageIndex([text for _, _, text in self._units], encoder)

    def search(
        self,
        text: str,
        *,
        language: str,
        surface: Surface,
        at: datetime,
        topics: Collection[str] = (),
        limit: int = 3,
    ) -> list[Found]:
        """Find the articles that fit best and may be used here and now, the best first.

        Args:
            text: The customer's words, or one issue's.
            language: Only articles in it count.
            surface: A private article is never found for a public one.
            at: Only articles that are valid then count, by the day it is in its time zone.
            topics: What the text is about, where that is known: articles that name topics
                answer these only, since likeness alone takes an address for shipping.
            limit: At most so many.
        """
        if not text.strip() or not (topics or says_something(text)):
            return []
        best: dict[str, Found] = {}
        scores = self._index.scores(text).tolist()
        for (article, passage, _), score in zip(self._units, scores, strict=True):
            if not _usable(article, language=language, surface=surface, at=at):
                continue
            about = bool(set(article.topics) & set(topics))
            if article.topics and topics and not about:
                continue
            fit = score + TOPIC_BONUS * (1 - score) if about else score
            rival = best.get(article.id)
            if rival is None or fit > rival.score:
                best[article.id] = Found(article=article, passage=passage, score=round(fit, 4))
        return sorted(best.values(), key=lambda each: (-each.score, each.article.id))[:limit]


def says_something(text: str) -> bool:
    """Say whether a question has a word of its own: "what can you do?" shares its with them all."""
    return not _common().issuperset(_WORD.findall(folded(text)))


@cache
def _common() -> frozenset[str]:
    text = files("brain").joinpath("words", "common.yaml").read_text("utf-8")
    lines: dict[str, str] = YAML(typ="safe", pure=True).load(text)
    return frozenset(word for line in lines.values() for word in line.split())


def _units(article: Article) -> list[tuple[Article, str, str]]:
    """Lay an article out for the index: its title, each passage, and each sentence of one.

    A sentence says one thing and is more like a question than a whole passage.
    """
    pieces = passages(article)
    units = [(article, pieces[0], article.title)]
    for piece in pieces:
        units.append((article, piece, f"{article.title}. {piece}"))
        sentences = SENTENCE_END.split(piece)[:SENTENCES_MAX]
        units += [(article, piece, each) for each in sentences if len(each.split()) >= 3]
    return units


def _usable(article: Article, *, language: str, surface: Surface, at: datetime) -> bool:
    return (
        (not article.languages or language in article.languages)
        and (surface is Surface.PRIVATE or article.surface is Surface.PUBLIC)
        and article.valid_on(at.date())
    )
