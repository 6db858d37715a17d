"""Risks are heard in ten languages, by plain phrases and by likeness; sayings and goods are none.

The messages here are none of the catalogue's.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from brain.risk import RISKS, Risk, gravest, named_risks, risk_words
from brain.triage import Understanding

Understand = Callable[[str], Understanding]

IN_DOUBT: dict[str, Any] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("in_doubt.yaml").read_text(encoding="utf-8")
)
SAID: dict[str, list[str]] = IN_DOUBT["risks"]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts]
)
def test_a_risk_is_heard(understand: Understand, kind: str, text: str) -> None:
    first, *_ = understand(text).risks or (None,)
    assert first is not None
    assert (first.kind, first.sure) == (kind, True)


@pytest.mark.parametrize("text", [*IN_DOUBT["sayings"], *IN_DOUBT["harmless"]])
def test_what_only_sounds_like_one_is_none(understand: Understand, text: str) -> None:
    assert [one.kind for one in understand(text).risks if one.sure] == []


@pytest.mark.parametrize("text", IN_DOUBT["sayings"])
def test_nor_is_it_a_topic_that_is_a_risk(understand: Understand, text: str) -> None:
    assert {issue.topic for issue in understand(text).issues}.isdisjoint(RISKS)


def test_messages_of_every_day_carry_none(understand: Understand, messages: dict[str, Any]) -> None:
    for part in ("messages", "later"):
        for text, *wishes in messages[part]:
            named = {topic for wish in wishes for topic in wish.split("|")}
            sure = {one.kind for one in understand(text).risks if one.sure}
            assert sure == named & set(RISKS), text
    for text in messages["outside"]:
        assert not [one for one in understand(text).risks if one.sure], text


def test_one_in_many_words_is_heard_and_its_words_are_urgent(understand: Understand) -> None:
    found = understand(
        "Hi, my order A-10293 came late again. I lost my job over this. I'm going to kill myself."
    )
    assert found.risks[0] == Risk(kind="self_harm", p=1.0)
    assert found.urgency == "high"


def test_phrases_stand_without_any_model() -> None:
    assert named_risks("I'LL KILL MYSELF") == {"self_harm"}
    assert named_risks("I nearly killed myself laughing") == frozenset()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nie chce juz zyc", "self_harm"),
        ("chce ze soba skonczyc", "self_harm"),
        ("apetece-me morrer", "self_harm"),
        ("ik maak er een einde aan", "self_harm"),
        ("je veux en finir.", "self_harm"),
        ("kendimi oldurecegim", "self_harm"),
        ("ik stap naar de media", "press"),
        ("mi rivolgo al codacons", "legal_threat"),
        ("je vais saisir la DGCCRF", "legal_threat"),
        ("czuć gaz z kuchenki", "safety_issue"),
    ],
)
def test_phrases_as_phones_write_them(text: str, kind: str) -> None:
    assert named_risks(text) == {kind}


def test_a_saying_takes_nothing_from_what_is_meant() -> None:
    assert named_risks("ich lach mich tot, sehr witzig. ich will nicht mehr leben") == {"self_harm"}


@pytest.mark.parametrize(
    "text", ["mi ammazzo dalle risate", "ich lach mich tot", "je suis mort de rire", "morri a rir"]
)
def test_laughing_is_no_risk(understand: Understand, text: str) -> None:
    assert not [one for one in understand(text).risks if one.sure]


def test_a_lawyer_who_is_a_customer_is_no_phrase_of_a_threat() -> None:
    assert named_risks("ich bin anwältin und brauche eine rechnung") == frozenset()


def test_the_gravest_names_the_case() -> None:
    assert gravest(["press", "legal_threat", "self_harm"]) == "self_harm"
    assert gravest(["duplicate_charge"]) is None


LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ru")


@pytest.mark.parametrize("kind", ["self_harm", "safety_issue"])
def test_who_is_in_danger_hears_their_own_language(kind: str) -> None:
    said = {risk_words(kind, code, brand="Northwind", crisis={}) for code in LANGUAGES}
    assert len(said) == len(LANGUAGES)
    assert not any(char.isdigit() for text in said for char in text), "numbers differ by country"
    assert risk_words(kind, "ja", brand="Northwind", crisis={}) in said


def test_the_brands_own_words_go_before_ours() -> None:
    crisis = {"de": "Bitte rufen Sie jetzt 112."}
    assert risk_words("self_harm", "de", brand="N", crisis=crisis) == "Bitte rufen Sie jetzt 112."
    assert "crisis line" in risk_words("self_harm", "en", brand="N", crisis=crisis)
    assert "112" not in risk_words("safety_issue", "de", brand="N", crisis=crisis)
