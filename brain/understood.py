"""What a turn's messages come to before any plan: for the desk, the rollout, and who answers; pure.

Both brains ask here whether a person has to: a risk, a wish, an anger that grows.
"""

from collections.abc import Mapping

from brain.composing import title
from brain.decision import Decision, Handoff, Turn, Understood
from brain.listening import Heard
from brain.memory import WISH_TEXT, recall
from brain.mood import is_falling
from brain.procedures import PROCEDURES
from brain.risk import RISKS, gravest, risk_words
from brain.scope import asks_for_else
from brain.second_thoughts import ANY as ALL_OPEN
from brain.second_thoughts import ASIDE, withdrawals
from brain.steps import Line, article
from brain.triage import Understanding
from brain.wordbook import ANY, Speech, speaks, speech_of
from config.schema import Brand
from config.stages import Surface
from conversation.events import IssueSeen

MOOD_SURE = 0.7
"""How likely a bad mood must be, so that less is asked, or a person takes over, because of it."""
ANGRY_WORDS = 3
"""Fewer words than that are too few to hear a mood in them, unless a face shows it."""

HANDOFF_TOPICS: Mapping[str, str] = {
    "human_request": "handoff_human",
    "staff_complaint": "handoff_angry",
}
"""Topics that always go to colleagues, beside risks, and what the customer is told."""


def understood_of(turn: Turn, heard: Heard | None) -> Understood:
    """Say what the turn made of the messages, for the desk and the rollout."""
    state = turn.state
    if heard is None:
        language = state.language or "en"
        return Understood(language=language, mood=state.mood, opted_out=state.opted_out)
    found = heard.understanding
    # Who wanted silence and then only says thanks still wants silence.
    silent = state.opted_out and not set(heard.topics) - ASIDE and not heard.given
    silent = silent and not found.out_of_scope
    return Understood(
        language=found.language.code,
        mood=found.mood,
        issues=tuple(
            IssueSeen(topic=i.topic, text=i.text[:WISH_TEXT], p=round(float(i.p), 3))
            for i in heard.issues
        ),
        deadline=found.deadline.isoformat() if found.deadline else None,
        urgency=found.urgency,
        outside=found.out_of_scope and not _is_spam(found),
        withdraws=tuple(sorted(withdrawals(heard.text, state, unwanted=found.unwanted))),
        risks=_risks(turn, heard),
        opted_out=(found.opts_out or silent) and not wants_human(heard),
    )


def _is_spam(found: Understanding) -> bool:
    return bool(found.topics) and found.topics[0][0] == "spam"


def _risks(turn: Turn, heard: Heard) -> tuple[str, ...]:
    """Name what a person must look at: what was heard, and whom the platform says it is."""
    kinds = {one.kind for one in heard.understanding.risks if one.sure}
    # Whom a person has seen to already is not sent to the desk with every word.
    first = turn.vip and turn.state.case is None
    named = {*kinds, *heard.topics, *(("vip",) if first else ())}
    return tuple(kind for kind in RISKS if kind in named)


def serious_risk(
    understood: Understood, brand: str, crisis: Mapping[str, str], speech: Speech = ANY
) -> tuple[str, Line] | None:
    """Say what the gravest risk is, and what the customer hears."""
    kind = gravest(understood.risks)
    if kind is None:
        return None
    return kind, article(
        risk_words(kind, understood.language, brand=brand, crisis=crisis, speech=speech)
    )


def wants_human(heard: Heard) -> bool:
    """Say whether a person is wished for."""
    return heard.understanding.wants_human or "human_request" in heard.topics


def loses_patience(turn: Turn, heard: Heard, *, progress: bool) -> bool:
    """Say whether an angry customer is better off with a person right now.

    Who is angry and wants what can be done is served first; who gets angrier while nothing moves
    on is not asked once more.
    """
    if not _angry(heard) or progress:
        return False
    if is_falling((*turn.state.moods, heard.understanding.mood)):
        return True
    asked_for = bool(recall(turn.state.memory).asked)
    return not asked_for and not any(topic in PROCEDURES for topic in heard.topics)


def mood_falls(turn: Turn, heard: Heard) -> bool:
    """Say whether the conversation surely goes the wrong way with these words."""
    found = heard.understanding
    sure = dict(found.moods).get(found.mood, 1.0) >= MOOD_SURE
    return sure and is_falling((*turn.state.moods, found.mood))


def only_doubts(heard: Heard) -> bool:
    """Tell "are you a bot?" alone: it is answered in ten languages, whichever the brand speaks."""
    return heard.understanding.doubts is not None and not heard.topics and not heard.given


def _angry(heard: Heard) -> bool:
    enough = len(heard.text.split()) >= ANGRY_WORDS or heard.wordless
    found = heard.understanding
    sure = dict(found.moods).get("angry", 1.0) >= MOOD_SURE
    return found.mood == "angry" and enough and sure


def goes_nowhere(turn: Turn, heard: Heard) -> bool:
    """Tell a mood that falls while nothing new is said: a person goes on, no model."""
    wants = set(heard.topics) - ASIDE
    return mood_falls(turn, heard) and not wants and not heard.given


def out_of_patience(turn: Turn, heard: Heard, brand: Brand) -> Decision | None:
    """Bring who gets angrier, and gives nothing new, to a person."""
    if not mood_falls(turn, heard) or not loses_patience(turn, heard, progress=bool(heard.given)):
        return None
    understood = understood_of(turn, heard)
    wants = "; ".join(title(topic) for topic in heard.topics if topic not in ASIDE)
    return Decision(
        understood=understood,
        words=speech_of(brand).say(understood.language, "handoff_angry"),
        handoff=Handoff(reason="angry", note=wants),
        memory=turn.state.memory,
        summary=turn.state.summary,
        brain="none",
    )


def plain_code_decides(turn: Turn, heard: Heard) -> bool:
    """Say whether the model has no say: a person, silence, a risk, a language nobody speaks.

    Nor has it in public as soon as something private is wished for: the way to a private message
    is the platform's, not its own.
    """
    found = heard.understanding
    if found.opts_out or found.wants_human or set(heard.topics) & set(HANDOFF_TOPICS):
        return True
    understood = understood_of(turn, heard)
    if understood.risks or set(understood.withdraws) - {ALL_OPEN}:
        return True
    if goes_nowhere(turn, heard):
        return True
    if turn.surface is Surface.PUBLIC and (heard.given or set(heard.topics) & set(PROCEDURES)):
        return True
    if found.doubts is not None and not heard.topics:
        return True
    if asks_for_else(heard.text) and not heard.topics:
        return True
    return heard.wordless or not (speaks(found.language.code) and found.language.supported)
