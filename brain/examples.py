"""The shipped catalogue: in which words customers say each topic and each mood."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from brain.shipped import read

_TOPIC_FILES = (
    "orders", "money", "products", "care", "context", "social",
    "clauses", "voices", "voices_2",
    "roundabout", "trades", "verbs", "around", "near", "tongues",
    "sayings", "beside", "streets", "tongues_2",
    "asides", "corner", "iberia", "counters", "replies", "rhine", "spree",
    "romance", "mended",
    "commons", "delta", "hints", "midi", "thumbs", "tropico", "borders", "mended_2",
    "harbour", "tails",
)  # fmt: skip


_ASIDE = {"sighed", "mentioned", "reported"}
"""Lines beside the phrases: words that are sighed as well, words that tell of messages."""
HARMLESS_EVERY = 8
"""Of the topics' examples that are no risk, every so manyth teaches what is none."""
CALM_EVERY = 25
GLAD_EVERY = 4
"""Of the topics' examples without and with a feeling, every so manyth teaches a mood."""
_FELT = frozenset({"praise", "thanks", "staff_complaint", "legal_threat", "spam", "_context"})
"""Topics that may be said with feeling."""


@dataclass(frozen=True, slots=True)
class Example:
    """One thing a customer might write, and the label it stands for."""

    label: str
    text: str


def shipped_topics() -> tuple[Example, ...]:
    """Read the examples of every topic the product ships with, and of talk around them."""
    return tuple(example for name in _TOPIC_FILES for example in _lines(name))


def shipped_moods() -> tuple[Example, ...]:
    """Read the examples of the four moods; the topics lend what is said calmly, and praise."""
    topics = shipped_topics()
    calm = [each for each in topics if each.label not in _FELT]
    lent = [Example("neutral", each.text) for each in calm[::CALM_EVERY]]
    glad = [Example("happy", each.text) for each in topics if each.label == "praise"]
    own = (*_lines("moods"), *_lines("tempers"))
    told = {each.text for each in own}
    return (*own, *(each for each in (*lent, *glad[::GLAD_EVERY]) if each.text not in told))


def shipped_risks() -> tuple[Example, ...]:
    """Read the examples of each risk, and as `none` what merely sounds like one.

    The topics of the law and of danger lend theirs, and a part of all others what is no risk.
    """
    own = _lines("risks")
    kinds = {example.label for example in own}
    topics = [each for each in shipped_topics() if each.label[0] != "_"]
    lent = [each for each in topics if each.label in kinds]
    harmless = [Example("none", each.text) for each in topics if each.label not in kinds]
    return (*own, *lent, *harmless[::HARMLESS_EVERY])


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPhrases:
    """Expressions that name a risk, and those that unsay it."""

    named: tuple[str, ...]
    unless: tuple[str, ...]


def risk_phrases() -> Mapping[str, RiskPhrases]:
    """Read the expressions of each risk, of all languages together."""
    phrases = {}
    for kind, blocks in _yaml("risk_phrases").items():
        unless = str(blocks["unless"]).splitlines()
        named = [
            line
            for name, block in blocks.items()
            if name != "unless"
            for line in str(block).splitlines()
        ]
        phrases[kind] = RiskPhrases(named=tuple(named), unless=tuple(unless))
    return phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTraits:
    """What topics have in common, as sets of topics."""

    family: Mapping[str, str]
    """Topic to the name of its family; a topic without one stands alone."""
    small_talk: frozenset[str]
    outside: frozenset[str]
    trouble: frozenset[str]
    danger: frozenset[str]
    rights: frozenset[str]
    """Rights that a customer names: of its family, it alone is what they want."""
    cheerful: frozenset[str]
    """Kind words, which irony turns round."""
    context: frozenset[str]
    """Labels of what is said around a wish; no topics, so nobody else ever sees them."""
    either: tuple[frozenset[str], ...]
    """Pairs of one family of which a message has but one."""
    implied: Mapping[str, frozenset[str]]
    """Topic to those that say as much and more."""


def shipped_traits() -> TopicTraits:
    """Read what the shipped topics have in common."""
    traits = _yaml("topics")
    return TopicTraits(
        family={str(each): name for name, all_of in traits["families"].items() for each in all_of},
        small_talk=frozenset(traits["small_talk"]),
        outside=frozenset(traits["outside"]),
        trouble=frozenset(traits["trouble"]),
        danger=frozenset(traits["danger"]),
        rights=frozenset(traits["rights"]),
        cheerful=frozenset(traits["cheerful"]),
        context=frozenset(traits["context"]),
        either=tuple(frozenset(map(str, pair)) for pair in traits["either"]),
        implied={str(each): frozenset(map(str, by)) for each, by in traits["implied"].items()},
    )


@cache
def sign_phrases(name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Read the expressions of a table of signs, by kind and language."""
    return {
        kind: {language: tuple(str(block).splitlines()) for language, block in blocks.items()}
        for kind, blocks in _yaml(name).items()
    }


def always_phrases() -> dict[str, tuple[str, ...]]:
    """Read the expressions for a person and for silence, their vocabulary filled in.

    Returns:
        `human`, `human alone`, `silence`, `silence alone`, `sighed`, `mentioned`, `reported` and
        `courtesy`.
    """
    loaded = _yaml("always")
    words = {f"<{name}>": str(text).strip() for name, text in loaded["vocabulary"].items()}
    phrases: dict[str, tuple[str, ...]] = {"courtesy": (words["<courtesy>"],)}
    for wish in ("human", "silence"):
        blocks = dict(loaded[wish])
        for aside in _ASIDE & set(blocks):
            phrases[aside] = tuple(str(blocks.pop(aside)).splitlines())
        phrases[f"{wish} alone"] = tuple(str(blocks.pop("alone")).splitlines())
        lines = "".join(str(block) for block in blocks.values())
        for name, vocabulary in words.items():
            lines = lines.replace(name, vocabulary)
        phrases[wish] = tuple(lines.splitlines())
    return phrases


def doubt_phrases() -> dict[str, tuple[str, ...]]:
    """Read how customers ask whether a machine answers, by language; `alone` is of no language."""
    return {
        language: tuple(str(block).splitlines())
        for language, block in _yaml("always")["doubt"].items()
    }


def moving_phrases() -> dict[str, tuple[str, ...]]:
    """Read the expressions for going on elsewhere.

    Returns:
        `wish`, and `at …` for each platform: how a sentence names it as a place.
    """
    loaded = _yaml("moving")
    phrases = {"wish": tuple("".join(map(str, loaded["wish"].values())).splitlines())}
    places = str(loaded["place"]["any"])
    for platform, names in loaded["names"].items():
        phrases[f"at {platform}"] = tuple(places.replace("{name}", str(names)).splitlines())
    return phrases


def _lines(name: str) -> tuple[Example, ...]:
    return tuple(
        Example(label, line.strip())
        for label, block in _yaml(name).items()
        for line in str(block).splitlines()
        if line.strip()
    )


def _yaml(name: str) -> dict[str, Any]:
    return {str(key): value for key, value in read("catalogue", name).items()}
