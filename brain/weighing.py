"""How likely a reading is true: what the classifier says of the words, weighed with what is around.

A run of clauses has a likeliest topic. Its lead over the other topics counts together with the
length of the run (long ones are like no example, and right nevertheless), and most of all with what
the message as a whole says of the same topic: what only a fragment sounds like is seldom meant.
What sounds like talk around a wish as well counts against it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from brain.classifier import Ranking
from brain.examples import TopicTraits

WEIGHTS: Final = (0.5, 8.0, 4.0, -2.5)
"""Of each of `Evidence`'s parts, in their order; `python bench/weights.py` finds them."""
BIAS: Final = -2.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for the likeliest topic of a run."""

    length: float
    """Logarithm of its words."""
    lead: float
    """How much stronger it pulls than any topic outside its family."""
    support: float
    """How strongly the message as a whole pulls towards it."""
    aside: float
    """How strongly the run pulls towards what is said around a wish."""

    @property
    def parts(self) -> Sequence[float]:
        """Give them as numbers."""
        return self.length, self.lead, self.support, self.aside


def strength(ranking: Ranking, traits: TopicTraits) -> float:
    """Say how sure a ranking is of its first topic; what its family has counts for it."""
    best, p = ranking.topics[0]
    family = traits.family.get(best)
    if family is None or not p:
        return ranking.score
    together = sum(each for topic, each in ranking.topics if traits.family.get(topic) == family)
    return min(1.0, ranking.score / p * together)


def evidence(ranking: Ranking, whole: Ranking, *, words: int, traits: TopicTraits) -> Evidence:
    """Gather what speaks for a run's likeliest topic.

    Args:
        ranking: The run's.
        whole: The message's.
        words: How many the run has, at least 1.
        traits: What topics have in common.
    """
    best = ranking.best
    family = traits.family.get(best)
    rival = next(
        topic
        for topic, _ in (*ranking.topics[1:], ranking.topics[-1])
        if family is None or traits.family.get(topic) != family
    )
    return Evidence(
        length=math.log(max(1, words)),
        lead=ranking.pulls[best] - ranking.pulls[rival],
        support=whole.pulls.get(best, 0.0),
        aside=max((ranking.pulls.get(each, 0.0) for each in traits.context), default=0.0),
    )


def chance(found: Evidence) -> float:
    """Say how likely the topic is meant, 0 to 1."""
    total = sum(weight * part for weight, part in zip(WEIGHTS, found.parts, strict=True))
    return 1 / (1 + math.exp(-min(30.0, max(-30.0, total + BIAS))))
