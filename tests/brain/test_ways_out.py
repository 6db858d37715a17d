"""A way to a person is one that leads to them, and no word that only sounds like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.ways_out import shows_way
from brain.wordbook import LANGUAGES, say
from config.languages import FORMS


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_sentences_show_it(language: str) -> None:
    for form in FORMS.get(language, ("",)):
        for key in ("or_human", "or_human_public", "colleague_comes", "acknowledged"):
            assert shows_way(say(language, key, form=form), public=False), (key, form)


@pytest.mark.parametrize(
    "words",
    [
        "Sorry, we cannot. If you like, one of our colleagues can look at it.",
        "That is not possible. I have passed it to a colleague.",
        'We don\'t do that. Just type "human".',
        "Das geht nicht. Wenn Sie möchten, sieht es sich eine Kollegin an.",
        "Ce n'est pas possible. Un collègue va vous répondre ici.",
    ],
)
def test_a_way(words: str) -> None:
    assert shows_way(words, public=False)


@pytest.mark.parametrize(
    "words",
    [
        "We cannot refund that.",
        "No human will ever look at it.",
        "Our colleagues can't help you either.",
        "Our colleagues, if you ask them, will say no.",
        "You can ask a person in your bank.",
        "Write a poem about a person.",
        "If you want somebody to blame, blame the post.",
        "Your colleagues can tell you why.",
        "Wenn Sie möchten, fragen Sie niemanden; Kollegen helfen nicht.",
        "",
    ],
)
def test_no_way(words: str) -> None:
    assert not shows_way(words, public=False)
    assert not shows_way(words, public=True)


@pytest.mark.parametrize(
    "words",
    [
        "Please send us a direct message.",
        "Schreiben Sie uns bitte eine Direktnachricht.",
        "Envoyez-nous un message privé, s'il vous plaît.",
        "Escríbanos un mensaje directo, por favor.",
        "Ci scriva un messaggio privato.",
        "Stuur ons een privébericht.",
        "Envie-nos uma mensagem direta.",
    ],
)
def test_in_public_a_private_message_is_one(words: str) -> None:
    assert shows_way(words, public=True)
    assert not shows_way(words, public=False)


@pytest.mark.parametrize(
    "words", ["Don't send us a direct message.", "Direct messages are closed, write to nobody."]
)
def test_a_closed_door_is_none(words: str) -> None:
    assert not shows_way(words, public=True)


@given(st.text(max_size=400), st.booleans())
def test_any_text_is_read(words: str, public: bool) -> None:
    assert shows_way(words, public=public) in {True, False}
