"""Money back and goods sent again for one order: without a signature never more than the goods."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.action import Call, Done, NeedsSignOff, Permitted, Refusal, Refused
from actions.amends import BEYOND, Given
from actions.connectors.contract import Lost
from config.stages import Stage
from conversation.ledger import CallState
from tests.actions.shop_counter import (
    ORDER,
    Counter,
    charge,
    context,
    order_of,
    refund,
    replacement,
)

MUG, SOCKS = 2490, 1800


@pytest.fixture
def counter() -> Counter:
    """A mug, charged twice, and socks: each within what the bot may do alone."""
    return _counter(charge("ch_1", "42.90"), charge("ch_2", "42.90"))


def _counter(*charges: dict[str, Any]) -> Counter:
    made = Counter()
    order = order_of(ORDER, "ann@example.com")
    line = {"sku": "X", "quantity": 1, "currency": "GBP"}
    order["lines"] = [
        {**line, "line_id": "mug", "title": "Mug", "amount": "24.90"},
        {**line, "line_id": "socks", "title": "Socks", "amount": "18.00"},
    ]
    made.shop.orders[ORDER] = order
    made.shop.charges[ORDER] = list(charges)
    return made


def again(line_id: str) -> Call:
    return replacement(line_id=line_id)


async def test_a_second_charge_goes_back_and_the_goods_come_again(counter: Counter) -> None:
    assert isinstance(await counter.run(refund("ch_2", "42.90"), context()), Done)
    assert isinstance(await counter.run(again("mug"), context()), Done)
    assert isinstance(await counter.run(again("socks"), context()), Done)


async def test_who_got_the_money_back_gets_new_goods_by_a_signature_only(counter: Counter) -> None:
    for charge_id in ("ch_1", "ch_2"):
        assert isinstance(await counter.run(refund(charge_id, "42.90"), context()), Done)

    judged = await counter.engine.judge(again("mug"), context())

    assert isinstance(judged, NeedsSignOff)
    assert judged.record.summary.endswith(
        "The order's goods are worth 42.90 GBP: 85.80 GBP went back."
    )


async def test_who_got_new_goods_gets_the_money_by_a_signature_only(counter: Counter) -> None:
    for line_id in ("mug", "socks"):
        assert isinstance(await counter.run(again(line_id), context()), Done)
    assert isinstance(await counter.run(refund("ch_1", "42.90"), context()), Done)  # the second one

    judged = await counter.engine.judge(refund("ch_2", "42.90"), context())

    assert isinstance(judged, NeedsSignOff)
    assert "goods worth 42.90 GBP were sent again" in judged.record.summary


async def test_what_a_colleague_signed_is_done(counter: Counter) -> None:
    for charge_id in ("ch_1", "ch_2"):
        await counter.run(refund(charge_id, "42.90"), context())
    judged = await counter.engine.judge(again("mug"), context())
    assert isinstance(judged, NeedsSignOff)
    counter.book.commit(judged.record, CallState.AWAITING)
    allowed = counter.book.commit(judged.record, CallState.ALLOWED)

    outcome = await counter.engine.execute(counter.book.commit(allowed, CallState.EXECUTING))

    assert isinstance(outcome, Done)


async def test_two_that_are_decided_at_once_see_each_other_before_they_are_done() -> None:
    counter = _counter(charge("ch_1", "42.90"))
    decided = [
        await counter.engine.judge(call, context(conversation=name))
        for name, call in (("a", refund("ch_1", "42.90")), ("b", again("mug")))
    ]
    rows = []
    for one in decided:
        assert isinstance(one, Permitted)
        rows.append(counter.book.commit(one.record, CallState.EXECUTING))

    outcomes = [await counter.engine.execute(row) for row in rows]

    assert [type(one) for one in outcomes] == [Refused, Refused]
    assert all(one.reason is Refusal.NOTHING_LEFT for one in outcomes if isinstance(one, Refused))
    assert not counter.shop.done


async def test_a_refund_that_is_done_and_not_noted_yet_counts_once(counter: Counter) -> None:
    judged = await counter.engine.judge(refund("ch_2", "42.90"), context())
    assert isinstance(judged, Permitted)
    row = counter.book.commit(judged.record, CallState.EXECUTING)
    assert isinstance(await counter.engine.execute(row), Done)

    assert isinstance(await counter.engine.judge(again("mug"), context()), Permitted)


async def test_a_refund_that_waits_for_a_signature_counts(counter: Counter) -> None:
    await counter.run(refund("ch_1", "42.90"), context())
    judged = await counter.engine.judge(refund("ch_2", "42.90"), context(stage=Stage.COPILOT))
    assert isinstance(judged, NeedsSignOff)
    counter.book.commit(judged.record, CallState.AWAITING)

    assert isinstance(await counter.engine.judge(again("mug"), context()), NeedsSignOff)


async def test_books_that_cannot_be_read_make_a_colleague_sign(counter: Counter) -> None:
    counter.shop.before["charges"] = Lost("no answer")

    judged = await counter.engine.judge(again("mug"), context())

    assert isinstance(judged, NeedsSignOff)
    assert "could not be looked up" in judged.record.summary


async def test_money_of_another_currency_cannot_be_weighed(counter: Counter) -> None:
    counter.shop.charges[ORDER] = [charge("ch_1", "50.00", "EUR") | {"refunded": "50.00"}]

    assert isinstance(await counter.engine.judge(again("mug"), context()), NeedsSignOff)


async def test_a_discount_is_no_amends() -> None:
    counter = _counter(charge("ch_1", "10.00"))

    assert isinstance(await counter.run(again("mug"), context()), Done)


async def test_nothing_the_customer_says_looks_like_a_signed_row(counter: Counter) -> None:
    call = again("mug")
    forged = replace(call, args={**call.args, "reason": f"lost{BEYOND}"})
    for charge_id in ("ch_1", "ch_2"):
        await counter.run(refund(charge_id, "42.90"), context())

    assert isinstance(await counter.engine.judge(forged, context()), NeedsSignOff)


wishes = st.lists(
    st.one_of(
        st.builds(
            refund,
            st.sampled_from(["ch_1", "ch_2"]),
            st.integers(1, 4290).map(lambda minor: f"{minor / 100:.2f}"),
        ),
        st.builds(again, st.sampled_from(["mug", "socks"])),
    ),
    max_size=8,
)


@given(wishes=wishes, twice=st.booleans())
async def test_whatever_is_wished_no_more_is_given_than_the_goods_are_worth(
    wishes: list[Call], twice: bool
) -> None:
    charges = [charge("ch_1", "42.90"), *([charge("ch_2", "42.90")] if twice else [])]
    counter = _counter(*charges)
    for wish in wishes:
        await counter.run(wish, context())

    rows = [row for row in counter.book.rows.values() if row.state is CallState.DONE]
    sums = {"refund": 0, "replacement": 0}
    for row in rows:
        assert row.amount is not None
        sums[row.action] += row.amount.minor
    overcharged = 4290 if twice else 0
    assert max(0, sums["refund"] - overcharged) + sums["replacement"] <= MUG + SOCKS


@given(
    goods=st.integers(0, 10_000),
    charged=st.integers(0, 20_000),
    back=st.integers(0, 20_000),
    again=st.integers(0, 10_000),
    more=st.integers(1, 10_000),
)
def test_the_more_was_given_the_less_may_be(
    goods: int, charged: int, back: int, again: int, more: int
) -> None:
    had = Given(currency="GBP", goods=goods, charged=charged, back=back, again=again)

    if had.exceeded_by(goods=more):
        assert replace(had, back=back + 1).exceeded_by(goods=more)
        assert replace(had, again=again + 1).exceeded_by(goods=more)
        assert had.exceeded_by(goods=more + 1)


async def test_goods_worth_beyond_belief_are_a_colleagues_to_judge(counter: Counter) -> None:
    """F24: a shop that speaks of more money than there is ends no turn."""
    line = {"line_id": "moon", "sku": "X", "title": "Moon", "currency": "GBP"}
    counter.shop.orders[ORDER]["lines"].append(
        {**line, "quantity": 100_000, "amount": "9999999999999.99"}
    )

    judged = await counter.engine.judge(again("mug"), context())

    assert isinstance(judged, NeedsSignOff)
    assert judged.record.summary.endswith(
        "What was given for this order before could not be looked up."
    )
