"""How each wish is served: what it needs, what to look up, what to propose, what to say.

A procedure is a pure function from what is known to the next `Step`. It never decides whether it
may: it proposes calls and tells outcomes. `PROCEDURES` says which topics it serves; adding a wish
means adding a function and a line of that table.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from actions.action import Call
from actions.identity import same_order
from actions.ports import Charge, Charges, OrderLine, OrderView, Promise
from brain.answers import means_both
from brain.decision import Handoff
from brain.looked_up import (
    charge_facts,
    fact,
    no_more,
    order_fact,
    order_told,
    refunds_told,
    state_of,
)
from brain.memory import Memory, Question, WishStatus
from brain.shop_words import goods_said
from brain.steps import Known, Procedure, Step, line
from brain.telling import not_read, told
from config.money import Money, MoneyError
from conversation.events import Fact

TWICE_WITHIN = timedelta(hours=72)
"""Two equal charges of one order further apart are no double charge but a second sale."""
ITEMS_NAMED = 6
"""Goods of an order that are named in a question."""
STEM = 4
"""Letters that two words must share to be forms of one ("sock", "socks")."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
"""Its words are nobody's goods: "ana@mug.example" has no mug."""


def order_status(known: Known) -> Step:
    """Say where the order is."""
    order = _order(known, "email_or_postcode")
    if isinstance(order, Step):
        return order
    step = order_told(known, order)
    if known.wish.topic == "not_received" and state_of(order) == "delivered":
        # The books and the customer disagree: nobody but a person can find out who is right.
        handoff = Handoff(reason="not_received", note="The shop says delivered, the customer no.")
        lines = (*step.lines, line("not_received"))
        return replace(step, lines=lines, handoff=handoff, status=WishStatus.PASSED)
    return step


def double_charge(known: Known) -> Step:
    """Find a second charge and give it back; without one, say so."""
    charges = _charges(known)
    if isinstance(charges, Step):
        return charges
    twins = _twins(charges.charges)
    facts = charge_facts(charges)
    order_id = charges.order_id
    if not twins:
        lines, result = (line("double_none", order=order_id),), "no second charge, nothing refunded"
        return Step(lines=lines, status=WishStatus.CLOSED, facts=facts, result=result)
    second = twins[0]
    outcome = known.book.refund(second.charge_id)
    if outcome is not None:
        step = told(outcome, "double", order_id=order_id, amount=second.left, wish=known.wish)
        return replace(step, facts=facts)
    if second.left.minor == 0:
        return Step(
            lines=(
                line("double_done_before", amount=second.amount, order=order_id),
                line("or_human"),
            ),
            status=WishStatus.CLOSED,
            facts=facts,
            result="the second charge was refunded before",
        )
    return Step(calls=(_refund(order_id, second, second.left, "charged twice"),), facts=facts)


def refund(known: Known) -> Step:
    """Give the money of an order, or of its damaged goods, back."""
    charges = _charges(known)
    if isinstance(charges, Step):
        return charges
    goods = _goods_of_refund(known)
    if isinstance(goods, Step):
        return goods
    facts = charge_facts(charges)
    ours = _not_the_twin(known, charges.charges)
    asked = [charge for charge in ours if known.book.refund(charge.charge_id)]
    charge = next(iter(asked or [charge for charge in ours if charge.left.minor > 0]), None)
    if charge is None:
        return replace(_nothing_left(known, charges.order_id), facts=facts)
    amount = _amount(known.memory, charge, goods)
    outcome = known.book.refund(charge.charge_id)
    if outcome is not None:
        step = told(outcome, "refund", order_id=charges.order_id, amount=amount, wish=known.wish)
        return replace(step, facts=facts)
    if not known.wish.reason and _twin_went_back(known, charges.charges):
        # "You only refunded it once, right?" may ask for nothing at all: a person finds out.
        result = "the second charge was refunded; asked for the money once more"
        return replace(no_more(WishStatus.PASSED), result=result, facts=facts)
    reason = known.wish.reason or "refund requested"
    return Step(calls=(_refund(charges.order_id, charge, amount, reason),), facts=facts)


def _nothing_left(known: Known, order_id: str) -> Step:
    """Say that it was refunded before, and who may look at it; said once, a person does look."""
    result = "everything was refunded before"
    others = (wish for wish in known.memory.wishes if wish is not known.wish)
    if any(one.result == result and same_order(one.order_id or "", order_id) for one in others):
        return replace(no_more(WishStatus.PASSED), result=result)
    lines = (line("refund_nothing_left", order=order_id), line("or_human"))
    return Step(lines=lines, status=WishStatus.CLOSED, result=result)


def refund_status(known: Known) -> Step:
    """Say what has gone back already."""
    charges = _charges(known)
    if isinstance(charges, Step):
        return charges
    return refunds_told(known, charges)


def replacement(known: Known) -> Step:
    """Send goods again, in time for the day the customer needs them, or say that it cannot be."""
    order = _order(known, "email")
    if isinstance(order, Step):
        return order
    goods = _goods(order, known)
    if not goods:
        return _which(order, known)
    steps = [_replace(known, order, each) for each in goods]
    step = steps[0] if len(steps) == 1 else _together(steps)
    facts = (order_fact(order), *step.facts)
    if len(goods) > 1:
        return replace(step, facts=facts)
    return replace(step, facts=facts, item=goods_said(goods[0]), line_id=goods[0].line_id)


def _together(steps: Sequence[Step]) -> Step:
    """Take the steps of several goods as one: all is looked up and ordered before all is told."""
    calls = tuple(call for step in steps for call in step.calls)
    if calls:
        return Step(calls=calls)
    waiting = any(step.status is WishStatus.WAITING for step in steps)
    status = WishStatus.WAITING if waiting else steps[0].status
    return Step(
        lines=tuple(one for step in steps for one in step.lines),
        facts=tuple(one for step in steps for one in step.facts),
        question=next((step.question for step in steps if step.question is not None), None),
        handoff=next((step.handoff for step in steps if step.handoff is not None), None),
        mismatch=any(step.mismatch for step in steps),
        outcome=steps[0].outcome,
        result="; ".join(step.result for step in steps),
        status=status,
    )


def _replace(known: Known, order: OrderView, goods: OrderLine) -> Step:
    item, wanted = goods_said(goods), known.wanted
    promise = known.book.promise(order.order_id, goods.line_id)
    facts = _promise_facts(promise)
    outcome = known.book.replacement(order.order_id, goods.line_id)
    if outcome is not None:
        step = told(outcome, "replacement", order_id=order.order_id, item=item, wish=known.wish)
        return replace(step, facts=facts)
    if known.agreed is False:
        said = line("replacement_declined")
        return Step(lines=(said,), status=WishStatus.CLOSED, result="declined, as it comes late")
    by = None
    if wanted is not None:
        if promise is None:
            arguments = {**_proof(known), "line_id": goods.line_id}
            return Step(calls=(Call(action="delivery_promise", args=arguments),))
        if not isinstance(promise, Promise):
            return not_read(promise)
        by = wanted if promise.earliest <= wanted else None
        if by is None and not known.agreed:
            said = line(
                "replacement_late",
                item=item or line("thing_item"),
                wanted=wanted,
                date=promise.earliest,
            )
            return Step(lines=(said,), question=Question.LATE, facts=facts)
    arguments = {
        "order_id": order.order_id,
        "line_id": goods.line_id,
        "reason": (known.wish.reason or "replacement requested").replace("_", " "),
    }
    if by is not None:
        arguments["by"] = by.isoformat()
    return Step(calls=(Call(action="replacement", args=arguments),), facts=facts)


def damaged(known: Known) -> Step:
    """Goods are not as they should be, and the customer has not said what they want done."""
    key = "choose_again" if known.wish.question is Question.CHOOSE else "choose"
    return Step(needs=_missing(known, "email"), lines=(line(key),), question=Question.CHOOSE)


DAMAGE = frozenset({"damaged_item", "wrong_item", "missing_item", "defective_item"})
WAYS_OUT = frozenset({"replacement_request", "refund_request"})
"""What may be chosen where goods are not as they should be; never both at once."""
PROCEDURES: Mapping[str, Procedure] = {
    "order_status": order_status,
    "delivery_late": order_status,
    "not_received": order_status,
    "duplicate_charge": double_charge,
    "refund_request": refund,
    "refund_status": refund_status,
    "replacement_request": replacement,
    **dict.fromkeys(DAMAGE, damaged),
}
"""Topics the embedded brain serves by itself; others are answered from articles or passed on."""
LOOKS = frozenset({"order_status", "delivery_late", "not_received", "refund_status"})
"""Wishes that change nothing, so that another order number may simply be looked up as well."""

ABSORBS: Mapping[str, frozenset[str]] = {
    "duplicate_charge": frozenset({"refund_request", "wrong_charge", "refund_status"}),
    "replacement_request": DAMAGE,
    "refund_request": DAMAGE | {"refund_status"},
    "not_received": frozenset({"order_status", "delivery_late"}),
    "delivery_late": frozenset({"order_status"}),
}
"""A wish that makes others of the same message part of itself: "it broke, send a new one" is one
wish, and its reason."""


# --- what is looked up


def _order(known: Known, proof: str) -> OrderView | Step:
    missing = _missing(known, proof)
    if missing:
        return Step(needs=missing)
    order = known.book.order(known.order_id)
    if order is None:
        return Step(calls=(Call(action="order_status", args=_proof(known)),))
    return order if isinstance(order, OrderView) else not_read(order)


def _charges(known: Known) -> Charges | Step:
    missing = _missing(known, "email")
    if missing:
        return Step(needs=missing)
    charges = known.book.charges(known.order_id)
    if charges is None:
        return Step(calls=(Call(action="charges", args=_proof(known)),))
    return charges if isinstance(charges, Charges) else not_read(charges)


def _missing(known: Known, proof: str) -> tuple[str, ...]:
    """Name what only the customer can tell; a pair that did not fit is not tried again."""
    memory = known.memory
    if known.order_id and known.is_proved:
        return ()
    if known.order_id and known.pair in memory.doubted:
        return ("order_id", "email")
    given = known.email or (memory.postcode if proof == "email_or_postcode" else None)
    return (*(() if known.order_id else ("order_id",)), *(() if given else (proof,)))


def _proof(known: Known) -> dict[str, object]:
    given = {"email": known.email, "postcode": known.memory.postcode}
    told_us: dict[str, object] = {name: value for name, value in given.items() if value}
    return {"order_id": known.order_id, **told_us}


# --- which goods


def _which(order: OrderView, known: Known) -> Step:
    items = ", ".join(filter(None, map(goods_said, order.lines[:ITEMS_NAMED])))
    if not items:
        handoff = Handoff(reason="no_goods", note=f"Order {order.order_id} has no goods.")
        lines = (line("handoff_topic"),)
        return Step(lines=lines, handoff=handoff, status=WishStatus.PASSED)
    key = "which_again" if known.wish.question is Question.WHICH else "which_line"
    return Step(lines=(line(key, items=items),), question=Question.WHICH)


def _goods(order: OrderView, known: Known) -> tuple[OrderLine, ...]:
    """The lines a wish is about: the only one, the named one, or all that are; empty: unclear."""
    if len(order.lines) == 1:
        return tuple(order.lines)
    chosen = next((each for each in order.lines if each.line_id == known.wish.line_id), None)
    if chosen is not None:
        return (chosen,)
    said, both = _words(_ADDRESS.sub(" ", known.wish.text)), means_both(known.wish.text)
    found = [
        (frozenset(w for w in _words(f"{goods_said(each)} {each.sku}") if _alike(w, said)), each)
        for each in order.lines
    ]
    best = max((words for words, _ in found), key=len, default=frozenset[str]())
    # Besides the line that fits best, one is named that has a word of its own.
    named = tuple(each for words, each in found if words == best or words - best)
    if not best:
        return tuple(order.lines) if both and len(order.lines) <= ITEMS_NAMED else ()
    return named if len(named) == 1 or (both and all(w for w, e in found if e in named)) else ()


def _goods_of_refund(known: Known) -> OrderLine | Step | None:
    """Money back for one thing is not the money of the whole order; None: it is."""
    order = _order(known, "email")
    if isinstance(order, Step):
        return order
    if len(order.lines) <= 1 or known.memory.amount is not None:
        return None
    goods = _goods(order, known)
    if len(goods) == 1:
        return goods[0]
    whole = len(goods) == len(order.lines)
    return None if whole or known.wish.reason is None else _which(order, known)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _alike(word: str, said: frozenset[str]) -> bool:
    stem = word.removesuffix("s")
    return word in said or (
        len(stem) >= STEM and any(each.startswith(stem) or stem == each for each in said)
    )


# --- which money


def _twins(charges: Sequence[Charge]) -> list[Charge]:
    """Charges that repeat an earlier one of the same amount, not yet given back ones first."""
    ordered = sorted(charges, key=_booked)
    twins = []
    for n, charge in enumerate(ordered):
        for earlier in ordered[:n]:
            near = charge.at is None or earlier.at is None or charge.at - earlier.at <= TWICE_WITHIN
            if charge.amount == earlier.amount and near:
                # Either of the pair may have been given back: then the books are even.
                twins.append(earlier if earlier.left.minor == 0 else charge)
                break
    return sorted(twins, key=lambda charge: charge.left.minor == 0)


def _booked(charge: Charge) -> tuple[float, str]:
    return (charge.at.timestamp() if charge.at is not None else 0.0, charge.charge_id)


def _not_the_twin(known: Known, charges: Sequence[Charge]) -> list[Charge]:
    """Leave a second charge to the wish that is about it."""
    twins = _twins(charges) if _charged_twice(known) else []
    return [charge for charge in charges if charge not in twins]


def _twin_went_back(known: Known, charges: Sequence[Charge]) -> bool:
    return _charged_twice(known) and any(twin.left.minor == 0 for twin in _twins(charges))


def _charged_twice(known: Known) -> bool:
    """Whether the customer has complained of a second charge of this order."""
    return any(
        wish.topic == "duplicate_charge" and (wish.order_id or known.order_id) == known.order_id
        for wish in known.memory.wishes
    )


def _amount(memory: Memory, charge: Charge, goods: OrderLine | None) -> Money:
    """What the customer asks for, or the goods cost, as far as the charge has it; else all."""
    left = wanted = charge.left
    try:
        if memory.amount is not None:
            wanted = Money.parse(memory.amount)
        elif goods is not None:
            wanted = Money(goods.amount.minor * goods.quantity, goods.amount.currency)
    except MoneyError:
        return left
    fits = wanted.currency == left.currency and 0 < wanted.minor < left.minor
    return wanted if fits else left


def _refund(order_id: str, charge: Charge, amount: Money, reason: str) -> Call:
    return Call(
        action="refund",
        args={
            "order_id": order_id,
            "charge_id": charge.charge_id,
            "amount": f"{amount.major:f}",
            "currency": amount.currency,
            "reason": reason.replace("_", " "),
        },
    )


# --- facts for the desk


def _promise_facts(promise: object) -> tuple[Fact, ...]:
    if not isinstance(promise, Promise):
        return ()
    return (fact("delivery promise", f"{promise.earliest} to {promise.latest}", "fulfilment"),)
