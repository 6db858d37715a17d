"""The board tells each browser the latest of what it has not seen, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialcare.demo.board import GONE_MAX, Board

KEYS = st.sampled_from(["a/1", "a/2", "b/1"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, st.integers(0, 2)),
        st.tuples(st.just("drop"), KEYS, st.just(0)),
        st.tuples(st.just("read"), st.just(""), st.just(0)),
    ),
    max_size=30,
)


@given(STEPS)
def test_a_reader_who_takes_up_where_it_was_knows_what_there_is(
    steps: list[tuple[str, str, int]],
) -> None:
    board, version = Board(), 0
    model: dict[str, Any] = {}
    reader: dict[str, Any] = {}
    for what, key, value in [*steps, ("read", "", 0)]:
        if what == "put":
            board.put(key, {"value": value})
            model[key] = {"value": value}
        elif what == "drop":
            board.drop(key)
            model.pop(key, None)
        else:
            for one in board.since(version):
                assert one.version > version
                version = one.version
                reader[one.key] = json.loads(one.text)
            assert {key: doc for key, doc in reader.items() if doc is not None} == model
            assert board.since(version) == []


def test_what_reads_the_same_is_no_news() -> None:
    board = Board()
    board.put("a", {"x": 1})
    (one,) = board.since(0)
    board.put("a", {"x": 1})
    assert board.since(one.version) == []


def test_a_kind_is_kept_to_so_many() -> None:
    board = Board()
    for number in range(10):
        board.put(f"turn/{number}", {"n": number})
    board.put("turn/0", {"n": "changed"})
    board.put("other", {})
    board.keep("turn/", 3)
    assert board.keys("turn/") == ["turn/8", "turn/9", "turn/0"]
    assert board.keys("other") == ["other"]


def test_what_is_gone_is_forgotten_in_the_end() -> None:
    board = Board()
    for number in range(GONE_MAX + 50):
        board.put(f"a/{number}", {})
        board.drop(f"a/{number}")
    assert len(board.since(0)) == GONE_MAX
    # Who may not have heard of what is forgotten reads everything anew.
    assert board.read(f"{board.run}.40") == 0
    assert board.read(f"{board.run}.{2 * GONE_MAX}") == 2 * GONE_MAX


def test_lone_surrogates_can_be_sent() -> None:
    board = Board()
    board.put("a", {"text": "\ud800"})
    (one,) = board.since(0)
    assert one.text.encode()


@pytest.mark.parametrize("place", ["", "x", "x.7", "9", "{run}.", "{run}.x", "{run}.-1"])
def test_a_place_that_is_none_of_ours_means_everything(place: str) -> None:
    board = Board()
    assert board.read(place.replace("{run}", board.run)) == 0


def test_a_place_of_ours_is_taken_up() -> None:
    board = Board()
    assert board.read(f"{board.run}.7") == 7
