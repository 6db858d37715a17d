"""What messages name exactly: order numbers, amounts, addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.entities import (
    amounts,
    emails,
    mentions,
    order_id_patterns,
    order_numbers,
    phones,
    postcodes,
    urls,
)

PATTERNS = order_id_patterns([r"#?[A-Z]-?\d{5,6}", r"\d{4}-\d{4}"])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("order #A-12345", ["A-12345"]),
        ("a12345 and B-654321!", ["A12345", "B-654321"]),
        ("a\u2013123456", ["A-123456"]),
        ("it is 1234\u20115678.", ["1234-5678"]),
        ("(1234-5678)", ["1234-5678"]),
        ("A-1234", []),
        ("AA-12345", []),
        ("A-1234567", []),
        ("2026-11-18", []),
    ],
)
def test_order_numbers(text: str, ids: list[str]) -> None:
    found = order_numbers(text, PATTERNS)
    assert [each.value for each in found] == ids


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("£24.90", ["24.90 GBP"]),
        ("24,90 €", ["24.90 EUR"]),
        ("24,90€.", ["24.90 EUR"]),
        ("50 GBP and EUR 12", ["50.00 GBP", "12.00 EUR"]),
        ("20 quid", ["20.00 GBP"]),
        ("$1,234.50", ["1234.50 USD"]),
        ("1.234,50 €", ["1234.50 EUR"]),
        ("1 234,50 euros", ["1234.50 EUR"]),
        ("£1,500", ["1500.00 GBP"]),
        ("99p postage", ["0.99 GBP"]),
        ("2x", []),
        ("order 12345", []),
        ("3 p.m.", []),
        ("CHF 20", ["20.00 CHF"]),
        ("¥500", ["500 JPY"]),
    ],
)
def test_amounts(text: str, found: list[str]) -> None:
    assert [each.value for each in amounts(text, currency="GBP")] == found


def test_the_brands_dollar_is_meant() -> None:
    assert [each.value for each in amounts("$20", currency="CAD")] == ["20.00 CAD"]


def test_emails() -> None:
    found = emails("Jo.Doe+x@Mail.Example.co.uk, <a@b.de>, not@this, @handle")
    assert [each.value for each in found] == ["jo.doe+x@mail.example.co.uk", "a@b.de"]


def test_urls_end_before_the_full_stop() -> None:
    text = "see https://a.example/x?y=1. or (www.b.example)"
    found = urls(text)
    assert [each.value for each in found] == ["https://a.example/x?y=1", "www.b.example"]
    assert all(text[each.start : each.end] == each.value for each in found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call +44 20 7946 0958", ["+442079460958"]),
        ("020 7946 0958", ["+442079460958"]),
        ("+49 30 901820", ["+4930901820"]),
        ("order 1234-5678", []),
        ("12 3", []),
    ],
)
def test_phones(text: str, found: list[str]) -> None:
    assert [each.value for each in phones(text, regions=["GB"])] == found


@pytest.mark.parametrize(
    ("text", "regions", "found"),
    [
        # Ofcom keeps these for films: no network has them, and still they are British.
        ("call 07700 900123", ["GB", "DE"], ["+447700900123"]),
        ("ruf an: 030 1234567", ["DE", "GB"], ["+49301234567"]),
        ("030 1234567", ["GB", "DE"], ["+49301234567"]),
    ],
)
def test_a_number_is_read_as_at_home_first(text: str, regions: list[str], found: list[str]) -> None:
    assert [each.value for each in phones(text, regions=regions)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sw1a1aa", ["SW1A 1AA"]),
        ("M1 1AE please", ["M1 1AE"]),
        ("10115 Berlin", ["10115"]),
        ("plz: 10115", ["10115"]),
        ("8001", ["8001"]),
        ("£5000", []),
        ("#12345", []),
        ("123", []),
    ],
)
def test_postcodes(text: str, found: list[str]) -> None:
    assert [each.value for each in postcodes(text)] == found


def test_surer_readings_win() -> None:
    text = "A-123456 for £20.00, me@x.example https://x.example/1234-5678 PLZ 10115"
    found = mentions(text, order_ids=PATTERNS, currency="GBP", regions=["GB"])
    assert [each.kind for each in found] == ["order_id", "amount", "email", "url", "postcode"]


@given(st.text(alphabet="A-#0123456789 £€.,p@x/:", max_size=80))
def test_mentions_never_overlap(text: str) -> None:
    at = 0
    for each in mentions(text, order_ids=PATTERNS, currency="GBP", regions=["GB"]):
        assert at <= each.start < each.end <= len(text)
        at = each.end
