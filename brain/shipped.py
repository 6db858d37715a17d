"""Tables that ship beside the code: read and made ready once, before a customer waits for one.

Making a table (reading its file, compiling a few hundred patterns) takes tens of milliseconds, all
of them together half a second. Whoever learns calls `prepare` on its own thread; without it a
table is made when first asked for, and everybody else's turn waits meanwhile.
"""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from ruamel.yaml import YAML

T = TypeVar("T")
_TABLES: Final[list[Callable[[], object]]] = []


def read(folder: str, name: str) -> Any:
    """Read a shipped YAML file of ``brain/{folder}``; by the C parser where that is installed."""
    text = files("brain").joinpath(folder, f"{name}.yaml").read_text("utf-8")
    return YAML(typ="safe").load(text)


def shipped_words(name: str) -> Any:
    """Read a shipped list of words or sentences."""
    return read("words", name)


def table(make: Callable[[], T]) -> Callable[[], T]:
    """Decorate what makes a table, so that it is made once and `prepare` knows of it."""
    made = cache(make)
    _TABLES.append(made)
    return made


def prepare() -> None:
    """Make every table of the modules that are loaded; those that are made stay."""
    for made in _TABLES:
        made()
