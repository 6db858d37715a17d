"""What may stand where everybody reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.entities import order_id_patterns
from brain.public import private_in
from conversation.events import Fact

ORDERS = order_id_patterns([r"#?[A-Z]-?\d{5,6}", r"\d{4}-\d{4}"])
TRACKING = Fact(label="tracking", value="Express PX 4711", source="shop")
HOURS = Fact(label="hours", value="9:00 to 18:00", source="article", private=False)


def found(words: str, *facts: Fact) -> tuple[str, ...]:
    return private_in(words, facts=facts, order_ids=ORDERS, domains=["northwind.example"])


@pytest.mark.parametrize(
    "words",
    [
        "We are open from 9:00 to 18:00 on 2026-12-24.",
        "Please write to care@northwind.example or help@shop.northwind.example.",
        "A refund takes 5 to 10 days; shipping costs £4.90 and is free above £50.",
        "Bitte schreiben Sie uns eine Direktnachricht, dann kümmere ich mich darum.",
        "You have 30 days, until 24.12.2026, to send it back.",
    ],
)
def test_what_everybody_may_know(words: str) -> None:
    assert found(words, HOURS, TRACKING) == ()


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("Your order A-10293 is on its way.", "an order number"),
        ("It is 1234-5678, right?", "an order number"),
        ("I wrote to ana@mail.example.", "an e-mail address"),
        ("She is at ana@northwind.example.evil.example.", "an e-mail address"),
        ("I wrote to ana (at) mail dot example.", "an e-mail address"),
        ("Ours is ana at mail dot example.", "an e-mail address"),
        ("To de89 3704 0044 0532 0130 00 then.", "a number of somebody"),
        ("To gb82west12345698765432 then.", "a number of somebody"),
        ("We'll call +44 20 7946 0958.", "a number of somebody"),
        ("Card 4111 1111 1111 1111 was charged.", "a number of somebody"),
        ("To DE89 3704 0044 0532 0130 00 then.", "a number of somebody"),
        ("It goes by  express px 4711 today", "a private fact"),
    ],
)
def test_what_is_somebody_s_own(words: str, what: str) -> None:
    assert what in found(words, TRACKING)


def test_a_value_inside_another_word_gives_nothing_away() -> None:
    sent = Fact(label="status", value="sent", source="shop")
    assert found("We represented you.", sent) == ()
    assert found("It was sent.", sent) == ("a private fact",)
    assert found("ok", Fact(label="n", value="ok", source="shop")) == (), "too short to tell"


@given(
    st.text(max_size=60),
    st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=3, max_size=20),
    st.text(max_size=60),
)
def test_a_private_value_is_found_wherever_it_stands(before: str, value: str, after: str) -> None:
    fact = Fact(label="x", value=value, source="shop")
    assert "a private fact" in found(f"{before} {value} {after}", fact)


@given(st.text(max_size=300))
def test_any_words_can_be_looked_at(words: str) -> None:
    found(words, TRACKING)
