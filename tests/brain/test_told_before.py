"""What the last words were, so that they are not said again."""

from datetime import UTC, datetime

import pytest

from brain.told_before import public_invitation, said_just_now
from brain.wordbook import LANGUAGES, say
from config.languages import FORMS
from conversation.model import Author
from conversation.state import ConversationState
from conversation.state.values import Line

NOW = datetime(2026, 11, 18, tzinfo=UTC)
SPOKEN = [(one, form) for one in LANGUAGES for form in FORMS.get(one, ("",))]


def after(*words: str) -> ConversationState:
    lines = tuple(Line(at=NOW, author=Author.BOT, text=text) for text in words)
    customer = Line(at=NOW, author=Author.CUSTOMER, text="and?")
    return ConversationState(lines=(*lines, customer))


@pytest.mark.parametrize(("language", "form"), SPOKEN)
def test_the_invitation_to_a_private_message_is_worded_otherwise_the_second_time(
    language: str, form: str
) -> None:
    first = say(language, "public_invite", form=form)
    second = say(language, "public_again", form=form)
    assert first != second
    assert public_invitation(ConversationState()) == "public_invite"
    assert public_invitation(after(f"I am an AI.\n\n{first}")) == "public_again"
    assert public_invitation(after(first, second)) == "public_invite"


def test_a_greeting_is_known_in_the_familiar_form_too() -> None:
    assert said_just_now(after(say("de", "greeting", form="du")), "greeting")
    assert not said_just_now(after("Something else."), "greeting")
