"""Short answers are read as a person would; a yes with a condition is none."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brain.answers import answer_in, means_the_other, taken_back

KNOWN: dict[str, Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(("text", "answer"), KNOWN["answers"])
def test_an_answer(text: str, answer: bool | None) -> None:
    assert answer_in(text) is answer


@pytest.mark.parametrize("row", KNOWN["taken_back"])
def test_a_change_of_mind(row: list[str]) -> None:
    text, *what = row
    assert taken_back(text) == frozenset(what)


@pytest.mark.parametrize("text", KNOWN["the_other"])
def test_the_other_one(text: str) -> None:
    assert means_the_other(text)


@pytest.mark.parametrize("text", KNOWN["not_the_other"])
def test_not_the_other_one(text: str) -> None:
    assert not means_the_other(text)


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert answer_in(text) in {True, False, None}
    assert taken_back(text) <= {"refund", "replacement", "any"}
    if taken_back(text):
        assert answer_in(text) is False, "who takes something back says no yes"
