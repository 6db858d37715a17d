"""What messages name exactly: order numbers, amounts, addresses."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brain.entities import (
    amounts,
    emails,
    mentions,
    order_id_patterns,
    order_numbers,
    orders_named,
    phones,
    postcodes,
    urls,
)

SUMS = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("days_and_sums.yaml").read_text(encoding="utf-8")
)["sums"]
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
        ("order A 12345", ["A12345"]),
        ("order number: A - 12345.", ["A-12345"]),
        ("Bestellung A 12345 bitte", ["A12345"]),
        ("I paid for a 12345 mAh battery", []),
        ("my order, I 12345 times asked", []),
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
        ("2,000 yen", ["2000 JPY"]),
        ("2000円", ["2000 JPY"]),
        ("24,- € and €24,-", ["24.00 EUR", "24.00 EUR"]),
        ("1\u2019299.\u2013 CHF", ["1299.00 CHF"]),
        ("Fr. 25.-", ["25.00 CHF"]),
        ("20 US dollars", ["20.00 USD"]),
        ("A$50, C$20 and NZ$5", ["50.00 AUD", "20.00 CAD", "5.00 NZD"]),
        ("R$ 50 or 50 reais", ["50.00 BRL", "50.00 BRL"]),
        ("Rs. 500", ["500.00 INR"]),
        ("20-30 euros", ["20.00 EUR", "30.00 EUR"]),
        ("between £20 and £30", ["20.00 GBP", "30.00 GBP"]),
        # Never the beginning of another number.
        ("£1.2k", ["1200.00 GBP"]),
        ("1.5k euros", ["1500.00 EUR"]),
        ("£24.90x2", ["24.90 GBP"]),
        ("2x£24.90", ["24.90 GBP"]),
        ("£24.90p", ["24.90 GBP"]),
        ("£24abc", []),
        ("5 pounds 50", ["5.50 GBP"]),
        ("12 pounds and 50 pence", ["12.50 GBP"]),
        ("12€50", ["12.50 EUR"]),
        ("you took 5 pounds 2 times", ["5.00 GBP"]),
        ("you took 5 pounds 50 times", ["5.00 GBP"]),
        # In words.
        ("twenty quid", ["20.00 GBP"]),
        ("fifty euros and twenty-five dollars", ["50.00 EUR", "25.00 USD"]),
        ("a hundred pounds", ["100.00 GBP"]),
        ("five hundred and fifty dollars", ["550.00 USD"]),
        ("two thousand euros", ["2000.00 EUR"]),
        ("zwanzig Euro, vingt euros, veinte euros", ["20.00 EUR", "20.00 EUR", "20.00 EUR"]),
        ("a tenner or a fiver", ["10.00 GBP", "5.00 GBP"]),
        ("two questions, three pounded", []),
        # Weights.
        ("i weigh 80 pounds", []),
        ("it's 5 pounds heavy", []),
        ("two pounds of coffee", []),
        ("5 pounds of it", ["5.00 GBP"]),
        ("refund 5 pounds of A-10293", ["5.00 GBP"]),
    ],
)
def test_amounts(text: str, found: list[str]) -> None:
    assert [each.value for each in amounts(text, currency="GBP")] == found


def test_what_several_countries_share_is_the_brands() -> None:
    for text, currency, found in (
        ("99 cents", "EUR", ["0.99 EUR"]),
        ("99 cents", "USD", ["0.99 USD"]),
        ("99 cents", "GBP", []),
        ("100 kr", "SEK", ["100.00 SEK"]),
        ("100 kr.", "DKK", ["100.00 DKK"]),
        ("100 kr", "GBP", []),
        ("a tenner", "EUR", []),
    ):
        assert [each.value for each in amounts(text, currency=currency)] == found, text


def test_the_brands_dollar_is_meant() -> None:
    assert [each.value for each in amounts("$20", currency="CAD")] == ["20.00 CAD"]


def test_emails() -> None:
    found = emails("Jo.Doe+x@Mail.Example.co.uk, <a@b.de>, not@this, @handle")
    assert [each.value for each in found] == ["jo.doe+x@mail.example.co.uk", "a@b.de"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jo.o'neil@example.com", ["jo.o'neil@example.com"]),
        ("it's O\u2019Neil@example.com", ["o'neil@example.com"]),
        ("c'est l'adresse d'ana@example.com", ["ana@example.com"]),
        ("'jo@example.com'", ["jo@example.com"]),
        ("jo@bücher.example", ["jo@bücher.example"]),
        ("jo(at)example.com", ["jo@example.com"]),
        ("jo [at] example [dot] com", ["jo@example.com"]),
        ("meet me at example.com", []),
        ("look (at) this.please", []),
    ],
)
def test_emails_as_people_write_them(text: str, found: list[str]) -> None:
    assert [each.value for each in emails(text)] == found


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
        ("card 4929-1122-3344-5566 was declined", []),
        ("card 4929 1122 3344 5566, ring 020 7946 0018", ["+442079460018"]),
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


SEASONS = [
    "when does the 2025-2026 season start?",
    "where is my 2025-2026 season ticket?",
    "I want to order 2025-2026 season tickets",
    "can I order 2025-2026 calendars",
    "my order 2025-2026 season ticket has not come",
    "no 2025-2026 catalogue?",
    "Wann kommt der Katalog 2025-2026?",
    "Schuljahr 2025\u20132026 Kalender, bitte",
    "la saison 2025-2026 commence quand",
    "temporada 2025-2026 abono",
    "quando esce la maglia 2025-2026",
    "het seizoen 2025-2026",
    "a temporada 2025-2026 já começou?",
]


@pytest.mark.parametrize("text", SEASONS)
def test_a_season_is_no_order_number(text: str) -> None:
    """Nor a number of somebody's phone: in Denmark, 2025 2026 is one."""
    found = mentions(text, order_ids=PATTERNS, currency="GBP", regions=["DK"])
    assert [each.value for each in found] == []


@pytest.mark.parametrize(
    "text",
    [
        "order 2025-2026 has not come",
        "my order number is 2025-2026",
        "order no. 2025-2026, season ticket",
        "order #2025-2026",
        "Meine Bestellnummer lautet 2025-2026",
        "Bestellung mit der Nummer 2025-2026",
        "ma commande n° 2025-2026",
        "mi pedido 2025-2026 no llega",
        "numero d'ordine: 2025-2026",
        "l'ordine 2025\u20132026 non è arrivato",
        "bestelnummer 2025-2026",
        "a minha encomenda 2025-2026 não chegou",
        "2025-2026",
        "2025-2026, ana@northwind.example, SW1A 1AA",
        "yes, it's 2025-2026 and my mail is ana@northwind.example",
        "hier: 2025-2026, danke",
    ],
)
def test_two_years_are_an_order_where_they_are_named_as_one_or_alone(text: str) -> None:
    assert [each.value for each in orders_named(text, PATTERNS)] == ["2025-2026"]


@pytest.mark.parametrize(
    "text", ["refund 2025-2027 please", "refund 1989-1990 please", "refund 2099-2100 please"]
)
def test_only_two_years_in_a_row_of_our_days_are_a_season(text: str) -> None:
    assert len(orders_named(text, PATTERNS)) == 1


def test_a_season_beside_an_order_and_orders_that_are_joined() -> None:
    both = orders_named("refund 1234-5678 of the 2025-2026 season", PATTERNS)
    assert [each.value for each in both] == ["1234-5678"]
    joined = orders_named("cancel orders 2024-2025 and 2025-2026", PATTERNS)
    assert [each.value for each in joined] == ["2024-2025", "2025-2026"]


@given(st.text(alphabet="#order 2025-2026,is", max_size=200))
def test_a_season_is_read_out_of_anything(text: str) -> None:
    assert set(orders_named(text, PATTERNS)) <= set(order_numbers(text, PATTERNS))


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


@pytest.mark.parametrize(("text", "found"), [(row[0], row[1:]) for row in SUMS])
def test_sums_in_ten_languages(text: str, found: list[str]) -> None:
    assert [each.value for each in amounts(text, currency="EUR")] == found


@pytest.mark.parametrize("text", ["I try 2 times a day", "Try 5 colours", "3 cents rule", "24€"])
def test_what_is_no_turkish_money(text: str) -> None:
    assert "TRY" not in str(amounts(text, currency="EUR"))


def test_turkish_money() -> None:
    assert [each.value for each in amounts("TRY 50", currency="EUR")] == ["50.00 TRY"]
