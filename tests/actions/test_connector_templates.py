"""A brand's templates filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.connectors.contract import NotFound
from actions.connectors.templates import (
    MissingArgumentError,
    fill_body,
    fill_path,
    fill_query,
)


def test_values_of_a_path_are_encoded() -> None:
    assert fill_path("/o/{id}/x", {"id": "#A 1/2?k=ü"}) == "/o/%23A%201%2F2%3Fk%3D%C3%BC/x"


@pytest.mark.parametrize("value", ["", ".", "..", "../admin", "a/../b", "..\\x"])
def test_no_value_names_another_path(value: str) -> None:
    with pytest.raises(NotFound):
        fill_path("/orders/{id}", {"id": value})


@given(st.text(min_size=1).filter(lambda text: text.isascii()))
def test_a_value_stays_one_segment(value: str) -> None:
    try:
        path = fill_path("/orders/{id}/end", {"id": value})
    except NotFound:
        return
    assert path.count("/") == 3
    assert not set(path) & set("?#\\ \r\n")


def test_a_body_keeps_types_and_leaves_out_what_is_left_out() -> None:
    template = {"lines": "{line_ids}", "by": "{by}", "n": 1, "note": "for {id}", "null": None}
    values = {"line_ids": ("1", "2"), "by": None, "id": "{by}", "amount": 5}

    assert fill_body(template, values) == {
        "lines": ["1", "2"],
        "n": 1,
        "note": "for {by}",
        "null": None,
    }
    assert fill_body(["{amount}", True], values) == [5, True]


def test_a_query_is_words() -> None:
    values = {"key": "k:1", "by": None, "lines": ("1", "2")}

    assert fill_query({"k": "{key}", "by": "{by}", "l": "{lines}"}, values) == {
        "k": "k:1",
        "l": "1,2",
    }


def test_a_place_that_nothing_fills_is_said() -> None:
    with pytest.raises(MissingArgumentError):
        fill_body({"x": "{nothing}"}, {})


def test_a_template_has_a_bottom() -> None:
    deep: object = "{id}"
    for _ in range(30):
        deep = [deep]
    with pytest.raises(ValueError, match="deep"):
        fill_body(deep, {"id": "1"})
