"""Putting outcomes into words: only `Done` is told as done, everything else as what it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from actions.action import AwaitingSignOff, Call, Done, Failed, Refusal, Refused, Unknown
from actions.ports import ReplacementResult
from brain.book import Settled
from brain.decision import Handoff
from brain.looked_up import AGAIN_MAX, no_more
from brain.memory import Question, Wish, WishStatus
from brain.steps import Line, Step, line
from brain.wordbook import Value
from config.money import Money, MoneyError

Values = Mapping[str, Value | Line]


def late(outcome: Settled, wish: Wish) -> Step:
    """Tell the outcome of an earlier turn's call."""
    order_id = str(outcome.call.args.get("order_id") or wish.order_id or "")
    return told(outcome, "refund", order_id=order_id, item=wish.item)


def told(
    outcome: Settled,
    prefix: str,
    *,
    order_id: str,
    item: str | None = None,
    amount: Money | None = None,
    wish: Wish | None = None,
) -> Step:
    """Say what became of a write.

    Args:
        outcome: What the engine says.
        prefix: `refund` or `double`; a replacement is always told as one.
        order_id: The order.
        item: The goods, where known.
        amount: The money, where the outcome names none.
        wish: The wish it serves, where the customer asks; who asked before hears it otherwise.
    """
    kind = "replacement" if outcome.call.action == "replacement" else "refund"
    prefix = kind if kind == "replacement" else prefix
    money = outcome_amount(outcome) or amount
    values: Values = {
        "order": order_id,
        "item": item or line("thing_item"),
        "amount": money or line("thing_money"),
    }
    what = f"{kind} of {money.words('en')}" if money and kind == "refund" else kind
    match outcome:
        case Done():
            return _done(outcome, prefix, values, what)
        case AwaitingSignOff():
            if wish is not None and wish.again >= AGAIN_MAX:
                return replace(no_more(WishStatus.WAITING), outcome=outcome, result=wish.result)
            still = wish is not None and wish.again > 0
            key = f"{kind}_still_waits" if still else f"{prefix}_waits"
            said, result = line(key, **values), f"{what} waits for sign-off"
            return Step(lines=(said,), status=WishStatus.WAITING, outcome=outcome, result=result)
        case Refused():
            return _refused(outcome, kind, values, what)
        case Failed(why=why):
            return _passed("failed", "action_failed", kind, outcome, f"{what} failed: {why}")
        case Unknown(why=why):
            why = f"{what} sent, outcome not known: {why}"
            return _passed("unknown", "action_unknown", kind, outcome, why)


def outcome_amount(outcome: Settled) -> Money | None:
    """Say what money an outcome is about."""
    match outcome:
        case Done(amount=Money() as amount) | AwaitingSignOff(amount=Money() as amount):
            return amount if outcome.call.action == "refund" else None
        case _:
            return _money(outcome.call)


def not_read(outcome: object) -> Step:
    """Say that a look-up gave no answer; nobody learns whether there is such an order."""
    match outcome:
        case Refused(reason=Refusal.NOT_PROVED):
            return Step(mismatch=True)
        case Failed(why=why):
            key, reason, note = "backend_down", "backend_down", f"{outcome.call.action}: {why}"
        case Refused(reason=why, detail=detail):
            key, reason = "handoff_topic", "refused"
            note = f"{outcome.call.action}: {why.replace('_', ' ')}, {detail}"
        case _:
            key, reason, note = "handoff_topic", "refused", "An unexpected answer from the shop."
    return Step(
        lines=(line(key),),
        handoff=Handoff(reason=reason, note=note),
        status=WishStatus.PASSED,
        result="could not be looked up",
    )


def _done(outcome: Done, prefix: str, values: Values, what: str) -> Step:
    money = values["amount"]
    refunded = f"{money.words('en')} refunded" if isinstance(money, Money) else "refunded"
    due = None
    match outcome:
        case Done(repeated=True):
            said, result = line(f"{prefix}_done_before", **values), f"{what} was done before"
        case Done(result=ReplacementResult(promised_for=date() as day)) if prefix == "replacement":
            said = line("replacement_done", **values, date=day)
            result, due = f"replacement promised for {day}", day.isoformat()
        case _:
            dated = prefix == "replacement"
            said = line("replacement_done_undated" if dated else f"{prefix}_done", **values)
            result = "replacement ordered" if dated else refunded
    return Step(lines=(said,), status=WishStatus.CLOSED, outcome=outcome, result=result, due=due)


def _refused(outcome: Refused, kind: str, values: Values, what: str) -> Step:
    status, handoff = WishStatus.PASSED, Handoff(reason="refused", note=_note(outcome))
    key = f"{kind}_above"
    match outcome.reason:
        case Refusal.NOT_PROVED:
            return Step(mismatch=True)
        case Refusal.UNCONFIRMED:
            return Step(question=Question.CONFIRM, outcome=outcome, result="waits for a yes")
        case Refusal.WITHDRAWN:
            said, result = line(f"{kind}_taken_back"), f"{what} taken back by the customer"
            return Step(lines=(said,), status=WishStatus.CLOSED, outcome=outcome, result=result)
        case Refusal.REJECTED:
            said = line(f"{kind}_rejected", **values)
            result = f"{what} rejected by a colleague"
            return Step(lines=(said,), status=WishStatus.CLOSED, outcome=outcome, result=result)
        case Refusal.NOTHING_LEFT if kind == "refund":
            said, result = line("refund_nothing_left", **values), "everything was refunded before"
            lines = (said, line("or_human"))
            return Step(lines=lines, status=WishStatus.CLOSED, outcome=outcome, result=result)
        case Refusal.EXPIRED:
            key, handoff = (
                f"{kind}_expired",
                Handoff(reason="sign_off_expired", note=outcome.detail),
            )
        case Refusal.ABOVE_LIMIT:
            handoff = Handoff(reason="above_limit", note=outcome.detail)
        case _:
            pass
    result = f"{what} not done ({outcome.reason.replace('_', ' ')})"
    said = line(key, **values)
    return Step(lines=(said,), status=status, handoff=handoff, outcome=outcome, result=result)


def _passed(key: str, reason: str, kind: str, outcome: Settled, note: str) -> Step:
    return Step(
        lines=(line(key, what=line(f"what_{kind}")),),
        status=WishStatus.PASSED,
        handoff=Handoff(reason=reason, note=note),
        outcome=outcome,
        result=note,
    )


def _note(outcome: Refused) -> str:
    return f"{outcome.call.action}: {outcome.reason.replace('_', ' ')}, {outcome.detail}"


def _money(call: Call) -> Money | None:
    try:
        return Money.from_major(str(call.args["amount"]), str(call.args["currency"]))
    except (KeyError, MoneyError):
        return None
