"""What X's answers mean: any of them means something."""

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import SendError, SendFailure
from channels.x.sending import (
    RETRY_AFTER_DEFAULT_S,
    RETRY_AFTER_MAX_S,
    is_duplicate,
    read_message_id,
    read_post_id,
    read_send_error,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def problem(title: str, detail: str = "", **more: object) -> bytes:
    return json.dumps({"title": title, "detail": detail, "type": "about:blank", **more}).encode()


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (400, problem("Invalid Request"), "refused"),
        (401, problem("Unauthorized"), "revoked"),
        (402, problem("CreditsDepleted"), "revoked"),
        (
            403,
            problem("Forbidden", "You are not allowed to create a Tweet with duplicate content."),
            "refused",
        ),
        (403, problem("Forbidden", "You cannot send messages to this user."), "blocked"),
        (
            403,
            problem("Forbidden", "You do not have permission to DM one or more participants."),
            "blocked",
        ),
        (
            403,
            problem("Forbidden", type="https://api.twitter.com/2/problems/oauth1-permissions"),
            "revoked",
        ),
        (
            403,
            problem("Client Forbidden", reason="client-not-enrolled", type="x/client-forbidden"),
            "revoked",
        ),
        (
            403,
            b'{"errors": [{"message": "Your account is suspended", "code": 64}]}',
            "revoked",
        ),
        (403, b"<html>", "refused"),
        (404, problem("Not Found Error"), "refused"),
        (413, b"", "refused"),
        (408, b"", "unknown"),
        (504, b"<html>", "unknown"),
        (500, problem("Internal"), "unavailable"),
        (503, b"", "unavailable"),
        (301, b"", "unavailable"),
        (200, b"<html>login</html>", "unknown"),
        (429, problem("Too Many Requests"), "rate_limited"),
    ],
    ids=lambda value: repr(value)[:70],
)
def test_what_a_refusal_means(status: int, body: bytes, failure: str) -> None:
    error = read_send_error(status, {}, body, now=NOW)
    assert error.failure == SendFailure(failure)
    assert is_duplicate(error) == (b"duplicate content" in body)


def test_whoever_is_down_may_ask_for_time() -> None:
    assert read_send_error(503, {"Retry-After": "20"}, b"", now=NOW).retry_after_s == 20.0
    assert read_send_error(503, {}, b"", now=NOW).retry_after_s is None
    assert read_send_error(404, {"Retry-After": "20"}, b"", now=NOW).retry_after_s is None


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"x-rate-limit-reset": str(EPOCH + 30)}, 31.0),
        ({"Retry-After": "20"}, 20.0),
        ({"Retry-After": "20", "x-rate-limit-reset": str(EPOCH + 30)}, 31.0),
        ({"X-Rate-Limit-Reset": str(EPOCH + 30)}, 31.0),
        (
            {
                "x-rate-limit-reset": str(EPOCH + 30),
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": str(EPOCH + 7_000),
            },
            7_001.0,
        ),
        (
            {
                "x-rate-limit-reset": str(EPOCH + 30),
                "x-app-limit-24hour-remaining": "5",
                "x-app-limit-24hour-reset": str(EPOCH + 7_000),
            },
            31.0,
        ),
        ({}, RETRY_AFTER_DEFAULT_S),
        ({"x-rate-limit-reset": "soon"}, RETRY_AFTER_DEFAULT_S),
        ({"x-rate-limit-reset": "²"}, RETRY_AFTER_DEFAULT_S),
        ({"x-rate-limit-reset": "9" * 40}, RETRY_AFTER_DEFAULT_S),
        ({"x-rate-limit-reset": "1"}, 1.0),
        ({"x-rate-limit-reset": "99999999999"}, RETRY_AFTER_MAX_S),
    ],
)
def test_the_wait_is_until_the_window_begins_anew(headers: dict[str, str], waits: float) -> None:
    error = read_send_error(429, headers, b"", now=NOW)
    assert error.retry_after_s == pytest.approx(waits)
    assert error.wide


@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_any_answer_means_something(status: int, body: bytes) -> None:
    assert isinstance(read_send_error(status, {}, body, now=NOW), SendError)


JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["data", "errors", "id", "dm_event_id", "status", "title", "detail"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@given(JUNK)
def test_a_success_names_what_was_made_or_means_something_else(answer: object) -> None:
    for read in (read_post_id, read_message_id):
        with suppress(SendError):
            assert read(answer).isdecimal()


def test_what_was_made() -> None:
    assert (
        read_post_id({"data": {"id": "1445880548472328192", "text": "hi"}}) == "1445880548472328192"
    )
    assert read_message_id({"data": {"dm_conversation_id": "1-2", "dm_event_id": "9"}}) == "9"
