"""Our own words in a customer's message are a quotation, and no wish of theirs; pure.

Mail programs and people put what they answer above their answer. A line that says what we said is
left out before anything is understood; what others said stays, for it may be what it is about.
"""

import re
from collections.abc import Iterable
from typing import Final

from conversation.model import Author
from conversation.state import ConversationState

QUOTED_WORDS: Final = 3
"""Fewer words than that anybody may say, even behind a quotation mark."""
SENTENCE_WORDS: Final = 5
"""The same without one."""

_MARK = re.compile(r"\s*(?:>+\s?|\|\s)+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+")
_NOT_WORDS = re.compile(r"[\W_]+")
_APOSTROPHE = re.compile("['\u2019]")


def said_by_us(state: ConversationState) -> tuple[str, ...]:
    """Give the bot's words in a conversation, as far as they are kept."""
    return tuple(each.text for each in state.lines if each.author is Author.BOT)


def unquoted(text: str, ours: Iterable[str]) -> str:
    """Leave out the lines that say what we said; all stays where nothing else would be left."""
    said = [_plain(each) for each in ours]
    if not any(said):
        return text
    lines = text.splitlines()
    kept = [each for each in lines if not _is_ours(each, said)]
    left = "\n".join(kept)
    return left if len(kept) < len(lines) and _plain(left) else text


def _is_ours(line: str, said: list[str]) -> bool:
    """Say whether a line is ours: behind a quotation mark any part of our words, else sentences."""
    mark = _MARK.match(line)
    if mark is not None:
        return _within(line[mark.end() :], said, at_least=QUOTED_WORDS)
    sentences = [each for each in _SENTENCE.split(line.strip()) if _plain(each)]
    longest = max((len(_plain(each).split()) for each in sentences), default=0)
    return longest >= SENTENCE_WORDS and all(_within(each, said) for each in sentences)


def _within(words: str, said: list[str], *, at_least: int = 1) -> bool:
    plain = _plain(words)
    return len(plain.split()) >= at_least and any(f" {plain} " in f" {each} " for each in said)


def _plain(text: str) -> str:
    return " ".join(_NOT_WORDS.sub(" ", _APOSTROPHE.sub("", text.casefold())).split())
