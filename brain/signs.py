"""Words that tell a feeling or a hurry by themselves: tables of kind, language and expressions.

Only the message's own language is searched: "mal" is an illness in one, a meal in another.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from brain.always import bare, folded, within
from brain.examples import sign_phrases
from brain.shipped import shipped_words, table

OTHERWISE = "en"
"""Whose words are searched for in a language that has none of its own."""
_NO = re.compile(
    r"(?:\b(?:not|no|hardly|nicht|kein\w*|pas|non|niet|geen|nao|nem|without|ohne|sans|sin|senza|"
    r"zonder|sem|less)\b|n't|\b(?:dont|isnt|wasnt|arent|didnt|cant)"
    # "Never been so sad" says how sad they are.
    r"|\b(?:never|nie|jamais|nunca|mai|nooit)\b(?!.*\b(?:so|such|this|aussi|si|tan|cosi|tanto|zo|tao)\b))"
    r"(?: (?:been|be|being|so|very|too|that|really|even|ever|at|all|an?|any|feel|feeling|felt|get|"
    r"getting|is|am|was|are|were|the|in|to|say|call|exactly|particularly|overly|super|terribly|quite|"
    r"only|what|i'?d|have|had|did|do|sehr|wirklich|gerade|ganz|besonders|eine?n?|ein|bisschen|mehr|"
    r"war|bin|ist|war|echt|tres|vraiment|si|trop|du|tout|ete|suis|est|une?|plus|muy|nada|tan|esta|"
    r"estoy|es|fue|ha|he|sido|me|molto|e|sono|stat[oa]|per|niente|proprio|poi|cosi|erg|heel|zo|"
    r"een|bepaald|muito|foi|estou|uma?|tao|mesmo)){0,3} $"
)
_REACH = 24
"""Characters before a sign in which a no denies it."""


class Signs:
    """One table, ready for some languages."""

    def __init__(self, table: str, languages: Sequence[str] = ()) -> None:
        """Name the table, and the languages to get ready for; others are when they come."""
        self._table = table
        for language in (OTHERWISE, *languages):
            _patterns(table, language)

    def told(self, text: str, language: str) -> "Told":
        """Get a message ready to be asked about."""
        return Told(bare(folded(text)), _patterns(self._table, language))


class Told:
    """A message that can be asked what it tells; each kind is searched for when it is asked."""

    def __init__(self, shown: str, patterns: Mapping[str, re.Pattern[str]]) -> None:
        self.shown = shown
        """Lower case, straight quotes, without accents and pictures."""
        self._patterns = patterns
        self._counts: dict[str, tuple[int, int]] = {}

    def has(self, kind: str) -> bool:
        """Say whether it tells this, undenied."""
        return self.count(kind) > 0

    def count(self, kind: str) -> int:
        """Count how often it tells this, undenied."""
        return self._counted(kind)[0]

    def names(self, kind: str) -> bool:
        """Say whether it speaks of this, denied or not."""
        return self._counted(kind) != (0, 0)

    def follows(self, kind: str, after: str) -> bool:
        """Say whether it speaks of this behind the first it says of the other, denied or not."""
        first = self._patterns[after].search(self.shown)
        return first is not None and (
            self._patterns[kind].search(self.shown, first.end()) is not None
        )

    def denied(self, kind: str) -> bool:
        """Say whether it tells that this is not so."""
        return self._counted(kind)[1] > 0

    def without(self, kind: str) -> str:
        """Give the words with these blanked out."""
        return self._patterns[kind].sub(" ", self.shown)

    def _counted(self, kind: str) -> tuple[int, int]:
        found = self._counts.get(kind)
        if found is None:
            starts = [one.start() for one in self._patterns[kind].finditer(self.shown)]
            no = sum(_NO.search(self.shown[max(0, at - _REACH) : at]) is not None for at in starts)
            found = self._counts[kind] = len(starts) - no, no
        return found


@cache
def _patterns(table: str, language: str) -> Mapping[str, re.Pattern[str]]:
    loaded = sign_phrases(table)
    return {
        kind: within(map(bare, by_language.get(language) or by_language[OTHERWISE]))
        for kind, by_language in loaded.items()
    }


@table
def tempers() -> Mapping[str, re.Pattern[str]]:
    """Read what says hurry, leisure and anger in any of ten languages."""
    loaded: dict[str, str] = shipped_words("temper")
    return {name: within(map(bare, str(block).splitlines())) for name, block in loaded.items()}
