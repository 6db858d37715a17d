"""How a customer sounds.

Three ears: a head that was taught what each mood sounds like in seven languages; signs, words and
faces that tell a mood whatever else is said (`catalogue/mood_signs.yaml`); and a word list (VADER)
for what English still says besides. Each moves the log probability of the moods.

A mood is what the customer feels towards the brand. What happened to them is none: "arrived broken"
is told calmly until something shows that it is not.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped] # ships no types
    SentimentIntensityAnalyzer,
)

from brain.classifier import Ranking
from brain.signs import Signs, Told, tempers

Mood = Literal["angry", "upset", "neutral", "happy"]

TEXT_MAX = 600
"""Characters that the word list reads; anger shows early."""
MOODS_WEIGHED = 4
"""Turns that a change of mood is judged by: what was long ago is over."""
_BADNESS = {"upset": 1, "angry": 2}
_MOODS: tuple[Mood, ...] = ("angry", "upset", "neutral", "happy")

_HEAD_SHARE: Final = 0.7
"""How far the head is believed; its examples are short, messages are not."""
_LEAST_CHANCE: Final = 0.05
"""Of each mood by the head: a mood that no example sounded like can still be told by a sign."""
_WORD_LIST: Final = 0.5
_WEIGHTS: Final[Mapping[str, tuple[Mood, float]]] = {
    "insult": ("angry", 2.6),
    "rage": ("angry", 1.8),
    "ultimatum": ("angry", 2.2),
    "mockery": ("angry", 2.2),
    "taunt": ("angry", 1.0),
    "sorrow": ("upset", 2.2),
    "mourning": ("upset", 3.2),
    "fear": ("upset", 2.4),
    "worn": ("upset", 2.2),
    "plead": ("upset", 2.2),
    "waiting": ("upset", 0.8),
    "dismay": ("upset", 1.2),
    "delight": ("happy", 2.0),
}
"""Which mood a kind of sign tells, and how far it moves it."""
_CLEAR: Final = 0.6
"""So likely, delight is believed although a problem was heard."""
_MORE: Final = 0.35
"""The share of that which a second and a third sign of a kind add, each."""
_COUNTED_MAX: Final = 3
_UNSIGNED: Final = -0.6
"""Anger that only the head hears: nobody who is calm is to be sent to the desk."""
_UNSIGNED_LEAST: Final[Mapping[Mood, float]] = {
    "angry": 0.4, "upset": 0.4, "happy": 0.5, "neutral": 0.0
}  # fmt: skip
"""So likely a mood has to be that only the head hears."""
_CALMED: Final[Mapping[Mood, float]] = {"angry": -2.5, "upset": -2.2}

_RED_FACES = re.compile("[😡🤬👿😤💢🖕😠👊]")
_MOCKING_FACES = re.compile("[🙄🤦👏👎😒😑]")
_SOUR_FACES = re.compile("[🙄🤦👎😒😑]")
"""Beside these no thanks are meant."""
_SCORNING_FACES = re.compile("[🤡💩🤮]")
_SAD_FACES = re.compile(
    r"[😢😭😞😔🙁☹💔🥺😥😰😨😟😿]|(?<![\w:]):'?-?[(](?![\w(])|(?<!\w)(?:T_T|;_;)(?!\w)"
)
_WEARY_FACES = re.compile("[😩😫😓😱😣😖🥲😕😐😤]")
_SWEET_FACES = re.compile(
    "[😍🥰🤩💕💖💗💘💓💞💛💚💙💜🧡🩷🫶😘🥳🎉💐🌟⭐😻🤗💯🙌]|[❤♥]|(?<!\\w)<3(?!\\d)"
)
_LAUGHTER = re.compile(
    r"[😂🤣😆😹]|\b(?:lo+l|lmf?ao|(?:ha){2,}h?|(?:ja){2,}|mdr|kkk+)\b", re.IGNORECASE
)
_MARKS = re.compile(r"[!?]{2,}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_STRESSED = re.compile(
    r"\b(?:NOW|STILL|NOT|NEVER|NOTHING|NOBODY|WHERE|WHY|WHAT|WHEN|AGAIN|STOP|ANSWER|TWICE|EVERY|TWO|THREE|FOUR|FIVE|SIX|TEN|"
    r"ZERO|WORST|WRONG|MONEY|REFUND|WEEKS?|DAYS|HOURS|MONTHS?|YOUR?|"
    r"NICHT|NICHTS|NIE|SOFORT|JETZT|WANN|WARUM|KEINE?R?|IMMER|"
    r"RIEN|JAMAIS|TOUJOURS|QUAND|POURQUOI|MAINTENANT|NUNCA|NADA|CUÁNDO|AHORA|"
    r"MAI|NIENTE|SUBITO|DOVE|NOOIT|NIETS|WAAR|AGORA|ONDE|NINGUÉM)\b"
)
"""Words that are no names, so that capitals stress them."""
_STRESSED_MAX: Final = 3
_LOUD_WORDS: Final = 3
"""So many words in capitals, and hardly any in small letters, are shouted."""
_LOUD_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodHeard:
    """A mood and how likely each is; together they make 1."""

    mood: Mood
    chances: tuple[tuple[Mood, float], ...]
    """The likeliest first. Cheerful words about a problem are not believed, so that `mood` may be
    another than the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a message besides its words."""

    language: str = "en"
    trouble: bool = False
    """It reports a problem, so cheerful words are not believed."""
    praise: bool = False
    """It is read as praise."""
    threat: bool = False
    """It is read as a threat with the law."""
    greets: bool = False
    """It is a greeting and nothing else, kind as that may sound."""
    outside: bool = False
    """It is nothing of the brand's, so no anger at the brand without a sign of it."""


class MoodEar:
    """Hears the mood of a message from its anchors' ranking and its words."""

    def __init__(self, languages: Sequence[str] = ()) -> None:
        """Get ready for these languages."""
        self._words = SentimentIntensityAnalyzer()
        self._signs = Signs("mood_signs", languages)

    def hear(self, text: str, anchors: Ranking, about: About) -> MoodHeard:
        """Name the mood of a message.

        Args:
            text: The message as written: capitals and marks count.
            anchors: How like the examples of each mood it is.
            about: What else is known of it.
        """
        if not text.strip():
            return MoodHeard(mood="neutral", chances=(("neutral", 1.0),))
        told = self._signs.told(text, about.language)
        heard = _Sums(anchors)
        _weigh_words(heard, told, about)
        _weigh_looks(heard, text, told)
        if about.language == "en":
            compound = float(self._words.polarity_scores(text[:TEXT_MAX])["compound"])
            for mood, way in (("angry", -1), ("upset", -1), ("happy", 1)):
                heard.add(mood, way * _WORD_LIST * compound)
        if not heard.signs:
            heard.add("angry", _UNSIGNED)
        if about.outside and not heard.signs:
            heard.add("neutral", 1.0)
        named = heard.likeliest
        if not heard.signs and heard.chances[0][1] < _UNSIGNED_LEAST[named]:
            named = "neutral"
        if named == "happy" and about.trouble and not _is_misheard(text, told, about, heard):
            named = "neutral"
        return MoodHeard(mood=named, chances=heard.chances)


class _Sums:
    """The log probability of each mood, as far as it has been heard."""

    def __init__(self, anchors: Ranking) -> None:
        chances = dict(anchors.topics)
        self._sums: dict[str, float] = {
            mood: _HEAD_SHARE * math.log(chances.get(mood, 0.0) + _LEAST_CHANCE) for mood in _MOODS
        }
        self.signs = 0
        """How many of the signs of a bad or a good mood were there."""
        self.bad = 0
        """How many of these were of a bad one."""

    def add(self, mood: str, weight: float) -> None:
        self._sums[mood] += weight

    def sign(self, mood: str, weight: float) -> None:
        self.signs += 1
        self.bad += mood != "happy"
        self.add(mood, weight)

    @property
    def likeliest(self) -> Mood:
        return self.chances[0][0]

    @property
    def chances(self) -> tuple[tuple[Mood, float], ...]:
        weights = {mood: math.exp(self._sums[mood]) for mood in _MOODS}
        ordered = sorted(_MOODS, key=lambda mood: -weights[mood])
        return tuple((one, round(weights[one] / sum(weights.values()), 4)) for one in ordered)


def _weigh_words(heard: _Sums, told: Told, about: About) -> None:
    for kind, (mood, weight) in _WEIGHTS.items():
        count = min(told.count(kind), _COUNTED_MAX)
        if count and not (kind == "sorrow" and told.has("tears_of_joy")):
            heard.sign(mood, weight * (1 + _MORE * (count - 1)))
    _weigh_mockery(heard, told, about)
    _weigh_circumstances(heard, told, about)


def _weigh_circumstances(heard: _Sums, told: Told, about: About) -> None:
    if told.denied("delight"):
        heard.sign("upset", 1.2)
    if heard.bad and told.has("failure"):
        heard.add("happy", -1.5)
    if about.threat:
        heard.sign("angry", 2.0)
    if about.praise and not about.trouble:
        heard.sign("happy", 1.2)
    if about.greets or told.has("courtesy"):
        heard.add("happy", -1.5)
    if told.has("calm"):
        for mood, weight in _CALMED.items():
            heard.add(mood, weight)


def _weigh_mockery(heard: _Sums, told: Told, about: About) -> None:
    """Turn kind words round where they stand beside what went wrong."""
    if told.has("delight") or not (about.trouble or told.has("failure")):
        return
    if told.has("irony"):
        heard.sign("angry", 2.0)
        heard.add("happy", -2.5)
        return
    praises = min(told.count("mock_praise"), 2)
    if praises and told.has("contrast") and heard.bad == 0:
        return
    if praises > 1 and about.trouble and not told.has("failure"):
        heard.sign("angry", 1.2)
        heard.add("happy", -1.5)
    elif praises and not told.has("failure"):
        heard.add("happy", -1.0)
    elif praises and about.trouble:
        heard.sign("angry", 2.0)
        heard.add("happy", -2.5)
    elif praises:
        heard.sign("angry", 0.8 * praises)
        heard.add("happy", -0.5 * praises)


def _weigh_looks(heard: _Sums, text: str, told: Told) -> None:
    """Weigh faces, marks and capitals; beside delight they only make it more."""
    glad = told.has("delight")
    mocked = not glad and told.has("failure") and told.has("mock_praise")
    sweet = _SWEET_FACES.search(text) is not None and not mocked
    if _RED_FACES.search(text):
        heard.sign("angry", 3.0)
    if sweet:
        heard.sign("happy", 2.0)
    if glad and _SOUR_FACES.search(text) and not sweet:
        heard.sign("angry", 1.5)
        heard.add("happy", -3.0)
    if glad:
        return
    if tempers()["cursing"].search(told.shown):
        heard.sign("angry", 1.6)
    _weigh_faces(heard, text, sweet=sweet)
    if not sweet:
        heard.add("angry", _loudness(text))


def _weigh_faces(heard: _Sums, text: str, *, sweet: bool) -> None:
    if _SCORNING_FACES.search(text):
        heard.sign("angry", 2.6)
    elif _MOCKING_FACES.search(text) and not sweet:
        heard.sign("angry", 1.5)
        if _SOUR_FACES.search(text):
            heard.add("happy", -2.0)
    if _SAD_FACES.search(text):
        heard.sign("upset", 2.6)
        heard.add("happy", -1.0)
    elif _WEARY_FACES.search(text):
        heard.sign("upset", 1.2)
    if _LAUGHTER.search(text) and not sweet:
        heard.add("happy", -0.8)


def _loudness(text: str) -> float:
    """Say how far anger gains by marks and capitals; alone they are none."""
    words = _WORD.findall(text)
    shouted = sum(word.isupper() for word in words)
    loud = shouted >= _LOUD_WORDS and shouted > _LOUD_SHARE * len(words)
    stressed = min(len(_STRESSED.findall(text)), _STRESSED_MAX)
    marked = _MARKS.search(text) is not None
    return 0.6 * stressed + float(loud) + 0.5 * float(marked)


def _is_misheard(text: str, told: Told, about: About, heard: _Sums) -> bool:
    """Tell delight without a word of what went wrong: no problem is meant, whatever was heard."""
    if heard.bad or told.has("failure") or told.has("besides"):
        return False
    if told.follows("contrast", "delight"):
        return False
    signs = told.count("delight") + 2 * (_SWEET_FACES.search(text) is not None) + about.praise
    return signs >= 2 or heard.chances[0][1] >= _CLEAR


def is_falling(moods: Sequence[str]) -> bool:
    """Say whether a conversation goes the wrong way: worse than it was, or bad and staying so.

    Args:
        moods: Of each turn with words so far, the latest last.
    """
    badness = [_BADNESS.get(mood, 0) for mood in moods[-MOODS_WEIGHED:]]
    if len(badness) < 2 or badness[-1] == 0:
        return False
    return badness[-1] > min(badness[:-1]) or badness[-2] > 0
