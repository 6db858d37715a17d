"""CASES 29: words that promise a person are heard in every language; offers are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.promises import promises_person


@pytest.mark.parametrize(
    "words",
    [
        "A colleague will call you.",
        "Good news! One of our specialists will get back to you shortly.",
        "I've passed this to our team.",
        "I'm transferring you to a human now.",
        "Someone from support will contact you.",
        "Ein Kollege wird sich bei Ihnen melden.",
        "Ich habe Ihr Anliegen an das Team weitergeleitet.",
        "Un collègue vous répondra ici.",
        "J'ai transmis votre demande à notre équipe.",
        "Un compañero le responderá aquí.",
        "He pasado su consulta a un compañero.",
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
    ],
)
def test_no_promise(words: str) -> None:
    assert not promises_person(words)


@given(st.text(max_size=500))
def test_any_words_can_be_asked(words: str) -> None:
    promises_person(words)
