"""Words that promise a person, in every language at once: a handoff has to make them true.

Pure. https://github.com/chatwoot/chatwoot/pull/13178 is what happens else: "I am transferring you",
and nobody knows.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

WORDS_MAX = 8_000

_SENTENCE = re.compile(r"[^.!?;\n]+")


def promises_person(words: str) -> bool:
    """Say whether a sentence promises that a person will go on; an offer or a condition is none."""
    return any(map(_promises, _SENTENCE.findall(words[:WORDS_MAX])))


def promises_in(words: str) -> tuple[str, ...]:
    """Find the sentences that promise it."""
    found = filter(_promises, _SENTENCE.findall(words[:WORDS_MAX]))
    return tuple(sentence.strip() for sentence in found)


def _promises(sentence: str) -> bool:
    said = " ".join(sentence.replace("\u2019", "'").casefold().split())
    return any(
        promises.search(said) and not unless.search(said) for unless, promises in _tables().values()
    )


@cache
def _tables() -> Mapping[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    text = files("brain").joinpath("words", "promises.yaml").read_text("utf-8")
    loaded = YAML(typ="safe", pure=True).load(text)
    return {
        code: (_any(table["unless"]), _any(table["promises"])) for code, table in loaded.items()
    }


def _any(lines: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{line})" for line in lines.strip().splitlines()))
