from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.money import MINOR_EXPONENT, MINOR_MAX, CurrencyMismatchError, Money, MoneyError

amounts = st.builds(
    Money,
    st.integers(-MINOR_MAX, MINOR_MAX),
    st.sampled_from(sorted(MINOR_EXPONENT)),
)


@given(amounts)
def test_text_reads_back_as_the_same_money(money: Money) -> None:
    assert Money.parse(str(money)) == money


@given(amounts)
def test_major_units_read_back_as_the_same_money(money: Money) -> None:
    assert Money.from_major(money.major, money.currency) == money


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("50 GBP", 5000, "GBP"),
        ("0.05 USD", 5, "USD"),
        ("500 JPY", 500, "JPY"),
        ("1.234 KWD", 1234, "KWD"),
        ("0 EUR", 0, "EUR"),
    ],
)
def test_amounts_as_people_write_them(text: str, minor: int, currency: str) -> None:
    assert Money.parse(text) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        *("", " 50 GBP", "50", "GBP 50", "50GBP", "50 gbp", "50 XXX", "5.001 GBP", "1.5 JPY"),
        *("1e3 GBP", "NaN GBP", "1,000 GBP", "\u0665 GBP", "9999999999999999 GBP", ".5 GBP"),
    ],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(text)


@pytest.mark.parametrize(
    "value", ["12.34", 12.34, Decimal("12.34"), Decimal("12.340"), "1234e-2"], ids=repr
)
def test_backends_write_major_units_in_many_ways(value: Any) -> None:
    assert Money.from_major(value, "GBP") == Money(1234, "GBP")


NO_NUMBERS = ("nan", "Infinity", "1.005", "", " 1", "1_000", "1" * 50, "9e99")
ODD_NUMBERS = (float("nan"), float("inf"), 1.005, 0.1 + 0.2, True, 10**17)


@pytest.mark.parametrize(
    "value",
    [*NO_NUMBERS, *ODD_NUMBERS, Decimal("NaN"), Decimal("-Infinity")],
    ids=repr,
)
def test_numbers_that_are_no_amount(value: Any) -> None:
    with pytest.raises(MoneyError):
        Money.from_major(value, "GBP")


def test_negative_amounts_only_where_they_may_stand() -> None:
    assert Money.from_major("-1", "GBP") == Money(-100, "GBP")
    with pytest.raises(MoneyError):
        Money.from_major("-1", "GBP", negative_allowed=False)


@pytest.mark.parametrize(("minor", "currency"), [(1.5, "GBP"), (True, "GBP"), (1, "gbp")])
def test_only_whole_minor_units_of_known_currencies(minor: int, currency: str) -> None:
    with pytest.raises(MoneyError):
        Money(minor, currency)


def test_order_and_sums_within_one_currency() -> None:
    small, large = Money(100, "GBP"), Money(200, "GBP")
    assert small < large
    assert large >= small
    assert max(small, large) is large
    assert small + small == large
    assert large - small == small
    assert Money.zero("GBP") == small - small


def test_two_currencies_are_never_compared() -> None:
    pounds, euros = Money(1, "GBP"), Money(1, "EUR")
    assert pounds != euros
    for compare in (lambda: pounds < euros, lambda: pounds >= euros, lambda: pounds + euros):
        with pytest.raises(CurrencyMismatchError):
            compare()


@pytest.mark.parametrize(
    ("money", "language", "words"),
    [
        (Money(5000, "GBP"), "en", "£50.00"),
        (Money(123456, "GBP"), "en", "£1,234.56"),
        (Money(-5000, "USD"), "en-US", "-$50.00"),
        (Money(5000, "CHF"), "en", "50.00 CHF"),
        (Money(5000, "JPY"), "en", "¥5,000"),
        (Money(5000, "EUR"), "de", "50,00 €"),
        (Money(123456, "EUR"), "de", "1.234,56 €"),
        (Money(123456, "EUR"), "fr", "1\u202f234,56 €"),
        (Money(123456, "EUR"), "es", "1234,56 €"),
        (Money(1234567, "EUR"), "es", "12.345,67 €"),
        (Money(123456, "GBP"), "it", "1.234,56 £"),
        (Money(2490, "GBP"), "nl", "£ 24,90"),
        (Money(-123456, "CHF"), "nl", "-CHF 1.234,56"),
        (Money(123456, "EUR"), "pt", "€ 1.234,56"),
        (Money(5000, "GBP"), "ja", "50.00 GBP"),
    ],
)
def test_amounts_as_customers_read_them(money: Money, language: str, words: str) -> None:
    assert money.words(language) == words
