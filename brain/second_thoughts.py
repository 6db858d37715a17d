"""What a customer takes back, held against what the conversation is about; pure.

"Actually don't refund it" stops what has not run, whichever brain decides: a wish that is still
open, a sign-off that still waits. What has run is told as done.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from brain.always import folded
from brain.answers import taken_back
from brain.asking import Reply
from brain.decision import Turn, Understood
from brain.listening import Notes
from brain.memory import Memory, Question, Wish, WishStatus, recall
from brain.steps import Step, line
from conversation.events import IssueSeen
from conversation.ledger import CallState
from conversation.state import ConversationState

TOPICS_OF = {
    "refund": frozenset({"refund_request", "duplicate_charge"}),
    "replacement": frozenset({"replacement_request"}),
}
"""Wishes that an action serves."""
ASIDE = frozenset(
    {"greeting", "thanks", "praise", "confirmation_yes", "confirmation_no", "spam", "opt_out"}
)
"""What asks for no answer of substance."""
SURE = 0.6
"""How sure another wish must be to be heard beside words that take something back."""
ANY = "any"
"""All that is open, whatever it is."""


def withdrawals(
    text: str, state: ConversationState, *, unwanted: Collection[str] = ()
) -> frozenset[str]:
    """Name the actions that a message takes back, and ``any`` where it takes back all that is open.

    Args:
        text: The customer's messages of the turn.
        state: The conversation before them.
        unwanted: Topics that they name only to say that they are not wanted.
    """
    denied = {action for action, topics in TOPICS_OF.items() if not topics.isdisjoint(unwanted)}
    named = taken_back(text)
    if denied:
        named = (named - {ANY}) | denied
    if ANY not in named:
        return named
    if any(wish.status is WishStatus.OPEN for wish in recall(state.memory).wishes):
        return frozenset({ANY})
    begun = frozenset({ANY} if state.turns else ())
    waiting = {waiting.call_key.partition(":")[0] for waiting in state.waiting}
    proposed = {call.partition(":")[0] for call in state.proposed}
    return frozenset(waiting | proposed) or frozenset(last_done(state)[:1]) or begun


def still_withdrawn(understood: Understood, before: Collection[str]) -> frozenset[str]:
    """Name what stays taken back after a turn's words: until it is asked for anew.

    Args:
        understood: What was heard in the turn.
        before: What was taken back earlier.
    """
    gone = set(understood.withdraws)
    now = set(TOPICS_OF) if ANY in gone else gone & set(TOPICS_OF)
    wanted = {issue.topic for issue in understood.issues}
    return frozenset(now | {action for action in before if not TOPICS_OF[action] & wanted})


def withdrawn_topics(understood: Understood) -> frozenset[str]:
    """Name the wishes that a message takes back by name."""
    named = set(understood.withdraws) - {ANY}
    return frozenset(topic for action in named for topic in TOPICS_OF.get(action, ()))


def last_done(state: ConversationState) -> tuple[str, ...]:
    """Name the actions that were done in the conversation, the latest first."""
    done = [act.action for act in reversed(state.acts) if act.state == CallState.DONE and act.key]
    return tuple(dict.fromkeys(done))


def let_go(
    turn: Turn, earlier: Memory, notes: Notes, understood: Understood, reply: Reply
) -> Notes:
    """Let go of what the customer does not want any more, and say so once."""
    gone = set(understood.withdraws)
    topics = set(withdrawn_topics(understood))
    if not gone or (ANY in gone and _answers_us(notes.memory)):
        return notes
    wanted = {wish for wish in notes.memory.wishes if wish.status is WishStatus.OPEN}
    closed = {wish for wish in wanted if ANY in gone or wish.topic in topics}
    was_open = {wish.topic for wish in earlier.wishes if wish.status is WishStatus.OPEN}
    topics |= {wish.topic for wish in closed}
    # "Forget it" names no wish: what it merely sounds like is none beside it.
    sure = {each.topic for each in understood.issues if _stands_beside(each)}
    kept = tuple(t for t in notes.topics if t not in topics and t not in ASIDE and t in sure)
    wishes = tuple(
        wish.model_copy(
            update={"status": WishStatus.CLOSED, "question": None, "result": _TAKEN_BACK}
        )
        if wish in closed
        else wish
        for wish in notes.memory.wishes
    )
    memory = notes.memory.model_copy(update={"wishes": wishes, "asked": (), "worded": ()})
    if ANY in gone:
        reply.say(line("taken_back"), at=-1)
    for action in sorted(gone - {ANY}):
        # What became of a call of an earlier turn is told as news.
        told = any(outcome.call.action == action for outcome in turn.outcomes)
        if was_open & TOPICS_OF[action] or not (told or kept):
            reply.say(line(f"{action}_taken_back"), at=-1)
    return replace(
        notes, memory=memory, topics=kept, agreed=None, lacking=False, without=frozenset()
    )


def _stands_beside(issue: IssueSeen) -> bool:
    """Tell a wish of its own from what words that take something back merely sound like."""
    if issue.p is not None and issue.p < SURE:
        return False
    # "I changed my mind" is near "cancel my order", which names one.
    sounds = issue.topic == "cancel_order" and bool(taken_back(issue.text))
    return not sounds or _ORDER.search(folded(issue.text)) is not None


_ORDER = re.compile(
    r"(?<!\w)(?:orders?|bestellung(?:en)?|commandes?|pedidos?|ordin[ei]|bestelling(?:en)?|encomendas?)(?!\w)"
)


def _answers_us(memory: Memory) -> bool:
    """Tell "no, leave it" that answers a yes/no question of ours: it is a no to that alone."""
    asked = {Question.LATE, Question.CONFIRM}
    return any(w.status is WishStatus.OPEN and w.question in asked for w in memory.wishes)


_TAKEN_BACK = "taken back by the customer"


def declined(wish: Wish, reply: Reply, *, at: int) -> Step:
    """Do what a no to our question means: nothing."""
    what = "replacement" if wish.topic in TOPICS_OF["replacement"] else "refund"
    reply.say(line(f"{what}_taken_back"), at=at)
    return Step(status=WishStatus.CLOSED, result="the customer said no")
