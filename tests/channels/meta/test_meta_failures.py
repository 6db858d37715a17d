import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.errors import SendFailure
from channels.meta.failures import RETRY_AFTER_MAX_S, failure_of, has_error, read_send_error


def answer(code: int, subcode: int | None = None) -> bytes:
    error = {"message": "said why", "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    return json.dumps({"error": error | {"fbtrace_id": "A1"}}).encode()


@pytest.mark.parametrize(
    ("code", "subcode", "meant"),
    [
        (4, None, SendFailure.RATE_LIMITED),
        (17, None, SendFailure.RATE_LIMITED),
        (32, None, SendFailure.RATE_LIMITED),
        (613, 1893016, SendFailure.RATE_LIMITED),
        (80007, None, SendFailure.RATE_LIMITED),
        (130429, None, SendFailure.RATE_LIMITED),
        (131056, None, SendFailure.RATE_LIMITED),
        (190, 463, SendFailure.REVOKED),
        (368, None, SendFailure.REVOKED),
        (131031, None, SendFailure.REVOKED),
        (10, 2018278, SendFailure.WINDOW_CLOSED),
        (10, 2534022, SendFailure.WINDOW_CLOSED),
        (131047, None, SendFailure.WINDOW_CLOSED),
        (551, 1545041, SendFailure.BLOCKED),
        (200, 1545041, SendFailure.BLOCKED),
        (10, 2018108, SendFailure.BLOCKED),
        (100, 2018001, SendFailure.BLOCKED),
        (131026, None, SendFailure.BLOCKED),
        (10, 1893063, SendFailure.REVOKED),
        (10, None, SendFailure.REFUSED),
        (200, None, SendFailure.REFUSED),
        (299, None, SendFailure.REFUSED),
        (100, 33, SendFailure.REFUSED),
        (10900, None, SendFailure.REFUSED),
        (1, None, SendFailure.UNAVAILABLE),
        (2, None, SendFailure.UNAVAILABLE),
        (131000, None, SendFailure.UNAVAILABLE),
    ],
)
def test_codes_mean_what_to_do(code: int, subcode: int | None, meant: SendFailure) -> None:
    assert failure_of(code, subcode) is meant
    assert read_send_error(400, {}, answer(code, subcode)).failure is meant
    # Some proxies and batches answer with 200.
    assert read_send_error(200, {}, answer(code, subcode)).failure is meant


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        (500, SendFailure.UNAVAILABLE),
        (502, SendFailure.UNAVAILABLE),
        (503, SendFailure.UNAVAILABLE),
        (504, SendFailure.UNKNOWN),
        (408, SendFailure.UNKNOWN),
        (200, SendFailure.UNKNOWN),
        (302, SendFailure.UNAVAILABLE),
        (401, SendFailure.REVOKED),
        (404, SendFailure.REFUSED),
        (429, SendFailure.RATE_LIMITED),
    ],
)
def test_a_page_in_the_place_of_an_answer(status: int, meant: SendFailure) -> None:
    assert read_send_error(status, {}, b"<html>Bad Gateway</html>").failure is meant


@pytest.mark.parametrize(
    ("code", "headers", "wait_s", "wide"),
    [
        (613, {}, 60.0, True),
        (131056, {}, 6.0, False),
        (130429, {}, 5.0, True),
        (4, {"Retry-After": "7"}, 7.0, True),
        (4, {"Retry-After": "soon"}, 60.0, True),
        (4, {"Retry-After": "9" * 400}, RETRY_AFTER_MAX_S, True),
        (
            32,
            {
                "x-business-use-case-usage": json.dumps(
                    {
                        "1": [{"estimated_time_to_regain_access": 3}],
                        "2": [{"estimated_time_to_regain_access": 12}, "odd"],
                        "3": None,
                    }
                )
            },
            720.0,
            True,
        ),
        (32, {"X-Business-Use-Case-Usage": "not JSON"}, 60.0, True),
        (32, {"X-Business-Use-Case-Usage": "[]"}, 60.0, True),
    ],
)
def test_how_long_to_wait(code: int, headers: dict[str, str], wait_s: float, *, wide: bool) -> None:
    error = read_send_error(400, headers, answer(code))
    assert (error.retry_after_s, error.wide) == (wait_s, wide)


@pytest.mark.parametrize(
    ("code", "asked", "waits"),
    [(2, "30", 30.0), (131016, "99999", 900.0), (2, "", None), (190, "30", None)],
)
def test_whoever_is_down_may_ask_for_time(code: int, asked: str, waits: float | None) -> None:
    error = read_send_error(503, {"Retry-After": asked}, answer(code))
    assert error.retry_after_s == waits


def test_what_was_said_is_told() -> None:
    assert str(read_send_error(400, {}, answer(10, 2018278))) == "400 (10/2018278) said why"


@given(st.binary(max_size=80), st.integers(min_value=100, max_value=599))
def test_no_answer_raises(body: bytes, status: int) -> None:
    assert read_send_error(status, {"Retry-After": "1"}, body).failure in SendFailure
    assert has_error(body) in {True, False}
