"""Named SQL and numbered migrations, one folder per engine, read from package files."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_FILES = (
    "queries.sql",
    "care.sql",
    "kin.sql",
    "feeds.sql",
    "media.sql",
    "storms.sql",
    "spending.sql",
    "notices.sql",
)
_NUMBER = re.compile(r"^(\d{3})_\w+\.sql$")


@cache
def statements(engine: str) -> Mapping[str, str]:
    """Give the named statements of an engine, each without its comment lines."""
    found: dict[str, str] = {}
    for name in _FILES:
        parts = _NAME.split(files(__name__).joinpath(engine, name).read_text("utf-8"))
        found |= {
            name: "\n".join(line for line in body.splitlines() if not line.startswith("--")).strip()
            for name, body in zip(parts[1::2], parts[2::2], strict=True)
        }
    return MappingProxyType(found)


@cache
def migrations(engine: str) -> tuple[tuple[int, str], ...]:
    """Give the numbered migrations in order, ``(number, script)``."""
    found = []
    for file in files(__name__).joinpath(engine).iterdir():
        match = _NUMBER.match(file.name)
        if match:
            found.append((int(match[1]), file.read_text("utf-8")))
    return tuple(sorted(found))
