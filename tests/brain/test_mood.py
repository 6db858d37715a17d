"""A conversation that goes the wrong way is noticed; one that was bad and is good again is not."""

from collections.abc import Callable

import pytest

from brain.mood import is_falling
from brain.triage import Understanding

Understand = Callable[[str], Understanding]


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


@pytest.mark.parametrize(
    ("text", "moods"),
    [
        ("YOU ARE LATE AGAIN", {"angry"}),
        ("holy shit these boots are amazing", {"happy", "neutral"}),
        ("this shit came broken, great", {"upset", "angry"}),
        ("can't complain, all good", {"happy", "neutral"}),
        ("not bad at all!", {"happy", "neutral"}),
        ("i'm not angry, just want to know", {"happy", "neutral"}),
        ("I am not happy with it at all", {"upset", "angry"}),
        (":(", {"upset"}),
        ("\U0001f62d\U0001f62d where is it", {"upset"}),
        ("\U0001f62d\u2764\ufe0f love these", {"happy"}),
        ("great, another broken one. thanks a lot", {"upset", "neutral", "angry"}),
        ("DHL", {"neutral"}),
        ("OK USA", {"neutral"}),
    ],
)
def test_a_mood(understand: Understand, text: str, moods: set[str]) -> None:
    assert understand(text).mood in moods


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("it's not that urgent but where is it", "low"),
        ("this isn\u2019t urgent", "low"),
        ("don't rush", "low"),
        ("no need to hurry", "low"),
        ("there's no rush at all", "low"),
        ("URGENT please", "high"),
        ("hurry up", "high"),
        ("where is my order", "normal"),
    ],
)
def test_how_much_it_hurries(understand: Understand, text: str, urgency: str) -> None:
    assert understand(text).urgency == urgency
