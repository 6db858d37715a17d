"""The shipped catalogue: in which words customers say each topic and each mood."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ruamel.yaml import YAML

_TOPIC_FILES = ("orders.yaml", "money.yaml", "products.yaml", "care.yaml", "context.yaml")


@dataclass(frozen=True, slots=True)
class Example:
    """One thing a customer might write, and the label it stands for."""

    label: str
    text: str


def shipped_topics() -> tuple[Example, ...]:
    """Read the examples of every topic the product ships with, and of talk around them."""
    return tuple(example for name in _TOPIC_FILES for example in _lines(name))


def shipped_moods() -> tuple[Example, ...]:
    """Read the examples of the four moods."""
    return _lines("moods.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTraits:
    """What topics have in common, as sets of topics."""

    family: Mapping[str, str]
    """Topic to the name of its family; a topic without one stands alone."""
    small_talk: frozenset[str]
    outside: frozenset[str]
    trouble: frozenset[str]
    danger: frozenset[str]
    context: frozenset[str]
    """Labels of what is said around a wish; no topics, so nobody else ever sees them."""


def shipped_traits() -> TopicTraits:
    """Read what the shipped topics have in common."""
    traits = _yaml("topics.yaml")
    return TopicTraits(
        family={str(each): name for name, all_of in traits["families"].items() for each in all_of},
        small_talk=frozenset(traits["small_talk"]),
        outside=frozenset(traits["outside"]),
        trouble=frozenset(traits["trouble"]),
        danger=frozenset(traits["danger"]),
        context=frozenset(traits["context"]),
    )


def always_phrases() -> dict[str, tuple[str, ...]]:
    """Read the expressions for a person and for silence, their vocabulary filled in.

    Returns:
        `human`, `human alone`, `silence`, `silence alone` and `courtesy`.
    """
    loaded = _yaml("always.yaml")
    words = {f"<{name}>": str(text).strip() for name, text in loaded["vocabulary"].items()}
    phrases: dict[str, tuple[str, ...]] = {"courtesy": (words["<courtesy>"],)}
    for wish in ("human", "silence"):
        blocks = dict(loaded[wish])
        phrases[f"{wish} alone"] = tuple(str(blocks.pop("alone")).splitlines())
        lines = "".join(str(block) for block in blocks.values())
        for name, vocabulary in words.items():
            lines = lines.replace(name, vocabulary)
        phrases[wish] = tuple(lines.splitlines())
    return phrases


def moving_phrases() -> dict[str, tuple[str, ...]]:
    """Read the expressions for going on elsewhere.

    Returns:
        `wish`, and `at …` for each platform: how a sentence names it as a place.
    """
    loaded = _yaml("moving.yaml")
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
    text = resources.files("brain").joinpath("catalogue", name).read_text(encoding="utf-8")
    loaded = YAML(typ="safe", pure=True).load(text)
    return {str(key): value for key, value in loaded.items()}
