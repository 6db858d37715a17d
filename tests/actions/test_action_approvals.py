"""Sign-offs: one exact call, and only by those who may."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actions.approvals import fits, make_approval, may_sign
from config.desk import Roles
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
ROLES = Roles.model_validate(
    {
        "colleague": {"members": ["S0CARE"], "act_up_to": "50 GBP"},
        "approver": {"members": ["U0APPROVE", "S0LEADS"], "sign_up_to": "500 GBP"},
        "admin": {"members": ["U0ADMIN"]},
    }
)


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


@pytest.mark.parametrize(
    ("user_id", "groups", "amount", "may"),
    [
        ("U0APPROVE", (), "500 GBP", True),
        ("U0APPROVE", (), "500.01 GBP", False),
        ("U0APPROVE", (), "1 EUR", False),
        ("U0APPROVE", (), None, True),
        ("U0OTHER", ("S0LEADS",), "500 GBP", True),
        ("U0OTHER", ("S0CARE",), "1 GBP", False),
        ("U0OTHER", ("S0CARE",), None, False),
        ("U0OTHER", (), "1 GBP", False),
        ("U0ADMIN", (), "9000 EUR", True),
        ("", (), None, False),
    ],
)
def test_who_may_sign(
    user_id: str, groups: tuple[str, ...], amount: str | None, *, may: bool
) -> None:
    money = None if amount is None else Money.parse(amount)

    assert may_sign(roles=ROLES, user_id=user_id, user_groups=groups, amount=money) is may


def test_a_colleague_with_a_limit_of_their_own_may_sign_up_to_it() -> None:
    roles = Roles.model_validate({"colleague": {"members": ["U0ANN"], "sign_up_to": "20 GBP"}})

    assert may_sign(roles=roles, user_id="U0ANN", amount=Money(2000, "GBP"))
    assert not may_sign(roles=roles, user_id="U0ANN", amount=Money(2001, "GBP"))


def test_where_nobody_is_named_nobody_signs() -> None:
    assert not may_sign(roles=Roles(), user_id="U0ANN", amount=Money(1, "GBP"))
