"""No blame, no pity in a loop, nothing twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.tone import softened
from brain.wordbook import LANGUAGES, _book
from config.languages import FORMS

GOOD = "The parcel is on its way."


@pytest.mark.parametrize(
    ("language", "blame"),
    [
        ("en", "That was your own fault."),
        ("en", "You should have checked the size."),
        ("en", "As I already told you, it is sent."),
        ("en", "You entered the wrong address."),
        ("de", "Das ist Ihr Fehler."),
        ("de", "Sie hätten das früher melden müssen."),
        ("de", "Wie ich Ihnen bereits gesagt habe, ist es weg."),
        ("fr", "C'est votre faute."),
        ("fr", "Vous auriez dû vérifier."),
        ("es", "Es culpa suya."),
        ("es", "Deberías haber mirado la talla."),
        ("it", "È colpa sua."),
        ("it", "Avresti dovuto controllare."),
        ("nl", "Dat is uw eigen schuld."),
        ("pt", "A culpa é sua, foi erro seu."),
    ],
)
def test_nobody_is_blamed(language: str, blame: str) -> None:
    assert softened(f"{blame} {GOOD}", language, ()) == GOOD
    assert softened(blame, language, ()) == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "That was not your fault, but our mistake."),
        ("en", "You should have received an e-mail by now."),
        ("en", "If you forgot to add the code, send it to me."),
        ("de", "Das war nicht Ihr Fehler, sondern unserer."),
        ("de", "Sie hätten die Mail schon bekommen müssen."),
        ("fr", "Vous auriez dû recevoir un e-mail."),
        ("es", "No es culpa suya."),
        ("it", "Avresti dovuto ricevere una mail."),
        ("pl", "To twoja wina."),
    ],
)
def test_what_blames_nobody_stays(language: str, words: str) -> None:
    assert softened(words, language, ()) == words


PITY = {
    "en": "I am so sorry to hear that.",
    "de": "Das tut mir wirklich leid.",
    "fr": "Je suis désolée.",
    "es": "Lo siento mucho.",
    "it": "Mi dispiace molto.",
    "nl": "Dat spijt me zeer.",
    "pt": "Sinto muito.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pity_is_said_once_and_not_in_every_reply(language: str) -> None:
    pity = PITY[language]
    assert softened(f"{pity} {GOOD} {pity[:-1]}!", language, ()) == f"{pity} {GOOD}"
    assert softened(f"{pity} {GOOD}", language, (f"{pity} A.",)) == f"{pity} {GOOD}"
    assert softened(f"{pity} {GOOD}", language, (f"{pity} A.", f"{pity} B.")) == GOOD
    assert softened(f"{pity} {GOOD}", language, (f"{pity} A.", f"{pity} B.", "C.")).startswith(pity)
    assert softened(pity, language, (f"{pity} A.", f"{pity} B.")) == pity


def test_what_was_said_is_not_said_again() -> None:
    long = "We have no discounts for students at the moment, I am afraid."
    assert softened(f"{GOOD} {GOOD} Yes. Yes.", "en", ()) == f"{GOOD} Yes. Yes."
    assert softened(f"{long}\nIs there anything else?", "en", ("Hi.", f"Hello. {long}")) == (
        "Is there anything else?"
    )
    assert softened(long, "en", (long,)) == long
    question = "Would you like a replacement or rather your money back?"
    assert softened(f"{GOOD} {question}", "en", (question,)) == f"{GOOD} {question}"
    assert softened(f"{GOOD} It was sent on 3.11. by DHL.\n\nBye.", "pl", ()) == (
        f"{GOOD} It was sent on 3.11. by DHL.\n\nBye."
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_sentences_blame_nobody(language: str) -> None:
    for form in FORMS.get(language, ("",)):
        for key, words in _book(language, form).items():
            assert softened(words, language, ()) == " ".join(words.split()), key


SENTENCES = [
    GOOD,
    *PITY.values(),
    "That was your own fault.",
    "Yes.",
    "When was it, on 3.11.?",
    "\n",
]


@given(st.lists(st.sampled_from(SENTENCES), max_size=8), st.sampled_from(LANGUAGES))
def test_what_is_softened_stays_as_it_is(sentences: list[str], language: str) -> None:
    once = softened(" ".join(sentences), language, ())
    assert softened(once, language, ()) == once


@given(
    st.text(max_size=400), st.sampled_from(LANGUAGES), st.lists(st.text(max_size=60), max_size=3)
)
def test_any_words_can_be_softened(words: str, language: str, said: list[str]) -> None:
    assert len(softened(words, language, said)) <= len(words)
