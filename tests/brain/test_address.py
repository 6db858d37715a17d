"""The form of address: kept by the shipped sentences, and found broken where words tell."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from brain.address import other_form
from brain.wordbook import LANGUAGES, Speech, _book, needed, say, speech_of
from config.languages import DISCLOSURES, FAMILIAR_DISCLOSURES, FORMS, form_of
from config.schema import Brand

BOTH = [(language, form) for language, forms in FORMS.items() for form in forms]
OTHER = {(language, forms[n]): forms[1 - n] for language, forms in FORMS.items() for n in (0, 1)}

CASES = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("address.yaml").read_text("utf-8")
)


@pytest.mark.parametrize(("language", "form"), BOTH)
def test_what_keeps_a_form_and_what_breaks_it(language: str, form: str) -> None:
    good = CASES[language][form]["good"]
    assert other_form(good, language, form) == ()
    for sentence in CASES[language][form]["bad"]:
        assert other_form(f"{good}\n{sentence}", language, form) == (sentence,), sentence
        assert other_form(f"{good} „{sentence}“", language, form) == ()
        assert other_form(sentence, language, "") == ()
        assert other_form(sentence, "en", form) == ()


@pytest.mark.parametrize(("language", "form"), BOTH)
def test_the_shipped_sentences_keep_their_form(language: str, form: str) -> None:
    shipped = _book(language, form)
    assert set(shipped) == set(_book(language))
    for key, sentence in shipped.items():
        assert needed(language, key, form) == needed(language, key), key
        assert other_form(sentence, language, form) == (), key
    said = " ".join(shipped.values())
    assert other_form(said, language, OTHER[language, form]), "the other form would do as well"


@pytest.mark.parametrize("language", FORMS)
def test_a_second_form_holds_no_sentence_twice(language: str) -> None:
    first, second = FORMS[language]
    assert _book(language, first) == _book(language)
    changed = [key for key, said in _book(language, second).items() if said != _book(language)[key]]
    assert len(changed) > 20
    assert set(FORMS) <= set(LANGUAGES)


@pytest.mark.parametrize(("language", "form"), BOTH)
def test_the_disclosure_keeps_it_too(language: str, form: str) -> None:
    brand = Brand(name="N", languages=(language,), formality={language: form.upper()})
    assert brand.form_in(language) == form
    assert other_form(brand.disclosure_in(language), language, form) == ()
    first = form == FORMS[language][0]
    familiar = FAMILIAR_DISCLOSURES.get(language, DISCLOSURES[language])
    shipped = DISCLOSURES[language] if first else familiar
    assert brand.disclosure_in(language) == shipped.format(brand="N")


def test_a_brand_speaks_its_own_languages() -> None:
    speech = speech_of(Brand(name="N", languages=("de", "fr"), formality={"de": "du"}))
    assert "deine Nachricht" in speech.say("de", "acknowledged")
    assert "votre message" in speech.say("fr", "acknowledged")
    assert "deine Nachricht" in speech.say("it", "acknowledged")
    assert "tuo messaggio" in Speech(forms={"it": "tu"}).say("it", "acknowledged")
    assert "la tua domanda" in say("it", "no_answer", form="tu")
    assert form_of("es", "Tu") == "tú"
    assert form_of("de", "Ihr") is None
    assert Brand(name="N").form_in("en") == ""
