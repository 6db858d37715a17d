"""What is written to WhatsApp: plain, within its lengths, in the customer's language."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import OutboundMessage
from channels.errors import SendError, SendFailure
from channels.meta.whatsapp.formatting import plain
from channels.meta.whatsapp.sending import (
    message_body,
    read_body,
    read_sent,
    template_language,
)
from config.channels import TemplateSection
from config.stages import Surface
from conversation.model import Address, Button
from socialcare.sandbox.whatsapp_markup import shown

TEMPLATES = {"reopen": TemplateSection(name="care_reopen", languages=("en", "de", "pt_BR"))}


def to(key: str) -> Address:
    return Address(channel="whatsapp", account="1", key=key, surface=Surface.PRIVATE)


def body(key: str = "GB.1", **message: Any) -> dict[str, Any]:
    return message_body(to(key), OutboundMessage(**{"text": "Hi", **message}), TEMPLATES)


def test_a_text() -> None:
    assert body(reply_to="wamid.1") == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": "GB.1",
        "context": {"message_id": "wamid.1"},
        "type": "text",
        "text": {"body": "Hi", "preview_url": False},
    }


def test_a_number_and_an_id_are_addressed_differently() -> None:
    assert (body("447700900123")["to"], "recipient" in body("447700900123")) == (
        "447700900123",
        False,
    )
    assert (body("GB.13491")["recipient"], "to" in body("GB.13491")) == ("GB.13491", False)


def test_buttons() -> None:
    message = body(text="Which?", buttons=(Button(label="Yes", payload="y"),))
    assert message["type"] == "interactive"
    assert message["interactive"] == {
        "type": "button",
        "body": {"text": "Which?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]},
    }


@pytest.mark.parametrize(
    "message",
    [
        {"buttons": tuple(Button(label=str(n), payload=str(n)) for n in range(4))},
        {"buttons": (Button(label="x" * 21, payload="y"),)},
        {"buttons": (Button(label="", payload="y"),)},
        {"buttons": (Button(label="x", payload="y" * 257),)},
        {"buttons": (Button(label="x", payload=""),)},
        {"buttons": (Button(label="x", payload="y"),), "text": "t" * 1_025},
        {"template": "farewell"},
    ],
)
def test_what_whatsapp_could_never_take_is_refused_before_it_is_sent(
    message: dict[str, Any],
) -> None:
    with pytest.raises(SendError) as caught:
        body(**message)
    assert caught.value.failure is SendFailure.REFUSED


def test_a_template_carries_no_words_of_ours() -> None:
    message = body(text="secret", template="reopen", language="de")
    assert message["template"] == {"name": "care_reopen", "language": {"code": "de"}}
    assert "secret" not in str(message)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (None, "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("pt", "pt_BR"),
        ("pt-BR", "pt_BR"),
        ("PT_br", "pt_BR"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_the_customers_language_else_the_first(wanted: str | None, chosen: str) -> None:
    assert template_language(wanted, ("en", "de", "pt_BR")) == chosen


def test_read_and_typing_are_one_call() -> None:
    assert read_body("wamid.1", typing=True)["typing_indicator"] == {"type": "text"}
    assert "typing_indicator" not in read_body("wamid.1", typing=False)


@pytest.mark.parametrize("answer", [{}, {"messages": []}, {"messages": [{}]}, None, [], 5])
def test_a_yes_to_nothing_leaves_the_outcome_unknown(answer: object) -> None:
    with pytest.raises(SendError) as caught:
        read_sent(answer)
    assert caught.value.failure is SendFailure.UNKNOWN


# --- nothing is formatted


@pytest.mark.parametrize(
    "text",
    [
        "only *today* for you",
        "not ~£40~ but £20",
        "_really_",
        "`code` and ```more\nof it```",
        "> said the customer",
        "*_~all~_*",
        "(*so*)",
        "**twice**",
        "a *b* c*d* *e",
    ],
)
def test_what_would_be_formatted_is_not(text: str) -> None:
    assert shown(text).formatted
    read = shown(plain(text))
    assert read.formatted == ()
    assert read.text == plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "A_10_3 and snake_case_word",
        "3*4*5",
        "https://shop.example/_a_/*b*?c=~d~",
        "ana_b@shop.example, _ana@shop.example",
        "1 > 0, a -> b",
        "Größe 40-42 · 5 € (inkl. MwSt.)",
    ],
)
def test_what_people_copy_stays(text: str) -> None:
    assert plain(text) == text


@given(st.text(alphabet="*_~`> ab1.\n€", max_size=40))
def test_no_text_formats_anything_and_none_grows(text: str) -> None:
    written = plain(text)
    assert len(written) == len(text)
    assert shown(written).formatted == ()
