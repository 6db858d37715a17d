"""What the model may cost: a turn, a customer's day, the brand's day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from brain.model import ModelFailure, ModelTrouble, Said
from brain.spending import ANSWER_TOKENS, Account, Spending
from config.schema import Model
from tests.spend_book import Book

DAY, NEXT = date(2026, 11, 20), date(2026, 11, 21)
PRICES = {"input": "0.25 USD", "output": "2 USD"}
ANA = Account(turn="t1", customer="ana", day=DAY)
ASKED = (Said(role="user", text="x" * 2_997),)
"""A thousand tokens."""
LIKELY = 250 + 2 * ANSWER_TOKENS
"""Millionths that a call with it sets aside."""


LIKELY_TOKENS = 1_000 + ANSWER_TOKENS


def counts(book: Book) -> dict[str, int]:
    """What was counted, by what it is of."""
    return {scope.removeprefix("model:"): n for (scope, _), n in book.counted.items()}


def spending(book: Book | None = None, **budget: str) -> Spending:
    settings = Model.model_validate({"prices": PRICES, "budget": budget})
    return Spending(settings=settings, book=book or Book())


def test_tokens_are_priced_per_million_tokens() -> None:
    assert spending().cost(1_000_000, 500_000) == Decimal("1.25")
    assert Spending(settings=Model(), book=Book()).cost(1_000_000, 500_000) == 0


@pytest.mark.parametrize(
    ("budget", "same", "other"),
    [
        ({"per_turn": "0.05 USD"}, ANA, replace(ANA, turn="t2")),
        ({"per_customer_day": "0.50 USD"}, replace(ANA, turn="t2"), replace(ANA, customer="bob")),
        ({"per_day": "0.50 USD"}, replace(ANA, turn="t2", customer="bob"), replace(ANA, day=NEXT)),
    ],
)
async def test_a_budget_that_is_used_up_lets_nothing_more_go(
    budget: dict[str, str], same: Account, other: Account
) -> None:
    book = Book()
    counted = spending(book, **budget)
    await counted.settle(await counted.reserve(ANA, ASKED), Decimal("0.50"), 1_000)
    # Another process, or the same one begun anew.
    for one in (counted, spending(book, **budget)):
        with pytest.raises(ModelTrouble) as trouble:
            await one.reserve(same, ASKED)
        assert trouble.value.failure is ModelFailure.BUDGET
    await counted.reserve(other, ASKED)


async def test_what_was_set_aside_is_put_right() -> None:
    book = Book()
    counted = spending(book, per_day="1 USD")
    reserved = await counted.reserve(ANA, ASKED)
    told = "before the call: whoever dies has counted it"
    assert counts(book) == {"tokens:turn:t1": LIKELY_TOKENS, "USD:day:": LIKELY}, told
    await counted.settle(reserved, Decimal("0.0001"), 40)
    assert counts(book) == {"tokens:turn:t1": 40, "USD:day:": 100}
    await counted.settle(await counted.reserve(ANA, ASKED), Decimal(0), 0)
    assert counts(book) == {"tokens:turn:t1": 40, "USD:day:": 100}


async def test_calls_under_way_are_seen_by_the_next() -> None:
    counted = spending(per_day="0.01 USD")
    for _ in range(10_000 // LIKELY):
        await counted.reserve(ANA, ASKED)
    with pytest.raises(ModelTrouble):
        await counted.reserve(ANA, ASKED)


async def test_only_the_turns_tokens_are_counted_where_nothing_else_limits() -> None:
    book = Book()
    for one in (spending(book), Spending(settings=Model(), book=book)):
        await one.settle(await one.reserve(ANA, ASKED), Decimal(5), 70)
    assert counts(book) == {"tokens:turn:t1": 140}


@pytest.mark.parametrize(
    ("tokens", "same", "other", "whose"),
    [
        ({"per_turn": 2_000}, ANA, replace(ANA, turn="t2"), "turn"),
        ({"per_customer_day": 2_000}, replace(ANA, turn="t2"), replace(ANA, customer="bob"),
         "customer"),
        ({"per_customer_day": 2_000}, replace(ANA, turn="t2"), replace(ANA, day=NEXT), "customer"),
        ({"per_day": 2_000}, replace(ANA, turn="t2", customer="bob"), replace(ANA, day=NEXT),
         "day"),
    ],
)  # fmt: skip
async def test_rows_10_to_12_tokens_that_are_used_up_let_nothing_more_go(
    tokens: dict[str, int], same: Account, other: Account, whose: str
) -> None:
    """Without prices: a model of one's own costs nothing, and has an end all the same."""
    book = Book()
    one = Spending(settings=Model.model_validate({"tokens": tokens}), book=book)
    await one.settle(await one.reserve(ANA, ASKED), Decimal(0), 1_999)
    await one.settle(await one.reserve(same, ASKED), Decimal(0), 1)  # the last one
    again = Spending(settings=one.settings, book=book)
    for each in (one, again):
        with pytest.raises(ModelTrouble, match=f"the {whose}'s tokens are used up") as trouble:
            await each.reserve(same, ASKED)
        assert trouble.value.failure is ModelFailure.BUDGET
    await one.reserve(replace(other, turn="t9"), ASKED)


async def test_tokens_that_are_used_up_leave_the_money_as_it_was() -> None:
    book = Book()
    settings = Model.model_validate(
        {"prices": PRICES, "budget": {"per_day": "9 USD"}, "tokens": {"per_day": 1_000}}
    )
    one = Spending(settings=settings, book=book)
    await one.settle(await one.reserve(ANA, ASKED), Decimal("0.50"), 1_000)
    with pytest.raises(ModelTrouble):
        await one.reserve(ANA, ASKED)
    assert counts(book) == {"tokens:turn:t1": 1_000, "tokens:day:": 1_000, "USD:day:": 500_000}
