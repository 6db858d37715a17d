"""From rows of the ledger and words of the backend to what the brain may believe; pure."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from actions.action import Call, Done, Failed, Refusal, Refused, Unknown
from actions.catalogue import WRITES
from actions.connectors.contract import BadAnswer, ConnectorError, NotFound
from actions.identity import NOT_PROVED, same_order
from actions.kinds import Action, Prepared, Unfit, WriteAction
from actions.ports import Order, WriteResult, WriteStatus
from conversation.ledger import CallRecord

ARGS_MAX: Final = 20
"""No action takes more arguments."""
FAULTS_MAX: Final = 5
NEVER_SEEN: Final = "the backend has not seen it yet"
NEVER_DONE: Final = "the backend never did it"
PENDING: Final = "pending: the backend is still working on it"
UNREADABLE: Final = "the ledger's row cannot be read"
_SEEN: Final = "seen"
"""Beside the arguments in the ledger: the state of the books that the decision rests on, so that
a sign-off is bound to it as well."""

_Wish = TypeVar("_Wish", bound=Action)


class MalformedError(Exception):
    """Arguments that are not what the action takes; the message names no content."""


def checked(action: type[_Wish], args: object) -> _Wish:
    """Read arguments that nobody has believed yet.

    Raises:
        MalformedError: One is missing, too many, of another type, or out of bounds.
    """
    if not isinstance(args, Mapping) or len(args) > ARGS_MAX:
        raise MalformedError("not the arguments of an action")
    try:
        return action.model_validate(dict(args))
    except ValidationError as error:
        raise MalformedError(_faults(error)) from None
    except (ArithmeticError, RecursionError) as error:
        raise MalformedError("arguments beyond belief") from error


def written(wish: WriteAction, order: Order, prepared: Prepared) -> str:
    """Give the arguments' JSON form for the ledger."""
    args = {**wish.model_dump(mode="json"), "order_id": order.order_id, _SEEN: prepared.seen}
    return json.dumps(args, sort_keys=True, ensure_ascii=False)


def stored(record: CallRecord) -> tuple[WriteAction, str]:
    """Read a row's arguments back, and what the decision rested on.

    Raises:
        MalformedError: The row is of another version, or damaged.
    """
    args = _args(record)
    seen = args.pop(_SEEN, None)
    if record.action not in WRITES or not isinstance(seen, str):
        raise MalformedError(UNREADABLE)
    return checked(WRITES[record.action], args), seen


def call_of(record: CallRecord) -> Call:
    """Say what the row is about, as a call."""
    args = _args(record)
    args.pop(_SEEN, None)
    return Call(action=record.action, args=args)


def concerns(record: CallRecord, order: Order) -> bool:
    """Whether the row is about that order."""
    return same_order(str(_args(record).get("order_id")), order.order_id)


def settled(
    record: CallRecord, wish: WriteAction, result: WriteResult, *, repeated: bool = False
) -> Done | Failed | Unknown:
    """Take the backend's word on a call."""
    if not wish.agrees(result):
        return nonsense(record, "the backend speaks of another amount")
    match result.status:
        case WriteStatus.DONE:
            return Done(
                call=call_of(record),
                key=record.key,
                result=result,
                amount=record.amount,
                repeated=repeated,
            )
        case WriteStatus.PENDING:
            return unknown(record, PENDING)
        case WriteStatus.FAILED:
            return failed(record, "the backend says that it failed")


def done_before(record: CallRecord) -> Done | Unknown:
    """Say again what the ledger holds of a call that is done."""
    try:
        result = WRITES[record.action].result.model_validate(json.loads(record.result or ""))
    except (ValueError, LookupError):
        return unknown(record, UNREADABLE)
    return Done(
        call=call_of(record), key=record.key, result=result, amount=record.amount, repeated=True
    )


def failed(record: CallRecord, why: str) -> Failed:
    """Surely nothing happened."""
    return Failed(call=call_of(record), key=record.key, why=why)


def unknown(record: CallRecord, why: str) -> Unknown:
    """Nobody knows."""
    return Unknown(call=call_of(record), key=record.key, why=why)


def nonsense(record: CallRecord, why: str) -> Unknown:
    """Nobody knows, and asking again may not help: for a person."""
    return unknown(record, f"{Refusal.BAD_ANSWER}: {why}")


def refused(record: CallRecord, unfit: Unfit) -> Refused:
    """Surely nothing was sent."""
    return Refused(call=call_of(record), key=record.key, reason=unfit.reason, detail=unfit.detail)


def not_proved(call: Call) -> Refused:
    """The one answer to a wrong proof, to none, and to an unknown order."""
    return Refused(call=call, reason=Refusal.NOT_PROVED, detail=NOT_PROVED)


def unanswered(call: Call, error: ConnectorError, *, key: str | None = None) -> Refused | Failed:
    """What a failed look-up, before anything was sent, means."""
    if isinstance(error, NotFound):
        return Refused(call=call, reason=Refusal.NOT_FOUND, detail="not in the books", key=key)
    if isinstance(error, BadAnswer):
        return Refused(call=call, reason=Refusal.BAD_ANSWER, detail=str(error), key=key)
    return Failed(call=call, why=str(error), key=key)


def _args(record: CallRecord) -> dict[str, Any]:
    try:
        args = json.loads(record.args)
    except ValueError:
        return {}
    return args if isinstance(args, dict) else {}


def _faults(error: ValidationError) -> str:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    named = [
        f"{fault['loc'][0] if fault['loc'] else 'all'}: {fault['type']}"
        # The name of a key too many is the caller's own invention.
        if fault["type"] != "extra_forbidden"
        else "a key too many"
        for fault in faults[:FAULTS_MAX]
    ]
    return "; ".join(named)
