"""A model's wishes sorted: what may run, and what is but an error told to it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.model import ToolCall
from brain.toolbox import (
    CALLS_MAX,
    CALLS_OF_A_TURN,
    HAND_OVER,
    MODEL_ASKS,
    REASONS,
    SEARCH,
    Toolbox,
    Wanted,
    each_with_its_id,
)
from handoff.context import reason_title
from socialcare.offers import offers

OFFERED = frozenset({"order_status", "refund"})
REFUND = {
    "order_id": "A-1",
    "charge_id": "ch_1",
    "amount": "24.90",
    "currency": "GBP",
    "reason": "charged twice",
}


def wish(name: str, arguments: object, id_: str = "c1") -> ToolCall:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ToolCall(id=id_, name=name, arguments=text)


def sort(*calls: ToolCall, done: set[tuple[str, str]] | None = None) -> Wanted:
    restore = {"[EMAIL_1]": "ana@northwind.example"}
    return Toolbox(OFFERED, offers()).sort(
        calls, done=set() if done is None else done, restore=lambda text: restore.get(text, text)
    )


def test_only_what_is_offered_is_a_tool() -> None:
    assert {tool.name for tool in Toolbox(OFFERED, offers()).tools} == {SEARCH, HAND_OVER, *OFFERED}
    assert {tool.name for tool in Toolbox(frozenset({"format_disk"}), offers()).tools} == {
        SEARCH,
        HAND_OVER,
    }


def test_a_good_wish_becomes_a_call_with_the_real_values() -> None:
    wanted = sort(wish("order_status", {"order_id": "A-1", "email": "[EMAIL_1]"}))
    (call,) = wanted.calls
    assert call.args == {"order_id": "A-1", "email": "ana@northwind.example"}
    assert wanted.errors == []


@pytest.mark.parametrize(
    "bad",
    [
        wish("replacement", {"order_id": "A-1"}),
        wish("refund", '{"order_id": "A-1", "charge'),
        wish("refund", "[]"),
        wish("refund", {}),
        wish("refund", {**REFUND, "amount": "NaN"}),
        wish("refund", json.dumps(REFUND).replace('"24.90"', "NaN")),
        wish("refund", {**REFUND, "amount": "-5"}),
        wish("refund", {**REFUND, "amount": 1e300}),
        wish("refund", {**REFUND, "currency": "pounds"}),
        wish("refund", {**REFUND, "approved_by": "manager"}),
        wish("refund", "[" * 100_000),
    ],
)
def test_a_bad_wish_is_an_error_and_never_a_call(bad: ToolCall) -> None:
    """F20, T05: unknown, partial, malformed."""
    wanted = sort(bad)
    assert wanted.calls == ()
    ((call, error),) = wanted.errors
    assert call is bad
    assert json.loads(error)["error"]


def test_the_same_call_is_made_once_in_a_turn() -> None:
    done: set[tuple[str, str]] = set()
    first = sort(wish("refund", REFUND), wish("refund", REFUND, "c2"), done=done)
    assert len(first.calls) == 1
    assert [call.id for call, _ in first.errors] == ["c2"]
    assert sort(wish("refund", REFUND, "c3"), done=done).calls == ()


def test_too_many_at_once_are_put_off() -> None:
    many = [wish("order_status", {"order_id": f"A-{n}"}, f"c{n}") for n in range(CALLS_MAX + 2)]
    wanted = sort(*many)
    assert len(wanted.calls) == len(wanted.asked) == CALLS_MAX
    assert len(wanted.errors) == 2


def test_searching_and_handing_over_are_no_actions() -> None:
    wanted = sort(wish(SEARCH, {"query": "when open?"}), wish(HAND_OVER, {"note": "a\n b"}, "c2"))
    assert [query for _, query in wanted.searches] == ["when open?"]
    assert wanted.handoff is not None
    assert wanted.handoff.note == "a b"
    assert wanted.calls == ()


@pytest.mark.parametrize(
    ("reason", "named"),
    [*((one, one) for one in REASONS), ("because", MODEL_ASKS), (7, MODEL_ASKS), ([], MODEL_ASKS)],
)
def test_a_handoff_has_a_reason_that_the_desk_and_the_figures_know(
    reason: object, named: str
) -> None:
    wanted = sort(wish(HAND_OVER, {"reason": reason, "note": "x"}))
    assert wanted.handoff is not None
    assert wanted.handoff.reason == named
    assert reason_title(named) != named.replace("_", " ").capitalize()


def test_a_turn_is_granted_so_many_wishes_and_no_more() -> None:
    done: set[tuple[str, str]] = set()
    granted = 0
    for step in range(10):
        searches = (wish(SEARCH, {"query": f"{step} {n}"}, f"c{n}") for n in range(5))
        granted += len(sort(*searches, done=done).searches)
    assert granted == CALLS_OF_A_TURN
    ((_, error),) = sort(wish("order_status", {"order_id": "A-1"}), done=done).errors
    assert "hand over" in error


def test_a_search_is_made_once() -> None:
    done: set[tuple[str, str]] = set()
    sort(wish(SEARCH, {"query": "hours"}), done=done)
    assert sort(wish(SEARCH, {"query": "hours"}), done=done).searches == []


def test_each_wish_has_an_id_of_its_own() -> None:
    """F20: a server that repeats or leaves out ids."""
    calls = [wish("a", {}, "x"), wish("b", {}, "x"), wish("c", {}, ""), wish("d", {}, "y")]
    ids = [call.id for call in each_with_its_id(calls, 3)]
    assert ids == ["call_3_0", "call_3_1", "call_3_2", "y"]


@given(st.lists(st.builds(wish, st.sampled_from([*OFFERED, SEARCH, HAND_OVER, "x"]), st.text())))
def test_every_wish_ends_somewhere(calls: list[ToolCall]) -> None:
    wanted = sort(*calls)
    ends = len(wanted.calls) + len(wanted.errors) + len(wanted.searches)
    assert ends + sum(c.name == HAND_OVER for c in calls) >= len(calls)
