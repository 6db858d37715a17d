"""The notes: bounded, readable by later versions, and never a reason to fail."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.memory import WISHES_KEPT, Memory, Question, Wish, WishStatus, recall


def test_notes_come_back_as_they_were() -> None:
    wish = Wish(topic="refund_request", status=WishStatus.WAITING, question=Question.LATE)
    memory = Memory(wishes=(wish,), order_id="A-1", email="a@b.example", asked=("email",))
    assert recall(memory.model_dump_json()) == memory


def test_fields_of_a_later_version_are_left_out() -> None:
    later = {"order_id": "A-1", "moon": 1, "wishes": [{"topic": "x", "sun": 2}]}
    assert recall(json.dumps(later)) == Memory(order_id="A-1", wishes=(Wish(topic="x"),))


@pytest.mark.parametrize(
    "garbage", ["", "{", "null", "[]", "7", '{"wishes": 3}', '{"asked": [[]]}', "\x00", "\ud800"]
)
def test_unreadable_notes_are_forgotten(garbage: str) -> None:
    assert recall(garbage) == Memory()


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(recall(text), Memory)


def test_notes_too_many_to_be_ours_are_forgotten() -> None:
    wishes = [{"topic": "refund_request"}] * (WISHES_KEPT + 1)
    assert recall(json.dumps({"wishes": wishes, "order_id": "A-1"})) == Memory()
