"""Putting into words what a look-up found: at first, and when the customer asks again; pure.

Nothing is told twice in the same words. Who asks "when exactly?" hears what is known of the day, or
that it is not known; who asks once more, while nothing has changed, is better off with a person.
"""

import re
from dataclasses import replace
from datetime import date

from actions.ports import Charges, OrderView
from brain.decision import Handoff
from brain.memory import Asks, Wish, WishStatus
from brain.shop_words import carrier_said, number_said, state_said
from brain.steps import Known, Line, Step, day_of, line
from brain.wordbook import has
from config.money import Money
from conversation.events import Fact

AGAIN_MAX = 2
"""How often the same may be asked again, until a colleague goes on."""
_NOTE = 300
OVER = frozenset({"delivered", "cancelled"})
"""States of an order after which nothing more is on its way."""


def order_told(known: Known, order: OrderView) -> Step:
    """Say where an order is."""
    wish, tracking = known.wish, order.tracking
    if not state_said(order.status):
        note = f"What the shop writes of the order is no state: {order.status[:_NOTE]}"
        handoff = Handoff(reason="no_answer", note=note)
        return Step(
            lines=(line("no_answer"),),
            handoff=handoff,
            status=WishStatus.PASSED,
            facts=(order_fact(order),),
            result="its state could not be told",
        )
    if tracking is None or state_of(order) in OVER:
        carrier = number = expected = None
    else:
        carrier, number = carrier_said(tracking.carrier), number_said(tracking.number)
        expected = day_of(tracking.expected)
    facts = [order_fact(order)]
    if carrier and number:
        facts.append(fact("tracking", f"{carrier} {number}"))
    if expected is not None:
        facts.append(fact("expected", expected.isoformat()))
    result = f"told that it is {order.status}"
    if wish.again and wish.before == result and state_of(order) in OVER:
        # It is not on its way any more, and they still ask: something is not as the books say.
        step = no_more(WishStatus.PASSED)
    elif wish.again and wish.before == result:
        step = _again(wish, _order_again(wish, order, expected))
    else:
        lines = [line("order_status", order=order.order_id, status=_status(order.status))]
        if wish.topic in {"delivery_late", "not_received"}:
            lines.insert(0, line("late_sorry"))
        if carrier and number:
            lines.append(line("order_tracking", carrier=carrier, number=number))
        if expected is not None:
            lines.append(line("order_expected", date=expected))
        step = Step(lines=tuple(lines), status=WishStatus.CLOSED)
    return replace(step, facts=tuple(facts), result=result)


def _order_again(wish: Wish, order: OrderView, expected: date | None) -> tuple[Line, ...]:
    day = line("order_when", date=expected) if expected is not None else line("order_no_day")
    if wish.asks is Asks.SOONER:
        return day, line("or_human")
    if wish.asks is Asks.WHEN:
        return (day,)
    still = line("order_still", order=order.order_id, status=_status(order.status))
    return (still,) if wish.asks is Asks.SAME and expected is None else (still, day)


def refunds_told(known: Known, charges: Charges) -> Step:
    """Say what has gone back, and offer what has not."""
    wish, order_id = known.wish, charges.order_id
    back = [charge.refunded for charge in charges.charges if charge.refunded.minor > 0]
    result, offers = "told that nothing was refunded", "refund_request"
    said = line("refund_status_none", order=order_id)
    again = line("refund_none_still", order=order_id)
    if back and len({money.currency for money in back}) == 1:
        total = Money(sum(money.minor for money in back), back[0].currency)
        said = line("refund_status_some", amount=total, order=order_id)
        again = line("refund_when", amount=total, order=order_id)
        result, offers = f"told that {total.words('en')} were refunded", ""
    if wish.again and wish.before == result:
        step = _again(wish, (again,))
    else:
        step = Step(lines=(again if wish.asks and back else said,), status=WishStatus.CLOSED)
    step = replace(step, offers="" if step.handoff else offers)
    return replace(step, facts=charge_facts(charges), result=result)


def _again(wish: Wish, lines: tuple[Line, ...]) -> Step:
    """Tell the same in other words, once; after that only a person can find out more."""
    if wish.again < AGAIN_MAX:
        return Step(lines=lines, status=WishStatus.CLOSED)
    return no_more(WishStatus.PASSED)


def no_more(status: WishStatus) -> Step:
    """Pass on what was asked again and again: we know no more than what we said."""
    handoff = Handoff(reason="asked_again", note="Asked the same again; the books say no more.")
    return Step(lines=(line("handoff_no_more"),), handoff=handoff, status=status)


# --- facts for the desk


def state_of(order: OrderView) -> str:
    """Give the order's status as one word."""
    return _plain(order.status)


def _plain(status: str) -> str:
    return re.sub(r"[\s-]+", "_", status.strip().lower())


def _status(status: str) -> Line:
    key = f"status_{_plain(status)}"
    return (
        line(key)
        if has("en", key) and key != "status_other"
        else line("status_other", status=state_said(status))
    )


def order_fact(order: OrderView) -> Fact:
    """Note an order's status."""
    return fact("order", f"{order.order_id}: {order.status}")


def charge_facts(charges: Charges) -> tuple[Fact, ...]:
    """Note an order's charges, as far as a card has room."""
    return tuple(
        fact("charge", f"{each.charge_id}: {each.amount}, refunded {each.refunded}", "billing")
        for each in charges.charges[:6]
    )


def fact(label: str, value: str, source: str = "shop") -> Fact:
    """Note something that the brand's books say."""
    return Fact(label=label, value=value, source=source)
