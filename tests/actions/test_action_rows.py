"""What a wish meets when the ledger knows it already."""

from dataclasses import replace
from typing import Any

import pytest

from actions.action import (
    AwaitingSignOff,
    Done,
    Failed,
    NeedsSignOff,
    Permitted,
    Refusal,
    Refused,
    Unknown,
)
from actions.connectors.contract import Lost, Unreachable
from actions.ledger_keys import GENERATIONS_MAX
from conversation.ledger import CallState
from tests.actions.shop_counter import (
    ORDER,
    Counter,
    context,
    executing,
    refund,
    replacement,
    row_in,
)


@pytest.mark.parametrize(
    ("state", "conversation", "why", "expected"),
    [
        (CallState.AWAITING, "c1", None, AwaitingSignOff),
        (CallState.ALLOWED, "c1", None, Permitted),
        (CallState.ALLOWED, "c2", None, Unknown),
        (CallState.EXECUTING, "c1", None, Unknown),
        (CallState.UNKNOWN, "c1", None, Unknown),
        (CallState.REFUSED, "c1", "above_limit", Permitted),
        (CallState.REFUSED, "c1", "expired", Permitted),
        (CallState.REFUSED, "c1", "rejected", Refused),
        (CallState.REFUSED, "c2", "rejected", NeedsSignOff),
        (CallState.DONE, "c1", None, Unknown),  # done, but the row holds no answer
        (CallState.FAILED, "c1", None, Permitted),
    ],
)
async def test_a_wish_meets_its_row(
    counter: Counter, state: CallState, conversation: str, why: str | None, expected: type
) -> None:
    await row_in(counter, state, conversation=conversation, why=why)

    assert isinstance(await counter.engine.judge(refund(), context()), expected)
    assert counter.shop.given_back == []


async def test_a_failed_wish_comes_back_under_the_next_key_a_few_times(counter: Counter) -> None:
    keys = set()
    for _ in range(GENERATIONS_MAX):
        judged = await counter.engine.judge(refund(), context())
        assert isinstance(judged, Permitted)
        keys.add(judged.record.key)
        counter.book.rows[judged.record.key] = replace(judged.record, state=CallState.FAILED)

    assert len(keys) == GENERATIONS_MAX
    assert isinstance(await counter.engine.judge(refund(), context()), Failed)


async def test_a_failed_wish_that_came_to_life_is_not_done_again(counter: Counter) -> None:
    row = await row_in(counter, CallState.FAILED)
    counter.shop.done[row.key] = {"refund_id": "re_9", "status": "done"}

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Done)
    assert judged.key == row.key


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"refund_id": "re_9", "status": "failed"}, Permitted),
        ({"refund_id": "re_9", "status": "pending"}, Unknown),
        ({"refund_id": "re_9"}, Failed),
    ],
)
async def test_a_failed_wish_is_looked_up_before_it_comes_back(
    counter: Counter, answer: dict[str, Any], expected: type
) -> None:
    row = await row_in(counter, CallState.FAILED)
    counter.shop.done[row.key] = answer

    assert isinstance(await counter.engine.judge(refund(), context()), expected)


async def test_books_that_cannot_be_read_settle_nothing(counter: Counter) -> None:
    row = await executing(counter)
    counter.shop.before["charges"] = Unreachable("down")

    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


async def test_a_lost_replacement_is_found_by_its_key(counter: Counter) -> None:
    counter.shop.after["replacement"] = Lost("timeout")

    assert isinstance(await counter.run(replacement(), context()), Done)


async def test_goods_worth_more_than_belief(counter: Counter) -> None:
    line = counter.shop.orders[ORDER]["lines"][0]
    counter.shop.orders[ORDER]["lines"][0] = line | {"amount": "9e12", "quantity": 100_000}

    judged = await counter.engine.judge(replacement(), context())

    assert isinstance(judged, Refused)
    assert judged.reason is Refusal.BAD_ANSWER


async def test_a_row_of_a_connector_that_is_gone_does_nothing(counter: Counter) -> None:
    row = replace(await executing(counter), connector="gone")

    assert isinstance(await counter.engine.execute(row), Failed)
    assert isinstance(await counter.engine.reconcile(row, final=True), Unknown)


async def test_an_unfinished_wish_stays_unknown_while_nobody_answers(counter: Counter) -> None:
    row = await row_in(counter, CallState.UNKNOWN)
    counter.shop.before["charges"] = Unreachable("down")

    judged = await counter.engine.judge(refund(), context())

    assert isinstance(judged, Unknown)
    assert judged.key == row.key
