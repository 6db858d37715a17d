"""What the model may cost: a turn, a customer's day, the brand's day."""

from datetime import date
from decimal import Decimal

import pytest

from brain.model import ModelFailure, ModelTrouble
from brain.spending import Spending
from config.schema import Model

DAY, NEXT = date(2026, 11, 20), date(2026, 11, 21)
PRICES = {"input": "0.25 USD", "output": "2 USD"}


def spending(**budget: str) -> Spending:
    return Spending(Model.model_validate({"prices": PRICES, "budget": budget}))


def test_tokens_are_priced_per_million_tokens() -> None:
    assert spending().cost(1_000_000, 500_000) == Decimal("1.25")
    assert Spending(Model()).cost(1_000_000, 500_000) == 0


@pytest.mark.parametrize(
    ("budget", "turn", "other_customer_goes_on"),
    [
        ({"per_turn": "0.05 USD"}, Decimal("0.05"), False),
        ({"per_customer_day": "0.50 USD"}, Decimal(0), True),
        ({"per_day": "0.50 USD"}, Decimal(0), False),
    ],
)
def test_a_budget_that_is_used_up_lets_nothing_more_go(
    budget: dict[str, str], turn: Decimal, *, other_customer_goes_on: bool
) -> None:
    counted = spending(**budget)
    counted.allow(customer="ana", turn=Decimal(0), today=DAY)
    counted.note(Decimal("0.50"), customer="ana", today=DAY)
    with pytest.raises(ModelTrouble) as trouble:
        counted.allow(customer="ana", turn=turn, today=DAY)
    assert trouble.value.failure is ModelFailure.BUDGET
    if other_customer_goes_on:
        counted.allow(customer="bob", turn=turn, today=DAY)
    counted.allow(customer="ana", turn=Decimal(0), today=NEXT)
