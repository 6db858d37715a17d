"""Sign-offs: one exact call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actions.approvals import fits, make_approval
from config.money import Money
from conversation.ledger import ApprovalState, CallRecord, CallState

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
RECORD = CallRecord(
    key="refund:abc:0",
    conversation="c1",
    turn="t1",
    action="refund",
    connector="billing",
    args='{"amount": "24.90"}',
    amount=Money(2490, "GBP"),
    state=CallState.AWAITING,
    summary="Refund 24.90 GBP of charge ch_2 (order A-10293)",
)
APPROVAL = make_approval(RECORD, asked_at=NOW, expires_at=NOW + timedelta(minutes=30))


def test_a_sign_off_waits_under_an_opaque_id() -> None:
    assert APPROVAL.state is ApprovalState.WAITING
    assert len(APPROVAL.id) == 32
    assert "24.90" not in APPROVAL.id
    assert APPROVAL.digest == RECORD.digest


def test_the_same_turn_asks_once_and_a_later_one_again() -> None:
    same = make_approval(RECORD, asked_at=NOW, expires_at=NOW)
    later = make_approval(replace(RECORD, turn="t2"), asked_at=NOW, expires_at=NOW)

    assert same.id == APPROVAL.id
    assert later.id != APPROVAL.id


@pytest.mark.parametrize(
    ("change", "fitting"),
    [
        ({}, True),
        ({"state": CallState.ALLOWED}, True),
        ({"args": '{"amount": "249.00"}'}, False),
        ({"connector": "other"}, False),
        ({"action": "replacement"}, False),
        ({"key": "refund:abc:1"}, False),
        ({"conversation": "c2"}, False),
    ],
)
def test_a_sign_off_fits_no_other_call(change: dict[str, str], *, fitting: bool) -> None:
    changed = replace(RECORD, **change)  # type: ignore[arg-type]  # one table for fields of two types

    assert fits(APPROVAL, changed) is fitting
