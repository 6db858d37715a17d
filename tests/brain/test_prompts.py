"""Prompts have versions that mean something: another text is another version."""

import hashlib
from importlib.resources import files

import pytest

from brain.prompts import prompt

VERSIONS = {
    "care@3": "b8ce2266799e",
    "public@1": "acdd38a76ac5",
    "step@1": "8d62691c4188",
}
"""Who changes a prompt raises its version and enters the text's digest here: traces, rehearsals and
figures name the version, and two texts under one name could not be told apart."""


@pytest.mark.parametrize("name", sorted(one.partition("@")[0] for one in VERSIONS))
def test_a_text_has_its_own_version(name: str) -> None:
    one = prompt(name)
    assert hashlib.sha256(one.text.encode()).hexdigest()[:12] == VERSIONS[one.id]


def test_every_prompt_is_entered() -> None:
    shipped = {
        one.name.removesuffix(".md")
        for one in files("brain.prompts").iterdir()
        if one.name.endswith(".md")
    }
    assert shipped == {one.partition("@")[0] for one in VERSIONS}
