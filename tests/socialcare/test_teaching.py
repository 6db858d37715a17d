"""What is taught and laid down is what a start reads again."""

from pathlib import Path

import pytest

from brain import heads
from brain.encoder import UseEncoder
from brain.examples import Example
from brain.heads import shipped_heads
from socialcare import teaching

LATE = ("where is my parcel", "it has not come yet", "still waiting for the box", "Is it late?")
HOURS = ("when do you open", "are you open on sunday", "until when is the shop open", "Open now?")
TAUGHT = [Example("late", text) for text in LATE] + [Example("hours", text) for text in HOURS]


def test_a_text_of_two_lessons_has_one_row() -> None:
    rows = teaching.rows_of({"topics": TAUGHT, "moods": [Example("neutral", LATE[0].upper())]})
    assert list(rows.values()) == list(range(len(TAUGHT)))


def test_what_was_taught_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = UseEncoder()
    monkeypatch.setattr(teaching, "lessons", lambda: dict.fromkeys(heads.LESSONS, TAUGHT))
    monkeypatch.setattr(teaching, "_FOLDER", tmp_path)
    monkeypatch.setattr(heads, "LEARNT", tmp_path)
    teaching.teach(encoder, 8)
    assert "learning topics from 8 examples" in capsys.readouterr().out
    found = shipped_heads(encoder)
    assert found.encoder.dimensions == 8
    for one in (found.topics, found.moods, found.risks):
        ranked = one.rank(["where is the box", "are you open now"])
        assert [each.best for each in ranked] == ["late", "hours"]


def test_topics_that_are_as_they_were_are_not_learnt_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = UseEncoder()
    taught = dict.fromkeys(heads.LESSONS, TAUGHT)
    monkeypatch.setattr(teaching, "lessons", lambda: taught)
    monkeypatch.setattr(teaching, "_FOLDER", tmp_path)
    monkeypatch.setattr(heads, "LEARNT", tmp_path)
    teaching.teach(encoder, 8)
    before = shipped_heads(encoder)
    taught["moods"] = [*TAUGHT, Example("hours", "a whole new text"), Example("hours", "closed?")]
    capsys.readouterr()
    teaching.teach(encoder, 8)
    assert "learning topics" not in capsys.readouterr().out
    after = shipped_heads(encoder)
    assert len(after.moods.head.owners) == len(before.moods.head.owners) + 2
    said = ["where is the box", "are you open now"]
    assert after.topics.rank(said) == before.topics.rank(said)
    taught["topics"] = [*TAUGHT, Example("late", "a whole new text")]
    teaching.teach(encoder, 8)
    assert "learning topics from 9" in capsys.readouterr().out
