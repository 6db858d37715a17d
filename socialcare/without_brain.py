"""Decisions that no brain makes: a channel of colleagues, and turns that found no end; pure."""

from brain.decision import Decision, Handoff, Turn, Understood
from brain.wordbook import speech_of
from config.schema import Brand


def left_to_colleagues(turn: Turn, understood: Understood, brand: Brand) -> Decision:
    """Acknowledge, open the case, keep the clock."""
    return Decision(
        understood=understood,
        memory=turn.state.memory,
        summary=turn.state.summary,
        words=speech_of(brand).say(understood.language, "acknowledged"),
        handoff=Handoff(reason="manual", note="This is answered by colleagues."),
        brain="none",
    )


def lost(turn: Turn, decision: Decision | None, reason: str, note: str, brand: Brand) -> Decision:
    """Find no end: say so, and let a colleague go on."""
    understood = decision.understood if decision else Understood(language=turn.state.language or "")
    return Decision(
        understood=understood,
        memory=turn.state.memory,
        summary=turn.state.summary,
        words=speech_of(brand).say(understood.language, "handoff_late"),
        handoff=Handoff(reason=reason, note=note),
        facts=decision.facts if decision else (),
        brain=decision.brain if decision else "none",
        articles=decision.articles if decision else (),
        model=decision.model if decision else None,
    )
