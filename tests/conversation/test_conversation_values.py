"""Ids, keys and rows that other processes, years and backends must agree on."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.stages import Surface
from conversation.judging import microseconds
from conversation.ledger import (
    APPROVAL_MOVES,
    CALL_MOVES,
    UNFINISHED,
    ApprovalState,
    CallState,
    call_digest,
    call_key,
    may_move,
)
from conversation.model import Address
from conversation.row_json import bindable, body_text, dumped
from conversation.rows import body_bytes, moment
from tests.conversation.store_world import address, arrival

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)


# --- conversations


def test_a_conversations_id_is_the_same_for_ever() -> None:
    assert address("4711").conversation == "c_17c3e8e1a98c75f28e3a"
    public = Address(channel="x", account="1", key="🧵", surface=Surface.PUBLIC)
    assert public.conversation == "c_5719a04fb883e4324b2b"


@pytest.mark.parametrize(
    "other",
    [
        {"channel": "x"},
        {"account": "1"},
        {"key": "1"},
        {"surface": Surface.PUBLIC},
    ],
)
def test_another_place_is_another_conversation(other: dict[str, str]) -> None:
    fields = {"channel": "t", "account": "a", "key": "k", "surface": Surface.PRIVATE}
    assert Address(**fields).conversation != Address(**(fields | other)).conversation  # type: ignore[arg-type]  # a test's short words


def test_an_arrival_knows_its_conversation() -> None:
    assert arrival(1).conversation == address().conversation
    assert arrival(1, to="c_2").conversation == "c_2"
    assert arrival(1, address=None).conversation is None


# --- calls


def test_a_calls_key_is_the_same_for_ever() -> None:
    key = call_key(connector="shop", action="refund", once_per={"charge": "ch_1"})
    assert key == "refund:ba21772ef9503e27e63eaaf0818107ef:0"
    key = call_key(
        connector="shop",
        action="replace_item",
        once_per={"line": "2", "order": "Ä-1"},
        generation=3,
    )
    assert key == "replace_item:ce276218b021f11b1f3ea598c7ffe305:3"


@given(
    connector=WORDS,
    action=NAMES,
    once_per=st.dictionaries(WORDS, WORDS),
    generation=st.integers(0, 99),
)
def test_a_key_fits_every_header_and_backend(
    connector: str, action: str, once_per: dict[str, str], generation: int
) -> None:
    key = call_key(connector=connector, action=action, once_per=once_per, generation=generation)
    assert re.fullmatch(r"[a-z0-9_:]{1,64}", key)
    turned = dict(reversed(once_per.items()))
    assert key == call_key(
        connector=connector, action=action, once_per=turned, generation=generation
    )


CALL = st.tuples(WORDS, NAMES, st.dictionaries(WORDS, WORDS, max_size=2), st.integers(0, 3))


@given(one=CALL, two=CALL)
def test_two_wishes_have_two_keys(
    one: tuple[str, str, dict[str, str], int], two: tuple[str, str, dict[str, str], int]
) -> None:
    first, second = (
        call_key(connector=c, action=a, once_per=o, generation=g) for c, a, o, g in (one, two)
    )
    assert (first == second) is (one == two)


@pytest.mark.parametrize(
    "other",
    [
        {"connector": "shop2"},
        {"action": "refund2"},
        {"once_per": {"charge": "ch_2"}},
        {"once_per": {"charge2": "ch_1"}},
        {"once_per": {"charge": "ch_1", "order": ""}},
        {"generation": 1},
    ],
)
def test_each_part_of_a_call_counts(other: dict[str, object]) -> None:
    fields: dict[str, object] = {
        "connector": "shop",
        "action": "refund",
        "once_per": {"charge": "ch_1"},
    }
    assert call_key(**fields) != call_key(**(fields | other))  # type: ignore[arg-type]  # a test's short words


def test_a_long_actions_key_differs_by_its_end() -> None:
    long = "a_very_long_name_of_an_action_"
    one, two = (call_key(connector="s", action=long + end, once_per={}) for end in "ab")
    assert one != two


@pytest.mark.parametrize(
    "other", [("refund2", "shop", "{}"), ("refund", "shop2", "{}"), ("refund", "shop", "[]")]
)
def test_a_sign_off_fits_no_other_call(other: tuple[str, str, str]) -> None:
    assert call_digest("refund", "shop", "{}") != call_digest(*other)


def test_the_tables_know_every_state() -> None:
    assert set(CALL_MOVES) == {None, *CallState}
    assert set(APPROVAL_MOVES) == set(ApprovalState)
    for state in UNFINISHED:
        assert CALL_MOVES[state]
    assert not may_move(CallState.DONE, CallState.EXECUTING)
    assert not may_move(CallState.EXECUTING, CallState.ALLOWED)
    assert not may_move(CallState.AWAITING, CallState.EXECUTING)


# --- rows


@given(body=st.binary() | st.text(st.characters(codec="utf-8")).map(str.encode))
def test_bodies_come_back_byte_for_byte(body: bytes) -> None:
    text = body_text(body)
    assert "\0" not in text
    assert body_bytes(text) == body


def test_no_body_is_an_empty_one() -> None:
    assert body_bytes(None) == body_bytes("") == b""


@given(us=st.integers(-(10**15), 250_000_000_000_000_000))
def test_moments_come_back_to_the_microsecond(us: int) -> None:
    assert microseconds(moment(us)) == us


def test_moments_of_another_zone_are_the_same_moment() -> None:
    there = datetime(2026, 7, 1, 12, 0, 0, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moment(microseconds(there)) == there
    assert microseconds(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=1)) == 1_000_000


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\0b", '["a␀b"]'),
        ("\\\0", '["\\\\␀"]'),
        ("\\u0000", '["\\\\u0000"]'),
        ("\\\\u0000\0\0", '["\\\\\\\\u0000␀␀"]'),
    ],
)
def test_a_nul_is_shown_and_what_looks_like_one_left_alone(text: str, kept: str) -> None:
    assert dumped([text]) == kept


def test_a_nul_is_shown_the_same_way_in_a_list_and_in_a_column() -> None:
    row = {"id": "a\0b", "count": 1, "why": None}
    assert [bindable(row)] == json.loads(dumped([row]))
