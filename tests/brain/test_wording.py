"""How a message is spelled before it is read."""

import pytest

from brain.wording import unshouted


@pytest.mark.parametrize(
    "text", ["WHERE. IS. MY. REFUND.", "Hello? ANSWER. MY. CALLS!", "Late again. Do. Not. Bother."]
)
def test_words_with_a_stop_after_each_are_one_sentence(text: str) -> None:
    read = unshouted(text)
    assert len(read) == len(text)
    assert read.count(".") < text.count(".")


@pytest.mark.parametrize(
    "text",
    [
        "He just drove off. Shameful. I need a new one",
        "The lid came off. Brilliant. And the box was open.",
        "Kettle leaks. Rubbish. Refund please",
        "The zip went on me. Yesterday. the second time",
    ],
)
def test_one_word_alone_between_two_sentences_joins_them_not(text: str) -> None:
    assert unshouted(text) == text
