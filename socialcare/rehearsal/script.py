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

A line may also be what a colleague does at the desk; what the customer hears of it is judged alike:

          - colleague: approves
            says: [refunded]
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from config.money import Money
from config.schema import Brand
from config.stages import Surface

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


Press = Literal["gives_back", "approves", "rejects"]
"""What a colleague may do at the desk."""
Operation = Literal[
    "order", "charges", "refund", "find_refund", "replacement", "find_replacement", "promise"
]
"""What the pretend shop is asked for."""


class LinePart(_Part):
    """What a customer writes or a colleague does, and what the customer must hear."""

    customer: Annotated[str, Field(min_length=1, max_length=TEXT_MAX)] | None = None
    colleague: Press | None = None
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
    language: str | None = None
    """The language that must have been heard, and is answered in (`de`)."""

    @model_validator(mode="after")
    def _by_one(self) -> Self:
        if (self.customer is None) == (self.colleague is None):
            raise ValueError("a line is either what a `customer` writes or what a `colleague` does")
        if self.colleague is not None and (self.topics or self.language):
            raise ValueError("`topics` and `language` are understood of a customer's words alone")
        return self


class Conversation(_Part):
    """One conversation with its end."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    proves: _Words = ()
    """Rules and topics that it is there for, told to whoever reads the file."""
    surface: Surface = Surface.PRIVATE
    """Public: each line is a post that names the brand, and what is judged is its answer there."""
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
    shop_refuses: Annotated[tuple[Operation, ...], Field(max_length=7)] = ()
    """What the shop says no to, whoever asks."""
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
