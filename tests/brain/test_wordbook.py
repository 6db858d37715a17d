"""Words exist in every language, with the same keys and values, and add nothing."""

import re
from datetime import date

import pytest

from brain.always import wants_human
from brain.wordbook import LANGUAGES, _book, has, needed, say, say_anywhere, speaks
from config.languages import DISCLOSURES, FAMILIAR_DISCLOSURES, FORMS
from config.money import Money

FORMED = [(code, form) for code in LANGUAGES for form in FORMS.get(code, ("",))]
_CALLED = re.compile("[“„«]\\s?(\\w+)\\s?[”“»]")
_ANSWERS = {"yes", "no", "ja", "nein", "nee", "oui", "non", "sí", "sì", "sim", "não"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    assert set(_book(language)) == set(_book("en"))
    for key in _book("en"):
        assert needed(language, key) == needed("en", key), key
        assert _book(language)[key].strip(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_brings_a_number_or_a_link_of_its_own(language: str) -> None:
    for key, text in _book(language).items():
        assert not any(char.isdigit() for char in text), key
        assert "http" not in text, key
        assert "@" not in text, key


def test_values_are_written_as_the_language_does() -> None:
    day = date(2026, 11, 23)
    assert "Monday, 23 November" in say("en", "order_expected", date=day)
    assert "Montag, 23. November" in say("de", "order_expected", date=day)
    assert "lundi 23 novembre" in say("fr", "order_expected", date=day)
    assert "lunes, 23 de noviembre" in say("es", "order_expected", date=day)
    assert "lunedì 23 novembre" in say("it", "order_expected", date=day)
    assert "maandag 23 november" in say("nl", "order_expected", date=day)
    assert "segunda-feira, 23 de novembro" in say("pt", "order_expected", date=day)
    assert "24,90 €" in say("de", "refund_done", amount=Money(2490, "EUR"), order="A-1")


def test_a_shops_text_cannot_swell_or_break_a_sentence() -> None:
    said = say("en", "which_line", items="{order}\n\n" + "x" * 5_000)
    assert "{order} x" in said
    assert len(said) < 300


def test_a_language_without_words_gets_english() -> None:
    assert not speaks("pl")
    assert say("pl", "acknowledged") == say("en", "acknowledged")
    assert has("pl", "acknowledged")
    assert not has("en", "no such sentence")


@pytest.mark.parametrize(("language", "form"), FORMED)
def test_the_way_to_a_person_has_one_name_and_it_works(language: str, form: str) -> None:
    familiar = form in FORMS.get(language, ())[1:] and language in FAMILIAR_DISCLOSURES
    disclosure = (FAMILIAR_DISCLOSURES if familiar else DISCLOSURES)[language]
    (named,) = _CALLED.findall(disclosure)
    assert wants_human(named)
    for key, text in _book(language, form).items():
        called = {word for word in _CALLED.findall(text) if word.lower() not in _ANSWERS}
        assert called <= {named}, key
    automated = say_anywhere(language, "automated", brand="Northwind")
    assert _CALLED.findall(automated) == [named]


@pytest.mark.parametrize(("language", "form"), FORMED)
def test_nobody_is_taken_for_a_man(language: str, form: str) -> None:
    manly = re.compile(
        r"\b(?:bienvenido|benvenuto|bem-vindo|riconosciuto|reconnu|reconocido|reconhecido)\b",
        re.IGNORECASE,
    )
    spoken = _book(language, form).items()
    assert [key for key, text in spoken if manly.search(text)] == []


def test_portuguese_is_of_one_country_at_a_time() -> None:
    brazil, portugal = "\n".join(_book("pt").values()), "\n".join(_book("pt", "tu").values())
    in_portugal = (
        r"toda a gente|a correr|preciso de saber|contacto|equipa\b|registado|aceder|morada"
    )
    in_brazil = r"equipe|registrado|acessar|\w+ando mais|contato|indo bem|\bCEP\b|ruim|com você"
    assert re.findall(in_portugal, brazil) == []
    assert re.findall(in_brazil, portugal) == []
