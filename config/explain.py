"""What the schema finds wrong, in a newcomer's words and without the value."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from config.channels import PLATFORMS
from config.checks import Finding, nearest
from config.connectors import KINDS
from config.not_built import built
from config.problems import KeyPath
from config.schema import Settings

MISSING: Final = "is missing"
UNKNOWN_KEY: Final = "unknown key"

_SECTION: Final = ("must hold keys of its own", "write them indented below it")
_LIST: Final = ("must be a list", "write it like [a, b]")

_PLAIN: Final[Mapping[str, tuple[str, str]]] = {
    "string_type": ("must be text", "put quotes round it"),
    "string_too_short": ("must not be empty", "write a value or remove the key"),
    "too_short": ("must not be empty", "add at least one entry"),
    "int_type": ("must be a whole number", "write digits without quotes"),
    "float_type": ("must be a number", "write digits without quotes"),
    "float_parsing": ("must be a number", "write digits without quotes"),
    "finite_number": ("must be a number", "write digits without quotes"),
    "bool_type": ("must be true or false", ""),
    "model_type": _SECTION,
    "model_attributes_type": _SECTION,
    "mapping_type": _SECTION,
    "dict_type": _SECTION,
    "tuple_type": _LIST,
    "list_type": _LIST,
}
"""Findings of pydantic that need none of their details."""


def findings(details: list[ErrorDetails], tree: Mapping[str, Any]) -> Iterator[Finding]:
    """Each error of the schema as a finding at its place in the file."""
    for each in details:
        path = _path(each, tree)
        message, cure = _words(each, path, _at(tree, path))
        yield Finding(path=path, message=message, cure=cure)


def _path(error: ErrorDetails, tree: Any) -> KeyPath:
    """The place in the file: pydantic's own, without the names of union branches."""
    path: list[str | int] = []
    node = tree
    last = len(error["loc"]) - 1
    for position, part in enumerate(error["loc"]):
        if _holds(node, part):
            node = node[part]
        elif not (position == last and error["type"] == "missing"):
            continue
        path.append(part)
    return tuple(path)


def _holds(node: Any, part: str | int) -> bool:
    if isinstance(node, list):
        return isinstance(part, int) and part < len(node)
    return isinstance(node, Mapping) and part in node


def _at(tree: Any, path: KeyPath) -> Any:
    node = tree
    for part in path:
        node = node[part] if _holds(node, part) else None
    return node


def _words(error: ErrorDetails, path: KeyPath, value: Any) -> tuple[str, str]:
    kind = error["type"]
    context = error.get("ctx", {})
    key = str(path[-1]) if path else ""
    if kind == "missing":
        return MISSING, f"add `{key}:`"
    if kind == "extra_forbidden":
        return UNKNOWN_KEY, nearest(key, _known_keys(error["loc"][:-1]))
    if kind == "value_error":
        message, _, cure = str(context.get("error", "is not valid")).partition("; ")
        return message, _nearest_stage(message, value) or cure
    if value is None:
        return "has no value", "write one or remove the key"
    if kind in ("literal_error", "enum"):
        return _choice(str(context.get("expected", "")), value)
    if kind.startswith("union_tag"):
        return _tag(path, value)
    return _bound(kind, context)


def _bound(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    match kind:
        case "greater_than_equal":
            return f"must be at least {context.get('ge')}", ""
        case "less_than_equal":
            return f"must be at most {context.get('le')}", ""
        case "string_too_long" | "too_long":
            return f"is longer than {context.get('max_length')}", "shorten it"
        case _:
            return _PLAIN.get(kind, ("is not what belongs here", "see the example file"))


def _nearest_stage(message: str, value: Any) -> str:
    if not message.startswith("is not a stage") or not isinstance(value, str):
        return ""
    cure = nearest(value, ("off", "manual", "scripted", "copilot", "autonomous"))
    return cure if cure.startswith("did") else ""


def _choice(expected: str, value: Any) -> tuple[str, str]:
    words = tuple(expected.replace("'", "").replace(" or ", ", ").split(", "))
    found = nearest(value, words) if isinstance(value, str) else ""
    return f"must be one of: {', '.join(words)}", found if found.startswith("did") else ""


def _tag(path: KeyPath, value: Any) -> tuple[str, str]:
    branch, words = ("kind", KINDS) if path[:1] == ("connectors",) else ("platform", PLATFORMS)
    known = built(f"{path[0]}.*", branch, words)
    given = value.get(branch) if isinstance(value, Mapping) else None
    if given is None:
        return f"`{branch}` is missing", f"add `{branch}:` with one of {', '.join(known)}"
    if given == path[-1]:
        message = "is not a platform's name, so the channel must say its platform"
        return message, nearest(given, known)
    return f"unknown {branch}", nearest(str(given), known)


def _known_keys(loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys the schema knows at that place."""
    node: Any = Settings
    for part in loc:
        node = _child(_bare(node), part)
        if node is None:
            return ()
    bare = _bare(node)
    return tuple(bare.model_fields) if _is_section(bare) else ()


def _child(node: Any, part: str | int) -> Any:
    if _is_section(node):
        found = node.model_fields.get(part)
        return None if found is None else found.annotation
    origin, arguments = get_origin(node), get_args(node)
    if origin in (Union, UnionType):
        return next((each for each in arguments if _tagged(each, part)), None)
    return (
        arguments[1] if origin is not tuple and len(arguments) > 1 else next(iter(arguments), None)
    )


def _tagged(branch: Any, tag: str | int) -> bool:
    if not _is_section(branch):
        return False
    fields = branch.model_fields
    field = fields.get("platform") or fields.get("kind")
    return field is not None and tag in get_args(field.annotation)


def _bare(node: Any) -> Any:
    """The type without `Annotated` and `None`."""
    while get_origin(node) is Annotated:
        node = get_args(node)[0]
    if get_origin(node) in (Union, UnionType):
        branches = [each for each in get_args(node) if each is not type(None)]
        return _bare(branches[0]) if len(branches) == 1 else node
    return node


def _is_section(node: Any) -> bool:
    return isinstance(node, type) and issubclass(node, BaseModel)
