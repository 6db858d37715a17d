"""The measure of all that understanding says: what it takes for the same, and what for wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from bench.whole import NOTHING, SETS, Heard, Row, figures, mistakes, read, rows, unread
from brain.examples import shipped_topics

_SHIPPED = frozenset(
    example.label for example in shipped_topics() if not example.label.startswith("_")
)
"""Those that a brand may name; what begins with an underscore is learnt for the product alone."""


@pytest.mark.parametrize("of", SETS)
def test_every_topic_is_one_the_product_ships_with(of: str) -> None:
    assert {topic for row in rows(of) for topic in row.topics} <= _SHIPPED


def test_no_message_stands_there_twice() -> None:
    texts = [row.text for of in SETS for row in rows(of)]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("half", [read, unread])
def test_each_half_of_the_fresh_messages_asks_for_every_topic(
    half: Callable[[Sequence[Row]], Sequence[Row]],
) -> None:
    assert {topic for row in half(rows("fresh")) for topic in row.topics} >= _SHIPPED


def test_the_fresh_messages_come_in_pairs_of_one_language() -> None:
    pairs = zip(read(rows("fresh")), unread(rows("fresh")), strict=True)
    assert all(one.lang == other.lang for one, other in pairs)


def test_a_label_that_nobody_knows_is_a_mistake() -> None:
    with pytest.raises(ValidationError):
        Row.model_validate({"text": "hi", "lang": "en", "topics": [], "moods": "angry"})


@pytest.mark.parametrize(
    ("meant", "told", "right"),
    [
        ("2026-11-30", "2026-11-30", True),
        ("2026-11-30", "2026-11-30T23:59:00+00:00", True),
        ("2026-11-30T17:00:00+00:00", "2026-11-30", True),
        ("2026-11-30T17:00:00+00:00", "2026-11-30T18:00:00+01:00", True),
        ("2026-11-30T17:00:00+00:00", "2026-11-30T18:00:00+00:00", False),
        ("2026-11-30", "2026-12-01", False),
        (None, "2026-11-30", False),
        ("2026-11-30", None, False),
    ],
)
def test_a_day_is_met_by_any_hour_of_it(
    meant: str | None, told: str | None, *, right: bool
) -> None:
    assert _heard({"deadline": meant}, deadline=told).right("deadline") is right


def test_the_same_written_in_another_way_is_the_same() -> None:
    one = _heard(
        {"order_ids": ["#c-90331"], "amounts": ["22 GBP"], "phones": ["07700 900318"]},
        order_ids=["C-90331"],
        amounts=[{"amount": "22.00", "currency": "GBP"}],
        phones=["+447700900318"],
    )
    assert one.right("order_ids")
    assert one.right("amounts")
    assert one.right("phones")


def test_today_does_not_count_as_a_date() -> None:
    assert _heard({}, dates=["2026-11-27"]).right("dates")
    assert not _heard({}, dates=["2026-11-28"]).right("dates")


@pytest.mark.parametrize("talk", sorted(NOTHING))
def test_talk_counts_only_where_it_was_labelled(talk: str) -> None:
    assert _heard({}, topics=[talk]).right("topics")
    assert not _heard({"topics": [talk]}).right("topics")


@pytest.mark.parametrize(
    ("likeliest", "taken_for"),
    [("spam", "spam"), ("out_of_scope", "out_of_scope"), ("praise", "out_of_scope")],
)
def test_what_is_none_of_the_brands_business_is_right_where_it_was_labelled(
    likeliest: str, taken_for: str
) -> None:
    topics = [{"id": likeliest, "p": 0.9}]
    for label in ("spam", "out_of_scope"):
        heard = _heard({"topics": [label]}, out_of_scope=True, told_topics=topics)
        assert heard.right("topics") is (label == taken_for)
    assert _heard({}, out_of_scope=True, told_topics=topics).right("topics")


def test_what_was_misheard_is_counted_and_named() -> None:
    heard = [
        _heard({"topics": ["praise"], "mood": "happy"}, topics=["praise", "refund_request"]),
        _heard({}),
    ]
    table = {what: value for what, value, _ in figures(heard)}
    assert table["topics: recall"] == 1.0
    assert table["topics: precision"] == 0.5
    assert table["topics: all and no other"] == 0.5
    assert table["mood: accuracy"] == 0.5
    said = "\n".join(mistakes(heard))
    assert "# refund_request: 0 of 0 missed, 1 too many" in said
    assert "happy -> neutral | hello" in said


def _heard(
    labels: Mapping[str, Any],
    *,
    topics: Sequence[str] = (),
    out_of_scope: bool = False,
    told_topics: Sequence[Mapping[str, Any]] = (),
    **found: Any,
) -> Heard:
    row = Row.model_validate({"text": "hello", "lang": "en", "topics": [], **labels})
    nothing: dict[str, Any] = {
        each: [] for each in ("order_ids", "amounts", "dates", "emails", "phones")
    }
    answer = {
        "language": "en",
        "topics": told_topics,
        "issues": [{"topic": topic} for topic in topics],
        "out_of_scope": out_of_scope,
        "mood": "neutral",
        "urgency": "normal",
        "wants_human": False,
        "entities": {**nothing, "deadline": None, **found},
    }
    return Heard(row=row, meant=row.facts, said=row.heard(answer))
