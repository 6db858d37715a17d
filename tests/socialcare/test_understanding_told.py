"""What `socialcare understand` prints of one line."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from brain.embedded import Mind
from socialcare.understanding import told

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


def ask(mind: Mind, **line: Any) -> dict[str, Any]:
    return dict(told(json.dumps(line).encode(), mind=mind, now=NOW, timezone=LONDON))


def test_every_promised_name_is_there(mind: Mind) -> None:
    answer = ask(
        mind,
        text="I was charged twice, £24.90! Order A-10293, ana@northwind.example, +44 20 7946 0958",
    )
    assert set(answer) == {
        *("language", "topics", "issues", "entities", "mood", "urgency"),
        *("wants_human", "articles", "ms"),
        *("language_p", "moods", "risks", "opts_out", "asks_if_bot", "answer"),
        *("in_scope", "out_of_scope", "unwanted"),
    }
    assert answer["entities"]["order_ids"] == ["A-10293"]
    assert answer["entities"]["emails"] == ["ana@northwind.example"]
    assert answer["entities"]["amounts"] == [{"amount": "24.90", "currency": "GBP"}]
    assert answer["entities"]["phones"]
    assert answer["mood"] in {"angry", "upset", "neutral", "happy"}
    assert answer["urgency"] in {"low", "normal", "high"}
    issue = answer["issues"][0]
    assert set(issue) == {"start", "end", "topic", "p"}
    assert json.loads(json.dumps(answer)) == answer


def test_all_that_triage_hears_is_told_with_its_probability(mind: Mind) -> None:
    answer = ask(mind, text="are you a bot? the stove caught fire, I'll call my lawyer")
    assert answer["asks_if_bot"] is True
    assert [one["id"] for one in answer["risks"]][:2] == ["safety_issue", "legal_threat"]
    assert all(one["sure"] and 0 < one["p"] <= 1 for one in answer["risks"][:2])
    assert sum(one["p"] for one in answer["moods"]) == pytest.approx(1, abs=0.01)
    assert answer["urgency"] == "high"
    assert ask(mind, text="yes please")["answer"]["yes"] is True
    assert ask(mind, text="no thanks")["answer"]["yes"] is False
    assert ask(mind, text="where is my order")["answer"] is None


def test_issues_are_counted_in_code_points(mind: Mind) -> None:
    text = "🏕️ I was charged twice for the tent"
    issue = ask(mind, text=text)["issues"][0]
    assert "charged twice" in text[issue["start"] : issue["end"]]


def test_the_line_may_say_when_and_where(mind: Mind) -> None:
    near = ask(mind, text="I need it by Sunday", at="2026-11-18T12:00:00+00:00")
    far = ask(mind, text="I need it by Sunday", at="2026-11-25T12:00:00+00:00")
    assert near["entities"]["deadline"] == "2026-11-22"
    assert far["entities"]["deadline"] == "2026-11-29"
    west = ask(
        mind,
        text="I need it by tomorrow",
        at="2026-11-18T23:30:00",
        timezone="Pacific/Kiritimati",
    )
    assert west["entities"]["deadline"] == "2026-11-20"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "the line"),
        ("[]", "the line"),
        ("{}", "text"),
        ('{"text": 5}', "text"),
        ('{"text": "x", "surface": "wall"}', "surface"),
        ('{"text": "x", "at": "yesterday"}', "at"),
        ('{"text": "tomorrow", "at": "9999-12-31T23:59:59-12:00"}', "at"),
        ('{"text": "x", "timezone": "Mars/Olympus"}', "timezone"),
        ('{"text": "x", "timezone": "../../etc/passwd"}', "timezone"),
    ],
)
def test_a_bad_line_is_named(mind: Mind, line: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        told(line.encode(), mind=mind, now=NOW, timezone=LONDON)


@pytest.mark.parametrize("text", ["", " ", "\x00", "a" * 20_000, "😀" * 3_000, "\u202e"])
def test_any_text_is_understood_somehow(mind: Mind, text: str) -> None:
    assert ask(mind, text=text)["language"]
