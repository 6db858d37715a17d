"""CASES 41: a claim of a deed is found however it is put; what claims nothing is left alone."""

import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from actions.action import Call, Done, Known, Refusal, Refused
from actions.ports import Charge, Charges, RefundResult, WriteStatus
from brain.claims import Deed, claims_in, deeds, unproved_claims
from brain.sentences import sentences_of
from brain.wordbook import LANGUAGES
from config.money import Money

SAID = YAML(typ="safe", pure=True).load(Path(__file__).with_name("claims.yaml").read_text("utf-8"))
ORDER_IDS = (re.compile(r"#?[A-Z]-?\d{5,6}"),)
A_DAY = datetime(2026, 11, 20, tzinfo=UTC)


def each(kind: str) -> list[tuple[str, str]]:
    return [(language, words) for language, many in SAID[kind].items() for words in many]


@pytest.mark.parametrize(("language", "words"), each("claims"))
def test_a_claim_is_found_however_it_is_put(language: str, words: str) -> None:
    assert unproved_claims(words, language, ())
    assert unproved_claims(words, "en", ()), "models mix languages"


@pytest.mark.parametrize(("language", "words"), each("honest"))
def test_what_is_denied_asked_or_only_to_be_is_no_claim(language: str, words: str) -> None:
    assert unproved_claims(words, language, ()) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_table(language: str) -> None:
    text = files("brain").joinpath("words", "claims.yaml").read_text("utf-8")
    tables = YAML(typ="safe", pure=True).load(text)
    assert set(tables[language]["before"]) == set(tables["en"]["before"])
    assert set(tables[language]["claims"]) >= {
        "refund",
        "refund refunded",
        "replacement",
        "cancel_order cancelled canceled",
        "change_order change_address",
        "booking_change booking_cancel",
        "sent",
    }
    assert language in SAID["claims"]


# --- which order, and what money


REFUND = Deed(name="refund", order_id="A-10293", amounts=frozenset({"24.9"}))


@pytest.mark.parametrize(
    ("words", "so"),
    [
        ("I have refunded you.", True),
        ("I have refunded £24.90.", True),
        ("I have refunded £24.90 for order #a-10293.", True),
        ("I have refunded £24.90 for order #A-10293.", True),
        ("I have refunded £42.00.", False),
        ("I have refunded order A-10388.", False),
        ("Orders A-10293 and A-10388 have been refunded.", False),
        ("For A-10388: I have refunded £24.90.", False),
        ("I have refunded:\n- A-10293\n- A-10388", False),
        ("I have refunded:\n- A-10293\n\nA-10388 is on its way.", True),
        ("I have refunded A-10293. A-10388 is on its way.", True),
        ("I have refunded £24.90 and £42.00.", False),
    ],
)
def test_each_order_and_each_amount_needs_its_deed(words: str, so: bool) -> None:
    assert (claims_in(words, "en", [REFUND], order_ids=ORDER_IDS) == ()) is so


def test_what_outcomes_bear_out_knows_the_order_and_the_money() -> None:
    call = Call(action="refund", args={"order_id": "A-10293"})
    result = RefundResult(refund_id="1", status=WriteStatus.DONE)
    done = Done(call=call, key="k", result=result, amount=Money(2490, "GBP"))
    charges = Charges(
        order_id="A-10388",
        charges=tuple(
            Charge(
                charge_id=f"c{minor}",
                amount=Money(5000, "GBP"),
                at=A_DAY,
                refunded=Money(minor, "GBP"),
            )
            for minor in (0, 1000, 2050)
        ),
    )
    known = Known(call=Call(action="charges", args={}), result=charges)
    left = Refused(call=call, reason=Refusal.NOTHING_LEFT, detail="")
    assert list(deeds([done, known, left])) == [
        REFUND,
        Deed(name="refunded", order_id="A-10388", amounts=frozenset({"10", "20.5", "30.5"})),
        Deed(name="refunded", order_id="A-10293"),
    ]


# --- sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", " Two!", " Three?"]),
        ("Am 23. November war es so. Ja.", ["Am 23. November war es so.", " Ja."]),
        ("Order no. A-10293 is here. Yes.", ["Order no. A-10293 is here.", " Yes."]),
        ("It was £24.90. It is gone.", ["It was £24.90.", " It is gone."]),
        ("We open at 9. We close at 5.", ["We open at 9.", " We close at 5."]),
        ("1. One\n2. Two", ["1. One\n", "2. Two"]),
        ("A\n\nB", ["A\n\n", "B"]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text: str, parts: list[str]) -> None:
    assert [text[slice(*span)] for span in sentences_of(text)] == parts


@given(st.text(max_size=300))
def test_any_text_is_parted_without_a_loss(text: str) -> None:
    assert "".join(text[slice(*span)] for span in sentences_of(text)) == text
    for one in claims_in(text, "en", (), order_ids=ORDER_IDS):
        assert one.reach[0] <= one.start < one.end <= len(text)
