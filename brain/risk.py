"""What only a person may answer: the law, danger, the press, and somebody who may not want to live.

Two ears listen. Phrases of ten languages are believed without asking; a head of its own, trained on
examples and on what merely sounds like them, hears the same meaning in other words. Whoever matters
to the brand by their following is told by the platform, not by their words.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from brain.always import bare, folded, within
from brain.classifier import Classifier, Seen
from brain.examples import risk_phrases
from brain.shipped import table
from brain.wordbook import ANY, Speech, say_anywhere

RiskKind = Literal["self_harm", "safety_issue", "legal_threat", "press", "vip"]
RISKS: Final[tuple[RiskKind, ...]] = get_args(RiskKind)
"""The gravest first: it names the case."""
SURE: Final[Mapping[str, float]] = {
    "self_harm": 0.33,
    "safety_issue": 0.44,
    "legal_threat": 0.46,
    "press": 0.45,
}
"""From here on the head alone is believed: earliest where missing it is worst."""
TOLD: Final = 0.05
"""Below it a risk is not worth a word."""
PIECE_SHARE: Final = 0.9
"""How far a piece of a message is believed: out of its sentence, words sound graver."""
WORDS_MIN: Final = 3
"""A piece of fewer words says too little for the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One kind of risk, and how sure it is."""

    kind: RiskKind
    p: float

    @property
    def sure(self) -> bool:
        """Whether a person must look."""
        return self.p >= SURE.get(self.kind, 1.0)


def named_risks(text: str) -> frozenset[RiskKind]:
    """Name the risks that a text spells out, in any of ten languages."""
    shown = bare(folded(text))
    return frozenset(
        kind for kind, (unless, named) in _phrases().items() if named.search(unless.sub(" ", shown))
    )


def _only_said(kind: RiskKind, words: str) -> bool:
    """Say whether hardly a word is left of a text without the sayings: "ich lach mich tot"."""
    unless, _ = _phrases().get(kind, (None, None))
    shown = bare(folded(words))
    if unless is None or not unless.search(shown):
        return False
    return len(re.findall(r"\w+", unless.sub(" ", shown))) < WORDS_MIN


class RiskEar:
    """Hears risks in a message's pieces."""

    def __init__(self, head: Classifier) -> None:
        self._head = head

    def hear(self, text: str, seen: Seen) -> tuple[Risk, ...]:
        """Say how likely each kind of risk is; those that are sure first, the gravest before all.

        Args:
            text: The whole message.
            seen: The whole, then its pieces.
        """
        chances: dict[RiskKind, float] = dict.fromkeys(named_risks(text), 1.0)
        rankings = self._head.ranked(seen)
        for at, (words, ranking) in enumerate(zip(seen.spelled, rankings, strict=True)):
            kind = next((one for one in RISKS if one == ranking.best), None)
            if kind is None or len(words.split()) < WORDS_MIN:
                continue
            if not _only_said(kind, words):
                share = 1.0 if at == 0 else PIECE_SHARE
                chances[kind] = max(chances.get(kind, 0.0), share * ranking.score)
        found = [Risk(kind=kind, p=round(p, 4)) for kind, p in chances.items() if p >= TOLD]
        return tuple(sorted(found, key=lambda one: (not one.sure, RISKS.index(one.kind))))


def gravest(kinds: Iterable[str]) -> str | None:
    """Name the risk that a case is about; None: there is none."""
    found = set(kinds)
    return next((kind for kind in RISKS if kind in found), None)


def risk_words(
    kind: str, language: str, *, brand: str, crisis: Mapping[str, str], speech: Speech = ANY
) -> str:
    """Say what the customer hears: careful, no more than is true, and nothing to sell.

    Args:
        kind: One of `RISKS`.
        language: The customer's.
        brand: The brand's name.
        crisis: The brand's own words for somebody who may not want to live, by language.
        speech: The brand's languages and its forms of address.
    """
    if kind == "self_harm" and language in crisis:
        return crisis[language]
    if kind in {"self_harm", "safety_issue"}:
        return say_anywhere(language, kind, brand=brand)
    return speech.say(language, _WORDS[kind], brand=brand)


_WORDS: Final = {"legal_threat": "handoff_serious", "press": "handoff_press", "vip": "handoff_vip"}


@table
def _phrases() -> Mapping[RiskKind, tuple[re.Pattern[str], re.Pattern[str]]]:
    loaded = risk_phrases()
    return {
        kind: (
            re.compile("|".join(map(bare, loaded[kind].unless))),
            within(map(bare, loaded[kind].named)),
        )
        for kind in RISKS
        if kind in loaded
    }
