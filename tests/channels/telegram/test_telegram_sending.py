import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import OutboundMessage
from channels.errors import SendError, SendFailure
from channels.hints import OUTAGE_WAIT_MAX_S
from channels.telegram.sending import (
    BUTTONS,
    RETRY_AFTER_DEFAULT_S,
    RETRY_AFTER_MAX_S,
    read_send_error,
    read_sent,
    send_parameters,
    to_html,
)
from config.stages import Surface
from conversation.model import Address, Button

ADA = Address(channel="telegram", account="7", key="5012345678", surface=Surface.PRIVATE)


@given(st.text())
def test_escaping_is_undone_by_any_reader(text: str) -> None:
    escaped = to_html(text)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text
    assert "<" not in escaped
    assert ">" not in escaped


def test_text_alone() -> None:
    assert send_parameters(ADA, OutboundMessage(text="1 < 2 & 3 > 2")) == {
        "chat_id": 5012345678,
        "text": "1 &lt; 2 &amp; 3 &gt; 2",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def test_reply_and_buttons() -> None:
    message = OutboundMessage(
        text="Which?",
        reply_to="101",
        buttons=(
            Button(label="Refund <b>", payload="r"),
            Button(label="Exchange", payload="é" * 32),
        ),
    )
    parameters = send_parameters(ADA, message)
    assert parameters["reply_parameters"] == {
        "message_id": 101,
        "allow_sending_without_reply": True,
    }
    assert parameters["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "Refund <b>", "callback_data": "r"}],
            [{"text": "Exchange", "callback_data": "é" * 32}],
        ]
    }


def test_a_reply_to_something_that_is_no_message_id_is_a_plain_message() -> None:
    message = OutboundMessage(text="hi", reply_to="wamid.x")
    assert "reply_parameters" not in send_parameters(ADA, message)


def test_a_chat_named_in_words_is_passed_on() -> None:
    named = Address(channel="t", account="7", key="@northwind", surface=Surface.PUBLIC)
    assert send_parameters(named, OutboundMessage(text="hi"))["chat_id"] == "@northwind"


@pytest.mark.parametrize("payload", ["", "x" * 65, "é" * 33])
def test_a_payload_telegram_cannot_carry_is_refused(payload: str) -> None:
    message = OutboundMessage(text="hi", buttons=(Button(label="b", payload=payload),))
    with pytest.raises(SendError) as caught:
        send_parameters(ADA, message)
    assert caught.value.failure is SendFailure.REFUSED


def test_too_many_buttons_are_refused() -> None:
    message = OutboundMessage(text="hi", buttons=(Button(label="b", payload="p"),) * (BUTTONS + 1))
    with pytest.raises(SendError) as caught:
        send_parameters(ADA, message)
    assert caught.value.failure is SendFailure.REFUSED


def refusal(code: int, description: str = "", **parameters: object) -> bytes:
    answer: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        answer["parameters"] = parameters
    return json.dumps(answer).encode()


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (429, refusal(429, "Too Many Requests: retry after 3", retry_after=3), "rate_limited"),
        (429, refusal(429, "Too Many Requests"), "rate_limited"),
        (429, b"<html>slow down</html>", "rate_limited"),
        (403, refusal(403, "Forbidden: bot was blocked by the user"), "blocked"),
        (403, refusal(403, "Forbidden: bot was kicked from the supergroup chat"), "blocked"),
        (400, refusal(400, "Bad Request: not enough rights to send text messages"), "blocked"),
        (400, refusal(400, "Bad Request: chat not found"), "refused"),
        (400, refusal(400, "Bad Request: message is too long"), "refused"),
        (400, refusal(400, "Bad Request: can't parse entities: …"), "refused"),
        (
            400,
            refusal(400, "Bad Request: upgraded", migrate_to_chat_id=-100),
            "moved",
        ),
        (413, b"", "refused"),
        (401, refusal(401, "Unauthorized"), "revoked"),
        (404, refusal(404, "Not Found"), "revoked"),
        (404, b"<html>", "revoked"),
        (409, refusal(409, "Conflict"), "unavailable"),
        (500, refusal(500, "Internal Server Error"), "unavailable"),
        (502, b"<html>Bad Gateway</html>", "unavailable"),
        (503, b"", "unavailable"),
        (301, b"", "unavailable"),
        (504, b"<html>", "unknown"),
        (200, refusal(403, "Forbidden: bot was blocked by the user"), "blocked"),
        (200, refusal(429, "Too Many Requests", retry_after=9), "rate_limited"),
        (200, b'{"ok": false}', "unknown"),
        (200, b'{"ok": true}', "unknown"),
        (200, b"<html>login</html>", "unknown"),
        (200, b"null", "unknown"),
        (200, b"", "unknown"),
        (200, b"\xff\xfe", "unknown"),
    ],
)
def test_what_a_refusal_means(status: int, body: bytes, failure: str) -> None:
    assert read_send_error(status, body, {}).failure == SendFailure(failure)


def test_the_new_chat_is_named() -> None:
    error = read_send_error(400, refusal(400, "…", migrate_to_chat_id=-1002000000001), {})
    assert error.new_key == "-1002000000001"


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(3, 3.0), (0, RETRY_AFTER_DEFAULT_S), (-5, 0.0), (10**9, RETRY_AFTER_MAX_S)],
)
def test_the_wait_is_what_telegram_asks_within_reason(asked: int, waits: float) -> None:
    error = read_send_error(429, refusal(429, "…", retry_after=asked), {})
    assert error.retry_after_s == waits
    assert error.retryable


@pytest.mark.parametrize(
    ("status", "asked", "waits"),
    [
        (429, "30", 30.0),
        (429, "soon", RETRY_AFTER_DEFAULT_S),
        (503, "30", 30.0),
        (503, "9" * 9, OUTAGE_WAIT_MAX_S),
        (503, "Fri, 27 Nov 2026 09:00:00 GMT", None),
        (502, "", None),
    ],
)
def test_what_stands_before_telegram_may_ask_for_time(
    status: int, asked: str, waits: float | None
) -> None:
    error = read_send_error(status, b"<html>busy</html>", {"retry-after": asked})
    assert error.retry_after_s == waits


@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_any_answer_means_something(status: int, body: bytes) -> None:
    assert isinstance(read_send_error(status, body, {}), SendError)


@given(
    st.dictionaries(
        st.sampled_from(["ok", "error_code", "description", "parameters"]),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(),
            st.dictionaries(
                st.sampled_from(["retry_after", "migrate_to_chat_id"]),
                st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.booleans()),
            ),
        ),
    )
)
def test_any_parameters_mean_something(answer: dict[str, object]) -> None:
    for status in (200, 400, 429):
        error = read_send_error(status, json.dumps(answer).encode(), {})
        wait_s = error.retry_after_s
        assert wait_s is None or 0 <= wait_s <= RETRY_AFTER_MAX_S


@pytest.mark.parametrize("result", [None, True, [], {}, {"message_id": "x"}, {"message_id": None}])
def test_a_yes_without_a_message_is_an_unknown_outcome(result: object) -> None:
    with pytest.raises(SendError) as caught:
        read_sent(result)
    assert caught.value.failure is SendFailure.UNKNOWN


def test_the_message_that_was_made() -> None:
    assert read_sent({"message_id": 7, "chat": {"id": 1}}) == "7"
