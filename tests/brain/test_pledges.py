"""What nobody has done is not promised, and not said to be done without a word of what."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from brain.claims import unproved_claims

SAID = YAML(typ="safe", pure=True).load(Path(__file__).with_name("pledges.yaml").read_text("utf-8"))


def each(kind: str) -> list[tuple[str, str]]:
    return [(language, words) for language, many in SAID[kind].items() for words in many]


@pytest.mark.parametrize(
    ("language", "words"), [*each("pledges"), *each("bare"), *each("otherwise")]
)
def test_a_deed_to_come_or_done_needs_its_entry(language: str, words: str) -> None:
    assert unproved_claims(words, language, ())
    assert unproved_claims(words, "en", ()), "models mix languages"


@pytest.mark.parametrize(("language", "words"), each("harmless"))
def test_offers_rules_questions_and_denials_promise_nothing(language: str, words: str) -> None:
    assert unproved_claims(words, language, ()) == ()
