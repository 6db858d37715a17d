"""What the Bot API refuses, case by case."""

from typing import Any

import pytest

from socialcare.sandbox.telegram_rules import (
    BotApiRefusalError,
    Webhook,
    read_keyboard,
    read_text,
    read_webhook,
    whole_number,
)


def keyboard(*buttons: Any) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": [list(buttons)]}}


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"reply_markup": [1]}, "object expected as reply markup"),
        ({"reply_markup": {"inline_keyboard": {}}}, "must be of type Array"),
        ({"reply_markup": {"inline_keyboard": [{}]}}, "must be of type Array"),
        (keyboard("Yes"), "can't parse inline keyboard button"),
        (keyboard({"text": " ", "callback_data": "y"}), "must be non-empty"),
        (keyboard({"text": "Yes"}), "Text buttons are unallowed"),
        (keyboard({"text": "Yes", "callback_data": "y", "url": "https://x"}), "unallowed"),
        (keyboard({"text": "Yes", "callback_data": ""}), "BUTTON_DATA_INVALID"),
        (keyboard({"text": "Yes", "url": "northwind"}), "Wrong HTTP URL"),
        (keyboard(*[{"text": "Yes", "callback_data": "y"}] * 101), "too long"),
    ],
)
def test_keyboards_that_are_refused(params: dict[str, Any], description: str) -> None:
    with pytest.raises(BotApiRefusalError) as refused:
        read_keyboard(params)
    assert refused.value.code == 400
    assert description in refused.value.description


def test_keyboards_that_are_not_inline_are_not_kept() -> None:
    assert read_keyboard({"reply_markup": '{"remove_keyboard": true}'}).raw is None
    assert read_keyboard({"reply_markup": ""}).raw is None
    assert read_keyboard(keyboard({"text": "x" * 60, "callback_data": "y" * 64})).raw is not None


def test_texts() -> None:
    assert read_text({"text": "1 < 2 & <b>"}).text == "1 < 2 & <b>"
    bold = [{"type": "bold", "offset": 0, "length": 2}]
    assert read_text({"text": "hi", "entities": bold}).entities == tuple(bold)
    with pytest.raises(BotApiRefusalError, match="parse_mode"):
        read_text({"text": "*hi*", "parse_mode": "MarkdownV2"})
    with pytest.raises(BotApiRefusalError, match="text is empty"):
        read_text({"text": "<b> </b>", "parse_mode": "HTML"})


def test_kinds_of_updates() -> None:
    before = Webhook(allowed=frozenset({"message"}))
    assert read_webhook({"url": "https://x.example"}, before).allowed == {"message"}
    everything = read_webhook({"url": "https://x.example", "allowed_updates": "[]"}, before)
    assert everything.wants("message")
    assert not everything.wants("message_reaction")


def test_numbers() -> None:
    assert whole_number({"limit": "7"}, "limit") == 7
    assert whole_number({"limit": "many"}, "limit", 100) == 100
