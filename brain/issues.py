"""What a message asks for: the best way to read its clauses as wishes.

Neighbouring clauses may belong together ("I ordered blue, and got red"), stand alone, or say
nothing by themselves. Every run of clauses is a candidate with the chance that its likeliest topic
is meant; the reading with the greatest sum of chances above a price for each issue is chosen,
exactly, by weighted interval scheduling.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from brain.classifier import Ranking
from brain.clauses import Clause, joined
from brain.examples import TopicTraits
from brain.weighing import Evidence, chance, evidence, strength
from brain.wording import hollow

RUN_MAX = 4
"""Clauses that may make one issue together, besides the message as a whole."""
LONG_RUN_MAX = 2
"""The same for messages of more than `MANY` clauses, so that the work stays linear."""
MANY = 5
PRICE = 0.45
"""Chance above which a reading is worth telling."""
CLEAR = 0.3
"""Two wishes of one family are two where each is as strong as this, else the stronger one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing the customer wants, as code points `start` to `end` of the message."""

    start: int
    end: int
    topic: str
    p: float
    """Probability of the topic among all topics."""
    strength: float
    """How much it is like what is known, 0 to 1: probability of its family times likeness."""
    text: str
    chance: float = 1.0
    """How likely it is meant, 0 to 1."""


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
    sour: bool = False,
) -> list[Issue]:
    """Choose what the message asks for, in the order it is said.

    Args:
        candidates: The runs of the message and how each ranks the topics; the first one is the
            message as a whole, or as much of it as has words.
        traits: What topics have in common.
        threshold: What is less like anything known than this is nothing.
        sour: Kind words are not meant.
    """
    aside = traits.small_talk | traits.context
    unmeant = traits.cheerful if sour else frozenset[str]()
    known = [
        each
        for each in weighed(candidates, traits)
        if each[1].strength >= threshold and each[1].topic not in unmeant
    ]
    wishes = [each for each in known if each[1].topic not in aside]
    # What is out of scope as a whole has no wish in its pieces, whatever they sound like.
    best = [each for each in _best_reading(wishes) if each.topic not in traits.outside]
    chosen = _sincere(best, traits) or _small_talk(known, traits)
    return told_apart(chosen, traits)


def weighed(
    candidates: Sequence[tuple[Run, Ranking]], traits: TopicTraits
) -> list[tuple[Run, Issue, Evidence]]:
    """Give the likeliest topic of each run, and what speaks for it."""
    found = []
    for run, ranking in candidates:
        words, whole = len(run.clause.text.split()), candidates[0][1]
        speaks = evidence(ranking, whole, words=words, traits=traits)
        found.append((run, _issue(run.clause, ranking, speaks, traits), speaks))
    return found


def wanted(found: Sequence[Issue], traits: TopicTraits) -> tuple[Issue, ...]:
    """Leave of a family the right that is named: the fault or the return is but its reason."""
    named = {traits.family.get(each.topic) for each in found if each.topic in traits.rights}
    return tuple(
        each
        for each in found
        if each.topic in traits.rights or traits.family.get(each.topic, "") not in named
    )


def _issue(clause: Clause, ranking: Ranking, speaks: Evidence, traits: TopicTraits) -> Issue:
    topic, p = ranking.topics[0]
    return Issue(
        start=clause.start,
        end=clause.end,
        topic=topic,
        p=p,
        strength=strength(ranking, traits),
        chance=chance(speaks),
        text=clause.text,
    )


def _best_reading(wishes: Sequence[tuple[Run, Issue, Evidence]]) -> list[Issue]:
    """Weighted interval scheduling over clause numbers; a topic that is said twice counts once."""
    count = max((run.last for run, *_ in wishes), default=-1) + 1
    best: list[tuple[float, tuple[Issue, ...]]] = [(0.0, ())]
    for end in range(count):
        top = best[end]
        for run, issue, _ in wishes:
            if run.last != end:
                continue
            before, kept = best[run.first]
            known = any(each.topic == issue.topic for each in kept)
            gain = before + (0.0 if known else issue.chance - PRICE)
            if gain > top[0]:
                top = (gain, (*kept, issue))
        best.append(top)
    return list(best[-1][1])


def _sincere(chosen: Sequence[Issue], traits: TopicTraits) -> Sequence[Issue]:
    """Leave out kind words for nothing in particular beside trouble: they mean its opposite."""
    if not any(each.topic in traits.trouble for each in chosen):
        return chosen
    return [each for each in chosen if each.topic not in traits.cheerful or not hollow(each.text)]


def _small_talk(known: Sequence[tuple[Run, Issue, Evidence]], traits: TopicTraits) -> list[Issue]:
    """Where nothing is wished for, tell how one greets, thanks or answers."""
    best = max((issue for _, issue, _ in known), key=lambda each: each.strength, default=None)
    return [best] if best is not None and best.topic in traits.small_talk else []


def told_apart(chosen: Sequence[Issue], traits: TopicTraits) -> list[Issue]:
    """Keep of a family what is clear, or else one; leave out what another topic implies.

    A right that is named has no rival: the fault is its reason, and is told beside it.
    """
    kept: dict[str, Issue] = {}
    clearest: dict[str, str] = {}
    for issue in sorted(chosen, key=lambda each: -each.chance):
        right = issue.topic in traits.rights
        family = issue.topic if right else traits.family.get(issue.topic, issue.topic)
        rival = clearest.setdefault(family, issue.topic)
        excluded = {rival, issue.topic} in traits.either
        if rival == issue.topic or (issue.strength >= CLEAR and not excluded):
            kept.setdefault(issue.topic, issue)
    for topic, others in traits.implied.items():
        if topic in kept and not kept.keys().isdisjoint(others):
            del kept[topic]
    return sorted(kept.values(), key=lambda each: each.start)
