"""Words that say no, in every language at once: the way to a person has to stand beside them.

Pure. A refusal by the ledger is known from its outcome; a model may also refuse in words alone, and
then nothing else tells. Auto-deny without a person is what GDPR article 22 is about.
"""

import re

from brain.sentences import parts
from brain.shipped import shipped_words, table
from brain.verdicts import Verdicts

WORDS_MAX = 8_000


def refuses(words: str) -> bool:
    """Say whether a sentence says no to what somebody wants; better once too often."""
    plain = words[:WORDS_MAX].replace("\u2019", "'")
    return any(_says_no(part.casefold()) for part in parts(plain))


@Verdicts
def _says_no(sentence: str) -> bool:
    return _no().search(" ".join(sentence.split())) is not None


@table
def _no() -> re.Pattern[str]:
    loaded = shipped_words("refusals")
    lines = [line for table in loaded.values() for line in table.strip().splitlines()]
    return re.compile("|".join(f"(?:{line})" for line in lines))
