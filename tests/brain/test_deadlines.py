"""The turn's time, split: each row of the table by its number."""

from datetime import UTC, datetime, timedelta

import pytest

from brain.deadlines import KNOWLEDGE, LEAST, LEAST_TURN, RESERVE, Deadline

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TIMEOUT = timedelta(seconds=15)


@pytest.mark.parametrize(
    ("left", "given"),
    [
        (timedelta(minutes=1), TIMEOUT),
        (timedelta(seconds=10), timedelta(seconds=10) - RESERVE),
        (RESERVE + LEAST, LEAST),
        (RESERVE + LEAST - timedelta(milliseconds=1), None),
        (timedelta(0), None),
        (timedelta(seconds=-5), None),
    ],
)
def test_row_3_to_6_the_fallback_always_keeps_its_time(
    left: timedelta, given: timedelta | None
) -> None:
    assert Deadline(at=NOW + left).for_model(NOW, TIMEOUT) == given


def test_where_nobody_waits_the_timeout_rules() -> None:
    assert Deadline(at=None).for_model(NOW, TIMEOUT) == TIMEOUT


@pytest.mark.parametrize(
    ("left", "given"),
    [
        (timedelta(minutes=1), KNOWLEDGE),
        (RESERVE + timedelta(seconds=1.5), timedelta(seconds=1.5)),
        (timedelta(0), LEAST),
    ],
)
def test_row_2_a_search_has_its_own_time_and_never_the_reserve(
    left: timedelta, given: timedelta
) -> None:
    assert Deadline(at=NOW + left).for_knowledge(NOW) == given
    assert Deadline(at=None).for_knowledge(NOW) == KNOWLEDGE


@pytest.mark.parametrize(
    ("left", "given"),
    [
        (timedelta(minutes=1), timedelta(minutes=1)),
        (timedelta(seconds=2), LEAST_TURN),
        (timedelta(hours=-3), LEAST_TURN),
    ],
)
def test_row_9_even_a_late_message_is_thought_about(left: timedelta, given: timedelta) -> None:
    assert Deadline(at=NOW + left).for_turn(NOW) == given
    assert Deadline(at=None).for_turn(NOW) == LEAST_TURN
