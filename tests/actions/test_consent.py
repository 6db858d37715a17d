"""What a customer's words allow of a call that was judged already."""

from actions.action import Refusal
from actions.consent import Consent, exact_call
from config.money import Money
from conversation.ledger import CallRecord, CallState


def record(minor: int = 4200, *, action: str = "refund") -> CallRecord:
    return CallRecord(
        key=f"{action}:abc:0",
        conversation="c",
        turn="t",
        action=action,
        connector="shop",
        args="{}",
        amount=Money(minor, "GBP"),
        state=CallState.ALLOWED,
        summary="Refund",
    )


def test_where_nothing_is_asked_everything_may_go_on() -> None:
    assert Consent().refusal(record(), confirm=False) is None


def test_a_yes_is_to_exactly_one_call() -> None:
    yes = Consent(agreed=frozenset({exact_call(record())}))
    assert yes.refusal(record(), confirm=True) is None
    assert yes.refusal(record(4201), confirm=True) is Refusal.UNCONFIRMED
    assert yes.refusal(record(action="replacement"), confirm=True) is Refusal.UNCONFIRMED
    assert Consent().refusal(record(), confirm=True) is Refusal.UNCONFIRMED


def test_what_is_taken_back_is_not_begun_even_after_a_yes() -> None:
    both = Consent(agreed=frozenset({exact_call(record())}), withdrawn=frozenset({"refund"}))
    assert both.refusal(record(), confirm=True) is Refusal.WITHDRAWN
    assert both.refusal(record(action="replacement"), confirm=False) is None


def test_in_a_turn_that_a_person_must_see_nothing_is_changed() -> None:
    assert Consent(held=True).refusal(record(), confirm=False) is Refusal.NOT_OFFERED
