"""How far the bot may go alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.limits import Verdict, ceilings_of, judge, passed
from config.actions import Action
from config.money import MINOR_MAX, Money
from config.stages import Stage, Surface
from conversation.ceilings import Used, and_one

MONEY = st.builds(
    Money,
    st.one_of(st.integers(-MINOR_MAX, MINOR_MAX), st.integers(-1, 10_000)),
    st.sampled_from(["GBP", "EUR", "JPY"]),
)
LIMIT = st.one_of(st.none(), MONEY.filter(lambda money: money.minor >= 0))
SETTINGS = st.builds(
    lambda alone, signed: Action(autonomous_up_to=alone, sign_off_up_to=signed), LIMIT, LIMIT
)


def verdict(amount: Money | None, settings: Action, stage: Stage = Stage.AUTONOMOUS) -> Verdict:
    return judge(amount, settings=settings, stage=stage, surface=Surface.PRIVATE)


@given(amount=st.one_of(st.none(), MONEY), settings=SETTINGS, stage=st.sampled_from(Stage))
def test_alone_only_up_to_a_limit_in_the_same_currency(
    amount: Money | None, settings: Action, stage: Stage
) -> None:
    if verdict(amount, settings, stage) is Verdict.WITHIN:
        assert stage is Stage.AUTONOMOUS
        assert amount is not None
        assert settings.autonomous_up_to is not None
        assert Money.zero(amount.currency) <= amount <= settings.autonomous_up_to


@given(amount=MONEY, settings=SETTINGS, stage=st.sampled_from(Stage))
def test_nothing_above_what_may_be_signed_is_ever_asked(
    amount: Money, settings: Action, stage: Stage
) -> None:
    top = settings.sign_off_up_to
    if top is not None and top.currency == amount.currency and amount > top:
        assert verdict(amount, settings, stage) in {Verdict.ABOVE_LIMIT, Verdict.NOT_OFFERED}


@given(amount=st.one_of(st.none(), MONEY), settings=SETTINGS, stage=st.sampled_from(Stage))
def test_nothing_is_written_in_public_or_below_copilot(
    amount: Money | None, settings: Action, stage: Stage
) -> None:
    public = judge(amount, settings=settings, stage=stage, surface=Surface.PUBLIC)

    assert public is Verdict.NOT_OFFERED
    assert (verdict(amount, settings, stage) is Verdict.NOT_OFFERED) is (stage < Stage.COPILOT)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Money(5000, "GBP"), Verdict.WITHIN),
        (Money(5001, "GBP"), Verdict.NEEDS_SIGN_OFF),
        (Money(50000, "GBP"), Verdict.NEEDS_SIGN_OFF),
        (Money(50001, "GBP"), Verdict.ABOVE_LIMIT),
        (Money(1, "EUR"), Verdict.NEEDS_SIGN_OFF),
        (Money(-1, "GBP"), Verdict.ABOVE_LIMIT),
        (None, Verdict.NEEDS_SIGN_OFF),
    ],
)
def test_the_bounds_belong_to_the_limits(amount: Money | None, expected: Verdict) -> None:
    settings = Action(autonomous_up_to=Money(5000, "GBP"), sign_off_up_to=Money(50000, "GBP"))

    assert verdict(amount, settings) is expected


def test_evidence_that_nobody_judges_makes_a_colleague_sign() -> None:
    settings = Action.model_validate({"autonomous_up_to": "50 GBP", "evidence": "photo"})

    assert verdict(Money(1, "GBP"), settings) is Verdict.NEEDS_SIGN_OFF


# --- limits over time


WINDOWS = Action.model_validate(
    {
        "autonomous_up_to": "50 GBP",
        "per_customer": {"window": "30d", "total": "120 GBP", "count": 3},
        "per_channel": {"window": "24h", "total": "2000 GBP"},
        "per_brand": {"window": "24h", "count": 100},
    }
)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CEILINGS = ceilings_of(WINDOWS, action="refund", customer="u_1", channel="telegram", now=NOW)


def test_each_limit_over_time_is_held_where_it_belongs() -> None:
    customer, channel, brand = CEILINGS
    assert (customer.customer, customer.channel) == ("u_1", None)
    assert (channel.customer, channel.channel) == (None, "telegram")
    assert (brand.customer, brand.channel) == (None, None)
    assert [NOW - one.since for one in CEILINGS] == [timedelta(days=days) for days in (30, 1, 1)]
    assert len({one.scope for one in CEILINGS}) == 3
    assert ceilings_of(Action(), action="refund", customer="u", channel="c", now=NOW) == ()


@pytest.mark.parametrize(
    ("used", "amount", "full"),
    [
        ((Used(), Used(), Used()), Money(5000, "GBP"), None),
        ((Used(count=2, minor=7000), Used(), Used()), Money(5000, "GBP"), None),
        ((Used(count=2, minor=7001), Used(), Used()), Money(5000, "GBP"), "per_customer"),
        ((Used(count=3), Used(), Used()), Money(1, "GBP"), "per_customer"),
        ((Used(), Used(minor=195_001), Used()), Money(5000, "GBP"), "per_channel"),
        ((Used(), Used(), Used(count=100)), Money(1, "GBP"), "per_brand"),
        ((Used(), Used(), Used()), Money(1, "EUR"), "per_customer"),
        ((Used(), Used(), Used()), None, "per_customer"),
    ],
)
def test_the_first_that_is_used_up(
    used: tuple[Used, ...], amount: Money | None, full: str | None
) -> None:
    found = passed(amount, CEILINGS, used)

    assert (found.name if found else None) == full


@given(
    total=st.integers(0, 300),
    count=st.integers(1, 6),
    wishes=st.lists(st.integers(0, 120), max_size=20),
)
def test_what_passes_never_adds_up_to_more(total: int, count: int, wishes: list[int]) -> None:
    limit = {"window": "1h", "total": str(Money(total, "GBP")), "count": count}
    settings = Action.model_validate({"per_brand": limit})
    (one,) = ceilings_of(settings, action="refund", customer="u", channel="c", now=NOW)
    used = Used()
    for minor in wishes:
        amount = Money(minor, "GBP")
        if passed(amount, (one,), (used,)) is None:
            used = and_one(one, used, amount)
    assert used.minor <= total
    assert used.count <= count
