"""Persons are taken out before a model reads, and come back where they stood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.masking import VALUES_MAX, Masks


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("it's ana@northwind.example, or ANA@northwind.example", "it's [EMAIL_1], or [EMAIL_1]"),
        ("a@b.example and c@d.example", "[EMAIL_1] and [EMAIL_2]"),
        ("card 4111 1111 1111 1111 ok", "card [CARD_1] ok"),
        ("to DE89 3704 0044 0532 0130 00.", "to [IBAN_1]."),
        ("call +44 20 7946 0958 now", "call [PHONE_1] now"),
        ("(030) 1234 5678 or 030/12345678", "[PHONE_1] or [PHONE_2]"),
        (
            "card 4111\u00a01111\u00a01111\u00a01111 or 4111.1111.1111.1111",
            "card [CARD_1] or [CARD_2]",
        ),
        ("gb29nwbk60161331926819", "[IBAN_1]"),
        ("DE89-3704-0044-0532-0130-00", "[IBAN_1]"),
        ("on 2026-11-20 10:00, 20.11.2026 - 24.11.2026", None),
        ("order A-10293 of 2026-11-20, 1234-5678, for £24.90", None),
        ('"at": "2026-11-11 12:04:38+00:00" and 2026-11-11T12:04', None),
        ("4111 1111 1111 1112 is no card", "[PHONE_1] is no card"),
    ],
)
def test_what_is_taken_out(text: str, masked: str | None) -> None:
    masks = Masks()
    assert masks.mask(text) == (text if masked is None else masked)


def test_the_same_value_has_one_place_all_through_a_turn() -> None:
    masks = Masks()
    assert masks.mask("ana@northwind.example") == masks.mask("ana@northwind.example") == "[EMAIL_1]"
    assert masks.restore("Is [EMAIL_1] right? [EMAIL_9]") == (
        "Is ana@northwind.example right? [EMAIL_9]"
    )


def test_a_flood_of_values_is_taken_out_for_good() -> None:
    masks = Masks()
    masked = masks.mask(" ".join(f"u{n}@x.example" for n in range(VALUES_MAX + 5)))
    assert masked.endswith("[EMAIL] [EMAIL] [EMAIL] [EMAIL] [EMAIL]")


@given(st.lists(st.emails(), max_size=4), st.text(alphabet="abc .,!", max_size=20))
def test_what_was_masked_is_restored(emails: list[str], between: str) -> None:
    masks = Masks()
    text = f" {between} ".join(emails)
    masked = masks.mask(text)
    assert masks.restore(masked).casefold() == text.casefold()


@given(st.text(max_size=400))
def test_any_text_can_be_masked(text: str) -> None:
    Masks().mask(text)


def test_cards_and_accounts_are_repeated_to_nobody_and_in_public_nothing_is() -> None:
    masks = Masks()
    masked = masks.mask(
        "ana@northwind.example, 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, +44 20 7946 0958"
    )
    assert masks.said(masked, private=True) == ("ana@northwind.example, •••, •••, +44 20 7946 0958")
    assert masks.said(masked, private=False) == "•••, •••, •••, •••"
    assert masks.said("[EMAIL_7]", private=True) == "•••"
