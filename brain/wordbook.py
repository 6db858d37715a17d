"""What the bot says of its own: sentences per language, filled with facts and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from string import Formatter
from types import MappingProxyType

from babel.dates import format_date

from brain.shipped import shipped_words, table
from config.languages import FORMS
from config.money import Money
from config.schema import Brand

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
"""Languages the bot can speak without a model."""
VALUE_MAX = 200
"""Characters of one filled-in value; a shop's text may be anything."""

Value = str | Money | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """In which languages a brand answers, and how it addresses its customers in each."""

    languages: tuple[str, ...] = ()
    """The first one where a customer's is none of them; empty: any."""
    forms: Mapping[str, str] = field(default_factory=dict)

    def language(self, wanted: str) -> str:
        """Choose the customer's language where the brand speaks it, else the brand's first."""
        return wanted if wanted in self.languages or not self.languages else self.languages[0]

    def form(self, wanted: str) -> str:
        """Give the form of address in the language that is chosen."""
        return self.forms.get(self.language(wanted), "")

    def say(self, language: str, key: str, **values: Value) -> str:
        """Give a sentence in the language and form that are chosen."""
        return say(self.language(language), key, form=self.form(language), **values)


ANY = Speech()


def speech_of(brand: Brand) -> Speech:
    """Say how a brand speaks."""
    return Speech(languages=brand.languages, forms=brand.formality)


@table
def _books() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Read each language's sentences; those of its second form of address lie over the first's."""
    books: dict[tuple[str, str], Mapping[str, str]] = {}
    for language in LANGUAGES:
        first = shipped_words(language)
        books[language, ""] = MappingProxyType(first)
        for form in FORMS.get(language, ())[1:]:
            over = shipped_words(f"{language}.{form.replace('ú', 'u')}")
            books[language, form] = MappingProxyType(first | over)
    return books


def _book(language: str, form: str = "") -> Mapping[str, str]:
    books = _books()
    return books.get((language, form), books[language, ""])


def speaks(language: str) -> bool:
    """Say whether there are words in that language."""
    return language in LANGUAGES


def say(language: str, key: str, *, form: str = "", **values: Value) -> str:
    """Give the sentence ``key`` in a language, its values written as that language does.

    Args:
        language: ISO 639-1.
        key: Which sentence.
        form: The form of address, one of `config.languages.FORMS`; the first where left out.
        **values: What is filled in.

    A language without words of its own gets English; the caller hands such customers over.
    """
    known = language if speaks(language) else LANGUAGES[0]
    return _book(known, form)[key].format_map({n: _written(known, v) for n, v in values.items()})


@table
def _everywhere() -> Mapping[str, Mapping[str, str]]:
    return MappingProxyType(dict(shipped_words("everywhere")))


def say_anywhere(language: str, key: str, *, brand: str) -> str:
    """Give one of the few sentences that exist in ten languages; English for any other one."""
    sentences = _everywhere()[key]
    return sentences.get(language, sentences["en"]).format(brand=brand)


def has(language: str, key: str) -> bool:
    """Say whether there is such a sentence."""
    return key in _book(language if speaks(language) else LANGUAGES[0])


def needed(language: str, key: str, form: str = "") -> frozenset[str]:
    """Name the values a sentence takes."""
    sentence = _book(language, form)[key]
    return frozenset(name for _, name, _, _ in Formatter().parse(sentence) if name)


def _written(language: str, value: Value) -> str:
    if isinstance(value, Money):
        return value.words(language)
    if isinstance(value, date):
        return format_date(value, _DAY[language], locale=language)
    return " ".join(value.split())[:VALUE_MAX]


_DAY = {
    "en": "EEEE, d MMMM",
    "de": "EEEE, d. MMMM",
    "fr": "EEEE d MMMM",
    "es": "EEEE, d 'de' MMMM",
    "it": "EEEE d MMMM",
    "nl": "EEEE d MMMM",
    "pt": "EEEE, d 'de' MMMM",
}
