"""What X's refusals mean, and what it can carry. Pure.

https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from channels.contract import Capabilities, LengthUnit, Rate
from channels.errors import SendError, SendFailure
from channels.hints import outage_wait_s, retry_after_s
from channels.signatures import header_value
from channels.x.answers import Problems, SentMessage, SentPost
from channels.x.codec import DM_LIMIT
from channels.x.spending import MESSAGE_MICROS, REPLY_MICROS
from channels.x.weighing import POST_LIMIT
from conversation.model import AttachmentKind

RETRY_AFTER_DEFAULT_S: Final = 60.0
"""Where a 429 names no time: https://docs.x.com/x-api/fundamentals/rate-limits."""
RETRY_AFTER_MAX_S: Final = 86_400.0
"""A wait longer than a day is looked at again after a day."""

_QUARTER_S: Final = 900.0
_DAY_S: Final = 86_400.0
_MEDIA: Final = frozenset({AttachmentKind.IMAGE, AttachmentKind.VIDEO, AttachmentKind.OTHER})

# https://docs.x.com/x-api/fundamentals/rate-limits
PUBLIC: Final = Capabilities(
    max_length=POST_LIMIT,
    unit=LengthUnit.WEIGHTED,
    media=_MEDIA | {AttachmentKind.LOCATION},
    # https://docs.x.com/x-api/posts/manage-tweets/integrate: an automated answer a summons.
    replies_per_message=1,
    rates=(Rate(count=100, window_s=_QUARTER_S), Rate(count=10_000, window_s=_DAY_S)),
    cost_micros=REPLY_MICROS,
)
PRIVATE: Final = Capabilities(
    max_length=DM_LIMIT,
    unit=LengthUnit.CHARACTERS,
    media=_MEDIA | {AttachmentKind.AUDIO},
    rates=(Rate(count=15, window_s=_QUARTER_S), Rate(count=1_440, window_s=_DAY_S)),
    # https://docs.x.com/developer-guidelines: automated customer support by direct message.
    wants_privacy_link=True,
    cost_micros=MESSAGE_MICROS,
)

# X promises no wording. What follows is said in `detail` or `title`.
_SHUT_OUT: Final = (
    "cannot send messages to this user",
    "permission to dm",
    "not following you",
    "blocked from",
    "have been blocked",
)
_OUR_FAULT: Final = (
    "oauth1 app permissions",
    "oauth1-permissions",
    "unsupported-authentication",
    "client-forbidden",
    "client-not-enrolled",
    "account is suspended",
    "account is temporarily locked",
)
"""The app or the account may do nothing at all any more."""
_DUPLICATE: Final = "duplicate content"


def read_post_id(answer: object) -> str:
    """Find the id of the post that was made.

    Raises:
        SendError: X said yes, but not to what: refused inside a success, or unknown.
    """
    try:
        return SentPost.model_validate(_within(answer)).id
    except ValidationError:
        raise _inside(answer) from None


def read_message_id(answer: object) -> str:
    """Find the id of the direct message that was made; raises as `read_post_id`."""
    try:
        return SentMessage.model_validate(_within(answer)).dm_event_id
    except ValidationError:
        raise _inside(answer) from None


def _within(answer: object) -> object:
    return answer.get("data") if isinstance(answer, dict) else None


def _inside(answer: object) -> SendError:
    """Read a success that holds nothing but `errors`: https://docs.x.com/x-api/fundamentals."""
    problems = _problems(answer)
    first = problems.errors[0] if problems is not None and problems.errors else None
    if first is None or first.status is None or not 400 <= first.status <= 599:
        return SendError(SendFailure.UNKNOWN, "the answer names nothing that was made")
    return SendError(_failure(first.status, first.said), f"{first.status} {first.said}"[:200])


def read_send_error(
    status: int, headers: Mapping[str, str], body: bytes, *, now: datetime
) -> SendError:
    """Say what an answer that is no success means for the message."""
    problems = _problems(body)
    said = problems.said if problems is not None else ""
    if problems is not None and not said and problems.errors:
        said = problems.errors[0].said
    words = f"{status} {said}".strip()[:200]
    if 200 <= status <= 299:
        return SendError(SendFailure.UNKNOWN, f"HTTP {status} without a result")
    if status == 429:
        return SendError(
            SendFailure.RATE_LIMITED, words, retry_after_s=_wait_s(headers, now), wide=True
        )
    failure = _failure(status, said)
    down = failure is SendFailure.UNAVAILABLE
    return SendError(failure, words, retry_after_s=outage_wait_s(headers) if down else None)


def is_duplicate(error: SendError) -> bool:
    """Say whether X refused because we said the same before."""
    return error.failure is SendFailure.REFUSED and _DUPLICATE in str(error)


def _problems(body: object) -> Problems | None:
    try:
        if isinstance(body, bytes):
            return Problems.model_validate_json(body)
        return Problems.model_validate(body)
    except ValidationError:
        return None


def _failure(status: int, said: str) -> SendFailure:
    match status:
        case 401 | 402:
            # 402: no credits. Neither is the message's fault, and people have to act.
            return SendFailure.REVOKED
        case 403 if any(words in said for words in _OUR_FAULT):
            return SendFailure.REVOKED
        case 403 if any(words in said for words in _SHUT_OUT):
            return SendFailure.BLOCKED
        case 408 | 504:
            # A gateway lost patience with what stands behind it, which may go on regardless.
            return SendFailure.UNKNOWN
        case 429:
            return SendFailure.RATE_LIMITED
        case _ if 400 <= status <= 499:
            # 403 among them: not summoned, said before, or the post is gone.
            return SendFailure.REFUSED
        case _:
            return SendFailure.UNAVAILABLE


def _wait_s(headers: Mapping[str, str], now: datetime) -> float:
    """Say how long to wait: until every window that is used up begins anew.

    `x-rate-limit-reset` is of the quarter of an hour; the day's windows have headers of their own
    (`x-user-limit-24hour-…`, `x-app-limit-24hour-…`). All are seconds since 1970.
    """
    resets = [_number(headers, "x-rate-limit-reset")]
    resets += [
        _number(headers, f"x-{whose}-limit-24hour-reset")
        for whose in ("user", "app")
        if _number(headers, f"x-{whose}-limit-24hour-remaining") == 0
    ]
    known = [reset for reset in resets if reset is not None]
    if not known:
        return min(retry_after_s(headers) or RETRY_AFTER_DEFAULT_S, RETRY_AFTER_MAX_S)
    # A second more: X counts in whole ones.
    return min(max(max(known) - now.timestamp() + 1.0, 1.0), RETRY_AFTER_MAX_S)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = header_value(headers, name)
    if value is None or not value.isascii() or not value.isdecimal() or len(value) > 15:
        return None
    return int(value)
