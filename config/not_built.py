"""What the schema knows and the program does not do yet: each row a refusal, never a silence.

An ignored limit would fail open, so a key of the table is an error for as long as its row stands.
To build a thing is to delete its row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from config.problems import KeyPath

WORDS: Final = "not built yet"
"""What every refusal says."""


def _always(_value: object) -> bool:
    return True


def _is(word: str) -> Callable[[object], bool]:
    return lambda value: value == word


def _other_than(word: str) -> Callable[[object], bool]:
    return lambda value: value != word


def _has(key: str, word: str) -> Callable[[object], bool]:
    return lambda value: isinstance(value, Mapping) and value.get(key) == word


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBuilt:
    """One thing the schema knows and nobody obeys yet."""

    pattern: str
    """Dotted path; `*` stands for any key or list position."""
    what: str
    """In the reader's words."""
    when: Callable[[object], bool] = _always
    """Whether this value is one of those not built."""

    @property
    def cure(self) -> str:
        """What the reader does meanwhile."""
        return "remove it" if self.when is _always else "remove it or choose another"


NOT_BUILT: Final = (
    NotBuilt(pattern="retention.logs", what="keeping logs (whoever collects stderr does)"),
    NotBuilt(pattern="flows", what="written flows"),
    NotBuilt(pattern="desk.fallback_webhook", what="the fallback webhook"),
    NotBuilt(pattern="desk.send_delay", what="taking words back"),
    NotBuilt(pattern="desk.hours.holidays", what="a country's holidays (list them as exceptions)"),
    NotBuilt(pattern="desk.routes", what="routes"),
    NotBuilt(pattern="desk.metrics", what="the desk's figures"),
    NotBuilt(pattern="connectors.*", what="the kind mcp", when=_has("kind", "mcp")),
    NotBuilt(pattern="connectors.*", what="the kind stripe", when=_has("kind", "stripe")),
    NotBuilt(pattern="connectors.*", what="the kind shopify", when=_has("kind", "shopify")),
    NotBuilt(pattern="connectors.*", what="the kind demo", when=_has("kind", "demo")),
    NotBuilt(pattern="connectors.*.oauth2", what="oauth2"),
    NotBuilt(pattern="actions.*.rates", what="exchange rates"),
    NotBuilt(pattern="actions.*.identity", what="proof by code", when=_is("code")),
    NotBuilt(pattern="actions.*.identity", what="proof by platform", when=_is("platform")),
    NotBuilt(pattern="actions.*.evidence", what="evidence", when=_other_than("none")),
)


def not_built(tree: Mapping[str, Any]) -> Iterator[tuple[KeyPath, NotBuilt]]:
    """Every place of the tree that asks for what is not built, with the row that refuses it."""
    for row in NOT_BUILT:
        for path, value in _matches(tree, tuple(row.pattern.split("."))):
            if row.when(value):
                yield path, row


def built(pattern: str, key: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the words that no row of the pattern refuses as the value of the key."""
    rows = [row for row in NOT_BUILT if row.pattern == pattern]
    return tuple(word for word in words if not any(row.when({key: word}) for row in rows))


def _matches(node: Any, pattern: tuple[str, ...]) -> Iterator[tuple[KeyPath, Any]]:
    if not pattern:
        yield (), node
        return
    for key, child in _children(node):
        if pattern[0] in ("*", key):
            for path, value in _matches(child, pattern[1:]):
                yield (key, *path), value


def _children(node: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(node, Mapping):
        yield from node.items()
    elif isinstance(node, Sequence) and not isinstance(node, str):
        yield from enumerate(node)
