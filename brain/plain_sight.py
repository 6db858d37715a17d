"""What a reader gets out of words, however they are dressed; pure, and for looking only.

Full-width and circled digits, characters nobody sees, letters of other alphabets that look like
ours, percent signs, entities, numbers spelled out, base64: a person, or their machine, reads
through all of it, so whoever looks for something in words reads through it first.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from brain.spoken_numbers import VALUES

BLOBS_MAX: Final = 20
"""Runs of letters that are tried as base64; no reply has so many."""
SPOKEN_LEAST: Final = 4
"""Words for digits in a row that spell a number: nobody counts so far in a sentence."""

_UNSEEN: Final = frozenset({"Cf", "Cc", "Co", "Cs", "Mn", "Me"})
_KEPT: Final = frozenset("\n\t")
_LOOKALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧο\u2010\u2011\u2012\u2013\u2014\u2015\u2212",  # noqa: RUF001 - that is what they are
    "ABESIJKMHOPCTYXaesijopcyxABEZHIKMNOPTYXo-------",
)
_ZERO: Final = re.compile(r"(?<=\d)[oO](?=\d)")
_ONE: Final = re.compile(r"(?<=\d)[lI|](?=\d)")
_BLOB: Final = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{6,400}={0,2}(?![\w+/=])")
_HEX: Final = re.compile(r"(?<!\w)(?:[0-9A-Fa-f]{2}[ :]?){6,200}(?!\w)")
_LETTERS: Final = re.compile(r"(?<!\S)(?:\S\s){5,200}\S(?!\S)")
_WORDS: Final = {
    "0": "zero oh null nul zéro cero",
    "1": "one eins ein un une uno una een één um uma",
    "2": "two zwei zwo deux dos due twee dois duas",
    "3": "three drei trois tres tre drie três",
    "4": "four vier quatre cuatro quattro quatro",
    "5": "five fünf cinq cinco cinque vijf",
    "6": "six sechs seis sei zes",
    "7": "seven sieben sept siete sette zeven sete",
    "8": "eight acht huit ocho otto oito",
    "9": "nine neun neuf nueve nove negen",
}
_TENS: Final = {word: str(value) for word, value in VALUES.items() if 10 <= value < 100}
_DIGITS: Final = _TENS | {word: one for one, words in _WORDS.items() for word in words.split()}
_TIMES: Final = {"double": 2, "doppel": 2, "triple": 3}
_SAID: Final = "|".join(sorted((*_DIGITS, *_TIMES), key=len, reverse=True))
_SPELLED: Final = re.compile(
    rf"(?<!\w)(?:(?:{_SAID}|\d)[\s,.;/-]{{1,3}}){{{SPOKEN_LEAST - 1},60}}(?:{_SAID}|\d)(?!\w)",
    re.IGNORECASE,
)
_SPELLED_ONE: Final = re.compile(rf"(?:{_SAID}|\d)", re.IGNORECASE)


def spelled_numbers(words: str) -> Iterator[tuple[str, str]]:
    """Give each number that is spelled out digit by digit, as it stands and in digits."""
    for found in _SPELLED.finditer(words):
        yield found[0], _in_digits(found[0])


def in_plain_sight(words: str) -> str:
    """Write words as a reader takes them, with what is hidden in them behind; not to be sent."""
    text = html.unescape(words)
    if "%" in text:
        text = unquote(text, errors="ignore")
    text = seen(unicodedata.normalize("NFKC", text)).translate(_LOOKALIKES)
    text = "".join(char if char.isascii() else _plain(char) for char in text)
    text = _ONE.sub("1", _ZERO.sub("0", text))
    hidden = " ".join(_hidden(text))
    text = _SPELLED.sub(lambda match: _in_digits(match[0]), text)
    return f"{text}\n{hidden}" if hidden else text


def as_read(words: str) -> str:
    """Write words without what nobody sees, wide letters and digits as narrow ones.

    Nothing else changes, and plain words stay as they are.
    """
    if words.isascii():
        return words
    shown = (char for char in words if unicodedata.category(char) != "Cf")
    return "".join(unicodedata.normalize("NFKC", c) if _is_wide(c) else c for c in shown)


def _is_wide(char: str) -> bool:
    return unicodedata.decomposition(char).startswith(("<wide>", "<font>", "<circle>"))


def seen(words: str) -> str:
    """Take out every character that nobody sees, and the marks that sit on others."""
    if words.isascii():
        return words
    return "".join(
        char for char in words if char in _KEPT or unicodedata.category(char) not in _UNSEEN
    )


def _plain(char: str) -> str:
    if char.isspace():
        return " " if char not in _KEPT else char
    digit = unicodedata.decimal(char, None)
    return char if digit is None else str(digit)


def _in_digits(spelled: str) -> str:
    found, times = [], 1
    for one in _SPELLED_ONE.findall(spelled):
        word = one.casefold()
        if word in _TIMES:
            times = _TIMES[word]
            continue
        found.append(_DIGITS.get(word, word) * times)
        times = 1
    return "".join(found)


def _hidden(text: str) -> list[str]:
    """Read what stands there letter by letter, as base64 or in hexadecimal digits."""
    blobs = [match[0] for match in _BLOB.finditer(text)][:BLOBS_MAX]
    codes = [match[0] for match in _HEX.finditer(text)][:BLOBS_MAX]
    apart = [re.sub(r"\s", "", match[0]) for match in _LETTERS.finditer(text)][:BLOBS_MAX]
    read = (*apart, *map(_from_base64, blobs), *map(_from_hex, codes))
    return [one for one in read if one]


def _from_base64(blob: str) -> str:
    bare = blob.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return _words_of(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except (binascii.Error, ValueError):
        return ""


def _from_hex(code: str) -> str:
    try:
        return _words_of(bytes.fromhex(re.sub(r"[ :]", "", code)))
    except ValueError:
        return ""


def _words_of(raw: bytes) -> str:
    """Give bytes as text where they are some: by chance they are not."""
    text = raw.decode("ascii", errors="replace")
    return text if text.isprintable() and "\ufffd" not in text else ""
