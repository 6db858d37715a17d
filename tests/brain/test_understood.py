"""What a turn comes to before any plan: risks, who is followed, patience, the truth about us."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from brain.decision import Turn
from brain.listening import Heard
from brain.risk import Risk
from brain.understood import loses_patience, only_doubts, serious_risk, understood_of
from config.stages import Surface
from conversation.state import Case, CaseStatus, ConversationState
from tests.brain.test_planner import heard, understood

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CASE = Case(id="c", status=CaseStatus.RESOLVED, reason="vip", note="", opened_at=NOW)


def turn(state: ConversationState | None = None, *, vip: bool = False) -> Turn:
    return Turn(
        id="t",
        conversation="c",
        channel="x",
        surface=Surface.PRIVATE,
        now=NOW,
        state=state or ConversationState(),
        messages=(),
        vip=vip,
    )


def risky(*risks: Risk) -> Heard:
    return Heard(text="words", understanding=understood(risks=risks), answers={})


def test_risks_that_are_sure_are_named_the_gravest_first() -> None:
    found = understood_of(
        turn(),
        risky(
            Risk(kind="press", p=1.0),
            Risk(kind="self_harm", p=0.5),
            Risk(kind="legal_threat", p=0.1),
        ),
    )
    assert found.risks == ("self_harm", "press")


def test_a_topic_of_danger_is_a_risk_too() -> None:
    assert understood_of(turn(), heard("safety_issue")).risks == ("safety_issue",)


def test_whom_many_follow_goes_to_a_person_once() -> None:
    """CASES 28: a conversation that was given back does not bounce."""
    assert understood_of(turn(vip=True), heard("order_status")).risks == ("vip",)
    again = turn(ConversationState(case=CASE), vip=True)
    assert understood_of(again, heard("order_status")).risks == ()
    assert understood_of(turn(), heard("order_status")).risks == ()


def test_the_brands_own_words_are_said() -> None:
    said = serious_risk(
        understood_of(turn(), risky(Risk(kind="self_harm", p=1.0))), "N", {"en": "Call 116 123."}
    )
    assert said is not None
    assert (said[0], said[1].verbatim) == ("self_harm", "Call 116 123.")
    assert serious_risk(understood_of(turn(), heard("thanks")), "N", {}) is None


@pytest.mark.parametrize(
    ("moods", "topics", "progress", "gone"),
    [
        ((), ("order_status",), False, False),
        ((), (), False, True),
        (("neutral",), ("order_status",), False, True),
        (("neutral",), ("order_status",), True, False),
        (("angry",), ("order_status",), False, True),
        (("angry",), ("order_status",), True, False),
    ],
)
def test_patience(
    moods: tuple[str, ...], topics: tuple[str, ...], progress: bool, gone: bool
) -> None:
    """Who gets angrier while nothing moves on is brought to a person; who is served is served."""
    state = ConversationState(moods=moods)
    angry = heard(*topics, mood="angry")
    assert loses_patience(turn(state), angry, progress=progress) is gone
    unsure = replace(
        angry, understanding=understood(*topics, mood="angry", moods=(("angry", 0.5),))
    )
    assert not loses_patience(turn(state), unsure, progress=progress)


def test_a_doubt_alone_is_no_wish() -> None:
    assert only_doubts(heard(doubts="en"))
    assert not only_doubts(heard("order_status", doubts="en"))
    assert not only_doubts(heard(doubts="en", order_ids=("A-10611",)))
    assert not only_doubts(heard())


def test_spam_is_not_offered_a_person() -> None:
    spam = replace(understood(out_of_scope=True), topics=(("spam", 0.9),))
    poem = replace(understood(out_of_scope=True), topics=(("out_of_scope", 0.9),))
    for found, outside in ((spam, False), (poem, True)):
        one = Heard(text="words", understanding=found, answers={})
        assert understood_of(turn(), one).outside is outside
