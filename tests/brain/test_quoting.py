"""What we said is not what the customer says, though it stands in their message."""

import pytest

from brain.quoting import unquoted

ASSISTANT = "I'm Northwind's AI assistant. Write “human” at any time to reach a person."
CHOOSE = "I'm sorry about that. Would you like a replacement or your money back?"
OURS = (f"{ASSISTANT}\n\n{CHOOSE}",)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("> Would you like a replacement or your money back?\nmoney please", "money please"),
        (">> your money back?\nyes", "yes"),
        ("Would you like a replacement or your money back?\nthe money", "the money"),
        ("“Write “human” at any time to reach a person.”\nno need", "no need"),
        ('the money\n\n> Write "human" at any time to reach a person', "the money\n"),
    ],
)  # fmt: skip
def test_our_words_are_left_out(text: str, left: str) -> None:
    assert unquoted(text, OURS) == left


@pytest.mark.parametrize(
    "text",
    [
        "your money back",
        "I'm sorry about that.\nI want my money back",
        "> I was charged twice for A-10293\nsee above",
        "> Would you like a replacement or your money back?",
        "Write “human” at any time to reach a person.",
        "human",
        "You said: Would you like a replacement or your money back? The money please",
        "",
    ],
)
def test_what_is_theirs_stays(text: str) -> None:
    assert unquoted(text, OURS) == text


def test_where_we_said_nothing_nothing_is_ours() -> None:
    assert unquoted("> Write “human” at any time\nok", ()) == "> Write “human” at any time\nok"
