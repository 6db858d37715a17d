"""How far the bot may go alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.limits import Verdict, judge
from config.actions import Action
from config.money import MINOR_MAX, Money
from config.stages import Stage, Surface

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


@pytest.mark.parametrize(
    "more",
    [
        {"evidence": "photo"},
        {"per_customer": {"window": "30d", "count": 3}},
        {"per_channel": {"window": "24h", "total": "10 GBP"}},
        {"per_brand": {"window": "24h", "total": "10 GBP"}},
    ],
)
def test_a_limit_that_nobody_judges_makes_a_colleague_sign(more: dict[str, object]) -> None:
    settings = Action.model_validate({"autonomous_up_to": "50 GBP"} | more)

    assert verdict(Money(1, "GBP"), settings) is Verdict.NEEDS_SIGN_OFF
