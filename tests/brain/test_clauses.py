"""Clauses: cut where wishes may part, never inside what is one thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.clauses import CLAUSES_MAX, clauses


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I was charged twice, it is broken, and I need a new one",
         ["I was charged twice", "it is broken", "I need a new one"]),
        ("broken!! refund me", ["broken!!", "refund me"]),
        ("rotto, ordine n. A-10502", ["rotto", "ordine n. A-10502"]),
        ("late, order no. 4410", ["late", "order no. 4410"]),
        ("oh no. it broke", ["oh no.", "it broke"]),
        ("the pump died so i'm using the guarantee", ["the pump died", "i'm using the guarantee"]),
        ("so sorry, it is so late", ["so sorry", "it is so late"]),
        ("love the hat btw when do you close", ["love the hat", "when do you close"]),
        ("it leaks and while we're at it stop the plan", ["it leaks", "stop the plan"]),
        ("1) late 2) broken", ["late", "broken"]),
        ("late\nbroken", ["late", "broken"]),
        ("it cost 24.90 or 24,90", ["it cost 24.90", "24,90"]),
        ("broken 😡😡 refund", ["broken 😡😡", "refund"]),
        ("", []),
        ("👍", []),
    ],
)  # fmt: skip
def test_where_messages_part(text: str, pieces: list[str]) -> None:
    assert [each.text for each in clauses(text)] == pieces


def test_other_languages_join_in_their_own_words() -> None:
    assert len(clauses("kaputt und zu spät", language="de")) == 2
    assert len(clauses("cassé et en retard", language="fr")) == 2
    assert len(clauses("roto y tarde", language="es")) == 2
    assert len(clauses("roto y tarde", language="xx")) == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("cassiere scortese però il cuoco un tesoro", "it"),
        ("lo tenete oppure lo ordinate", "it"),
        ("te klein of te laat", "nl"),
        ("veio torto ou veio quebrado", "pt"),
        ("comida ótima porém fria", "pt"),
        ("veio tudo só que quebrado", "pt"),
        ("ni llega ni contestan", "es"),
        ("llegó bien aunque tarde", "es"),
        ("arrivé hier sauf que cassé", "fr"),
        ("kam gestern bloß kaputt", "de"),
    ],
)
def test_what_is_set_against_something_joins_as_well(text: str, language: str) -> None:
    assert len(clauses(text, language=language)) == 2


@pytest.mark.parametrize(
    ("text", "language", "pieces"),
    [
        ("it stopped after two days can i get another one", "en", 2),
        ("kam zerkratzt hier an ich will mein Geld zurück", "de", 2),
        ("nach drei Tagen hinüber schickt mir einen neuen", "de", 2),
        ("trop petit pour moi envoyez la taille au dessus", "fr", 2),
        ("me cobraron de más devuélvanme el resto", "es", 2),
        ("si è rotto subito rivoglio i soldi", "it", 2),
        ("veel te laat gekomen stort het terug", "nl", 2),
        ("chegou tudo torto devolve meu dinheiro", "pt", 2),
        ("hi can i cancel it please", "en", 1),
        ("my order arrived broken send a new one", "en", 2),
        ("the mug is in bits refund me today", "en", 2),
        ("i asked you to send me a label", "en", 1),
        ("my sister told you send me another one", "en", 1),
        ("well, it broke after a day can i send it back", "en", 3),
        ("well, it broke, and now i ask you can i send it back", "en", 3),
    ],
)
def test_a_wish_may_follow_without_a_mark(text: str, language: str, pieces: int) -> None:
    """Where the message has many marks, they alone tell; a lone greeting is no clause."""
    assert len(clauses(text, language=language)) == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("laat het dan maar zitten", 1),
        ("annuleer mijn bestelling maar", 1),
        ("lekker gegeten maar de bediening was traag", 2),
        ("te laat, stuur het maar terug", 2),
    ],
)
def test_a_dutch_order_softened_is_one(text: str, pieces: int) -> None:
    assert len(clauses(text, language="nl")) == pieces


def test_what_has_a_span_is_not_cut() -> None:
    text = "mail me at a.b@c.example, thanks"
    assert clauses(text, [(11, 24)])[0].text == "mail me at a.b@c.example"
    assert len(clauses("one and two", [(0, 11)])) == 1


def test_there_is_a_limit() -> None:
    pieces = clauses("broken. " * 100)
    assert len(pieces) == CLAUSES_MAX
    assert pieces[-1].end >= 798


@given(st.text(max_size=200))
def test_spans_are_true_and_in_order(text: str) -> None:
    at = 0
    for each in clauses(text):
        assert text[each.start : each.end] == each.text
        assert at <= each.start < each.end <= len(text)
        at = each.end
