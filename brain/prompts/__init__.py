"""What language models are told: one Markdown file each, its version on the first line."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_VERSION = re.compile(r"\A<!-- version: (\d+) -->\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A prompt with its version, for the trace."""

    name: str
    version: int
    text: str
    """With {names} to fill in."""

    @property
    def id(self) -> str:
        """Name and version."""
        return f"{self.name}@{self.version}"


@cache
def prompt(name: str) -> Prompt:
    """Read a shipped prompt.

    Raises:
        ValueError: its first line tells no version.
    """
    text = files(__name__).joinpath(f"{name}.md").read_text("utf-8")
    found = _VERSION.match(text)
    if found is None:
        raise ValueError(f"{name}.md begins without its version")
    return Prompt(name=name, version=int(found[1]), text=text[found.end() :])
