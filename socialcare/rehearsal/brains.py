"""Which brain answered a rehearsal, how often, and at what price; pure.

A rehearsal against a model that is down is one of the embedded brain alone: it must not look like
a proof of the model.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from conversation.events import Decided
from conversation.trace_decided import money_in_words


def told(decisions: Iterable[Decided]) -> Iterator[str]:
    """Say in lines who answered how many turns, and what the model's calls came to."""
    turns = list(decisions)
    brains = Counter(one.brain for one in turns)
    for brain, count in brains.most_common():
        yield f"{_turns(count)} decided by {brain}"
    fell = Counter(one.model.fell_back for one in turns if one.model and one.model.fell_back)
    for why, count in fell.most_common():
        yield f"{_turns(count)} taken over from the model: {why}"
    used = [one.model for one in turns if one.model]
    calls = sum(len(use.calls) for use in used)
    if calls:
        read, written = (sum(two) for two in zip(*(use.tokens for use in used), strict=True))
        prompts = ", ".join(sorted({use.prompt for use in used}))
        cost = sum((use.cost for use in used), Decimal(0))
        currency = next((use.currency for use in used if use.currency), "")
        price = f", {money_in_words(cost, currency)}" if currency else ""
        yield f"{calls} calls with prompt {prompts}: {read:,} + {written:,} tokens{price}"


def never_answered(decisions: Iterable[Decided]) -> bool:
    """Say whether a model was asked for and not one of its answers was taken."""
    used = [one.model for one in decisions if one.model]
    return bool(used) and all(use.fell_back for use in used)


def _turns(count: int) -> str:
    return "1 turn" if count == 1 else f"{count} turns"
