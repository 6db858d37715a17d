"""What a brand's own examples must be, so that they teach what the brand means; pure."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from config.checks import Finding
from config.schema import Settings
from config.topics import SHIPPED_TOPICS

FEW: Final = 10
"""So many different sentences a topic of the brand's own needs: with three of them one in twenty
other ways to say it was recognised, with ten one in four."""
READ_MAX: Final = 1_000
"""Characters of one example that are read."""
_ALIKE: Final = 0.85
"""From here on a name looks like a slip of the pen."""


def misleading(settings: Settings) -> Iterator[Finding]:
    """Name the examples that teach nothing, or one thing and its opposite."""
    meant: dict[str, tuple[str, int]] = {}
    for name, topic in settings.topics.items():
        if topic.off and topic.examples:
            yield Finding(
                path=("topics", name),
                message="is switched off and has examples",
                cure="remove the examples, or `off`",
            )
            continue
        for at, text in enumerate(topic.examples):
            path = ("topics", name, "examples", at)
            words = spelled(text)
            if not any(char.isalpha() for char in words):
                cure = "write a sentence as a customer would"
                yield Finding(path=path, message="has no word in it", cure=cure)
                continue
            other, where = meant.setdefault(words, (name, at))
            if other != name:
                message = f"stands for {other} as well, at topics.{other}.examples[{where}]"
                yield Finding(path=path, message=message, cure="leave it with one of the two")


def faint(settings: Settings) -> Iterator[Finding]:
    """Name what is allowed, and may not be what is meant: few examples, or a slip of the pen."""
    for name, topic in settings.topics.items():
        for at, text in enumerate(topic.examples):
            if len(text) > READ_MAX:
                yield Finding(
                    path=("topics", name, "examples", at),
                    message=f"is read to its character {READ_MAX:,} only",
                    cure="an example is one sentence",
                )
        if name in SHIPPED_TOPICS:
            continue
        meant = get_close_matches(name, SHIPPED_TOPICS, n=1, cutoff=_ALIKE)
        if meant:
            yield Finding(
                path=("topics", name),
                message=f"is a topic of your own, and no shipped one; did you mean '{meant[0]}'?",
            )
        count = len({spelled(text) for text in topic.examples})
        if 0 < count < FEW:
            yield Finding(
                path=("topics", name, "examples"),
                message="are so few that hardly anything else will be recognised",
                cure=f"write {FEW} or more, each in other words; the shipped topics have fifty",
            )


def spelled(text: str) -> str:
    """Write an example in one way: case, spaces and marks around it say nothing."""
    return " ".join(text.casefold().split()).strip(" .,;:!?-")
