"""A brand's templates filled in: `{order_id}` in paths, queries and bodies; pure.

Every place is filled once: what an argument contains is never read as a template again.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from actions.connectors.contract import Argument, NotFound

_PLACE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DEPTH_MAX: Final = 20

Value = Argument | int


class MissingArgumentError(LookupError):
    """A template asks for something that the operation does not take."""


def fill_path(template: str, values: Mapping[str, Value]) -> str:
    """Fill a path; each value stays one percent-encoded segment.

    Raises:
        NotFound: A value could name another path (``..``, an empty one): nobody's id.
    """

    def encode(found: re.Match[str]) -> str:
        text = _text(_value(found[1], values))
        if not text or any(part in {".", ".."} for part in re.split(r"[/\\]", text)):
            raise NotFound("an id that is no part of a path")
        return quote(text, safe="")

    return _PLACE.sub(encode, template)


def fill_query(templates: Mapping[str, str], values: Mapping[str, Value]) -> dict[str, str]:
    """Fill a query; a parameter whose only value is left out is left out."""
    filled = {name: _fill(template, values) for name, template in templates.items()}
    return {name: _text(value) for name, value in filled.items() if value is not None}


def fill_body(template: Any, values: Mapping[str, Value], *, depth: int = 0) -> Any:
    """Fill a JSON body; a value that is nothing but a place keeps the argument's type.

    A key whose only value is left out is left out.
    """
    if depth > _DEPTH_MAX:
        raise ValueError("the body's template is nested too deeply")
    if isinstance(template, str):
        return _fill(template, values)
    if isinstance(template, Mapping):
        filled = {name: fill_body(each, values, depth=depth + 1) for name, each in template.items()}
        return {
            name: each
            for name, each in filled.items()
            if each is not None or template[name] is None
        }
    if isinstance(template, Sequence):
        return [fill_body(each, values, depth=depth + 1) for each in template]
    return template


def _fill(template: str, values: Mapping[str, Value]) -> Any:
    whole = _PLACE.fullmatch(template)
    if whole is not None:
        value = _value(whole[1], values)
        return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
    return _PLACE.sub(lambda found: _text(_value(found[1], values)), template)


def _value(name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        raise MissingArgumentError(name)
    return values[name]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(str(each) for each in value)
    return str(value)
