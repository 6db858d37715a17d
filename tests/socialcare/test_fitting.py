"""What does not fit where one answer is all there is, is said to be missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcare.fitting import fitted

REST = "More by direct message."


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        (70, "We open at 9:00. We ship for 3.95 GBP.\n\nMore by direct message."),
        (45, "We open at 9:00.\n\nMore by direct message."),
        (30, "More by direct message."),
    ],
)
def test_whole_sentences_are_kept(limit: int, left: str) -> None:
    words = "We open at 9:00. We ship for 3.95 GBP.\n\nReturns are free."
    assert fitted(words, rest=REST, fits=lambda text: len(text) <= limit) == left


@given(st.text(max_size=300), st.integers(30, 200))
def test_whatever_is_said_fits_or_is_the_pointer_alone(words: str, limit: int) -> None:
    text = fitted(words, rest=REST, fits=lambda text: len(text) <= limit)
    assert text.endswith(REST)
    assert len(text) <= limit
