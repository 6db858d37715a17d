"""Each wish by itself: its needs, its calls, and how every outcome is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from actions.action import AwaitingSignOff, Call, Done, Failed, Known, Refusal, Refused, Unknown
from actions.ports import (
    Charge,
    Charges,
    OrderLine,
    OrderView,
    Promise,
    RefundResult,
    ReplacementResult,
    WriteStatus,
)
from brain.book import Book
from brain.composing import compose
from brain.memory import Memory, Question, Wish, WishStatus
from brain.procedures import PROCEDURES
from brain.steps import Known as KnownNow
from brain.steps import Step
from config.money import Money

TODAY = date(2026, 11, 18)
MEMORY = Memory(order_id="A-1", email="ana@northwind.example")
REFUND = Call(
    action="refund",
    args={"order_id": "A-1", "charge_id": "C2", "amount": "24.90", "currency": "GBP"},
)
REPLACE = Call(action="replacement", args={"order_id": "A-1", "line_id": "L1"})
SUM = Money(2490, "GBP")


def charge(charge_id: str, minor: int = 2490, *, hours: int = 0, back: int = 0) -> Charge:
    return Charge(
        charge_id=charge_id,
        amount=Money(minor, "GBP"),
        at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours),
        refunded=Money(back, "GBP"),
    )


def charges(*each: Charge) -> Known:
    call = Call(action="charges", args={"order_id": "A-1"})
    return Known(call=call, result=Charges(order_id="A-1", charges=each))


def order(*titles: str, status: str = "delivered") -> Known:
    lines = tuple(
        OrderLine(line_id=f"L{n}", sku=f"S{n}", title=title, quantity=1, amount=SUM)
        for n, title in enumerate(titles or ("Enamel mug",), 1)
    )
    placed = datetime(2026, 11, 1, tzinfo=UTC)
    view = OrderView(order_id="A-1", status=status, placed_at=placed, lines=lines)
    return Known(call=Call(action="order_status", args={"order_id": "A-1"}), result=view)


def promise(earliest: date) -> Known:
    call = Call(action="delivery_promise", args={"order_id": "A-1", "line_id": "L1"})
    return Known(call=call, result=Promise(earliest=earliest, latest=earliest))


def step(topic: str, *outcomes: object, memory: Memory = MEMORY, **wish: object) -> Step:
    known = KnownNow(
        wish=Wish.model_validate({"topic": topic, **wish}),
        memory=memory,
        book=Book(outcomes),  # type: ignore[arg-type] # outcomes of every kind
        proved=frozenset(),
        today=TODAY,
    )
    return PROCEDURES[topic](known)


def words(one: Step) -> str:
    return compose("en", [one.lines], brand="Northwind") or ""


@pytest.mark.parametrize("topic", sorted(PROCEDURES))
def test_without_number_and_proof_nothing_is_looked_up(topic: str) -> None:
    one = step(topic, memory=Memory())
    assert "order_id" in one.needs
    assert len(one.needs) == 2
    assert not one.calls


# --- money


def test_a_second_charge_is_refunded_and_no_other() -> None:
    (call,) = step("duplicate_charge", charges(charge("C1"), charge("C2", hours=1))).calls
    assert call.args["charge_id"] == "C2"
    assert call.args["amount"] == "24.90"


@pytest.mark.parametrize(
    "of_the_shop",
    [
        (),
        (charge("C1"),),
        (charge("C1"), charge("C2", 3000)),
        (charge("C1"), charge("C2", hours=73)),
    ],
)
def test_without_a_second_charge_nothing_is_refunded_and_that_is_said(
    of_the_shop: tuple[Charge, ...],
) -> None:
    one = step("duplicate_charge", charges(*of_the_shop))
    assert not one.calls
    assert "no second charge" in words(one)


@pytest.mark.parametrize("back", ["C1", "C2"])
def test_a_pair_that_is_even_already_is_left_alone(back: str) -> None:
    both = (
        charge("C1", back=2490 if back == "C1" else 0),
        charge("C2", hours=1, back=2490 if back == "C2" else 0),
    )
    one = step("duplicate_charge", charges(*both))
    assert not one.calls
    assert "already been refunded" in words(one)


@pytest.mark.parametrize(
    ("named", "amount"),
    [(None, "24.90"), ("10.00 GBP", "10.00"), ("99.00 GBP", "24.90"), ("10.00 EUR", "24.90")],
)
def test_a_refund_is_what_was_asked_for_as_far_as_the_charge_has_it(
    named: str | None, amount: str
) -> None:
    memory = MEMORY.model_copy(update={"amount": named})
    (call,) = step("refund_request", charges(charge("C1")), order(), memory=memory).calls
    assert call.args["amount"] == amount


BOTH = (charge("C1"), charge("C2", hours=1, back=2490))
TWICE = MEMORY.model_copy(
    update={"wishes": (Wish(topic="duplicate_charge", order_id="A-1", status=WishStatus.CLOSED),)}
)


def test_after_a_second_charge_went_back_the_first_is_not_given_for_a_mere_question() -> None:
    """Somebody asked: "you only refunded it once, right?", and got both."""
    one = step("refund_request", charges(*BOTH), order(), memory=TWICE)
    assert (one.calls, one.status) == ((), WishStatus.PASSED)
    assert "colleague" in words(one)


def test_the_first_charge_goes_back_all_the_same_for_goods_that_came_damaged() -> None:
    broken = {"reason": "damaged_item", "line_id": "L1"}
    (call,) = step("refund_request", charges(*BOTH), order(), memory=TWICE, **broken).calls
    assert call.args["charge_id"] == "C1"


def test_money_back_for_one_damaged_thing_is_its_price() -> None:
    books = (charges(charge("C1", 7400)), order("Merino socks", "Wool cap"))
    (call,) = step("refund_request", *books, text="the sock is torn", reason="damaged_item").calls
    assert call.args["amount"] == "24.90"
    asks = step("refund_request", *books, text="it is torn", reason="damaged_item")
    assert asks.question is Question.WHICH
    assert not asks.calls
    (whole,) = step("refund_request", *books, text="refund my order").calls
    assert whole.args["amount"] == "74.00"


OUTCOMES = [
    (Done(call=REFUND, key="k", result=RefundResult(refund_id="1", status=WriteStatus.DONE),
          amount=SUM), "I have refunded £24.90", WishStatus.CLOSED, None),
    (Done(call=REFUND, key="k", result=RefundResult(refund_id="1", status=WriteStatus.DONE),
          amount=SUM, repeated=True), "already been refunded", WishStatus.CLOSED, None),
    (AwaitingSignOff(call=REFUND, key="k", amount=SUM), "needs a colleague's approval",
     WishStatus.WAITING, None),
    (Refused(call=REFUND, reason=Refusal.REJECTED, detail=""), "could not approve",
     WishStatus.CLOSED, None),
    (Refused(call=REFUND, reason=Refusal.EXPIRED, detail=""), "not been decided yet",
     WishStatus.PASSED, "sign_off_expired"),
    (Refused(call=REFUND, reason=Refusal.ABOVE_LIMIT, detail=""), "may not refund",
     WishStatus.PASSED, "above_limit"),
    (Refused(call=REFUND, reason=Refusal.BAD_ANSWER, detail=""), "may not refund",
     WishStatus.PASSED, "refused"),
    (Refused(call=REFUND, reason=Refusal.NOTHING_LEFT, detail=""), "already been refunded",
     WishStatus.CLOSED, None),
    (Failed(call=REFUND, why="down"), "nothing has been changed", WishStatus.PASSED,
     "action_failed"),
    (Unknown(call=REFUND, key="k", why="lost"), "got no confirmation", WishStatus.PASSED,
     "action_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "said", "status", "reason"), OUTCOMES)
def test_every_outcome_is_told_as_what_it_is(
    outcome: Done, said: str, status: WishStatus, reason: str | None
) -> None:
    one = step("refund_request", charges(charge("C2")), order(), outcome)
    assert said in words(one)
    assert ("I have refunded" in words(one)) == (said == "I have refunded £24.90")
    assert one.status is status
    assert (one.handoff.reason if one.handoff else None) == reason
    assert one.result


def test_a_refund_status_is_what_the_books_say() -> None:
    assert "£10.00" in words(step("refund_status", charges(charge("C1", back=1000))))
    assert "no refund" in words(step("refund_status", charges(charge("C1"))))


# --- goods


def test_the_only_goods_are_meant() -> None:
    (call,) = step("replacement_request", order(), reason="damaged_item").calls
    assert call.args == {"order_id": "A-1", "line_id": "L1", "reason": "damaged item"}


@pytest.mark.parametrize(
    ("said", "line_id"),
    [("the CAP!", "L2"), ("my sock has a hole", "L1"), ("merino", "L1"), ("something", None)],
)
def test_of_several_goods_the_named_ones_are_meant(said: str, line_id: str | None) -> None:
    one = step("replacement_request", order("Merino socks, L", "Wool cap, grey"), text=said)
    if line_id is None:
        assert one.question is Question.WHICH
        assert "Merino socks, L, Wool cap, grey" in words(one)
    else:
        assert one.calls[0].args["line_id"] == line_id


def test_both_are_ordered_together_and_told_together() -> None:
    both = order("Merino socks, L", "Wool cap, grey")
    one = step("replacement_request", both, text="both came with holes")
    assert [call.args["line_id"] for call in one.calls] == ["L1", "L2"]


@pytest.mark.parametrize(
    ("earliest", "strict", "in_time"),
    [(22, False, True), (23, False, False), (22, True, False), (21, True, True)],
)
def test_before_sunday_is_not_on_sunday(earliest: int, strict: bool, in_time: bool) -> None:
    memory = MEMORY.model_copy(update={"deadline": "2026-11-22", "deadline_strict": strict})
    assert step("replacement_request", order(), memory=memory).calls[0].action == "delivery_promise"
    found = promise(date(2026, 11, earliest))
    one = step("replacement_request", order(), found, memory=memory)
    if in_time:
        assert one.calls[0].args["by"] == ("2026-11-21" if strict else "2026-11-22")
    else:
        assert one.question is Question.LATE
        assert f"{earliest} November" in words(one)
        assert not one.calls


def test_a_day_gone_by_is_no_deadline() -> None:
    memory = MEMORY.model_copy(update={"deadline": "2026-11-01"})
    (call,) = step("replacement_request", order(), memory=memory).calls
    assert "by" not in call.args


def test_a_replacement_is_told_with_the_promised_day_only() -> None:
    done = ReplacementResult(replacement_id="1", status=WriteStatus.DONE)
    said = words(step("replacement_request", order(), Done(call=REPLACE, key="k", result=done)))
    assert said == "I have ordered a replacement for Enamel mug."
    dated = done.model_copy(update={"promised_for": date(2026, 11, 20)})
    said = words(step("replacement_request", order(), Done(call=REPLACE, key="k", result=dated)))
    assert "Friday, 20 November" in said


# --- where is it


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("shipped", "on its way"),
        ("In Transit", "on its way"),
        ("Waiting for paint", "“Waiting for paint”"),
    ],
)
def test_a_status_is_told_in_plain_words(status: str, said: str) -> None:
    one = step("order_status", order(status=status))
    assert said in words(one)
    assert "sorry" not in words(one)
    assert "sorry" in words(step("delivery_late", order(status=status)))


def test_a_parcel_that_only_the_shop_saw_goes_to_people() -> None:
    one = step("not_received", order(status="Delivered"))
    assert one.handoff
    assert one.handoff.reason == "not_received"
    assert step("not_received", order(status="shipped")).handoff is None


def test_a_failed_look_up_says_nothing_of_the_order() -> None:
    call = Call(action="order_status", args={"order_id": "A-1"})
    one = step("order_status", Failed(call=call, why="503"))
    assert "A-1" not in words(one)
    assert one.handoff
    refused = Refused(call=call, reason=Refusal.NOT_PROVED, detail="")
    assert step("order_status", refused) == Step(mismatch=True)


def test_an_answer_of_another_kind_is_a_failure_not_a_riddle() -> None:
    odd = replace(order(), result=Promise(earliest=TODAY, latest=TODAY))
    assert step("order_status", odd).handoff
    odd_write = Known(call=REFUND, result=Promise(earliest=TODAY, latest=TODAY))
    told = step("refund_request", charges(charge("C2")), order(), odd_write)
    assert "got no confirmation" in words(told)
