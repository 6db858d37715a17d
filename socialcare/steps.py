"""How a call went, in the words of the turn's trace; pure."""

import json
from datetime import datetime

from actions.action import (
    AwaitingSignOff,
    Done,
    Failed,
    Judgement,
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
from conversation.events import CallStep
from conversation.ledger import CallRecord, CallState

ARGS_MAX = 600
"""Characters of a wish that a trace keeps; an action's arguments are a few ids and an amount."""
DETAIL_MAX = 300


def judged_step(judged: Judgement, outcome: Outcome, *, limits: Action | None) -> CallStep:
    """Tell a call of this turn: the wish, the numbers it was held against, the outcome.

    Args:
        judged: What the engine said.
        outcome: What came of it.
        limits: The action's section of the configuration, if it has one.
    """
    record = judged.record if isinstance(judged, Permitted | NeedsSignOff) else None
    amount = record.amount if record is not None else None
    # Numbers only where numbers were held against each other.
    above = isinstance(judged, Refused) and judged.reason is Refusal.ABOVE_LIMIT
    weighed = limits if record is not None or above else None
    wished = json.dumps(dict(judged.call.args), ensure_ascii=False, default=str)
    return CallStep(
        action=judged.call.action,
        outcome=_name(outcome),
        detail=(_full(judged) or _detail(outcome, record))[:DETAIL_MAX],
        args=wished if len(wished) <= ARGS_MAX else f"{wished[:ARGS_MAX]}…",
        judged=_verdict(judged),
        amount=_money(amount),
        alone_up_to=_money(weighed.autonomous_up_to if weighed else None),
        sign_off_up_to=_money(weighed.sign_off_up_to if weighed else None),
    )


def taken_up(
    record: CallRecord, outcome: Outcome, *, began_at: datetime, settled_at: datetime
) -> CallStep:
    """Tell a call that an earlier turn began and this one brought further."""
    return CallStep(
        action=record.action,
        outcome=_name(outcome),
        detail=_detail(outcome, record)[:DETAIL_MAX],
        amount=_money(record.amount),
        judged="signed" if record.state is CallState.ALLOWED else "",
        wished_at=began_at,
        settled_at=settled_at,
    )


def what_became(outcome: Outcome) -> tuple[CallState, str | None, str | None]:
    """Say how the ledger keeps the outcome of a started call: its state, why, and the answer."""
    match outcome:
        case Done(result=result):
            return CallState.DONE, None, result.model_dump_json()
        case Failed(why=why):
            return CallState.FAILED, why, None
        case Refused(reason=reason, detail=detail):
            return CallState.FAILED, f"{reason}: {detail}", None
        case Unknown(why=why):
            return CallState.UNKNOWN, why, None
        case _:
            return CallState.UNKNOWN, None, None


def _verdict(judged: Judgement) -> str:
    match judged:
        case Permitted():
            return "within"
        case NeedsSignOff(why=why):
            return "used_up" if why else "needs_sign_off"
        case Refused(reason=reason):
            return str(reason)
        case _:
            return ""


def _full(judged: Judgement) -> str:
    return judged.why if isinstance(judged, NeedsSignOff) else ""


def _name(outcome: Outcome) -> str:
    match outcome:
        case Known():
            return "known"
        case Done():
            return "done"
        case AwaitingSignOff():
            return "awaiting"
        case Refused():
            return "refused"
        case Failed():
            return "failed"
        case Unknown():
            return "unknown"


def _detail(outcome: Outcome, record: CallRecord | None) -> str:
    about = record.summary if record is not None else ""
    match outcome:
        case Refused(detail=detail):
            return detail
        case Failed(why=why) | Unknown(why=why):
            return f"{about}: {why}" if about else why
        case Done(repeated=True):
            return about or "It was done before; nothing was done again."
        case _:
            return about


def _money(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)
