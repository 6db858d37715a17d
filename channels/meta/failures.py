"""What the Graph API's refusals mean for a message. Pure.

https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/docs/messenger-platform/error-codes,
https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

import json
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field, ValidationError

from channels.errors import SendError, SendFailure
from channels.hints import outage_wait_s
from channels.meta.webhooks import Payload
from channels.signatures import header_value

RETRY_AFTER_DEFAULT_S: Final = 60.0
"""Where a refusal names no time: Graph counts calls over a rolling hour, so seconds do not help."""
RETRY_AFTER_MAX_S: Final = 86_400.0
"""A wait longer than a day is looked at again after a day."""

_RETRY_AFTER_S: Final = {
    130429: 5.0,  # messages a second of one WhatsApp number
    131056: 6.0,  # one message in six seconds to one WhatsApp customer
}
_ONE_CHAT: Final = frozenset({131056})
"""Rates of one chat; every other one is the account's or the app's."""

_RATES: Final = frozenset(
    {4, 17, 32, 341, 613, 80001, 80002, 80006, 80007, 80008, 130429, 131048, 131056}
)
# 368 and 131031: blocked or locked for what Meta takes for a violation. Nothing goes out for
# anybody until people have settled it with Meta, as with a token that no longer works.
_REVOKED: Final = frozenset({102, 190, 368, 131031})
_UNAVAILABLE: Final = frozenset({1, 2, 1200, 131000, 131016, 131057, 133004})
_BLOCKED: Final = frozenset({551, 131026, 131050})
_WINDOW: Final = frozenset({131047})

_BY_SUBCODE: Final = {
    (10, 2018065): SendFailure.WINDOW_CLOSED,
    (10, 2018278): SendFailure.WINDOW_CLOSED,
    (10, 2534022): SendFailure.WINDOW_CLOSED,  # Instagram's
    # The page may not send for now: https://developers.facebook.com/docs/graph-api/changelog
    (10, 1893063): SendFailure.REVOKED,
    (10, 2018108): SendFailure.BLOCKED,  # this person isn't receiving messages from you
    (100, 2018001): SendFailure.BLOCKED,  # no matching user found
    (200, 1545041): SendFailure.BLOCKED,  # this person isn't available
    (200, 2018021): SendFailure.BLOCKED,
}


class _Error(Payload):
    message: str = ""
    code: Annotated[int, Field(strict=True)] = 0
    error_subcode: int | None = None


class _Answer(Payload):
    error: _Error


class _Usage(Payload):
    """https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers-2."""

    estimated_time_to_regain_access: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Minutes."""


def failure_of(code: int, subcode: int | None = None) -> SendFailure:
    """Say what an error code means for the message, in an answer or in a later status."""
    if subcode is not None and (code, subcode) in _BY_SUBCODE:
        return _BY_SUBCODE[code, subcode]
    meanings = (
        (_RATES, SendFailure.RATE_LIMITED),
        (_REVOKED, SendFailure.REVOKED),
        (_WINDOW, SendFailure.WINDOW_CLOSED),
        (_BLOCKED, SendFailure.BLOCKED),
        (_UNAVAILABLE, SendFailure.UNAVAILABLE),
    )
    return next((meant for codes, meant in meanings if code in codes), SendFailure.REFUSED)


def has_error(body: bytes) -> bool:
    """Say whether an answer tells of an error, whatever its status says."""
    try:
        _Answer.model_validate_json(body)
    except ValidationError:
        return False
    return True


def read_send_error(status: int, headers: Mapping[str, str], body: bytes) -> SendError:
    """Say what an answer that is no success means for the message."""
    try:
        error = _Answer.model_validate_json(body).error
    except ValidationError:
        return SendError(
            _failure_of_status(status), f"HTTP {status}", retry_after_s=_asked(headers)
        )
    code, subcode = error.code, error.error_subcode
    number = f"{code}" if subcode is None else f"{code}/{subcode}"
    said = f"{status} ({number}) {error.message[:200]}".strip()
    failure = failure_of(code, subcode) if code else _failure_of_status(status)
    if failure is not SendFailure.RATE_LIMITED:
        down = failure is SendFailure.UNAVAILABLE
        return SendError(failure, said, retry_after_s=outage_wait_s(headers) if down else None)
    wait_s = _asked(headers) or _RETRY_AFTER_S.get(code, RETRY_AFTER_DEFAULT_S)
    return SendError(failure, said, retry_after_s=wait_s, wide=code not in _ONE_CHAT)


def _failure_of_status(status: int) -> SendFailure:
    """Say what a status means by itself: what stands before Graph answers in HTML."""
    match status:
        case 401:
            return SendFailure.REVOKED
        case 429:
            return SendFailure.RATE_LIMITED
        case 408 | 504:
            # A gateway lost patience with what stands behind it, which may go on regardless.
            return SendFailure.UNKNOWN
        case _ if 200 <= status <= 299:
            return SendFailure.UNKNOWN
        case _ if 400 <= status <= 499:
            return SendFailure.REFUSED
        case _:
            return SendFailure.UNAVAILABLE


def _asked(headers: Mapping[str, str]) -> float | None:
    """Find how long we are asked to wait, in seconds; the plainest word wins."""
    longest_s = _seconds(header_value(headers, "Retry-After")) or max(
        _regained(header_value(headers, "X-Business-Use-Case-Usage")), default=0.0
    )
    return min(longest_s, RETRY_AFTER_MAX_S) if longest_s > 0 else None


def _seconds(value: str | None) -> float:
    return float(value) if value and value.isascii() and value.isdecimal() else 0.0


def _regained(value: str | None) -> list[float]:
    try:
        parsed = json.loads(value or "{}")
    except (ValueError, RecursionError):
        return []
    each = parsed.values() if isinstance(parsed, dict) else ()
    waits_s = []
    for usage in (one for ones in each if isinstance(ones, list) for one in ones):
        try:
            waits_s.append(_Usage.model_validate(usage).estimated_time_to_regain_access * 60)
        except ValidationError:
            continue
    return waits_s
