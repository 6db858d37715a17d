"""What is wrong with a configuration, in words that name file, line, key and cure."""

from collections.abc import Iterable
from dataclasses import dataclass

from typing_extensions import override

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the top of the file to a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake; never carries the value that was written, which may be a secret."""

    source: str
    """The file's name."""
    line: int
    """Counted from 1."""
    key: str
    """Dotted path, empty for the file as a whole."""
    message: str
    """What is wrong."""
    cure: str = ""
    """What to do about it."""

    @override
    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        cure = f"; {self.cure}" if self.cure else ""
        return f"{self.source}:{self.line}:{key} {self.message}{cure}"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` holds every mistake found, by line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.line, each.key)))
        super().__init__("\n".join(map(str, self.problems)))


def dotted(path: KeyPath) -> str:
    """Write a path as people do: `desk.routes[0].stage`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
