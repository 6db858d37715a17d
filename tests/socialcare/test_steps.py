"""How a call went, as the turn's trace keeps it."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from actions.action import (
    AwaitingSignOff,
    Call,
    Done,
    Failed,
    Known,
    NeedsSignOff,
    Outcome,
    Permitted,
    Refusal,
    Refused,
    Unknown,
)
from config.actions import Action
from config.money import Money
from conversation.ledger import CallRecord, CallState
from socialcare.steps import ARGS_MAX, judged_step, taken_up

CALL = Call(action="refund", args={"charge_id": "ch_1", "amount": "42.00"})
LIMITS = Action.model_validate({"autonomous_up_to": "50 GBP", "sign_off_up_to": "500 GBP"})
RECORD = CallRecord(
    key="k",
    conversation="c_1",
    turn="c_1:7",
    action="refund",
    connector="shop",
    args="{}",
    amount=Money(4200, "GBP"),
    state=CallState.ALLOWED,
    summary="Refund 42.00 GBP",
)


class Answer(BaseModel):
    """What a backend says."""


@pytest.mark.parametrize(
    ("outcome", "name", "detail"),
    [
        (Done(call=CALL, key="k", result=Answer()), "done", "Refund 42.00 GBP"),
        (AwaitingSignOff(call=CALL, key="k", amount=None), "awaiting", "Refund 42.00 GBP"),
        (Failed(call=CALL, why="down"), "failed", "Refund 42.00 GBP: down"),
        (Unknown(call=CALL, key="k", why="lost"), "unknown", "Refund 42.00 GBP: lost"),
    ],
)
def test_a_permitted_call_keeps_its_numbers(outcome: Outcome, name: str, detail: str) -> None:
    step = judged_step(Permitted(call=CALL, record=RECORD), outcome, limits=LIMITS)
    assert (step.outcome, step.detail, step.judged) == (name, detail, "within")
    limits = (step.amount, step.alone_up_to, step.sign_off_up_to)
    assert limits == ("42.00 GBP", "50.00 GBP", "500.00 GBP")
    assert '"charge_id": "ch_1"' in step.args


def test_a_call_for_a_colleague() -> None:
    outcome = AwaitingSignOff(call=CALL, key="k", amount=None)
    step = judged_step(NeedsSignOff(call=CALL, record=RECORD), outcome, limits=LIMITS)
    assert (step.judged, step.outcome) == ("needs_sign_off", "awaiting")


def test_what_was_refused_is_held_against_numbers_only_where_numbers_refused_it() -> None:
    above = Refused(call=CALL, reason=Refusal.ABOVE_LIMIT, detail="Refund 640.00 GBP")
    step = judged_step(above, above, limits=LIMITS)
    assert (step.judged, step.sign_off_up_to) == ("above_limit", "500.00 GBP")
    unproved = Refused(call=CALL, reason=Refusal.NOT_PROVED, detail="no proof")
    step = judged_step(unproved, unproved, limits=LIMITS)
    assert (step.judged, step.detail, step.sign_off_up_to) == ("not_proved", "no proof", None)


def test_a_look_up_was_not_judged() -> None:
    known = Known(call=CALL, result=Answer())
    step = judged_step(known, known, limits=None)
    assert (step.outcome, step.judged, step.amount) == ("known", "", None)


def test_what_was_done_before_says_so() -> None:
    done = Done(call=CALL, key="k", result=Answer(), repeated=True)
    assert "nothing was done again" in judged_step(done, done, limits=LIMITS).detail


def test_endless_arguments_are_cut() -> None:
    call = Call(action="refund", args={"reason": "x" * 5_000})
    refused = Refused(call=call, reason=Refusal.INVALID, detail="y" * 5_000)
    step = judged_step(refused, refused, limits=None)
    assert len(step.args) == ARGS_MAX + 1
    assert len(step.detail) < 500


def test_a_signed_call_is_taken_up() -> None:
    began = datetime(2026, 11, 20, tzinfo=UTC)
    ended = began + timedelta(seconds=1)
    done = Done(call=CALL, key="k", result=Answer())
    step = taken_up(RECORD, done, began_at=began, settled_at=ended)
    assert (step.judged, step.amount, step.outcome) == ("signed", "42.00 GBP", "done")
    assert (step.wished_at, step.settled_at) == (began, ended)
