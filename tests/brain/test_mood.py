"""A conversation that goes the wrong way is noticed; one that was bad and is good again is not.

Hurry is heard in ten languages, and so is that there is none.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from brain.mood import is_falling, urgency
from brain.triage import Understanding
from brain.understood import MOOD_SURE

Understand = Callable[[str], Understanding]
HURRY: dict[str, list[str]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("hurry.yaml").read_text(encoding="utf-8")
)


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
    ("text", "hurry"),
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
def test_how_much_it_hurries(understand: Understand, text: str, hurry: str) -> None:
    assert understand(text).urgency == hurry


@pytest.mark.parametrize(
    ("heard", "text"), [(heard, text) for heard, texts in HURRY.items() for text in texts]
)
def test_hurry_in_ten_languages(heard: str, text: str) -> None:
    assert urgency(text, deadline=None, today=date(2026, 11, 18), danger=False) == heard


@pytest.mark.parametrize(
    "text",
    [
        "I won't wait, you are thieves!!",
        "ich warte nicht länger, ihr seid betrüger!!",
        "je n'attends plus, vous êtes des voleurs !!",
        "no espero más, sois unos ladrones!!",
        "non voglio aspettare, siete dei ladri!!",
        "não espero mais, são uns ladrões!!",
        "ik wacht niet langer, jullie zijn oplichters!!",
        "nie będę czekać, jesteście złodziejami!!",
    ],
)
def test_who_curses_is_surely_angry_in_any_language(
    understand: Callable[[str], Understanding], text: str
) -> None:
    found = understand(text)
    assert found.mood == "angry"
    assert dict(found.moods)["angry"] >= MOOD_SURE


@pytest.mark.parametrize(
    "text",
    [
        "vorrei scambiare il vestito rosso con quello verde",
        "kutu ezik geldi",
        "dno pudełka pękło",
        "o estafeta deixou a encomenda no vizinho",
    ],
)
def test_words_that_are_a_curse_elsewhere(
    understand: Callable[[str], Understanding], text: str
) -> None:
    assert dict(understand(text).moods)["angry"] < MOOD_SURE
