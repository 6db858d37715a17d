"""Words that say no, in every language at once: the way to a person has to stand beside them.

Pure. A refusal by the ledger is known from its outcome; a model may also refuse in words alone, and
then nothing else tells. Auto-deny without a person is what GDPR article 22 is about.
"""

import re
from functools import lru_cache

from brain.claims import SENTENCES_KEPT
from brain.shipped import shipped_words, table

WORDS_MAX = 8_000

_SENTENCE = re.compile(r"[^.!?;\n]+")


def refuses(words: str) -> bool:
    """Say whether a sentence says no to what somebody wants; better once too often."""
    sentences = _SENTENCE.findall(words[:WORDS_MAX].replace("\u2019", "'").casefold())
    return any(map(_says_no, sentences))


@lru_cache(maxsize=SENTENCES_KEPT)
def _says_no(sentence: str) -> bool:
    return _no().search(" ".join(sentence.split())) is not None


@table
def _no() -> re.Pattern[str]:
    loaded = shipped_words("refusals")
    lines = [line for table in loaded.values() for line in table.strip().splitlines()]
    return re.compile("|".join(f"(?:{line})" for line in lines))
