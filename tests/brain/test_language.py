"""Languages: the brand's first, the conversation's where a message is short."""

import pytest

from brain.language import LanguageEar


@pytest.fixture(scope="module")
def ear() -> LanguageEar:
    return LanguageEar(["en", "de", "fr", "es"])


@pytest.mark.parametrize(
    ("text", "prior", "code"),
    [
        ("where is my order", None, "en"),
        ("u guys charged me 2x", None, "en"),
        ("wo ist meine bestellung", None, "de"),
        ("où est ma commande ?", None, "fr"),
        ("quiero un reembolso", "en", "es"),
        ("hola", None, "es"),
        ("danke", "en", "de"),
        ("moin", None, "de"),
        ("coucou", None, "fr"),
        ("ok", "de", "de"),
        ("lol", "fr", "fr"),
        ("#A-12345", "de", "de"),
        ("😡😡", "es", "es"),
        ("", None, "en"),
        ("refund pls", "de", "de"),
    ],
)
def test_languages_of_the_brand(ear: LanguageEar, text: str, prior: str | None, code: str) -> None:
    guess = ear.hear(text, prior=prior)
    assert (guess.code, guess.supported) == (code, True)
    assert 0 < guess.p <= 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("waar is mijn bestelling gebleven?", "nl"),
        ("Siparişim nerede kald\u0131 acaba", "tr"),
        ("注文はどこですか", "ja"),
        ("где мой заказ, жду уже две недели", "ru"),
    ],
)
def test_other_languages_are_named_as_such(ear: LanguageEar, text: str, code: str) -> None:
    guess = ear.hear(text, prior="en")
    assert (guess.code, guess.supported) == (code, False)


def test_a_brand_speaks_something() -> None:
    with pytest.raises(ValueError, match="one language"):
        LanguageEar([])


@pytest.mark.parametrize(
    "text",
    ["hey, quick question", "refund status", "representative", "subscription pause",
     "double charge", "promo code invalid", "parcel late", "no parcel yet"],
)  # fmt: skip
def test_few_words_that_could_be_of_any_language_are_of_the_brands_first(
    ear: LanguageEar, text: str
) -> None:
    assert ear.hear(text).code == "en"


@pytest.mark.parametrize(
    ("text", "code"),
    [("statut commande", "fr"), ("remboursement", "fr"), ("commande annul\u00e9e", "fr"),
     ("r\u00fcckgabe etikett", "de"), ("bestellung fehlt", "de"), ("reembolso", "es"),
     ("pedido perdido", "es"), ("wo ist mein paket", "de"), ("d\u00f3nde est\u00e1", "es")],
)  # fmt: skip
def test_few_words_of_one_language_are_of_that(ear: LanguageEar, text: str, code: str) -> None:
    assert ear.hear(text).code == code
