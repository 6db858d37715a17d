"""Long messages: nothing in them is too late to be read, and no part is longer than can be."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.clauses import CLAUSES_MAX, clauses
from brain.encoder import TEXT_MAX
from brain.parts import CLEARLY, PART_MAX, PARTS_MAX, READ_MAX, parts, understand
from brain.triage import Triage, Understanding

AT = datetime(2026, 11, 18, 10, tzinfo=UTC)
IDLE = (
    "My sister came to visit last month and we went to the seaside.",
    "The weather was lovely and we had ice cream on the pier.",
    "I have been working from home since spring, and my desk faces the garden.",
    "We have two cats, and one of them sleeps on my keyboard.",
)
STORY = " ".join(IDLE * 16)
"""Nearly four thousand characters that want nothing."""
Read = Callable[[str], Understanding]


@pytest.fixture
def read(triage: Triage) -> Read:
    def _read(text: str) -> Understanding:
        return understand(triage, text, now=AT, timezone=ZoneInfo("Europe/London"))

    return _read


@pytest.mark.parametrize("before", [STORY[:900], STORY[:1_800], STORY])
@pytest.mark.parametrize("after", ["", "\n" + STORY[:700]])
def test_a_wish_is_found_wherever_it_stands(read: Read, before: str, after: str) -> None:
    wish = "I was charged twice for order A-10293, ana@northwind.example."
    found = read(f"{before}\n{wish}{after}")
    assert [each.topic for each in found.issues] == ["duplicate_charge"]
    assert found.order_ids == ("A-10293",)
    assert found.emails == ("ana@northwind.example",)
    assert not found.out_of_scope


@pytest.mark.parametrize("wish", ["I want to talk to a human.", "Ich möchte einen Menschen."])
def test_a_person_is_called_at_the_end_of_a_letter(read: Read, wish: str) -> None:
    assert read(f"{STORY} {wish}").wants_human


def test_silence_is_asked_for_at_the_end_of_a_letter(read: Read) -> None:
    assert read(f"{STORY} Stop messaging me.").opts_out


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("I just want to end my life.", "self_harm"),
        ("My lawyer will sue you.", "legal_threat"),
        ("The charger caught fire and my son got burned.", "safety_issue"),
    ],
)
def test_no_risk_hides_behind_a_story(read: Read, words: str, kind: str) -> None:
    risks = read(f"{STORY} {words}").risks
    assert risks
    assert risks[0].kind == kind
    assert risks[0].sure


def test_a_long_list_is_read_to_its_end(read: Read) -> None:
    lines = [f"{number}. I like the colour of item {number}" for number in range(1, 25)]
    text = "\n".join([*lines, "25. where is my order A-10611"])
    assert len(clauses(text)) == CLAUSES_MAX
    assert "order_status" in {each.topic for each in read(text).issues}


def test_a_wish_says_where_it_stands(read: Read) -> None:
    text = f"{STORY}\nWhere is my order A-10611?\n{IDLE[3]}"
    issue = next(each for each in read(text).issues if each.topic == "order_status")
    assert text[issue.start : issue.end] == issue.text
    assert "A-10611" in issue.text


def test_a_deadline_and_its_letter(read: Read) -> None:
    found = read(f"{STORY}\nMy mug arrived broken, I need a replacement by Sunday.")
    assert found.deadline == date(2026, 11, 22)
    assert {each.topic for each in found.issues} >= {"replacement_request"}


def test_what_only_sounds_like_a_wish_among_many_words_is_none(read: Read) -> None:
    """Alone it may be one; a letter is full of such sentences, and may be asked about."""
    found = read(f"{STORY} We moved into the new flat in spring and painted the kitchen.")
    assert all(each.chance >= CLEARLY for each in found.issues)
    assert not {each.topic for each in found.issues} & {"refund_request", "replacement_request"}


def test_a_short_message_is_read_as_ever(read: Read, triage: Triage) -> None:
    text = "I was charged twice, my order arrived damaged, and I need a replacement by Sunday"
    assert read(text) == triage.understand(text, now=AT, timezone=ZoneInfo("Europe/London"))


@given(st.text(alphabet="ab .,!\n😀é1", max_size=4_000), st.integers(1, 400))
def test_parts_are_the_whole_message(piece: str, times: int) -> None:
    text = (piece * times)[:READ_MAX]
    spans = parts(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text)
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    assert all(begin < end for begin, end in spans) or spans == [(0, 0)]


@pytest.mark.parametrize("text", ["and a " * 2_000, "a. b! " * 2_000, "a" * READ_MAX, STORY * 3])
def test_no_heap_of_clauses_makes_many_parts(text: str) -> None:
    spans = parts(text[:READ_MAX])
    assert len(spans) <= PARTS_MAX + READ_MAX // PART_MAX
    assert max(end - begin for begin, end in spans) <= TEXT_MAX + 1
