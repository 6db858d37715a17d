"""Whose order it is: what is shown, and what money asks for."""

import pytest

from actions.action import Call, Failed, Known, Permitted, Refusal, Refused
from actions.connectors.contract import (
    BadAnswer,
    ConnectorError,
    Lost,
    NotFound,
    Rejected,
    Unreachable,
)
from actions.ports import OrderView
from conversation.events import Proof
from tests.actions.shop_counter import ORDER, Counter, context, refund, replacement


@pytest.mark.parametrize(
    ("args", "level"),
    [
        ({"email": " ANN@example.com "}, "order_email"),
        ({"postcode": "sw1a1aa"}, "order_postcode"),
        ({"email": "ann@example.com", "postcode": "wrong"}, "order_email"),
        ({"email": "bob@example.com"}, None),
        ({"email": ""}, None),
        ({"postcode": "SW1A"}, None),
        ({}, None),
    ],
)
async def test_an_order_is_shown_to_whom_it_belongs(
    counter: Counter, args: dict[str, str], level: str | None
) -> None:
    call = Call(action="order_status", args={"order_id": ORDER} | args)
    judged = await counter.engine.judge(call, context(proofs=()))

    if level is None:
        assert isinstance(judged, Refused)
        assert judged.reason is Refusal.NOT_PROVED
    else:
        assert isinstance(judged, Known)
        assert judged.proof == Proof(order_id=ORDER, level=level)
        assert isinstance(judged.result, OrderView)
        shown = judged.result.model_dump_json()
        assert "ann@" not in shown
        assert "SW1A" not in shown


@pytest.mark.parametrize("nothing", [{"email": ""}, {"postcode": " "}])
async def test_an_order_without_a_contact_is_nobodys(
    counter: Counter, nothing: dict[str, str]
) -> None:
    counter.shop.orders[ORDER] |= {"email": None, "postcode": ""}
    call = Call(action="order_status", args={"order_id": ORDER} | nothing)

    assert isinstance(await counter.engine.judge(call, context(proofs=())), Refused)


@pytest.mark.parametrize("action", ["order_status", "charges", "refund", "replacement"])
async def test_an_unknown_order_looks_like_somebody_elses(counter: Counter, action: str) -> None:
    proofs = (
        Proof(order_id="Z-99999", level="order_email"),
        Proof(order_id="B-20001", level="order_postcode"),
    )

    async def answer(order_id: str) -> tuple[object, str]:
        args: dict[str, object] = {"order_id": order_id}
        if action == "refund":
            args = dict(refund(order_id=order_id).args)
        if action == "replacement":
            args = dict(replacement(order_id=order_id).args)
        judged = await counter.engine.judge(Call(action=action, args=args), context(proofs=proofs))
        assert isinstance(judged, Refused)
        return judged.reason, judged.detail

    unknown, others = await answer("Z-99999"), await answer(ORDER)

    assert unknown == others
    assert unknown[0] is Refusal.NOT_PROVED


@pytest.mark.parametrize(
    ("identity", "level", "allowed"),
    [
        (None, "order_email", True),
        (None, "order_postcode", False),
        ("order_email", "order_postcode", False),
        ("order_postcode", "order_postcode", True),
        ("order_postcode", "order_email", True),
        ("code", "order_email", False),
        ("platform", "order_email", False),
    ],
)
async def test_money_asks_for_the_proof_that_is_configured(
    counter: Counter, identity: str | None, level: str, *, allowed: bool
) -> None:
    if identity is not None:
        counter.limits["refund"]["identity"] = identity
    proofs = (Proof(order_id="#a-10293", level=level),)
    charges = Call(action="charges", args={"order_id": ORDER})

    judged = await counter.engine.judge(refund(), context(proofs=proofs))
    looked = await counter.engine.judge(charges, context(proofs=proofs))

    assert isinstance(judged, Permitted) is allowed
    assert isinstance(looked, Known) is allowed


async def test_a_delivery_promise_is_for_the_lines_own_address(counter: Counter) -> None:
    call = Call(action="delivery_promise", args={"order_id": ORDER, "line_id": "1"})

    assert isinstance(await counter.engine.judge(call, context()), Known)


async def test_a_delivery_promise_is_for_a_line_of_the_order(counter: Counter) -> None:
    call = Call(action="delivery_promise", args={"order_id": ORDER, "line_id": "7"})

    judged = await counter.engine.judge(call, context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.NOT_FOUND


@pytest.mark.parametrize(
    ("operation", "error", "outcome"),
    [
        ("order", Rejected(422), Refusal.NOT_PROVED),
        ("order", Rejected(403), None),
        ("order", Lost("late"), None),
        ("charges", NotFound("404"), Refusal.NOT_FOUND),
        ("charges", BadAnswer("odd"), Refusal.BAD_ANSWER),
        ("charges", Unreachable("down"), None),
    ],
)
async def test_a_shop_that_does_not_answer(
    counter: Counter, operation: str, error: ConnectorError, outcome: Refusal | None
) -> None:
    counter.shop.before[operation] = error
    for call in (Call(action="charges", args={"order_id": ORDER}), refund()):
        judged = await counter.engine.judge(call, context())
        if outcome is None:
            assert isinstance(judged, Failed)
        else:
            assert isinstance(judged, Refused)
            assert judged.reason is outcome


async def test_a_connector_that_hangs_is_given_up(counter: Counter) -> None:
    counter.shop.before["order"] = TimeoutError()  # type: ignore[assignment]  # breaks the contract

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Failed)


async def test_another_customers_refund_is_not_told_about(counter: Counter) -> None:
    await counter.run(refund(), context())
    thief = (Proof(order_id="B-20001", level="order_email"),)

    judged = await counter.engine.judge(refund(order_id="B-20001"), context(proofs=thief))

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.NOT_FOUND
