"""What the brand's systems answer, read once."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.connectors.amounts import in_major_units
from actions.connectors.contract import BadAnswer
from actions.ports import (
    RefundResult,
    WriteStatus,
    read_charges,
    read_order,
    read_promise,
    read_refund,
    read_replacement,
)
from config.money import Money

ORDER: dict[str, Any] = {
    "order_id": "A-1",
    "customer_id": 7,
    "email": "ann@example.com",
    "postcode": None,
    "status": "shipped",
    "placed_at": "2026-11-01T10:00:00",
    "lines": [
        {"line_id": 1, "sku": "B", "title": None, "quantity": 1, "amount": 9.99, "currency": "GBP"}
    ],
    "tracking": "TRK1",
    "loyalty": "gold",
}
CHARGES: list[dict[str, Any]] = [
    {"charge_id": "ch_1", "amount": "24.90", "currency": "GBP", "at": None, "refunded": None},
    {"charge_id": "ch_2", "amount": 5, "currency": "GBP", "at": "2026-11-01", "refunded": 1.5},
]


def test_an_order_is_read() -> None:
    order = read_order(ORDER)

    assert order.lines[0].amount == Money(999, "GBP")
    assert order.lines[0].line_id == "1"
    assert order.placed_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert order.postcode == ""
    assert order.tracking is not None
    assert order.tracking.number == "TRK1"


def test_the_view_of_an_order_says_nothing_of_the_person() -> None:
    assert set(read_order(ORDER).view.model_dump()) == {
        "order_id",
        "status",
        "placed_at",
        "lines",
        "tracking",
    }


def test_charges_are_read() -> None:
    charges = read_charges(CHARGES, order_id="A-1")

    assert [each.left for each in charges.charges] == [Money(2490, "GBP"), Money(350, "GBP")]
    assert read_charges(None, order_id="A-1").charges == ()


@pytest.mark.parametrize(
    "change",
    [
        {"amount": "NaN"},
        {"amount": float("nan")},
        {"amount": float("inf")},
        {"amount": -1},
        {"amount": True},
        {"amount": 10**30},
        {"amount": "24.999"},
        {"amount": {"minor": 1}},
        {"amount": {"minor": 1, "currency": []}},
        {"amount": [1]},
        {"currency": "XXX"},
        {"currency": None},
        {"currency": ["GBP"]},
        {"refunded": "25"},
        {"refunded": -1},
        {"charge_id": ""},
        {"charge_id": None},
        {"charge_id": True},
        {"charge_id": "a\nb"},
        {"charge_id": "ch_2"},
        {"at": "yesterday"},
        {"order_id": "A-2"},
    ],
)
def test_charges_that_make_no_sense(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read_charges([CHARGES[0] | change, CHARGES[1]], order_id="A-1")


def test_a_fault_is_named_without_its_content() -> None:
    with pytest.raises(BadAnswer) as caught:
        read_order(ORDER | {"placed_at": "ann@example.com"})

    assert "placed_at" in str(caught.value)
    assert "ann@" not in str(caught.value)


def test_two_lines_of_one_id_make_no_sense() -> None:
    with pytest.raises(BadAnswer):
        read_order(ORDER | {"lines": ORDER["lines"] * 2})


def test_results_of_writes_are_read() -> None:
    refund = read_refund(
        {"refund_id": "re_1", "status": "done", "amount": "5", "currency": "GBP", "x": 1}
    )
    replacement = read_replacement(
        {"replacement_id": 5, "status": "pending", "promised_for": "2026-11-20T10:00:00Z"}
    )

    assert refund.amount == Money(500, "GBP")
    assert replacement.status is WriteStatus.PENDING
    assert replacement.promised_for == date(2026, 11, 20)


def test_a_result_comes_back_from_the_ledger_as_it_went_in() -> None:
    refund = read_refund({"refund_id": "r", "status": "done", "amount": "5", "currency": "GBP"})

    assert RefundResult.model_validate(json.loads(refund.model_dump_json())) == refund


def test_a_promise_ends_after_it_begins() -> None:
    day = date(2026, 11, 20)
    assert read_promise({"earliest": "2026-11-20", "latest": "2026-11-20"}).latest == day
    with pytest.raises(BadAnswer):
        read_promise({"earliest": "2026-11-20", "latest": "2026-11-19"})


def test_a_backend_that_counts_in_pence() -> None:
    mapped = [{"amount": 2490, "refunded": 0, "currency": "GBP", "id": 1}, {"amount": 5}]

    assert in_major_units(mapped) == [
        {"amount": "24.90", "refunded": "0.00", "currency": "GBP", "id": 1},
        {"amount": 5},
    ]
    for odd in ("24.90", 24.9, True, [1]):
        with pytest.raises(BadAnswer):
            in_major_units({"amount": odd, "currency": "GBP"})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(ORDER)), leaf=JSON, line=st.booleans(), whole=JSON)
def test_whatever_comes_is_an_order_or_a_bad_answer(
    name: str, leaf: object, whole: object, *, line: bool
) -> None:
    damaged = ORDER | {name: leaf}
    if line:
        damaged = ORDER | {"lines": [ORDER["lines"][0] | {"amount": leaf, "currency": whole}]}
    for mapped in (damaged, whole):
        for read in (read_order, read_refund, read_promise, in_major_units):
            try:
                read(mapped)
            except BadAnswer:
                continue
    try:
        read_charges([CHARGES[0] | {"amount": leaf}, whole], order_id="A-1")
    except BadAnswer:
        return
