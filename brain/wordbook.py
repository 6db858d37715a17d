"""What the bot says of its own: sentences per language, filled with facts and nothing else."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType

from babel.dates import format_date
from ruamel.yaml import YAML

from config.money import Money

LANGUAGES = ("en", "de", "fr", "es")
"""Languages the bot can speak without a model."""
VALUE_MAX = 200
"""Characters of one filled-in value; a shop's text may be anything."""

Value = str | Money | date


@cache
def _book(language: str) -> Mapping[str, str]:
    text = files("brain").joinpath("words", f"{language}.yaml").read_text("utf-8")
    return MappingProxyType(dict(YAML(typ="safe").load(text)))


def speaks(language: str) -> bool:
    """Say whether there are words in that language."""
    return language in LANGUAGES


def say(language: str, key: str, **values: Value) -> str:
    """Give the sentence ``key`` in a language, its values written as that language does.

    A language without words of its own gets English; the caller hands such customers over.
    """
    known = language if speaks(language) else LANGUAGES[0]
    return _book(known)[key].format_map({n: _written(known, v) for n, v in values.items()})


@cache
def _everywhere() -> Mapping[str, Mapping[str, str]]:
    text = files("brain").joinpath("words", "everywhere.yaml").read_text("utf-8")
    return MappingProxyType(dict(YAML(typ="safe", pure=True).load(text)))


def say_anywhere(language: str, key: str, *, brand: str) -> str:
    """Give one of the few sentences that exist in ten languages; English for any other one."""
    sentences = _everywhere()[key]
    return sentences.get(language, sentences["en"]).format(brand=brand)


def has(language: str, key: str) -> bool:
    """Say whether there is such a sentence."""
    return key in _book(language if speaks(language) else LANGUAGES[0])


def needed(language: str, key: str) -> frozenset[str]:
    """Name the values a sentence takes."""
    return frozenset(name for _, name, _, _ in Formatter().parse(_book(language)[key]) if name)


def _written(language: str, value: Value) -> str:
    if isinstance(value, Money):
        return value.words(language)
    if isinstance(value, date):
        return format_date(value, _DAY[language], locale=language)
    return " ".join(value.split())[:VALUE_MAX]


_DAY = {"en": "EEEE, d MMMM", "de": "EEEE, d. MMMM", "fr": "EEEE d MMMM", "es": "EEEE, d 'de' MMMM"}
