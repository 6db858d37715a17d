"""The turn's time, split."""

from datetime import UTC, datetime, timedelta

import pytest

from brain.deadlines import LEAST, RESERVE, Deadline

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
def test_the_fallback_always_keeps_its_time(left: timedelta, given: timedelta | None) -> None:
    assert Deadline(at=NOW + left).for_model(NOW, TIMEOUT) == given


def test_where_nobody_waits_the_timeout_rules() -> None:
    assert Deadline(at=None).for_model(NOW, TIMEOUT) == TIMEOUT
