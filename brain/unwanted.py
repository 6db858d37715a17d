"""What a message names as a wish only to say that it is none: "don't cancel it"; pure.

An encoder hears in "don't cancel it" what it hears in "cancel it". So what is negated is read by
plain rules, and blanked out before anything else reads the message: "I don't want a refund, I want
my parcel" is about a parcel.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from brain.shipped import shipped_words, table

TEXT_MAX: Final = 2_000
NEAR: Final = 120
"""Characters before "no, wait" in which the wish has to stand that it takes back."""
_KINDS: Final = (
    ("to do", "deed"), ("doing", "doing"), ("thing", "thing"), ("none", "thing"),
    ("instead", "doing"), ("instead", "thing"),
)  # fmt: skip
"""What stands before a wish, and in which form the wish comes then."""
_FRAMES: Final = {
    "to do": r"(?<!\w)(?:{})",
    "doing": r"(?<!\w)(?:{}) ",
    "thing": r"(?<!\w)(?:{}) ",
    "none": r"(?:{}) ",
    "instead": r"(?<!\w)(?:{}) ",
}
_AFTER: Final = ("enough", "yet", "reproach", "keeps", "end")
_SIGN: Final = re.compile(r"[@#]\w+|[^\w\s'.,!?;:()-]+")
"""Handles, pictures and the like part sentences as a full stop does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwanted:
    """A wish that is none, as code points `start` to `end` of the message."""

    start: int
    end: int
    topic: str


def unwanted(text: str) -> tuple[Unwanted, ...]:
    """Find the wishes that a message names only to deny them, in the order they are said."""
    shown = _straight(text)
    found = [each for language in _languages() for each in _in(language, shown)]
    return tuple(sorted(found, key=lambda each: each.start))


def without_unwanted(text: str) -> str:
    """Blank those out, each sign by a space, so that places in the text stay true."""
    for each in unwanted(text):
        text = f"{text[: each.start]}{' ' * (each.end - each.start)}{text[each.end :]}"
    return text


def _straight(text: str) -> str:
    """Lower case, straight quotes, one sign for one; case that would change its length stays."""
    shown = text[:TEXT_MAX].replace("\u2019", "'").replace("\u2018", "'")
    lower = shown.lower()
    shown = lower if len(lower) == len(shown) else shown
    return _SIGN.sub(lambda sign: "." * len(sign[0]), shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    before: Mapping[str, re.Pattern[str]]
    forms: Mapping[str, Mapping[str, re.Pattern[str]]]
    """Form to topic to its words."""
    after: Mapping[str, re.Pattern[str]]
    """What stands behind a wish, and what that makes of it."""
    mistake: re.Pattern[str]
    dropped: re.Pattern[str]


def _in(language: _Language, text: str) -> Iterator[Unwanted]:
    taken: list[tuple[int, int]] = []
    for found in (*_denied(language, text), *_dropped(language, text), *_corrected(language, text)):
        if not any(found.start < end and start < found.end for start, end in taken):
            taken.append((found.start, found.end))
            yield found


def _denied(language: _Language, text: str) -> Iterator[Unwanted]:
    for before, form in _KINDS:
        for opening in language.before[before].finditer(text):
            named = _topic(language, form, text, opening.end())
            if named is None:
                continue
            topic, stop = named
            if before == "none" and not language.after["enough"].match(text, stop):
                continue
            if before == "instead" and language.after["reproach"].match(text, stop):
                continue
            if language.after["yet"].match(text, stop):
                continue
            yield Unwanted(start=opening.start(), end=_end(language, text, stop), topic=topic)


def _dropped(language: _Language, text: str) -> Iterator[Unwanted]:
    """Find what was once wanted: "I wanted to cancel, but now I keep it"."""
    for opening in language.dropped.finditer(text):
        named = _topic(language, "deed", text, opening.end())
        kept = named and language.after["keeps"].match(text, named[1])
        if named and kept:
            yield Unwanted(start=opening.start(), end=kept.end(), topic=named[0])


def _corrected(language: _Language, text: str) -> Iterator[Unwanted]:
    """Find what was said by mistake: "return it, no wait, exchange it"."""
    for mark in language.mistake.finditer(text):
        near = max(0, mark.start() - NEAR)
        before = list(_named(language, text, near, mark.start()))
        after = list(_named(language, text, mark.end(), min(len(text), mark.end() + NEAR)))
        if before and after and before[-1][1] != after[0][1]:
            start, topic = before[-1]
            yield Unwanted(start=start, end=mark.end(), topic=topic)


def _named(language: _Language, text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Give where wishes are named in a part of a text, in order, and which."""
    found: list[tuple[int, int, str]] = []
    for form in ("deed", "thing"):
        for topic, words in language.forms[form].items():
            found += [(at.start(), at.end(), topic) for at in words.finditer(text, start, end)]
    last = start
    for begins, ends, topic in sorted(found, key=lambda each: (each[0], -each[1])):
        if begins >= last:
            last = ends
            yield begins, topic


def _topic(language: _Language, form: str, text: str, at: int) -> tuple[str, int] | None:
    """Name the topic whose words stand right here, and where they end."""
    for topic, words in language.forms[form].items():
        said = words.match(text, at)
        if said:
            return topic, said.end()
    return None


def _end(language: _Language, text: str, at: int) -> int:
    found = language.after["end"].search(text, at)
    return found.start() if found else len(text)


@table
def _languages() -> tuple[_Language, ...]:
    loaded = shipped_words("unwanted")
    return tuple(_compiled(block) for block in loaded.values())


def _compiled(block: Mapping[str, Any]) -> _Language:
    vocabulary = {f"<{name}>": str(words) for name, words in block["vocabulary"].items()}

    def either(lines: str, frame: str = "(?:{})") -> re.Pattern[str]:
        for name, words in vocabulary.items():
            lines = lines.replace(name, words)
        return re.compile(frame.format("|".join(lines.splitlines())))

    forms = {
        form: {
            str(topic): either(words[form], r"\b(?:{})(?!\w)")
            for topic, words in block["topics"].items()
            if form in words
        }
        for form in ("deed", "doing", "thing")
    }
    return _Language(
        before={name: either(block[name], frame) for name, frame in _FRAMES.items()},
        forms=forms,
        after={name: either(block[name]) for name in _AFTER},
        mistake=either(block["mistake"]),
        dropped=either(block["dropped"]),
    )
