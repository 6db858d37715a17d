"""No refusal stands alone: beside it stands the way to a person, wherever it is read.

In private that is a word which always works. In public it works as well, but a private message is
where a colleague can look at somebody's own; both are named, in one short sentence. Where a
colleague takes over anyway the customer hears that. Whose words said no makes no difference, as
long as the brand did not weigh each of them before.
"""

from actions.action import Refusal, Refused
from brain.decision import Decision, Understood
from brain.planner import OTHER_WISHES
from brain.refusing import refuses
from brain.ways_out import shows_way
from config.stages import Surface
from socialcare.result import Result

ASKED_FOR = frozenset({Refusal.UNCONFIRMED, Refusal.WITHDRAWN})
"""Refusals that are the customer's own."""
OURS = frozenset({"embedded", "none"})
"""Brains whose words were written by people; others may refuse what nobody has judged."""


def with_way_out(result: Result, decision: Decision, surface: Surface, heard: Understood) -> str:
    """Give a decision's words with the way to a person where they say no."""
    words, language = decision.words or "", decision.understood.language
    public = surface is Surface.PUBLIC
    if not words or not _refuses(result, decision, heard) or shows_way(words, public=public):
        return words
    if public and _only_invites(result, words, language):
        return words
    if decision.handoff is not None:
        return result.beside(words, result.own_words("colleague_comes", language), language)
    way = result.own_words("or_human_public" if public else "or_human", language)
    return result.beside(words, way, language)


def _refuses(result: Result, decision: Decision, heard: Understood) -> bool:
    """Say whether the customer does not get what they want."""
    words = decision.words or ""
    if decision.handoff is not None:
        # A colleague takes over: words that people wrote tell it themselves.
        return decision.brain not in OURS and refuses(words)
    refused = (one.reason for one in result.calls.outcomes if isinstance(one, Refused))
    if heard.outside or any(reason not in ASKED_FOR for reason in refused):
        return True
    return (decision.brain not in OURS or _turns_down(decision)) and refuses(words)


def _turns_down(decision: Decision) -> bool:
    """Say whether an article answers the wish that something be done, and not a question."""
    wished = {issue.topic for issue in decision.understood.issues}
    return bool(decision.citations) and not OTHER_WISHES.isdisjoint(wished)


def _only_invites(result: Result, words: str, language: str) -> bool:
    """Say whether these are our own words that ask for a private message."""
    keys = ("public_invite", "public_again")
    return words in {result.own_words(key, language) for key in keys}
