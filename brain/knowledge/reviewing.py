"""What a brand should look at in its articles: stale, contradictory, duplicate, unreachable ones.

All of it is advice: an article with a remark is still an article. Likeness is asked of words and
of meaning, and both have to agree, since texts about one topic mean much the same anyway.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from typing import Final

from brain.address import other_form
from brain.days.words import MONTHS, WEEKDAYS
from brain.encoder import Encoder
from brain.knowledge.articles import Article, passages
from brain.knowledge.index import stems
from brain.knowledge.search import SENTENCE_END, SENTENCES_MAX, Knowledge
from brain.spoken_numbers import VALUES
from brain.wording import plain

_SAME_MEANING, _SAME_WORDS = 0.8, 0.6
"""From where two sentences without their numbers say one thing."""
_SAME_WORDS_ALONE = 0.8
"""The same for words, where no topic says that both speak of one thing."""
_NEVER = 2.0
_DUPLICATE_MEANING, _DUPLICATE_WORDS = 0.9, 0.75
"""From where one article is another one again."""
COMPARED_MAX: Final = 1_000
"""Articles that are compared with each other; pairs grow with the square."""
ANSWER_MAX: Final = 1_000
"""Characters of an answer beyond which it is a page, and no message to a customer."""
_MARKDOWN = re.compile(r"^(?:#{1,6}\s|\|.*\|\s*$|```)|\*\*\S|!\[", re.MULTILINE)
_OFF: Final = "every topic that it names is switched off, so it answers nothing"
_QUOTED: Final = 160
"""Characters of a sentence that a remark repeats."""

# "may" and "mars" are other words far more often; the number beside a month still tells.
_NAMES = {word for line in (*WEEKDAYS, *MONTHS) for word in line.split()} - {"may", "mars"}
# Of one language's numbers these are another's plain words.
_IN_WORDS = {word: count for word, count in VALUES.items() if word not in {"once", "sei", "cent"}}
_VALUE = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W\d_]+(?:-feira)?")


class Fault(StrEnum):
    """What may be wrong with an article."""

    STALE = "stale"
    CONTRADICTORY = "contradictory"
    DUPLICATE = "duplicate"
    UNREACHABLE = "unreachable"
    TOPIC = "unknown topic"
    ADDRESS = "other form of address"
    WRITTEN = "no message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to look at."""

    article: str
    """Its id."""
    fault: Fault
    why: str
    other: str = ""
    """The id of the article it is held against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    article: Article
    text: str
    values: frozenset[str]
    bare: str
    """The sentence with its numbers and dates taken out."""
    words: frozenset[str]


def remarks(
    knowledge: Knowledge,
    encoder: Encoder,
    *,
    at: datetime,
    floor: float,
    languages: Sequence[str],
    topics: Collection[str],
    off: Collection[str] = (),
    forms: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Remark, ...]:
    """Look all articles through.

    Args:
        knowledge: The articles, indexed.
        encoder: What tells likeness of meaning.
        at: Now.
        floor: The score from which an article answers.
        languages: Those that the brand speaks.
        topics: Those that the brand serves.
        off: Those that it has switched off; what is about no other answers nothing.
        forms: The form of address that the brand has chosen, by language.
    """
    found = [
        Remark(article=each.id, fault=Fault.STALE, why=why)
        for each in knowledge.articles
        if (why := each.stale_on(at.date()))
    ]
    # What is stale is not used: whatever else is wrong with it does no harm.
    used = [each for each in knowledge.articles if each.valid_on(at.date())]
    apart = list(_contradictory(used[:COMPARED_MAX], encoder))
    told = {(each.article, each.other) for each in apart}
    twice = _duplicate(used[:COMPARED_MAX], encoder)
    found += apart
    found += [each for each in twice if (each.article, each.other) not in told]
    for each in used:
        if each.only_about(off):
            found.append(Remark(article=each.id, fault=Fault.UNREACHABLE, why=_OFF))
            continue
        spoken = not each.languages or not set(each.languages).isdisjoint(languages)
        # A topic that is served brings it to the customer, in a language that is spoken.
        if not spoken or not set(each.topics) & set(topics):
            why = _unreachable(each, knowledge, at=at, floor=floor, languages=languages)
            found += [Remark(article=each.id, fault=Fault.UNREACHABLE, why=why)] if why else []
        found += _misnamed(each, topics)
        found += _addressed(each, forms)
        why = _unwritten(each)
        found += [Remark(article=each.id, fault=Fault.WRITTEN, why=why)] if why else []
    return tuple(found)


def _unwritten(article: Article) -> str:
    """Say why an answer, which a customer gets as it stands, does not read as a message."""
    if len(article.answer) > ANSWER_MAX:
        return (
            f"its answer has {len(article.answer):,} characters; write `answer:`, a few sentences"
        )
    if _MARKDOWN.search(article.answer):
        return (
            "its answer holds Markdown marks, which are sent as they are; write `answer:` plainly"
        )
    return ""


# --- one article against another


def _contradictory(articles: Sequence[Article], encoder: Encoder) -> Iterator[Remark]:
    """Find sentences about one thing that differ in nothing but their numbers or dates."""
    sentences = [one for each in articles for one in _sentences(each)]
    vectors = encoder.encode([one.bare for one in sentences])
    told: set[tuple[str, str]] = set()
    for at, one in enumerate(sentences):
        near = (vectors[at + 1 :] @ vectors[at]).tolist() if at + 1 < len(sentences) else []
        for other, meaning in zip(sentences[at + 1 :], near, strict=True):
            pair = (one.article.id, other.article.id)
            if (
                meaning >= _SAME_MEANING
                and pair not in told
                and one.values != other.values
                and _shared(one.words, other.words) >= _needed(one.article, other.article)
            ):
                told.add(pair)
                why = f"“{one.text[:_QUOTED]}” against “{other.text[:_QUOTED]}”"
                yield Remark(article=pair[0], other=pair[1], fault=Fault.CONTRADICTORY, why=why)


def _duplicate(articles: Sequence[Article], encoder: Encoder) -> Iterator[Remark]:
    """Find articles that say what another one says already, in about the same words."""
    vectors = encoder.encode([plain(each.answer) for each in articles])
    words = [frozenset(stems(each.answer)) for each in articles]
    alike = vectors @ vectors.T
    for one, other in combinations(range(len(articles)), 2):
        if (
            alike[one, other] >= _DUPLICATE_MEANING
            and _one_language(articles[one], articles[other])
            and _shared(words[one], words[other]) >= _DUPLICATE_WORDS
        ):
            yield Remark(
                article=articles[one].id,
                other=articles[other].id,
                fault=Fault.DUPLICATE,
                why="says the same in nearly the same words",
            )


def _sentences(article: Article) -> Iterator[_Sentence]:
    """Take the sentences that name a number or a date."""
    pieces = dict.fromkeys(
        text for piece in passages(article) for text in SENTENCE_END.split(piece)[:SENTENCES_MAX]
    )
    for text in pieces:
        found = [each for each in _VALUE.findall(plain(text)) if _is_value(each)]
        if found:
            bare = _VALUE.sub(lambda m: "#" if _is_value(m[0]) else m[0], plain(text))
            yield _Sentence(
                article=article,
                text=text,
                values=frozenset(_spelled(each) for each in found),
                bare=bare,
                words=frozenset(stems(bare)),
            )


def _is_value(word: str) -> bool:
    return word[0].isdigit() or word in _NAMES or word in _IN_WORDS


def _spelled(value: str) -> str:
    """Spell a number in one way: 09:00 is 9:00, 50.00 is 50, and so is fifty."""
    if value in _IN_WORDS:
        return str(_IN_WORDS[value])
    return re.sub(r"[.,]00$", "", value.lstrip("0") or "0")


def _needed(one: Article, other: Article) -> float:
    """Say how many words two sentences must share to be about one thing; above 1 for never."""
    if one.id == other.id or not _one_language(one, other):
        return _NEVER
    if set(one.topics) & set(other.topics):
        return _SAME_WORDS
    return _NEVER if one.topics and other.topics else _SAME_WORDS_ALONE


def _one_language(one: Article, other: Article) -> bool:
    """Say whether both may be said in one language; an article without one is said in any."""
    return (
        not one.languages or not other.languages or bool(set(one.languages) & set(other.languages))
    )


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


# --- one article for itself


def _misnamed(article: Article, topics: Collection[str]) -> Iterator[Remark]:
    """Find topics that nobody serves: what names topics answers these alone."""
    for topic in article.topics:
        if topic not in topics:
            near = get_close_matches(topic, sorted(topics), n=1)
            why = f"{topic} is no topic that you serve" + (f"; is it {near[0]}?" if near else "")
            yield Remark(article=article.id, fault=Fault.TOPIC, why=why)


def _addressed(article: Article, forms: Mapping[str, str]) -> list[Remark]:
    """Find an answer that addresses the customer otherwise than the brand has chosen."""
    for language, form in forms.items():
        broken = other_form(article.answer, language, form) if language in article.languages else ()
        if broken:
            why = f"“{broken[0][:_QUOTED]}”, where the brand says “{form}”"
            return [Remark(article=article.id, fault=Fault.ADDRESS, why=why)]
    return []


def _unreachable(
    article: Article, knowledge: Knowledge, *, at: datetime, floor: float, languages: Sequence[str]
) -> str:
    """Say why no question finds it; empty where its own title does."""
    spoken = [each for each in languages if not article.languages or each in article.languages]
    if not spoken:
        return f"no language of the brand is among its own ({', '.join(article.languages)})"
    for language in spoken:
        found = knowledge.search(article.title, language=language, surface=article.surface, at=at)
        if any(one.article.id == article.id and one.score >= floor for one in found):
            return ""
    return "names no topic of the brand, and its own title as a question does not find it"
