"""What was wanted, done and promised earlier in a conversation, in few words; pure.

A model reads only the latest lines; what was before them is told in a summary that plain code makes
of the log, so that nothing in it was invented. A colleague reads the same on the card.
"""

from collections.abc import Iterable, Sequence

from brain.claims import unproved_claims
from brain.composing import title
from brain.grounding import numbers_in
from conversation.events import IssueSeen
from conversation.ledger import CallState
from conversation.state import Act, ConversationState

SUMMARY_MAX = 1_200
"""Characters of a summary."""
WANTS_MAX = 8
ACTS_MAX = 8


def summed_up(state: ConversationState, now: Iterable[IssueSeen] = ()) -> str:
    """Tell a conversation so far: what was wanted, what became of it, what waits.

    Args:
        state: The conversation before the turn.
        now: What is wanted in this turn.
    """
    wants = dict.fromkeys(title(issue.topic) for issue in (*state.issues, *now))
    parts = [f"Wanted: {'; '.join(tuple(wants)[-WANTS_MAX:])}."] if wants else []
    parts += [f"{act.summary} ({act.state})." for act in state.acts[-ACTS_MAX:]]
    parts += [f"Waits for a sign-off: {one.summary}." for one in state.waiting[-ACTS_MAX:]]
    if state.deadline:
        parts.append(f"Needed by {state.deadline}.")
    return " ".join(parts)[:SUMMARY_MAX]


def not_done_before(claims: Sequence[str], language: str, acts: Sequence[Act]) -> tuple[str, ...]:
    """Leave those claims that no deed of an earlier turn proves.

    "I have refunded £42.00 for order A-10388" may be said again, since the ledger has it; a claim
    without a number, or with another one, is about something new.
    """
    return tuple(one for one in claims if not _was_done(one, language, acts))


def _was_done(sentence: str, language: str, acts: Sequence[Act]) -> bool:
    named = numbers_in(sentence)
    done = {
        act.action
        for act in acts
        if named and act.state == CallState.DONE and act.key and named <= numbers_in(act.summary)
    }
    if "refund" in done:
        done.add("refunded")
    return bool(done) and not unproved_claims(sentence, language, done)
