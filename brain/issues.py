"""What a message asks for: the best way to read its clauses as wishes.

Neighbouring clauses may belong together ("I ordered blue, and got red"), stand alone, or say
nothing by themselves. Every run of clauses is a candidate with the strength of its likeliest topic;
the reading with the greatest sum of strength above a price for each issue is chosen, exactly, by
weighted interval scheduling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from brain.classifier import Ranking
from brain.clauses import Clause, joined
from brain.examples import TopicTraits

RUN_MAX = 4
"""Clauses that may make one issue together, besides the message as a whole."""
LONG_RUN_MAX = 2
"""The same for messages of more than `MANY` clauses, so that the work stays linear."""
MANY = 5
TOGETHER = 0.05
"""What a run gains by each further clause it explains: of equal readings the fuller one."""
SHORT_WORDS = 2
SHORT_PRICE = 0.12
"""What a piece of one or two words must be stronger: they are seldom a wish of their own."""


CLEAR = 0.3
"""Two wishes of one family are two where each is as clear as this, else the clearer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing the customer wants, as code points `start` to `end` of the message."""

    start: int
    end: int
    topic: str
    p: float
    """Probability of the topic among all topics."""
    strength: float
    """How sure the reading is, 0 to 1: probability of the topic's family times likeness."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Neighbouring clauses `first` to `last` that might make one issue."""

    first: int
    last: int
    clause: Clause


def runs(text: str, pieces: Sequence[Clause]) -> list[Run]:
    """List every run of neighbouring clauses worth a look, the whole message first."""
    count = len(pieces)
    if not count:
        return []
    longest = RUN_MAX if count <= MANY else LONG_RUN_MAX
    found = [Run(first=0, last=count - 1, clause=joined(text, pieces[0].start, pieces[-1].end))]
    for first in range(count):
        for last in range(first, min(first + longest, count)):
            if last - first + 1 < count:
                clause = joined(text, pieces[first].start, pieces[last].end)
                found.append(Run(first=first, last=last, clause=clause))
    return found


def issues(
    candidates: Sequence[tuple[Run, Ranking]],
    *,
    traits: TopicTraits,
    threshold: float,
    price: float,
) -> list[Issue]:
    """Choose what the message asks for, in the order it is said.

    Args:
        candidates: The runs of the message and how each ranks the topics.
        traits: What topics have in common.
        threshold: Weaker readings are none.
        price: What each further issue must be stronger than to be worth reading.
    """
    read = [(run, _issue(run.clause, ranking, traits)) for run, ranking in candidates]
    strong = [(run, issue) for run, issue in read if issue.strength >= threshold]
    chosen = _best_reading(strong, price=price) or _strongest(strong, traits)
    return _told_apart(chosen, traits)


def strength(ranking: Ranking, traits: TopicTraits) -> float:
    """Say how sure a ranking is of its first topic; what its family has counts for it."""
    best, p = ranking.topics[0]
    family = traits.family.get(best)
    if family is None or not p:
        return ranking.score
    together = sum(each for topic, each in ranking.topics if traits.family.get(topic) == family)
    return min(1.0, ranking.score / p * together)


def _issue(clause: Clause, ranking: Ranking, traits: TopicTraits) -> Issue:
    topic, p = ranking.topics[0]
    return Issue(
        start=clause.start,
        end=clause.end,
        topic=topic,
        p=p,
        strength=strength(ranking, traits),
        text=clause.text,
    )


def _best_reading(strong: Sequence[tuple[Run, Issue]], *, price: float) -> list[Issue]:
    """Weighted interval scheduling over clause numbers."""
    count = max((run.last for run, _ in strong), default=-1) + 1
    best: list[tuple[float, tuple[Issue, ...]]] = [(0.0, ())]
    for end in range(count):
        top = best[end]
        for run, issue in strong:
            if run.last != end:
                continue
            before, kept = best[run.first]
            gain = before + _worth(run, issue) - price
            if gain > top[0]:
                top = (gain, (*kept, issue))
        best.append(top)
    return list(best[-1][1])


def _strongest(strong: Sequence[tuple[Run, Issue]], traits: TopicTraits) -> list[Issue]:
    """Where no reading is worth its price, one that clears the threshold is still an issue."""
    wishes = [issue for _, issue in strong if issue.topic not in traits.context]
    return sorted(wishes, key=lambda each: -each.strength)[:1]


def _worth(run: Run, issue: Issue) -> float:
    short = len(issue.text.split()) <= SHORT_WORDS
    return issue.strength + TOGETHER * (run.last - run.first) - (SHORT_PRICE if short else 0.0)


def _told_apart(chosen: Sequence[Issue], traits: TopicTraits) -> list[Issue]:
    """Keep of a family what is clear, or else one, and small talk only where it is all there is."""
    aside = traits.small_talk | traits.outside | traits.context
    wishes = [each for each in chosen if each.topic not in aside]
    asides = [each for each in chosen if each.topic in traits.small_talk]
    kept: dict[str, Issue] = {}
    clearest: dict[str, str] = {}
    ordered = sorted(
        wishes or asides, key=lambda each: (each.topic not in traits.rights, -each.strength)
    )
    for issue in ordered:
        rival = clearest.setdefault(traits.family.get(issue.topic, issue.topic), issue.topic)
        alone = rival in traits.rights or issue.strength < CLEAR
        if rival == issue.topic or not alone:
            kept.setdefault(issue.topic, issue)
    return sorted(kept.values(), key=lambda each: each.start)
