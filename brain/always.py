"""What no model may miss: the wish for a human, the wish for silence, the doubt who answers.

Phrases of ten languages, on purpose without any model: they work at every stage, and when
everything else fails. Precision comes first where a word has a second life ("stop the
delivery", "human-sized"), since a false alarm costs a colleague's time or ends a conversation.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from brain.examples import always_phrases, doubt_phrases
from brain.shipped import table

TEXT_MAX = 10_000
"""Characters of a message that are searched."""

LONG_LETTERS = 8
"""From so many letters on, a word with one wrong letter is no other word."""

_STROKES = {ord("ł"): "l", ord("\u0131"): "i", ord("ß"): "ss"}
_PUNCTUATION = r"[\s.,!?\u2026:;\"'()*#-]*"
_PICTURES = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF]")
_DECLINED = re.compile(
    r"(?:don't|dont|do not|no) (?:need|want) (?:to (?:talk|speak) (?:to|with) )?(?:a |an )?"
    r"(?:human|person|agent)"
)


def wants_human(text: str) -> bool:
    """Say whether the customer asks for a person, in any of the ten languages.

    Who asks whether a person answers asks a question; it is answered, and is no such wish.
    """
    ears = _ears()
    shown = bare(ears.doubt_within.sub(" ", folded(text)))
    if ears.human_alone.fullmatch(shown) or _calls_at_last(shown):
        return True
    if _misspelt(shown, ears.human_words):
        return True
    return ears.human_within.search(shown) is not None and _DECLINED.search(shown) is None


def doubts(text: str) -> str | None:
    """Say in which language the customer asks if a person or a machine answers; None: they don't.

    Empty: they ask it in so few words that they could be of several languages.
    """
    shown = folded(text)
    asked = next((code for code, each in _ears().doubts.items() if each.search(shown)), None)
    return "" if asked is None and _ears().doubt_alone.fullmatch(shown) else asked


def without_doubts(text: str) -> str:
    """Blank that question out, each sign by a space, so that places in the text stay true."""
    lower = text.lower().replace("\u2019", "'").replace("\u2018", "'")
    if len(lower) != len(text):
        return text
    for match in _ears().doubt_within.finditer(lower):
        text = f"{text[: match.start()]}{' ' * len(match[0])}{text[match.end() :]}"
    return text


def opts_out(text: str) -> bool:
    """Say whether the customer asks for silence, in any of the ten languages."""
    ears, shown = _ears(), bare(folded(text))
    if ears.silence_alone.fullmatch(shown) or _misspelt(shown, ears.silence_words):
        return True
    return ears.silence_within.search(shown) is not None


def mentions_person(text: str) -> bool:
    """Say whether a text tells of a person, sighs or names goods; it may be no wish for one."""
    return _ears().mentioned.search(bare(folded(text))) is not None


def reports(text: str) -> bool:
    """Say whether a text tells of what came or did not, or only says no: no wish for silence."""
    return _ears().reported.search(bare(folded(text))) is not None


def folded(text: str) -> str:
    """Lower case, straight quotes, single spaces; the dotted capital I of Turkish as i."""
    shown = unicodedata.normalize("NFKC", text[:TEXT_MAX]).replace("\u0130", "i").lower()
    shown = shown.translate({0x2018: "'", 0x2019: "'", 0xFE0F: None})
    return re.sub(r"\s+", " ", _PICTURES.sub(" ", shown)).strip()


def bare(text: str) -> str:
    """Leave out what phones and haste leave out: accents, dots, cedillas, strokes."""
    plain = unicodedata.normalize("NFD", text.translate(_STROKES))
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Mn")


def within(phrases: Iterable[str]) -> re.Pattern[str]:
    """Look for phrases as whole words anywhere in a folded text."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?!\w)")


def _alone(phrases: Iterable[str], courtesy: str) -> re.Pattern[str]:
    padding = rf"(?:{courtesy}{_PUNCTUATION})*"
    return re.compile(rf"{_PUNCTUATION}{padding}(?:{'|'.join(phrases)}){_PUNCTUATION}{padding}")


def _calls_at_last(shown: str) -> bool:
    """Hear "no bots, a human please": what is called for after the last mark.

    A word that is sighed as often as called ("Wo bleibt es, Mensch!") is none.
    """
    last = re.split(r"[.!?,;]", shown.rstrip(" .!?,;"))[-1].strip()
    return bool(_ears().human_alone.fullmatch(last)) and not _ears().sighed.fullmatch(last)


def _misspelt(shown: str, known: frozenset[str]) -> bool:
    """Hear one long word, alone but for courtesy, in which a single letter is wrong."""
    words = re.findall(r"\w+", _ears().courteous.sub(" ", shown))
    return len(words) == 1 and any(_one_off(words[0], each) for each in known)


def _one_off(word: str, meant: str) -> bool:
    """Compare two words: equal but for one letter left out, doubled, mistaken or swapped."""
    if abs(len(word) - len(meant)) > 1 or word[:1] != meant[:1]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), None)
    if at is None:
        return len(word) != len(meant)
    rest, due = word[at:], meant[at:]
    swapped = rest[:2] == due[1::-1] and rest[2:] == due[2:]
    return swapped or rest[1:] == due[1:] or rest[1:] == due or rest == due[1:]


def _long(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(each for each in phrases if each.isalpha() and len(each) >= LONG_LETTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ears:
    """All phrases, compiled: a quarter of a second, so it is done once and at the start."""

    human_within: re.Pattern[str]
    human_alone: re.Pattern[str]
    human_words: frozenset[str]
    sighed: re.Pattern[str]
    silence_within: re.Pattern[str]
    silence_alone: re.Pattern[str]
    silence_words: frozenset[str]
    mentioned: re.Pattern[str]
    reported: re.Pattern[str]
    courteous: re.Pattern[str]
    doubt_alone: re.Pattern[str]
    doubt_within: re.Pattern[str]
    doubts: Mapping[str, re.Pattern[str]]


@table
def _ears() -> _Ears:
    said = {name: tuple(map(bare, lines)) for name, lines in always_phrases().items()}
    doubt = doubt_phrases()
    courtesy = said["courtesy"][0]
    doubt_alone = _alone(doubt.pop("alone"), courtesy)
    return _Ears(
        human_within=within(said["human"]),
        human_alone=_alone(said["human alone"], courtesy),
        human_words=_long(said["human alone"]),
        sighed=re.compile("|".join(said["sighed"])),
        silence_within=within(said["silence"]),
        silence_alone=_alone(said["silence alone"], courtesy),
        silence_words=_long(said["silence alone"]),
        mentioned=within(said["mentioned"]),
        reported=within(said["reported"]),
        courteous=re.compile(rf"(?<!\w){courtesy}(?!\w)"),
        doubt_alone=doubt_alone,
        doubt_within=within(one for phrases in doubt.values() for one in phrases),
        doubts={language: within(phrases) for language, phrases in doubt.items()},
    )
