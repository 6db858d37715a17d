"""A no is heard in every language; what is done, known or asked is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.refusing import refuses


@pytest.mark.parametrize(
    "words",
    [
        "Sorry, we cannot refund this order.",
        "I\u2019m afraid I can\u2019t do that.",
        "Unfortunately that is no longer possible.",
        "We don't give money back for lamps.",
        "We are unable to change the address.",
        "Your request was declined.",
        "Das können wir leider nicht erstatten.",
        "Ein Umtausch ist leider nicht möglich.",
        "Wir erstatten gebrauchte Ware nicht.",
        "Nous ne pouvons pas vous rembourser.",
        "Ce n'est plus possible.",
        "Malheureusement, c'est impossible.",
        "Lo siento, no podemos devolver el dinero.",
        "Eso ya no es posible.",
        "Purtroppo non possiamo rimborsarla.",
        "Het spijt ons, dat kunnen we niet terugbetalen.",
        "Dat is niet meer mogelijk.",
        "Infelizmente não podemos reembolsar.",
        "No.",
        "Sorry, no.",
        "We won't.",
        "I'm afraid not.",
        "A refund is out of the question.",
        "There is nothing we can do.",
        "That does not qualify.",
        "That is outside what I can help with.",
        "Nein.",
        "Leider nein.",
        "Das geht leider nicht.",
        "Da ist nichts zu machen: keine Erstattung.",
        "C'est hors de question.",
        "Malheureusement non.",
        "Lamentablemente no.",
        "Purtroppo no.",
        "Dat gaat helaas niet.",
        "Infelizmente não.",
        "Wir können Lampen mit Gravur (z. B. Namen) leider nicht zurücknehmen.",
        "We cannot, as Dr. Smith said.",
    ],
)
def test_a_no(words: str) -> None:
    assert refuses(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "I have refunded £42.00 for order A-10388.",
        "Your order is on its way. It should be there on Friday.",
        "Could you tell me your order number, please?",
        "There is no charge for that, and no need to hurry.",
        "Nothing of that is a problem.",
        "We are open from 9:00 to 18:00.",
        "Ihre Bestellung ist unterwegs.",
        "Wie lautet Ihre Bestellnummer?",
        "Votre commande est en route.",
        "Su pedido está en camino.",
        "Il suo ordine è in viaggio.",
        "Uw bestelling is onderweg.",
        "O seu pedido está a caminho.",
    ],
)
def test_no_no(words: str) -> None:
    assert not refuses(words)


@given(st.text(max_size=400))
def test_any_text_is_read(words: str) -> None:
    assert refuses(words) in {True, False}
