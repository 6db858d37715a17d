"""Whether words that say no show the way to a person; pure.

To name a person is no way to one ("no human will ever look at it"): a sentence counts that offers
or promises one of the brand's, or asks for a private message, where a person can always be asked
for, and says no to nothing. In doubt our own sentence stands beside it once too often.
"""

import re
from collections.abc import Mapping
from typing import Final

from brain.promises import promises_person
from brain.refusing import refuses
from brain.sentences import parts
from brain.shipped import shipped_words, table

WORDS_MAX: Final = 8_000


def shows_way(words: str, *, public: bool) -> bool:
    """Say whether a sentence shows how to reach a person.

    Args:
        words: What is to be said.
        public: Where everybody reads, an invitation into a private message counts as well.
    """
    plain = words[:WORDS_MAX].replace("\u2019", "'")
    return any(_shows(part, public=public) for part in parts(plain))


def _shows(sentence: str, *, public: bool) -> bool:
    plain, ways = " ".join(sentence.casefold().split()), _ways()
    if ways["unsaid"].search(plain) or refuses(sentence):
        return False
    if public and ways["private"].search(plain):
        return True
    if promises_person(sentence):
        return True
    return bool(ways["ours"].search(plain) and ways["offers"].search(plain))


@table
def _ways() -> Mapping[str, re.Pattern[str]]:
    return {
        name: re.compile("|".join(f"(?:{line})" for line in block.strip().splitlines()))
        for name, block in shipped_words("ways_out").items()
    }
