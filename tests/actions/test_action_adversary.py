"""A brain that works for the attacker."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from actions.action import Call
from actions.connectors.contract import BadAnswer, ConnectorError, Lost, Rejected, Unreachable
from config.money import Money
from config.stages import Stage
from tests.actions.shop_counter import MINE, ORDER, Counter, context

IDS = st.sampled_from([ORDER, "B-20001", "Z-1", "ch_1", "ch_2", "ch_9", "ch_b", "1", "", "../x"])
AMOUNTS = st.one_of(
    st.floats(),
    st.integers(),
    st.decimals(0, 1000, places=2).map(str),
    st.sampled_from(["NaN", "inf", "1e12", "-5", "50", "24.90", "\uff10\uff15", None, True]),
)
LEAVES = st.one_of(IDS, AMOUNTS, st.none(), st.booleans(), st.text(max_size=8))
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
ALMOST_RIGHT = st.fixed_dictionaries(
    {
        "order_id": st.sampled_from([ORDER, ORDER, f"#{ORDER.lower()}", "B-20001"]),
        "charge_id": st.sampled_from(["ch_1", "ch_2", "ch_2", "ch_9", "ch_b"]),
        "amount": st.sampled_from(["24.90", 24.9, "49.99", 50, "50.01", 300, "500.01", 1e12]),
        "currency": st.sampled_from(["GBP", "GBP", "GBP", "EUR"]),
        "reason": st.just("x"),
    }
)
BENT = st.builds(
    lambda args, more: args | more,
    ALMOST_RIGHT,
    st.dictionaries(st.sampled_from(["amount", "order_id", "charge_id", "x"]), JUNK, min_size=1),
)
CALLS = st.one_of(
    *[st.builds(Call, action=st.just("refund"), args=ALMOST_RIGHT)] * 3,
    st.builds(Call, action=st.just("refund"), args=BENT),
    st.builds(
        Call,
        action=st.sampled_from(["refund", "replacement", "charges", "order_status", "x"]),
        args=st.dictionaries(st.sampled_from(["order_id", "line_id", "email", "y"]), JUNK),
    ),
)
FAULTS = st.sampled_from([None, None, Lost("x"), BadAnswer("x"), Rejected(409), Unreachable("x")])


@given(
    calls=st.lists(st.tuples(CALLS, FAULTS, st.sampled_from(["before", "after"])), max_size=12),
    stage=st.sampled_from([*Stage, Stage.AUTONOMOUS, Stage.AUTONOMOUS]),
    proved=st.sampled_from([True, True, False]),
)
@settings(max_examples=150, deadline=None)
def test_a_hostile_brain_moves_no_more_than_the_limits(
    calls: list[tuple[Call, ConnectorError | None, str]], stage: Stage, *, proved: bool
) -> None:
    counter = Counter()
    of_turn = context(stage=stage, proofs=MINE if proved else ())

    async def attack() -> None:
        for call, fault, when in calls:
            faults = {} if fault is None else {"refund": fault}
            counter.shop.before = faults if when == "before" else {}
            counter.shop.after = faults if when == "after" else {}
            await counter.run(call, of_turn)

    asyncio.run(attack())

    given_back = counter.shop.given_back
    assert all(Money(0, "GBP") < money <= Money(5000, "GBP") for _, money in given_back)
    assert len({charge_id for charge_id, _ in given_back}) == len(given_back)
    assert all(charge_id in {"ch_1", "ch_2", "ch_9"} for charge_id, _ in given_back)
    if stage is not Stage.AUTONOMOUS or not proved:
        assert given_back == []
