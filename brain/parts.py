"""A long message is read in parts: what stands at its end counts as much as its beginning.

The sentence encoder reads so many characters at once, and a wish drowns among everything else that
is told. So a long message is cut where clauses part, at the end of a sentence if there is one, each
part is understood by itself, and what they say is put together. Among so many sentences some sound
like a wish by chance: what is not clearly one is left out, and asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Final

from brain.clauses import CLAUSES_MAX, Clause, clauses
from brain.encoder import TEXT_MAX
from brain.examples import TopicTraits
from brain.issues import Issue, told_apart
from brain.mood import Mood
from brain.risk import RISKS, Risk
from brain.triage import TOPICS_MAX, Triage, Understanding
from brain.when import MENTIONS_MAX

READ_MAX: Final = 10_000
"""Characters of one message, or of one burst, that are read; hardly a platform takes more."""
PART_MAX: Final = 600
"""Characters of one part."""
PART_CLAUSES: Final = 10
"""Clauses of one part."""
PARTS_MAX: Final = 16
"""Parts that are so small; what is behind them is cut as coarsely as can be, so that no heap of
tiny clauses holds up everybody else."""
CLEARLY: Final = 0.7
"""How likely a wish must be meant in one of many parts; it is less where the message is short."""

_SENTENCE_END = re.compile(r"[.!?…\n]")
_GRAVEST: Final[tuple[Mood, ...]] = ("angry", "upset", "happy", "neutral")
_URGENCIES: Final = ("high", "normal", "low")
_NOTHING: Final = frozenset({"out_of_scope", "spam"})


def understand(
    triage: Triage,
    text: str,
    *,
    now: datetime,
    timezone: tzinfo,
    prior_language: str | None = None,
) -> Understanding:
    """Understand one message of any length.

    Args:
        triage: What understands a short one.
        text: As the customer wrote it; what is beyond `READ_MAX` characters is not read.
        now: When it was written, aware.
        timezone: The customer's, or the brand's.
        prior_language: The language of the conversation so far.
    """
    shown, found = text[:READ_MAX], list[Understanding]()
    spans = parts(shown)
    for begin, end in spans:
        language = found[0].language.code if found else prior_language
        one = triage.understand(
            shown[begin:end], now=now, timezone=timezone, prior_language=language
        )
        found.append(_moved(one, begin))
    return found[0] if len(found) == 1 else together(found, triage.traits)


def parts(text: str) -> list[tuple[int, int]]:
    """Cut a message into parts, from code point to code point; one where it is not long."""
    pieces = clauses(text, most=READ_MAX)
    if len(text) <= TEXT_MAX and len(pieces) <= CLAUSES_MAX:
        return [(0, len(text))]
    found: list[tuple[int, int]] = []
    begin, held = 0, list[Clause]()
    for piece in pieces:
        fine = len(found) < PARTS_MAX
        full = fine and len(held) >= PART_CLAUSES
        if held and (full or piece.end - begin > (PART_MAX if fine else TEXT_MAX)):
            count = _sentences(text, held, piece.start)
            found.append((begin, held[count - 1].end))
            begin, held = held[count - 1].end, held[count:]
        held.append(piece)
    found.append((begin, len(text)))
    return [each for span in found for each in _by_words(text, *span)]


def together(found: Sequence[Understanding], traits: TopicTraits) -> Understanding:
    """Put together what the parts of one message say, in their order."""
    clear = [each for one in found for each in one.issues if each.chance >= CLEARLY]
    wishes = [each for each in clear if each.topic not in traits.small_talk]
    issues = told_apart(wishes or clear[:1], traits)
    out = not issues and all(one.out_of_scope for one in found)
    due = next((one for one in found if one.deadline is not None), found[0])
    mood = min((one for one in found), key=lambda one: _GRAVEST.index(one.mood))
    return Understanding(
        language=found[0].language,
        topics=_topics(found, issues, out=out),
        issues=tuple(issues),
        order_ids=tuple(dict.fromkeys(each for one in found for each in one.order_ids)),
        amounts=tuple(dict.fromkeys(each for one in found for each in one.amounts)),
        emails=tuple(dict.fromkeys(each for one in found for each in one.emails)),
        phones=tuple(dict.fromkeys(each for one in found for each in one.phones)),
        postcodes=tuple(dict.fromkeys(each for one in found for each in one.postcodes)),
        dates=tuple(dict.fromkeys(each for one in found for each in one.dates))[:MENTIONS_MAX],
        deadline=due.deadline,
        deadline_strict=due.deadline_strict,
        mood=mood.mood,
        moods=mood.moods,
        urgency=min((one.urgency for one in found), key=_URGENCIES.index),
        risks=_risks(found),
        wants_human=any(one.wants_human for one in found),
        doubts=next((one.doubts for one in found if one.doubts is not None), None),
        opts_out=any(one.opts_out for one in found),
        in_scope=max(one.in_scope for one in found),
        out_of_scope=out,
    )


def _moved(one: Understanding, by: int) -> Understanding:
    if not by:
        return one
    moved = (replace(each, start=each.start + by, end=each.end + by) for each in one.issues)
    return replace(one, issues=tuple(moved))


def _topics(
    found: Sequence[Understanding], issues: Sequence[Issue], *, out: bool
) -> tuple[tuple[str, float], ...]:
    """Name what is wanted; where nothing is, what the parts were taken for."""
    sure = {each.topic: round(each.p, 4) for each in issues}
    if not sure:
        for topic, p in (each for one in found for each in one.topics):
            if out or topic not in _NOTHING:
                sure[topic] = max(p, sure.get(topic, 0.0))
    ordered = sorted(sure.items(), key=lambda each: -each[1])
    return tuple(ordered[:TOPICS_MAX])


def _risks(found: Sequence[Understanding]) -> tuple[Risk, ...]:
    surest: dict[str, Risk] = {}
    for risk in (each for one in found for each in one.risks):
        if risk.kind not in surest or risk.p > surest[risk.kind].p:
            surest[risk.kind] = risk
    return tuple(sorted(surest.values(), key=lambda one: (not one.sure, RISKS.index(one.kind))))


def _sentences(text: str, held: Sequence[Clause], following: int) -> int:
    """Say after how many clauses to cut: at the last end of a sentence of the second half."""
    starts = [*(each.start for each in held[1:]), following]
    for count in range(len(held), len(held) // 2, -1):
        # The mark stays with the clause; a line break stands behind it.
        if _SENTENCE_END.search(text, held[count - 1].end - 1, starts[count - 1]):
            return count
    return len(held)


def _by_words(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    """Cut what has no clauses where a word ends."""
    found = []
    while end - begin > TEXT_MAX:
        space = text.rfind(" ", begin, begin + PART_MAX)
        at = space if space > begin else begin + PART_MAX
        found.append((begin, at))
        begin = at
    return [*found, (begin, end)]
