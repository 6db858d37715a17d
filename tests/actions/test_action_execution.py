"""Doing it, whatever goes wrong on the way."""

from dataclasses import replace
from typing import Any

import pytest

from actions.action import Done, Failed, Permitted, Refusal, Refused, Unknown
from actions.connectors.contract import BadAnswer, Lost, NotFound, Rejected, Unreachable
from actions.engine import Engine
from config.money import Money
from config.schema import Settings
from config.stages import Stage, Surface
from conversation.clock import SystemClock
from conversation.ledger import CallState
from tests.actions.shop_counter import (
    ORDER,
    Counter,
    context,
    executing,
    order_of,
    refund,
    replacement,
    row_in,
)


@pytest.mark.parametrize(
    ("faults", "expected", "refunds"),
    [
        ({"after": {"refund": Lost("timeout")}}, Done, 1),
        ({"before": {"refund": Lost("reset")}}, Unknown, 0),
        ({"after": {"refund": Lost("x"), "find_refund": Lost("y")}}, Unknown, 1),
        ({"after": {"refund": BadAnswer("garbage")}}, Unknown, 1),
        ({"after": {"refund": Rejected(409)}}, Done, 1),
        ({"before": {"refund": Rejected(409)}}, Unknown, 0),
        ({"before": {"refund": Rejected(422)}}, Failed, 0),
        ({"before": {"refund": NotFound("404")}}, Failed, 0),
        ({"before": {"refund": Unreachable("refused")}}, Failed, 0),
        ({"answers": {"refund": {"status": "done"}}}, Unknown, 1),
        ({"answers": {"refund": {"refund_id": "r", "status": "failed"}}}, Failed, 1),
        ({"answers": {"refund": {"refund_id": "r", "status": "odd"}}}, Unknown, 1),
        ({"status": "pending"}, Unknown, 1),
    ],
)
async def test_whatever_happens_on_the_way_it_happens_once(
    counter: Counter, faults: dict[str, Any], expected: type, refunds: int
) -> None:
    for name, value in faults.items():
        setattr(counter.shop, name, value)

    outcome = await counter.run(refund(), context())

    assert isinstance(outcome, expected)
    assert len(counter.shop.given_back) == refunds


@pytest.mark.parametrize(("amount", "currency"), [("24.91", "GBP"), ("24.90", "EUR")])
async def test_another_amount_than_asked_for_is_for_a_person(
    counter: Counter, amount: str, currency: str
) -> None:
    counter.shop.answers["refund"] = {
        "refund_id": "r1",
        "status": "done",
        "amount": amount,
        "currency": currency,
    }

    outcome = await counter.run(refund(), context())

    assert isinstance(outcome, Unknown)
    assert outcome.why.startswith(Refusal.BAD_ANSWER)


async def test_pending_is_asked_again_until_it_is_done(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.done[row.key] = {"refund_id": "re_1", "status": "pending"}
    waiting = await counter.engine.reconcile(row, final=True)
    counter.shop.done[row.key]["status"] = "done"
    settled = await counter.engine.reconcile(row, final=True)

    assert isinstance(waiting, Unknown)
    assert waiting.why.startswith("pending")
    assert isinstance(settled, Done)


async def test_never_seen_counts_as_failed_only_on_a_later_asking(counter: Counter) -> None:
    row = await executing(counter)

    assert isinstance(await counter.engine.reconcile(row, final=False), Unknown)
    assert isinstance(await counter.engine.reconcile(row, final=True), Failed)


async def test_never_seen_with_changed_books_is_for_a_person(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.charges[ORDER][0]["refunded"] = "5"

    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


async def test_a_backend_that_cannot_be_asked_leaves_it_unknown(counter: Counter) -> None:
    row = await executing(counter)
    for error in (Unreachable("down"), Lost("late"), BadAnswer("odd"), Rejected(403)):
        counter.shop.before["find_refund"] = error
        assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


@pytest.mark.parametrize("refunded", ["24.90", "1"])
async def test_what_changed_after_the_sign_off_is_refused(counter: Counter, refunded: str) -> None:
    row = await executing(counter)
    counter.shop.charges[ORDER][0]["refunded"] = refunded

    outcome = await counter.engine.execute(row)

    assert isinstance(outcome, Refused)
    assert outcome.reason in {Refusal.NOTHING_LEFT, Refusal.ABOVE_LIMIT}
    assert counter.shop.given_back == []


async def test_a_part_refunded_by_somebody_else_voids_the_decision(counter: Counter) -> None:
    judged = await counter.engine.judge(refund(amount="10"), context())
    assert isinstance(judged, Permitted)
    counter.shop.charges[ORDER][0]["refunded"] = "1"

    outcome = await counter.engine.execute(replace(judged.record, state=CallState.EXECUTING))

    assert isinstance(outcome, Refused)
    assert outcome.reason is Refusal.NOTHING_LEFT
    assert counter.shop.given_back == []


async def test_a_second_execution_finds_the_first(counter: Counter) -> None:
    row = await executing(counter)
    first = await counter.engine.execute(row)
    for again in (False, True):
        assert await counter.engine.execute(row, again=again) == first

    assert len(counter.shop.given_back) == 1


async def test_a_row_taken_up_again_is_sent_when_it_never_was(counter: Counter) -> None:
    row = await executing(counter)

    assert isinstance(await counter.engine.execute(row, again=True), Done)


async def test_f09_a_row_taken_up_again_is_asked_about_before_anything_else(
    counter: Counter,
) -> None:
    """Trouble on the way proves nothing of one that may have been sent: never `Failed`."""
    row = await executing(counter)
    assert isinstance(await counter.engine.execute(row), Done)
    counter.shop.before = {"order": Unreachable("down"), "charges": Unreachable("down")}
    assert isinstance(await counter.engine.execute(row, again=True), Done), "its key is known"
    counter.shop.before["find_refund"] = Unreachable("down")
    assert isinstance(await counter.engine.execute(row, again=True), Unknown)
    assert len(counter.shop.given_back) == 1


async def test_a_row_that_is_not_executing_is_never_done(counter: Counter) -> None:
    row = await row_in(counter, CallState.AWAITING)

    with pytest.raises(ValueError, match="awaiting"):
        await counter.engine.execute(row)


@pytest.mark.parametrize("args", ["", "[]", "{}", '{"seen": 1}', '{"seen": "x", "amount": 5}'])
async def test_a_damaged_row_does_nothing(counter: Counter, args: str) -> None:
    row = replace(await executing(counter), args=args)

    assert isinstance(await counter.engine.execute(row), Failed)
    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)
    assert counter.shop.given_back == []


async def test_trouble_before_sending_is_no_mystery(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.before["order"] = Unreachable("down")
    assert isinstance(await counter.engine.execute(row), Failed)
    counter.shop.before["order"] = BadAnswer("garbage")
    assert isinstance(await counter.engine.execute(row), Refused)


@pytest.mark.parametrize(
    "answer",
    [None, [], "ok", {}, {"order_id": ORDER}, order_of("B-20001", "ann@example.com")],
)
async def test_an_order_that_makes_no_sense_is_refused(counter: Counter, answer: object) -> None:
    counter.shop.answers["order"] = answer

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.BAD_ANSWER


async def test_a_replacement_is_sent_once_per_line(counter: Counter) -> None:
    first = await counter.run(replacement(), context())
    second = await counter.run(replacement(by=None, reason="again"), context(conversation="c2"))

    assert isinstance(first, Done)
    assert first.amount == Money(4000, "GBP")
    assert isinstance(second, Done)
    assert second.repeated
    assert counter.shop.asked.count("replacement") == 1


async def test_an_action_without_its_connector_is_unknown() -> None:
    counter = Counter()
    engine = Engine(
        settings=Settings.model_validate({"brand": {"name": "Northwind"}}),
        connectors={},
        clock=SystemClock(),
        ledger=counter.book.look_up,
        used=counter.book.used,
    )

    assert engine.offered(Stage.AUTONOMOUS, Surface.PRIVATE) == frozenset()
