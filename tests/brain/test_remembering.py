"""What a conversation remembers is what the log has, and no claim hides behind an older deed."""

from datetime import UTC, datetime

import pytest

from brain.remembering import SUMMARY_MAX, not_done_before, summed_up
from conversation.events import IssueSeen
from conversation.ledger import CallState
from conversation.state import Act, ConversationState, Waiting

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def act(summary: str, *, state: str = CallState.DONE, action: str = "refund") -> Act:
    return Act(at=NOW, action=action, state=state, summary=summary, key="k")


REFUND = act("Refund 42.00 GBP of charge ch_1 (order A-10388)")


def test_the_summary_names_wishes_deeds_and_what_waits() -> None:
    state = ConversationState(
        issues=(IssueSeen(topic="duplicate_charge", text="charged twice"),),
        acts=(REFUND, act("Replace the lamp", state="refused", action="replacement")),
        waiting=(
            Waiting(approval_id="a", call_key="k", summary="Refund 180.00 GBP", expires_at=NOW),
        ),
        deadline="2026-11-22",
    )
    told = summed_up(state, [IssueSeen(topic="replacement_request", text="")])
    for words in (
        "Charged twice; Wants a replacement",
        "Refund 42.00 GBP of charge ch_1 (order A-10388) (done)",
        "Replace the lamp (refused)",
        "Waits for a sign-off: Refund 180.00 GBP",
        "Needed by 2026-11-22",
    ):
        assert words in told
    assert summed_up(ConversationState()) == ""


def test_a_summary_stays_short() -> None:
    state = ConversationState(acts=tuple(act("x" * 900) for _ in range(20)))
    assert len(summed_up(state)) <= SUMMARY_MAX


@pytest.mark.parametrize(
    ("sentence", "language", "said_before"),
    [
        ("I have refunded £42.00 for order A-10388", "en", True),
        ("Your refund for order A-10388 has been processed", "en", True),
        ("Ich habe 42,00 € für die Bestellung A-10388 erstattet", "de", True),
        ("I have refunded you", "en", False),
        ("I have refunded £43.00 for order A-10388", "en", False),
        ("I have refunded £42.00 for order A-10389", "en", False),
        ("I have ordered a replacement for order A-10388", "en", False),
    ],
)
def test_a_deed_may_be_told_again_by_its_numbers(
    sentence: str, language: str, said_before: bool
) -> None:
    assert (not_done_before([sentence], language, [REFUND]) == ()) is said_before


@pytest.mark.parametrize("state", ["refused", "unknown", "awaiting", "executing"])
def test_what_was_not_done_proves_nothing(state: str) -> None:
    claim = "I have refunded £42.00 for order A-10388"
    assert not_done_before([claim], "en", [act(REFUND.summary, state=state)]) == (claim,)
