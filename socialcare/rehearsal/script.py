"""What a rehearsal's file says: customers' lines, what is expected of each, and the end; pure.

    conversations:
      - name: Money back within the limit
        lines:
          - customer: "I want my money back for A-10388, my mail is ella@northwind.example"
            says: ["£42.00"]
            never: ["£43"]
            topics: [refund_request]
        refunds: {A-10388: [42.00 GBP]}
        desk: bot

Words are looked for without regard to case; `/…/` is a regular expression.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from config.money import Money
from config.schema import Brand

CONVERSATIONS_MAX = 500
LINES_MAX = 20
TEXT_MAX = 4_000

_Words = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=500)], ...], Field(max_length=20)
]


class RehearsalError(Exception):
    """The file cannot be played; the message names the place."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinePart(_Part):
    """What a customer writes, and what they must hear."""

    customer: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)]
    says: _Words = ()
    """All of it must be in the reply."""
    any_of: _Words = ()
    """Some of it must be in the reply."""
    never: _Words = ()
    """None of it may be."""
    silent: bool = False
    """Nothing may be said."""
    topics: _Words = ()
    """What must have been understood, others allowed."""


class Conversation(_Part):
    """One conversation with its end."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    lines: Annotated[tuple[LinePart, ...], Field(min_length=1, max_length=LINES_MAX)]
    refunds: Mapping[str, tuple[str, ...]] = {}
    """Order → amounts in the shop's books; all other orders of the conversation: none."""
    replacements: Mapping[str, int] = {}
    desk: Literal["bot", "desk", "colleague", "elsewhere"] = "bot"
    """Who has the conversation in the end."""
    reason: str | None = None
    """Why it was handed off, where it was (`human_request`, `no_answer` …)."""
    waits: int = 0
    """Sign-offs that wait in the end."""


class BrandPart(_Part):
    """What of the brand is otherwise than in its configuration."""

    languages: tuple[str, ...] | None = None
    formality: Mapping[str, str] | None = None
    disclosure: Mapping[str, str] | None = None

    def worn_by(self, brand: Brand) -> Brand:
        """Give the brand with these changes; raises `ValueError` where it cannot be so."""
        return Brand.model_validate(brand.model_dump() | self.model_dump(exclude_none=True))


class Rehearsal(_Part):
    """A file of conversations."""

    brand: BrandPart = BrandPart()
    conversations: Annotated[
        tuple[Conversation, ...], Field(min_length=1, max_length=CONVERSATIONS_MAX)
    ]


def read_rehearsal(text: str, *, source: str) -> Rehearsal:
    """Read a file.

    Raises:
        RehearsalError: it is no YAML, has keys nobody knows, or amounts that are none.
    """
    try:
        tree = YAML(typ="safe", pure=True).load(text)
        rehearsal = Rehearsal.model_validate(tree)
    except YAMLError as error:
        raise RehearsalError(f"{source}: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise RehearsalError(f"{source}: {place}: {first['msg']}") from error
    try:
        rehearsal.brand.worn_by(Brand(name="any"))
    except ValueError as error:
        raise RehearsalError(f"{source}: brand: {error}") from error
    for one in rehearsal.conversations:
        for order, amounts in one.refunds.items():
            for amount in amounts:
                try:
                    Money.parse(amount)
                except ValueError as error:
                    place = f"{source}: {one.name}: refunds of {order}"
                    raise RehearsalError(f"{place}: {error}") from error
    return rehearsal


def missing(line: LinePart, heard: str) -> list[str]:
    """Say what of a line's expectations was not met by what was heard."""
    found = [f"not said: {words}" for words in line.says if not _in(words, heard)]
    if line.any_of and not any(_in(words, heard) for words in line.any_of):
        found.append(f"none of it said: {', '.join(line.any_of)}")
    found += [f"said all the same: {words}" for words in line.never if _in(words, heard)]
    if line.silent and heard.strip():
        found.append("it was to be silent")
    return found


def _in(words: str, heard: str) -> bool:
    if len(words) > 2 and words.startswith("/") and words.endswith("/"):
        return re.search(words[1:-1], heard, re.IGNORECASE) is not None
    return _plain(words) in _plain(heard)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())
