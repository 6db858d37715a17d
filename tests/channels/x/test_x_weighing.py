import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.x.spending import LINK_MICROS, REPLY_MICROS, post_micros
from channels.x.weighing import LINK_WEIGHT, has_link, weighted_length

CONFORMANCE = (
    Path(__file__).parents[3]
    / ".."
    / "shared"
    / "payloads"
    / "x"
    / "twitter-text__conformance-extract.json"
)
EXACT_LEAST = 55
"""Of the 98 texts with links; the others weigh more here than there, never less."""


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("hello", 5),
        ("é", 1),
        ("e\u0301", 1),
        ("日本語", 6),
        ("שלום", 4),
        ("👩‍👩‍👧‍👦", 2),
        ("🏳️‍🌈 🇬🇧 1️⃣ 👍🏽", 11),
        ("✌", 2),
        ("“quoted” — dash…", 17),
        ("https://northwind.com/a/very/long/path/that/nobody/reads", 23),
        ("see northwind.co.uk.", 28),
        ("(https://northwind.com)", 25),
        ("9.50 and 10.00", 14),
    ],
)
def test_what_x_documents(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    "text", ["ben@northwind.com", "northwind.example", "http://ああ.com", "a.b.cd"]
)
def test_what_may_be_a_link_weighs_as_much_as_it_can(text: str) -> None:
    assert weighted_length(text) >= max(LINK_WEIGHT, len(text))


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_weighs_less_than_a_part_of_it_between_spaces(one: str, other: str) -> None:
    both = weighted_length(f"{one} . {other}")
    assert both >= max(weighted_length(one), weighted_length(other)) - 2


def test_a_link_costs_more() -> None:
    assert post_micros("please send a direct message, 9.50 is fine") == REPLY_MICROS
    assert post_micros("see northwind.com") == LINK_MICROS
    assert has_link("x.example")


def test_conformance_of_others() -> None:
    """Every text with links of the library's own conformance suite fits there if it fits here."""
    if not CONFORMANCE.exists():
        pytest.skip(f"no conformance file beside the checkout: {CONFORMANCE.name}")
    tests = json.loads(CONFORMANCE.read_text())["tests"]
    exact = 0
    for name in ("urls", "urls_with_directional_markers", "tco_urls_with_params"):
        for case in tests[name]:
            rest = unicodedata.normalize("NFC", case["text"])
            links = [one if isinstance(one, str) else one["url"] for one in case["expected"]]
            for link in links:
                rest = rest.replace(unicodedata.normalize("NFC", link), "", 1)
            # Without its dots the rest holds no link for us either; a dot weighs 1.
            there = len(links) * LINK_WEIGHT + weighted_length(rest.replace(".", ","))
            here = weighted_length(case["text"])
            assert here >= there, case
            exact += here == there
    assert exact >= EXACT_LEAST
