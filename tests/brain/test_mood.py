"""A conversation that goes the wrong way is noticed; one that was bad and is good again is not."""

import pytest

from brain.mood import is_falling


@pytest.mark.parametrize(
    ("moods", "falls"),
    [
        ([], False),
        (["angry"], False),
        (["neutral", "neutral"], False),
        (["neutral", "upset"], True),
        (["happy", "neutral", "angry"], True),
        (["upset", "upset"], True),
        (["angry", "upset"], True),
        (["angry", "neutral"], False),
        (["upset", "angry", "happy"], False),
        (["angry", "neutral", "neutral", "neutral", "neutral"], False),
        (["somebody else's word", "upset"], True),
    ],
)
def test_a_fall(moods: list[str], falls: bool) -> None:
    assert is_falling(moods) is falls
