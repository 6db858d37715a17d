"""Slack's signature, Slack's errors, and Bolt behind our own front door."""

import hashlib
import hmac
import logging
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from channels.errors import SendFailure
from channels.slack.transport import SlackTransport, authentic, header, map_slack_error
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.slack import SlackStandIn

KEY = "8f742231b10e8888abcd99yyyzzz85a5"
NOW_S = datetime(2026, 11, 20, 9, 0, tzinfo=UTC).timestamp()
BODY = b'{"type": "event_callback", "text": "f\xc3\xbcr"}'


def signed(body: bytes = BODY, *, at: str = str(int(NOW_S)), key: str = KEY) -> str:
    base = b"v0:" + at.encode("utf-8", "surrogatepass") + b":" + body
    return "v0=" + hmac.new(key.encode(), base, hashlib.sha256).hexdigest()


def judged(stamp: str, signature: str, body: bytes = BODY) -> bool:
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    return authentic(headers, body, signing_secret=KEY, now_s=NOW_S)


def test_the_sdk_signs_the_same_way() -> None:
    stamp = str(int(NOW_S))
    given_signature = SignatureVerifier(KEY).generate_signature(timestamp=stamp, body=BODY)
    assert given_signature is not None
    assert judged(stamp, given_signature)


@pytest.mark.parametrize(("age", "fits"), [(0, True), (300, True), (-300, True), (301, False)])
def test_the_window_is_five_minutes(age: int, fits: bool) -> None:
    stamp = str(int(NOW_S) - age)
    assert judged(stamp, signed(at=stamp)) is fits


@pytest.mark.parametrize("stamp", ["", "nan", "inf", "1e9", "-1", "٣٤٥", "\ud800", "9" * 400, " 1"])
def test_an_odd_timestamp_is_no_signature(stamp: str) -> None:
    assert not judged(stamp, signed(at=stamp))


@pytest.mark.parametrize("signature", ["", "v0=", "ü", "\ud800", "v1=" + signed()[3:]])
def test_an_odd_signature_is_none(signature: str) -> None:
    assert not judged(str(int(NOW_S)), signature)


def test_another_body_secret_or_none_is_refused() -> None:
    stamp = str(int(NOW_S))
    assert not judged(stamp, signed(), BODY + b" ")
    assert not judged(stamp, signed(key="other"))
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": signed(key="")}
    assert not authentic(headers, BODY, signing_secret="", now_s=NOW_S)
    assert not authentic({}, BODY, signing_secret=KEY, now_s=NOW_S)


@given(stamp=st.text(), signature=st.text(), body=st.binary())
def test_any_headers_are_judged_without_harm(stamp: str, signature: str, body: bytes) -> None:
    assert not judged(stamp, signature, body)


def test_headers_are_found_in_any_case() -> None:
    assert header({"content-TYPE": "a"}, "Content-Type") == "a"
    assert header({}, "Content-Type") == ""


# --- errors


class Answer:
    """Slack's answer as the SDK keeps it."""

    def __init__(self, status: int, data: object, headers: dict[str, str] | None = None) -> None:
        self.status_code = status
        self.data = data
        self.headers = headers or {}


def refused(status: int, error: str | None, headers: dict[str, str] | None = None) -> SlackApiError:
    data: dict[str, object] = {"ok": False, "error": error} if error else {}
    return SlackApiError("failed", Answer(status, data, headers))  # type: ignore[no-untyped-call]


def unread() -> SlackApiError:
    return SlackApiError("odd", None)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (refused(429, "ratelimited", {"Retry-After": "30"}), SendFailure.RATE_LIMITED),
        (refused(200, "ratelimited"), SendFailure.RATE_LIMITED),
        (refused(200, "invalid_auth"), SendFailure.REVOKED),
        (refused(200, "token_revoked"), SendFailure.REVOKED),
        (refused(200, "account_inactive"), SendFailure.REVOKED),
        (refused(200, "channel_not_found"), SendFailure.REFUSED),
        (refused(200, "is_archived"), SendFailure.REFUSED),
        (refused(200, "msg_too_long"), SendFailure.REFUSED),
        (refused(200, "invalid_blocks"), SendFailure.REFUSED),
        (refused(200, "something_new"), SendFailure.REFUSED),
        (refused(200, "internal_error"), SendFailure.UNKNOWN),
        (refused(500, None), SendFailure.UNAVAILABLE),
        (refused(503, "service_unavailable"), SendFailure.UNAVAILABLE),
        (refused(504, None), SendFailure.UNKNOWN),
        (refused(404, None), SendFailure.REFUSED),
        (refused(200, None), SendFailure.UNKNOWN),
        (unread(), SendFailure.UNKNOWN),
        (aiohttp.ServerDisconnectedError(), SendFailure.UNKNOWN),
        (aiohttp.ConnectionTimeoutError(), SendFailure.UNAVAILABLE),
        (aiohttp.SocketTimeoutError(), SendFailure.UNKNOWN),
        (TimeoutError(), SendFailure.UNKNOWN),
        (ConnectionResetError(), SendFailure.UNKNOWN),
        (AttributeError(), SendFailure.UNKNOWN),
    ],
)
def test_what_an_error_means(error: BaseException, failure: SendFailure) -> None:
    assert map_slack_error(error).failure is failure


@pytest.mark.parametrize(
    ("told", "wait_s"),
    [("30", 30.0), ("0.5", 0.5), ("nan", None), ("-3", None), ("999999", 3600.0), ("", None)],
)
def test_how_long_slack_asks_us_to_wait(told: str, wait_s: float | None) -> None:
    error = refused(429, "ratelimited", {"retry-after": told})
    assert map_slack_error(error).retry_after_s == wait_s


# --- the app


def lonely() -> SlackTransport:
    """Give a transport with nobody at the other end."""
    return SlackTransport(
        bot_token="xoxb",  # noqa: S106 - opens nothing
        signing_secret="s",  # noqa: S106 - signs nothing
        api_base="http://127.0.0.1:9/api/",
        clock=HandClock(),
        name="test",
    )


def transport_to(slack: SlackStandIn, clock: HandClock) -> SlackTransport:
    return SlackTransport(
        bot_token=slack.bot_token,
        signing_secret=slack.signing_secret,
        api_base=slack.base_url,
        clock=clock,
        name="test",
    )


async def test_it_learns_who_it_is_and_repeats_no_call() -> None:
    clock = HandClock()
    async with SlackStandIn(clock=clock, enforce_rates=False) as slack:
        transport = transport_to(slack, clock)
        await transport.open()
        assert transport.myself.team_id == "T0NORTHW"
        slack.faults.next("chat.postMessage", Fault(kind="answer_lost"))
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the SDK raises whatever aiohttp does
            await transport.client.chat_postMessage(channel="C0CARE", text="once")
        assert map_slack_error(caught.value).failure is SendFailure.UNKNOWN
        assert len(slack.messages("C0CARE")) == 1
        await transport.close()


async def test_opening_says_what_is_wrong() -> None:
    clock = HandClock()
    async with SlackStandIn(clock=clock) as slack:
        slack.revoke_token()
        transport = transport_to(slack, clock)
        with pytest.raises(Exception, match="token") as caught:
            await transport.open()
        assert map_slack_error(caught.value).failure is SendFailure.REVOKED
        await transport.close()


async def test_dispatch_hands_the_context_to_listeners_and_never_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    transport = lonely()
    seen: list[object] = []

    async def pressed(ack: Any, context: Any) -> None:
        seen.append(context.get("ours"))
        await ack()

    transport.app.action("go")(pressed)
    body = (
        b'payload={"type":"block_actions","user":{"id":"U1"},"team":{"id":"T1"},'
        b'"actions":[{"type":"button","action_id":"go","block_id":"b","action_ts":"1.2"}]}'
    )
    headers = {"content-type": "application/x-www-form-urlencoded"}
    told = await transport.dispatch(headers, body, context={"ours": 7})
    assert (told.status, seen) == (200, [7])
    for odd in (b"", b"null", b"[]", b"payload=1", b"\xff", b"payload=%7B"):
        assert (await transport.dispatch(headers, odd)).status in {404, 500}
    secret = b'payload={"type":"view_closed","user":{"id":"U1"},"words":"PRIVATE"}'
    await transport.dispatch(headers, secret)
    assert "PRIVATE" not in caplog.text


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://hooks.slack.com/actions/T/1/x", True),
        ("https://hooks.slack.com:443/actions/T/1/x", True),
        ("http://127.0.0.1:9/actions/T/1/x", True),
        ("http://hooks.slack.com/actions/T/1/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://evil.example/hooks.slack.com", False),
        ("http://169.254.169.254/latest", False),
        ("http://127.0.0.1:10/x", False),
        ("https://hooks.slack.com:99999/x", False),
        ("", False),
        ("[", False),
    ],
)
def test_a_response_url_leads_to_slack_alone(url: str, ours: bool) -> None:
    transport = lonely()
    assert transport._answerable(url) is ours
