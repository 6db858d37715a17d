"""What is named only to be denied is no wish; a reproach or another "don't" leaves it one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brain.triage import Understanding
from brain.unwanted import unwanted, without_unwanted
from tests.brain.pretend_shop import Talk
from tests.brain.test_following import CAP
from tests.brain.test_planner import talk

__all__ = ["talk"]

Understand = Callable[[str], Understanding]

KNOWN: dict[str, Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("unwanted.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("row", KNOWN["unwanted"])
def test_what_is_denied(row: list[str]) -> None:
    text, *topics = row
    assert [each.topic for each in unwanted(text)] == topics


@pytest.mark.parametrize("text", KNOWN["wanted"])
def test_what_is_wanted_all_the_same(text: str) -> None:
    assert unwanted(text) == ()


@given(st.text(max_size=300))
def test_any_text_keeps_its_places(text: str) -> None:
    left = without_unwanted(text)
    assert len(left) == len(text)
    assert all(new in {old, " "} for old, new in zip(text, left, strict=True))


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("dont cancel it!!", set()),
        ("please don't change my address, it is right", set()),
        ("i dont want a refund, i want my parcel", {"order_status"}),
        ("i dont want to cancel, i just want to know where it is", {"order_status"}),
        ("don't send a replacement, refund me instead", {"refund_request"}),
        ("not a refund but an exchange", {"exchange"}),
        ("I want to return it, no wait, exchange it", {"exchange"}),
        ("cancel my order, sorry, I mean change the address", {"change_address"}),
        ("I don't want to cancel my subscription, just skip a month", {"change_order"}),
        ("please don't cancel my booking, I just want to move it to 7pm", {"booking_change"}),
        ("why don't you just refund me", {"refund_request"}),
    ],
)
def test_what_is_left_is_what_they_want(
    understand: Understand, text: str, topics: set[str]
) -> None:
    found = understand(text)
    assert {issue.topic for issue in found.issues} == topics
    assert not found.out_of_scope


def test_neither_a_person_nor_silence_is_forced_on_who_wants_none(understand: Understand) -> None:
    assert not understand("i don't want to speak to a human, when do you open?").wants_human
    assert understand("i don't want to talk to a bot, I want a human").wants_human
    assert not understand("don't unsubscribe me, just tell me when it comes").opts_out
    assert understand("unsubscribe me, don't write again").opts_out


def test_places_stay_true_behind_what_is_denied(understand: Understand) -> None:
    text = "don't cancel order A-10293, where is it?"
    (issue,) = understand(text).issues
    assert text[issue.start : issue.end] == "where is it?"
    assert understand(text).order_ids == ("A-10293",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dont cancel it!!", "leave it at that"),
        ("please do not return it", "leave it at that"),
        ("I'm not asking for a refund, where is my parcel?", "order number"),
    ],
)
def test_what_is_said_to_it(talk: Talk, text: str, said: str) -> None:
    assert said in talk.says(text)
    assert talk.handoff is None


def test_a_refund_that_waits_is_dropped_when_it_is_denied(talk: Talk) -> None:
    talk.engine.sign_off = True
    talk.says(f"I want my money back, {CAP}")
    talk.says("I'm no longer asking for a refund")
    assert talk.last is not None
    assert talk.last.understood.withdraws == ("refund",)
