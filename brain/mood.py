"""How a customer sounds, and how much it hurries.

A softmax over anchor sentences hears the meaning in sixteen languages; a word list (VADER) hears
English intensity: capitals, exclamation marks, emoji. Sarcasm cannot be told reliably, so praise
around a problem never counts as happy.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from ruamel.yaml import YAML
from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped] # ships no types
    SentimentIntensityAnalyzer,
)

from brain.always import bare, folded, within
from brain.classifier import Ranking

Mood = Literal["angry", "upset", "neutral", "happy"]
Urgency = Literal["low", "normal", "high"]

TEXT_MAX = 600
"""Characters that the word list reads; anger shows early."""

_PULL = {"angry": -1.6, "upset": -1.2, "neutral": 0.0, "happy": 1.6}
"""How far the word list's verdict (-1 to 1) moves each mood's log probability."""
MOODS_WEIGHED = 4
"""Turns that a change of mood is judged by: what was long ago is over."""
_BADNESS = {"upset": 1, "angry": 2}
_SOON_DAYS = 3
_MOODS: tuple[Mood, ...] = ("angry", "upset", "neutral", "happy")
_SHOUTING = re.compile(r"!{2,}|\?{3,}|(?:\b[A-Z]{3,}\b\W+){2,}\b[A-Z]{2,}\b")
_LOUD = re.compile(r"[A-Z]{2,}")
_LOUD_WORDS = 3
"""So many words in capitals, and none in small letters, are shouted: "WHERE IS MY ORDER"."""
_SAD_FACES = re.compile("[😭😢😞😔🙁☹👎💔😩😫]|(?<!\\w):'?-?[(](?!\\w)")
_PRAISE = re.compile(
    r"\b(?:amazing|awesome|love|lovely|best|perfect|great|brilliant|gorgeous|fantastic|beautiful|"
    r"good|incredible|excellent)\b",
    re.IGNORECASE,
)
_CALM = re.compile(
    r"\b(?:can'?t complain|no complaints?|not (?:too |so |half )?bad|"
    r"(?:i'?m|i am|we'?re) not (?:even )?(?:angry|mad|upset|annoyed|cross|complaining))\b",
    re.IGNORECASE,
)
_RED_FACES = re.compile("[😡🤬👿😤💢🖕]")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodHeard:
    """A mood and how likely each is; together they make 1."""

    mood: Mood
    chances: tuple[tuple[Mood, float], ...]
    """The likeliest first. Cheerful words about a problem are not believed, so that `mood` may be
    another than the first."""


class MoodEar:
    """Hears the mood of a message from its anchors' ranking and its words."""

    def __init__(self) -> None:
        self._words = SentimentIntensityAnalyzer()

    def hear(self, text: str, anchors: Ranking, *, trouble: bool) -> MoodHeard:
        """Name the mood of a message.

        Args:
            text: The message as written: capitals and marks count.
            anchors: How like the anchor sentences of each mood it is.
            trouble: It reports a problem, so cheerful words are not believed.
        """
        if not text.strip():
            return MoodHeard(mood="neutral", chances=(("neutral", 1.0),))
        compound = float(self._words.polarity_scores(text[:TEXT_MAX])["compound"])
        chances = dict(anchors.topics)
        # Unlike every anchor, the anchors' favourite means little: neutral gains.
        sums = {
            mood: math.log(chances.get(mood, 0.0) + 0.03) + _PULL[mood] * compound
            for mood in _MOODS
        }
        if (_SHOUTING.search(text) or _is_loud(text)) and compound <= 0.2:
            sums["angry"] += 0.8
        cursed = _tempers()["cursing"].search(bare(folded(text)))
        if cursed and (trouble or not _PRAISE.search(text)):
            sums["angry"] += 1.6
        if _SAD_FACES.search(text) and compound <= 0.2:
            sums["upset"] += 3.0
        if _CALM.search(text.replace("\u2019", "'")) and not trouble:
            sums["upset"] -= 2.5
            sums["angry"] -= 2.5
        if _RED_FACES.search(text):
            sums["angry"] += 3.0
        weights = {mood: math.exp(each) for mood, each in sums.items()}
        ordered = sorted(_MOODS, key=lambda mood: -weights[mood])
        shares = tuple((one, round(weights[one] / sum(weights.values()), 4)) for one in ordered)
        heard = ordered[0]
        if heard == "happy" and trouble:
            heard = "upset" if compound < 0.5 else "neutral"
        return MoodHeard(mood=heard, chances=shares)


def _is_loud(text: str) -> bool:
    return len(_LOUD.findall(text)) >= _LOUD_WORDS and not any(map(str.islower, text))


def is_falling(moods: Sequence[str]) -> bool:
    """Say whether a conversation goes the wrong way: worse than it was, or bad and staying so.

    Args:
        moods: Of each turn with words so far, the latest last.
    """
    badness = [_BADNESS.get(mood, 0) for mood in moods[-MOODS_WEIGHED:]]
    if len(badness) < 2 or badness[-1] == 0:
        return False
    return badness[-1] > min(badness[:-1]) or badness[-2] > 0


def urgency(text: str, *, deadline: date | None, today: date, danger: bool) -> Urgency:
    """Judge how much a message hurries: danger, a near deadline or hurrying words.

    Args:
        text: The message.
        deadline: The day something is needed by.
        today: The customer's day.
        danger: Somebody may get hurt.
    """
    if danger:
        return "high"
    shown, words = bare(folded(text)), _tempers()
    if words["leisure"].search(shown):
        return "low"
    if deadline is not None and (deadline - today).days <= _SOON_DAYS:
        return "high"
    return "high" if words["hurry"].search(words["goods"].sub(" ", shown)) else "normal"


@cache
def _tempers() -> Mapping[str, re.Pattern[str]]:
    text = files("brain").joinpath("words", "temper.yaml").read_text("utf-8")
    loaded: dict[str, str] = YAML(typ="safe", pure=True).load(text)
    return {name: within(map(bare, str(block).splitlines())) for name, block in loaded.items()}
