from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.durations import duration_text, parse_duration


@given(st.integers(0, 300_000_000))
def test_a_written_span_reads_back(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_duration(duration_text(span)) == span


@pytest.mark.parametrize(
    ("text", "seconds"), [("5s", 5), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("0s", 0)]
)
def test_spans_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "s", "-5s", "1.5h", "5 s", "5S", "5s ", "\u0665s", "99999d"]
)
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(ValueError, match=r"ten years|not a duration"):
        parse_duration(text)
