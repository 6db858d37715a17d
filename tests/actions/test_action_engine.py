"""The gate to the brand's systems: which wishes are done, signed for, or refused."""

import pytest

from actions.action import Call, Done, NeedsSignOff, Permitted, Refusal, Refused
from actions.ports import RefundResult
from config.money import Money
from config.stages import Stage, Surface
from conversation.ledger import CallState
from tests.actions.shop_counter import ORDER, Counter, charge, context, refund, replacement


async def test_a_refund_within_limits_is_done_once_however_often_it_is_wished(
    counter: Counter,
) -> None:
    first = await counter.run(refund(), context())
    second = await counter.run(refund(amount=24.89), context(conversation="c2"))

    assert isinstance(first, Done)
    assert isinstance(first.result, RefundResult)
    assert not first.repeated
    assert isinstance(second, Done)
    assert second.repeated
    assert second.key == first.key
    assert second.call.args["amount"] == "24.90"
    assert counter.shop.given_back == [("ch_1", Money(2490, "GBP"))]


async def test_the_ledger_row_says_what_will_be_done(counter: Counter) -> None:
    judged = await counter.engine.judge(refund(amount=24.9), context())

    assert isinstance(judged, Permitted)
    assert judged.record.summary == f"Refund 24.90 GBP of charge ch_1 (order {ORDER})"
    assert judged.record.amount == Money(2490, "GBP")
    assert judged.record.connector == "shop"
    assert judged.record.state is CallState.ALLOWED


@pytest.mark.parametrize(
    ("call", "stage", "expected"),
    [
        (refund("ch_2", "50"), Stage.AUTONOMOUS, Permitted),
        (refund("ch_2", "50.01"), Stage.AUTONOMOUS, NeedsSignOff),
        (refund("ch_9", "500"), Stage.AUTONOMOUS, NeedsSignOff),
        (refund("ch_1", "1"), Stage.COPILOT, NeedsSignOff),
        (replacement(), Stage.AUTONOMOUS, Permitted),
        (replacement(), Stage.COPILOT, NeedsSignOff),
    ],
)
async def test_limits_decide_who_does_it(
    counter: Counter, call: Call, stage: Stage, expected: type
) -> None:
    assert isinstance(await counter.engine.judge(call, context(stage=stage)), expected)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (refund("ch_9", "500.01"), Refusal.ABOVE_LIMIT),
        (refund("ch_1", "24.91"), Refusal.ABOVE_LIMIT),
        (refund("ch_b", "10"), Refusal.NOT_FOUND),
        (refund(currency="EUR"), Refusal.BAD_ANSWER),
        (refund(amount="NaN"), Refusal.INVALID),
        (refund(amount=float("nan")), Refusal.INVALID),
        (refund(amount=float("inf")), Refusal.INVALID),
        (refund(amount=-1), Refusal.INVALID),
        (refund(amount=0), Refusal.INVALID),
        (refund(amount=True), Refusal.INVALID),
        (refund(amount=1e12), Refusal.ABOVE_LIMIT),
        (refund(amount="1e99"), Refusal.INVALID),
        (refund(amount=10**6000), Refusal.INVALID),
        (refund(amount="24.999"), Refusal.INVALID),
        (refund(amount={"minor": 1}), Refusal.INVALID),
        (refund(approved=True), Refusal.INVALID),
        (refund(seen="0"), Refusal.INVALID),
        (refund(reason="x" * 201), Refusal.INVALID),
        (refund(order_id="\ud800"), Refusal.INVALID),
        (refund(order_id="x" * 10_000), Refusal.INVALID),
        (replacement(line_id="7"), Refusal.NOT_FOUND),
        (replacement(by="soon"), Refusal.INVALID),
        (Call(action="refund", args={}), Refusal.INVALID),
        (Call(action="delete_shop", args={}), Refusal.UNKNOWN_ACTION),
    ],
)
async def test_what_is_not_right_is_refused(counter: Counter, call: Call, reason: Refusal) -> None:
    judged = await counter.engine.judge(call, context())

    assert isinstance(judged, Refused)
    assert judged.reason is reason


async def test_what_is_above_every_sign_off_is_refused_with_its_amount(counter: Counter) -> None:
    judged = await counter.engine.judge(refund("ch_9", "900"), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.ABOVE_LIMIT
    assert "900.00 GBP" in judged.detail


async def test_a_charge_that_went_back_has_nothing_left(counter: Counter) -> None:
    counter.shop.charges[ORDER][0]["refunded"] = "24.90"

    judged = await counter.engine.judge(refund(amount="1"), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.NOTHING_LEFT


async def test_a_limit_over_time_that_is_used_up_makes_a_colleague_sign(counter: Counter) -> None:
    counter.limits["refund"]["per_customer"] = {"window": "30d", "total": "30 GBP"}
    first = await counter.run(refund("ch_1", "24.90"), context())
    assert isinstance(first, Done)
    again = await counter.run(refund("ch_1", "24.90"), context())
    assert isinstance(again, Done), "the same wish is not had twice"
    counter.shop.charges[ORDER].append(charge("ch_3", "5.11"))
    judged = await counter.engine.judge(refund("ch_3", "5.11"), context())
    assert isinstance(judged, NeedsSignOff)
    assert judged.why == "per_customer is used up"
    counter.shop.charges[ORDER].append(charge("ch_4", "5.10"))
    assert isinstance(await counter.run(refund("ch_4", "5.10"), context()), Done)


async def test_without_a_limit_a_colleague_signs(counter: Counter) -> None:
    counter.limits = {}

    for call in (refund(amount="0.01"), replacement()):
        assert isinstance(await counter.engine.judge(call, context()), NeedsSignOff)


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("surface", list(Surface))
async def test_only_what_is_offered_is_judged(
    counter: Counter, stage: Stage, surface: Surface
) -> None:
    offered = counter.engine.offered(stage, surface)
    status = Call(action="order_status", args={"order_id": ORDER})
    for call in (status, refund()):
        judged = await counter.engine.judge(call, context(stage=stage, surface=surface))
        refused = isinstance(judged, Refused) and judged.reason is Refusal.NOT_OFFERED
        assert refused is (call.action not in offered)
    if surface is Surface.PUBLIC or stage < Stage.SCRIPTED:
        assert not offered
        assert counter.shop.asked == []
    assert ("refund" in offered) is (surface is Surface.PRIVATE and stage >= Stage.COPILOT)
