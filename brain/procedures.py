"""How each wish is served: what it needs, what to look up, what to propose, what to say.

A procedure is a pure function from what is known to the next `Step`. It never decides whether it
may: it proposes calls and tells outcomes. `PROCEDURES` says which topics it serves; adding a wish
means adding a function and a line of that table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from actions.action import AwaitingSignOff, Call, Done, Failed, Refusal, Refused, Unknown
from actions.ports import Charge, Charges, OrderLine, OrderView, Promise, ReplacementResult
from brain.book import Book, Settled
from brain.decision import Handoff
from brain.memory import Memory, Wish, WishStatus
from brain.wordbook import Value
from config.money import Money, MoneyError
from conversation.events import Fact

TWICE_WITHIN = timedelta(hours=72)
"""Two equal charges of one order further apart are no double charge but a second sale."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of the wordbook with its values."""

    key: str
    values: Mapping[str, Value]


def line(key: str, **values: Value) -> Line:
    """Name a sentence."""
    return Line(key, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a wish needs next."""

    needs: tuple[str, ...] = ()
    """Things only the customer can tell."""
    calls: tuple[Call, ...] = ()
    lines: tuple[Line, ...] = ()
    status: WishStatus = WishStatus.OPEN
    handoff: Handoff | None = None
    facts: tuple[Fact, ...] = ()
    question: str | None = None
    mismatch: bool = False
    """Order number and proof did not fit."""
    item: str | None = None
    line_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What procedures may look at."""

    wish: Wish
    memory: Memory
    book: Book
    proved: frozenset[str]
    """Order ids the customer has proved, at any strength (the engine knows which suffices)."""
    today: date
    reasons: tuple[str, ...]
    """Topics of the turn's wishes, for the reason of a call."""
    agreed: bool | None = None
    """The answer to our open question."""


Procedure = Callable[[Known], Step]


def order_status(known: Known) -> Step:
    """Say where the order is."""
    missing = _missing(known, "email_or_postcode")
    if missing:
        return Step(needs=missing)
    order_id = _order_id(known)
    order = known.book.order(order_id)
    if order is None:
        return Step(calls=(_read("order_status", known),))
    if not isinstance(order, OrderView):
        return _not_read(order)
    lines = [line("order_status", order=order.order_id, status=f"@status_{_word(order.status)}")]
    if known.wish.topic in {"delivery_late", "not_received"}:
        lines.insert(0, line("late_sorry"))
    facts = [_fact("order", f"{order.order_id}: {order.status}", "shop")]
    tracking = order.tracking
    arrived = order.status.lower() == "delivered"
    if tracking is not None and tracking.number and tracking.carrier and not arrived:
        lines.append(line("order_tracking", carrier=tracking.carrier, number=tracking.number))
        facts.append(_fact("tracking", f"{tracking.carrier} {tracking.number}", "shop"))
    expected = _day(tracking.expected) if tracking is not None else None
    if expected is not None and not arrived:
        lines.append(line("order_expected", date=expected))
        facts.append(_fact("expected", expected.isoformat(), "shop"))
    if known.wish.topic == "not_received" and arrived:
        # The books and the customer disagree: nobody but a person can find out who is right.
        handoff = Handoff(reason="not_received", note="The shop says delivered, the customer no.")
        return Step(
            lines=(*lines, line("handoff_topic")),
            handoff=handoff,
            status=WishStatus.CLOSED,
            facts=tuple(facts),
        )
    return Step(lines=tuple(lines), status=WishStatus.CLOSED, facts=tuple(facts))


def double_charge(known: Known) -> Step:
    """Find a second charge and give it back; without one, say so."""
    ready = _with_charges(known)
    if isinstance(ready, Step):
        return ready
    twins = _twins(ready.charges)
    facts = _charge_facts(ready)
    order_id = ready.order_id
    if not twins:
        return Step(
            lines=(line("double_none", order=order_id),), status=WishStatus.CLOSED, facts=facts
        )
    second = twins[0]
    outcome = known.book.refund(second.charge_id)
    if outcome is None and second.left.minor == 0:
        key = line("double_done_before", amount=second.amount, order=order_id)
        return Step(lines=(key,), status=WishStatus.CLOSED, facts=facts)
    if outcome is None:
        return Step(calls=(_refund(order_id, second, second.left, "charged twice"),), facts=facts)
    values: dict[str, Value] = {"amount": outcome_amount(outcome) or second.left, "order": order_id}
    return _told(outcome, "double", "refund", values, facts=facts)


def refund(known: Known) -> Step:
    """Give the money of an order back, as far as limits and colleagues allow."""
    ready = _with_charges(known)
    if isinstance(ready, Step):
        return ready
    facts = _charge_facts(ready)
    asked = [charge for charge in ready.charges if known.book.refund(charge.charge_id)]
    open_charges = [charge for charge in ready.charges if charge.left.minor > 0]
    if not asked and not open_charges:
        key = line("refund_nothing_left", order=ready.order_id)
        return Step(lines=(key,), status=WishStatus.CLOSED, facts=facts)
    charge = (asked or open_charges)[0]
    outcome = known.book.refund(charge.charge_id)
    if outcome is None:
        amount = _wanted(known.memory, charge)
        reason = next(iter(known.reasons), "refund requested")
        return Step(calls=(_refund(ready.order_id, charge, amount, reason),), facts=facts)
    values: dict[str, Value] = {
        "amount": outcome_amount(outcome) or _wanted(known.memory, charge),
        "order": ready.order_id,
    }
    return _told(outcome, "refund", "refund", values, facts=facts)


def refund_status(known: Known) -> Step:
    """Say what has gone back already."""
    ready = _with_charges(known)
    if isinstance(ready, Step):
        return ready
    back = [charge.refunded for charge in ready.charges if charge.refunded.minor > 0]
    facts = _charge_facts(ready)
    if not back or len({money.currency for money in back}) > 1:
        key = line("refund_status_none", order=ready.order_id)
        return Step(lines=(key,), status=WishStatus.CLOSED, facts=facts)
    total = Money(sum(money.minor for money in back), back[0].currency)
    key = line("refund_status_some", amount=total, order=ready.order_id)
    return Step(lines=(key,), status=WishStatus.CLOSED, facts=facts)


def replacement(known: Known) -> Step:
    """Send goods again, in time for the day the customer needs them, or say that it cannot be."""
    missing = _missing(known, "email")
    if missing:
        return Step(needs=missing)
    order = known.book.order(_order_id(known))
    if order is None:
        return Step(calls=(_read("order_status", known),))
    if not isinstance(order, OrderView):
        return _not_read(order)
    goods = _goods(order, known)
    if goods is None:
        items = ", ".join(each.title or each.sku for each in order.lines[:6])
        return Step(lines=(line("which_line", items=items),), question="which")
    step = _replace(known, order, goods)
    return Step(
        calls=step.calls,
        lines=step.lines,
        status=step.status,
        handoff=step.handoff,
        facts=(_fact("order", f"{order.order_id}: {order.status}", "shop"), *step.facts),
        question=step.question,
        item=goods.title or goods.sku,
        line_id=goods.line_id,
    )


def _replace(known: Known, order: OrderView, goods: OrderLine) -> Step:
    item = goods.title or goods.sku
    outcome = known.book.replacement(order.order_id, goods.line_id)
    wanted = _day(known.memory.deadline)
    if wanted is not None and known.memory.deadline_strict:
        wanted -= timedelta(days=1)
    promise = known.book.promise(order.order_id, goods.line_id)
    if outcome is not None:
        values: dict[str, Value] = {"item": item}
        return _told(outcome, "replacement", "replacement", values, facts=_promised(promise))
    if known.agreed is False:
        return Step(lines=(line("replacement_declined"),), status=WishStatus.CLOSED)
    if wanted is not None and promise is None:
        arguments = {**_proof(known), "line_id": goods.line_id}
        return Step(calls=(Call(action="delivery_promise", args=arguments),))
    if wanted is not None and not isinstance(promise, Promise):
        return _not_read(promise) if promise is not None else Step()
    in_time = wanted is None or (isinstance(promise, Promise) and promise.earliest <= wanted)
    if not in_time and not known.agreed and isinstance(promise, Promise) and wanted is not None:
        late = line("replacement_late", item=item, wanted=wanted, date=promise.earliest)
        return Step(lines=(late,), question="late", facts=_promised(promise))
    reason = next((topic for topic in known.reasons if topic in DAMAGE), "replacement requested")
    arguments = {
        "order_id": order.order_id,
        "line_id": goods.line_id,
        "reason": reason.replace("_", " "),
    }
    if wanted is not None and in_time:
        arguments["by"] = wanted.isoformat()
    return Step(calls=(Call(action="replacement", args=arguments),), facts=_promised(promise))


def damaged(known: Known) -> Step:
    """Goods are not as they should be, and the customer has not said what they want done."""
    return Step(lines=(line("choose"),), question="choose")


DAMAGE = frozenset({"damaged_item", "wrong_item", "missing_item", "defective_item"})
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

ABSORBS: Mapping[str, frozenset[str]] = {
    "duplicate_charge": frozenset({"refund_request", "wrong_charge", "refund_status"}),
    "replacement_request": DAMAGE,
    "refund_request": DAMAGE | {"refund_status"},
    "not_received": frozenset({"order_status", "delivery_late"}),
    "delivery_late": frozenset({"order_status"}),
}
"""A wish that makes others of the same message part of itself: "it broke, send a new one" is one
wish, and its reason."""


# --- telling outcomes


def tell(outcome: Settled, wish: Wish) -> Step:
    """Put the late outcome of an earlier turn's call into words."""
    kind = "replacement" if outcome.call.action == "replacement" else "refund"
    values: dict[str, Value] = {
        "order": str(outcome.call.args.get("order_id", "")),
        "item": wish.item or "–",
    }
    amount = outcome_amount(outcome)
    if amount is not None:
        values["amount"] = amount
    return _told(outcome, kind, kind, values)


def outcome_amount(outcome: Settled) -> Money | None:
    """Say what money an outcome is about."""
    match outcome:
        case Done(amount=Money() as amount) | AwaitingSignOff(amount=Money() as amount):
            return amount if outcome.call.action == "refund" else None
        case _:
            return _money(outcome.call)


def _money(call: Call) -> Money | None:
    try:
        return Money.from_major(str(call.args["amount"]), str(call.args["currency"]))
    except (KeyError, MoneyError):
        return None


def _told(
    outcome: Settled,
    prefix: str,
    kind: str,
    values: dict[str, Value],
    *,
    facts: tuple[Fact, ...] = (),
) -> Step:
    """Say what became of a write: only `Done` is told as done."""
    handoff: Handoff | None = None
    match outcome:
        case Done(result=ReplacementResult(promised_for=date() as day)) if not outcome.repeated:
            said, status = line("replacement_done", date=day, **values), WishStatus.CLOSED
        case Done(repeated=True):
            said, status = line(f"{prefix}_done_before", **values), WishStatus.CLOSED
        case Done():
            key = "replacement_done_undated" if kind == "replacement" else f"{prefix}_done"
            said, status = line(key, **values), WishStatus.CLOSED
        case AwaitingSignOff():
            said, status = line(f"{prefix}_waits", **values), WishStatus.WAITING
        case Refused(reason=Refusal.REJECTED):
            said, status = line(f"{kind}_rejected", **values), WishStatus.CLOSED
        case Refused(reason=Refusal.EXPIRED):
            said, status = line(f"{kind}_expired", **values), WishStatus.CLOSED
            handoff = Handoff(reason="sign_off_expired", note=outcome.detail)
        case Refused(reason=Refusal.ABOVE_LIMIT):
            said, status = line(f"{kind}_above", **values), WishStatus.CLOSED
            handoff = Handoff(reason="above_limit", note=outcome.detail)
        case Refused():
            return _refused(outcome, kind, values)
        case Failed(why=why):
            said, status = line("failed", what=f"@what_{kind}"), WishStatus.CLOSED
            handoff = Handoff(reason="action_failed", note=f"{outcome.call.action}: {why}")
        case Unknown(why=why):
            said, status = line("unknown", what=f"@what_{kind}"), WishStatus.CLOSED
            handoff = Handoff(reason="action_unknown", note=f"{outcome.call.action}: {why}")
    return Step(lines=(said,), status=status, handoff=handoff, facts=facts)


def _refused(outcome: Refused, kind: str, values: dict[str, Value]) -> Step:
    match outcome.reason:
        case Refusal.NOT_PROVED:
            return Step(mismatch=True)
        case Refusal.NOTHING_LEFT:
            key = line("refund_nothing_left", order=values["order"])
            return Step(lines=(key,), status=WishStatus.CLOSED)
        case _:
            handoff = Handoff(
                reason="refused", note=f"{outcome.call.action}: {outcome.reason}, {outcome.detail}"
            )
            said = line(f"{kind}_above", **values)
            return Step(lines=(said,), status=WishStatus.CLOSED, handoff=handoff)


def _not_read(outcome: object) -> Step:
    """A look-up gave no answer."""
    match outcome:
        case Refused(reason=Refusal.NOT_PROVED):
            return Step(mismatch=True)
        case Refused(reason=reason, detail=detail):
            note = f"{outcome.call.action}: {reason}, {detail}"
            handoff = Handoff(reason="refused", note=note)
            return Step(lines=(line("handoff_topic"),), handoff=handoff, status=WishStatus.CLOSED)
        case Failed(why=why):
            handoff = Handoff(reason="backend_down", note=f"{outcome.call.action}: {why}")
            return Step(lines=(line("backend_down"),), handoff=handoff, status=WishStatus.CLOSED)
        case _:
            handoff = Handoff(reason="refused", note="An unexpected answer from the shop.")
            return Step(lines=(line("handoff_topic"),), handoff=handoff, status=WishStatus.CLOSED)


# --- what is needed and known


def _order_id(known: Known) -> str:
    return known.memory.order_id or ""


def _missing(known: Known, proof: str) -> tuple[str, ...]:
    memory = known.memory
    missing = [] if memory.order_id else ["order_id"]
    if memory.order_id in known.proved and memory.order_id:
        return ()
    told = memory.email or (memory.postcode if proof == "email_or_postcode" else None)
    return (*missing, *(() if told else (proof,)))


def _proof(known: Known) -> dict[str, object]:
    arguments: dict[str, object] = {"order_id": _order_id(known)}
    if known.memory.email:
        arguments["email"] = known.memory.email
    elif known.memory.postcode:
        arguments["postcode"] = known.memory.postcode
    return arguments


def _read(action: str, known: Known) -> Call:
    return Call(action=action, args=_proof(known))


def _with_charges(known: Known) -> Charges | Step:
    missing = _missing(known, "email")
    if missing:
        return Step(needs=missing)
    charges = known.book.charges(_order_id(known))
    if charges is None:
        return Step(calls=(_read("charges", known),))
    return charges if isinstance(charges, Charges) else _not_read(charges)


def _twins(charges: Sequence[Charge]) -> list[Charge]:
    """Charges that repeat an earlier one of the same amount, not yet given back ones first."""
    ordered = sorted(charges, key=lambda charge: (charge.at is None, charge.at, charge.charge_id))
    twins = []
    for n, charge in enumerate(ordered):
        for earlier in ordered[:n]:
            near = charge.at is None or earlier.at is None or charge.at - earlier.at <= TWICE_WITHIN
            if charge.amount == earlier.amount and near:
                # Either of the pair may have been given back: then the books are even.
                twins.append(earlier if earlier.left.minor == 0 else charge)
                break
    return sorted(twins, key=lambda charge: charge.left.minor == 0)


def _wanted(memory: Memory, charge: Charge) -> Money:
    """What the customer asks for, as far as the charge has it; else all of it."""
    if memory.amount is not None:
        try:
            named = Money.parse(memory.amount)
        except MoneyError:
            return charge.left
        if named.currency == charge.left.currency and 0 < named.minor <= charge.left.minor:
            return named
    return charge.left


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


def _goods(order: OrderView, known: Known) -> OrderLine | None:
    """The line a wish is about: the only one, or the one whose words the customer used."""
    if len(order.lines) == 1:
        return order.lines[0]
    said = {word for word in f"{known.wish.text} {known.wish.item or ''}".lower().split()}
    scores = [
        (len(said & set(f"{each.title} {each.sku}".lower().split())), each) for each in order.lines
    ]
    best = max((score for score, _ in scores), default=0)
    fitting = [each for score, each in scores if score == best]
    return fitting[0] if best > 0 and len(fitting) == 1 else None


def _charge_facts(charges: Charges) -> tuple[Fact, ...]:
    return tuple(
        _fact("charge", f"{each.charge_id}: {each.amount}, refunded {each.refunded}", "billing")
        for each in charges.charges[:6]
    )


def _promised(promise: object) -> tuple[Fact, ...]:
    if not isinstance(promise, Promise):
        return ()
    return (_fact("delivery promise", f"{promise.earliest} to {promise.latest}", "fulfilment"),)


def _fact(label: str, value: str, source: str) -> Fact:
    return Fact(label=label, value=value, source=source)


def _word(status: str) -> str:
    return status.strip().lower().replace(" ", "_").replace("-", "_")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
