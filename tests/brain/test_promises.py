"""CASES 29: words that promise a person are heard in every language; offers are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.promises import promises_person
from brain.wordbook import LANGUAGES, _book
from config.languages import FORMS
from tests.brain.test_claims import each


@pytest.mark.parametrize(
    "words",
    [
        "A colleague will call you.",
        "Good news! One of our specialists will get back to you shortly.",
        "I've passed this to our team.",
        "I'm transferring you to a human now.",
        "Someone from support will contact you.",
        "I'll have a colleague look at it.",
        "You'll hear from us shortly.",
        "Sie hören in Kürze von uns.",
        "Ons team belt u terug.",
        "Ein Kollege wird sich bei Ihnen melden.",
        "Ich habe Ihr Anliegen an das Team weitergeleitet.",
        "Un collègue vous répondra ici.",
        "J'ai transmis votre demande à notre équipe.",
        "Un compañero le responderá aquí.",
        "He pasado su consulta a un compañero.",
        "Un collega la contatterà oggi.",
        "Ho inoltrato la sua richiesta alla nostra squadra.",
        "Een collega belt u vandaag nog.",
        "Ik heb uw vraag doorgestuurd naar ons team.",
        "Alguém vai ligar hoje.",
        "Encaminhei o seu pedido à nossa equipe.",
    ],
)
def test_a_promise(words: str) -> None:
    assert promises_person(words)


@pytest.mark.parametrize(
    "words",
    [
        "If you don't have it, write “human” and a colleague will take over.",
        "Would you like a colleague to call you?",
        "A colleague has looked at the refund and could not approve it.",
        "Refunding it needs a colleague's approval; I have asked for it.",
        "We are open from 9:00 to 18:00.",
        "Wenn Sie möchten, wird sich ein Kollege melden.",
        "Your parcel will arrive on Monday.",
        "Our team is proud of that jacket.",
        "Se non ce l'ha, scriva «umano» e un collega se ne occuperà.",
        "Wilt u dat een collega u belt?",
        "Se quiser, um colega vai ligar.",
    ],
)
def test_no_promise(words: str) -> None:
    assert not promises_person(words)


@pytest.mark.parametrize(("language", "words"), each("promises"))
def test_a_promise_is_heard_however_it_is_put(language: str, words: str) -> None:
    assert promises_person(words)


@pytest.mark.parametrize(("language", "words"), each("offers"))
def test_an_offer_is_no_promise(language: str, words: str) -> None:
    assert not promises_person(words)


FORMED = [(one, form) for one in LANGUAGES for form in FORMS.get(one, ("",))]


@pytest.mark.parametrize(("language", "form"), FORMED)
def test_our_own_sentences_promise_the_same_in_every_language(language: str, form: str) -> None:
    for key, sentence in _book("en").items():
        if key.startswith(("handoff_", "no_answer", "acknowledged", "backend_down")):
            assert promises_person(sentence), key
            assert promises_person(_book(language, form)[key]), key


@pytest.mark.parametrize("key", sorted(_book("en")))
def test_no_sentence_of_ours_is_a_promise_in_one_language_alone(key: str) -> None:
    said = {(one, form): promises_person(_book(one, form)[key]) for one, form in FORMED}
    assert len(set(said.values())) == 1, said


@given(st.text(max_size=500))
def test_any_words_can_be_asked(words: str) -> None:
    promises_person(words)
