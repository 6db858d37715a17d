"""YAML text to a plain tree, with the line of every key; nothing of the text reaches a message.

Values are built from the composed nodes instead of by a constructor: that keeps the line of each
key, finds every duplicate, meets no object tags, and bounds what aliases may unfold to.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.problems import ConfigError, KeyPath, Problem, dotted

TEXT_MAX: Final = 512 * 1024
"""Characters of a file; the largest real one is a hundredth of it."""
DEPTH_MAX: Final = 20
"""Collections inside one another."""
VALUES_MAX: Final = 20_000
"""Values after aliases are unfolded."""

_VARIABLE: Final = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TAG: Final = "tag:yaml.org,2002:"

# Problems of the YAML library quote what they stumbled over, which may be part of a secret:
# only these words of ours are printed. First match wins.
_FAULTS: Final = (
    ("undefined alias", "a value starts with * and would be an alias", "put quotes round it"),
    ("'\\t'", "a tab stands where only spaces may", "indent with spaces"),
    ("unknown escape", "a backslash inside double quotes is not an escape", "double it: \\\\"),
    ("but got '{'", "a brace stands where a value ends", 'quote ${NAME}: "${NAME}"'),
    ("mapping values are not allowed", "a second colon in one line", "put quotes round the value"),
    ("could not find expected ':'", "a key without a colon", "write `key: value`"),
    ("cannot start any token", "a value starts with a reserved character", "quote it"),
    ("unexpected end of stream", "quotes are opened and never closed", "close them"),
    ("another document", "a second document begins", "keep one document in the file"),
    ("<stream end>", "the file ends inside a bracket or brace", "close it"),
    ("undefined tag", "a value starts with ! and would be a tag", "put quotes round it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The file as plain values."""

    tree: dict[str, Any]
    """Mappings, lists, strings, numbers, booleans and None."""
    lines: Mapping[KeyPath, int]
    """The line of each key and list item, from 1."""
    problems: tuple[Problem, ...]
    """What could not be read inside an otherwise readable file."""

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(text: str, *, env: Mapping[str, str], source: str) -> Document:
    """Read YAML 1.2 and put environment variables into its scalars.

    Raises:
        ConfigError: The text as a whole cannot be read.
    """
    if len(text) > TEXT_MAX:
        raise _whole(source, 1, f"is larger than {TEXT_MAX // 1024} KiB", "")
    node, fault = _compose(text)
    if fault is not None:
        raise _whole(source, *fault)
    if node is None:
        raise _whole(source, 1, "is empty", "start with `brand:`; see config/examples/minimal.yaml")
    if not isinstance(node, MappingNode):
        message = "holds no keys at its top"
        raise _whole(source, node.start_mark.line + 1, message, "start with `brand:`")
    reading = _Reading(source=source, env=env)
    tree = reading.mapping(node, ())
    return Document(tree=tree, lines=reading.lines, problems=tuple(reading.problems))


def _whole(source: str, line: int, message: str, cure: str) -> ConfigError:
    return ConfigError([Problem(source=source, line=line, key="", message=message, cure=cure)])


@lru_cache(maxsize=4)
def _compose(text: str) -> tuple[Node | None, tuple[int, str, str] | None]:
    try:
        fault = _outline_fault(text)
        return (None, fault) if fault else (YAML(typ="safe", pure=True).compose(text), None)
    except MarkedYAMLError as error:
        return None, _fault(error)
    except YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position if isinstance(position, int) else 0) + 1
        return None, (line, "holds a character that YAML does not allow", "remove it")
    except (ValueError, RecursionError):
        return None, (1, "is not valid YAML", "")


def _outline_fault(text: str) -> tuple[int, str, str] | None:
    """Look at depth and version before anything recursive reads the text."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif isinstance(event, DocumentStartEvent) and tuple(event.version or (1, 2)) != (1, 2):
            return line, "asks for another YAML version than 1.2", "remove the %YAML line"
        if depth > DEPTH_MAX:
            return line, f"is nested deeper than {DEPTH_MAX} levels", "close what is open"
    return None


def _fault(error: MarkedYAMLError) -> tuple[int, str, str]:
    mark = error.problem_mark or error.context_mark
    context = error.context_mark
    text = f"{error.problem} {error.context}"
    for sign, message, cure in _FAULTS:
        if sign in text:
            at = context if "end" in sign and context is not None else mark
            return (at.line + 1 if at is not None else 1), f"is not valid YAML: {message}", cure
    line = mark.line + 1 if mark is not None else 1
    return line, "is not valid YAML", "check indentation, quotes and brackets here and just above"


@dataclass(slots=True, kw_only=True)
class _Reading:
    source: str
    env: Mapping[str, str]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    values: int = 0

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self.fault(path, "a key is not a word", "write `key: value`", line=line)
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in found:
                first = self.lines[here]
                self.fault(here, f"is already set in line {first}", "keep one", line=line)
                continue
            if key == "<<":
                self.fault(path, "merge keys (<<) are not supported", "write it out", line=line)
                continue
            self.lines[here] = line
            found[key] = self.value(value_node, here)
        return found

    def value(self, node: Node, path: KeyPath) -> Any:
        self.values += 1
        if self.values > VALUES_MAX or len(path) > 2 * DEPTH_MAX:
            line = node.start_mark.line + 1
            raise _whole(self.source, line, "unfolds to too many values", "use fewer aliases")
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            items = []
            for index, each in enumerate(node.value):
                here = (*path, index)
                self.lines[here] = each.start_mark.line + 1
                items.append(self.value(each, here))
            return items
        return self.scalar(node, path)

    def scalar(self, node: Node, path: KeyPath) -> Any:
        tag = str(node.tag)
        text = str(node.value)
        if not tag.startswith(_TAG):
            self.fault(path, "starts with ! and would be a YAML tag", "put quotes round it")
            return text
        match tag.removeprefix(_TAG):
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" | "float" as kind:
                return _number(text, whole=kind == "int")
            case _:
                return self.filled(text, path)

    def filled(self, text: str, path: KeyPath) -> str:
        """Put environment variables in; `$${` writes a plain `${`."""

        def put(found: re.Match[str]) -> str:
            name, close = found[1], found[2]
            if name is None:
                return "${"
            if not close or _NAME.fullmatch(name) is None:
                self.fault(path, "holds ${ without a variable's name", 'write "${NAME}"')
            elif name not in self.env:
                message = f"the environment variable {name} is not set"
                self.fault(path, message, f"set {name} before starting")
            elif not self.env[name]:
                message = f"the environment variable {name} is empty"
                self.fault(path, message, f"set {name} before starting")
            else:
                return self.env[name]
            return _UNSET

        return _VARIABLE.sub(put, text)

    def fault(self, path: KeyPath, message: str, cure: str, *, line: int | None = None) -> None:
        where = line or self.lines.get(path, 1)
        self.problems.append(
            Problem(source=self.source, line=where, key=dotted(path), message=message, cure=cure)
        )


_UNSET: Final = "unset"


def _number(text: str, *, whole: bool) -> int | float | str:
    plain = text.replace("_", "").lower()
    try:
        if not whole:
            number = float(plain)
            return number if math.isfinite(number) else text
        return int(plain, 0) if plain.lstrip("+-").startswith(("0x", "0o", "0b")) else int(plain)
    except ValueError:
        return text
