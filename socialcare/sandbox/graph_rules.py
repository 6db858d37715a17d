"""What the Graph API refuses, and in which words.

https://developers.facebook.com/docs/messenger-platform/error-codes and
https://developers.facebook.com/docs/graph-api/guides/error-handling.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from aiohttp import web

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.rates import Rate

Json = dict[str, Any]
Place = Literal["page", "instagram"]

BOT_WINDOW: Final = timedelta(hours=24)
HUMAN_WINDOW: Final = timedelta(days=7)
PRIVATE_REPLY_WINDOW: Final = timedelta(days=7)
PAGE_TEXT_CHARACTERS: Final = 2_000
INSTAGRAM_TEXT_BYTES: Final = 1_000
PAGE_COMMENT_CHARACTERS: Final = 8_000
INSTAGRAM_COMMENT_CHARACTERS: Final = 300
QUICK_REPLIES: Final = 13
QUICK_REPLY_TITLE: Final = 20
QUICK_REPLY_PAYLOAD: Final = 1_000
SEND_RATE: Final = Rate(burst=300, per_s=300.0)
PRIVATE_RATE: Final = Rate(burst=750, per_s=750 / 3_600)
"""Private replies: https://developers.facebook.com/docs/graph-api/overview/rate-limiting."""
PROFILE_RATE: Final = Rate(burst=200, per_s=200 / 3_600)
"""https://developers.facebook.com/docs/graph-api/overview/rate-limiting: 200 calls an hour for each
customer that the account talks with; the stand-in counts one."""
SENDER_ACTIONS: Final = frozenset({"typing_on", "typing_off", "mark_seen"})
MESSAGING_TYPES: Final = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG"})
VERSION: Final = re.compile(r"v(2[1-9]|[3-9]\d)\.0")
"""Versions that still work; v21.0 is the oldest."""


class GraphRefusalError(Exception):
    """The API says no: `{"error": {"message", "type", "code", "error_subcode", "fbtrace_id"}}`."""

    def __init__(
        self, code: int, message: str, *, subcode: int | None = None, status: int = 400
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.subcode = subcode
        self.status = status

    @property
    def body(self) -> Json:
        """Word it as the live API does."""
        error: Json = {
            "message": f"(#{self.code}) {self.message}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "A1b2C3d4E5f6G7h8I9j0",
        }
        return {"error": error | ({"error_subcode": self.subcode} if self.subcode else {})}


def bad_parameter(message: str, *, subcode: int | None = None) -> GraphRefusalError:
    """Word a parameter that is wrong."""
    return GraphRefusalError(100, message, subcode=subcode)


def no_such_object(node: str) -> GraphRefusalError:
    """Word a node that is not there, or not ours to see."""
    return GraphRefusalError(
        100,
        f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation",
        subcode=33,
    )


def window_closed(place: Place) -> GraphRefusalError:
    """Word a message after the window."""
    subcode = 2018278 if place == "page" else 2534022
    return GraphRefusalError(10, "This message is sent outside of allowed window.", subcode=subcode)


def refused(refusal: GraphRefusalError) -> web.Response:
    """Answer with a refusal."""
    return web.json_response(refusal.body, status=refusal.status)


def spoiled(fault: Fault) -> web.Response:
    """Word a fault as the live API does."""
    if fault.kind == "error_inside":
        return web.json_response(GraphRefusalError(2, fault.error).body)
    body = GraphRefusalError(613, "Calls to this api have exceeded the rate limit.").body
    headers = {}
    if fault.retry_after is not None:
        minutes, seconds = divmod(fault.retry_after, 60)
        if seconds:  # Meta counts in minutes; a proxy before it may count in seconds
            return web.json_response(
                body, status=429, headers={"Retry-After": str(fault.retry_after)}
            )
        usage = {"type": "messenger", "call_count": 100, "estimated_time_to_regain_access": minutes}
        headers["X-Business-Use-Case-Usage"] = json.dumps({"1234": [usage]})
    return web.json_response(body, status=400, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A quick reply under a message."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message as the app wants it sent."""

    text: str
    choices: tuple[Choice, ...]
    tag: str | None


def read_words(params: Json, *, place: Place) -> Words:
    """Check the message of a Send API call."""
    kind, tag = params.get("messaging_type"), params.get("tag")
    if kind not in MESSAGING_TYPES:
        raise bad_parameter("Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}")
    if (kind == "MESSAGE_TAG") != (tag is not None):
        raise bad_parameter("A tag and the messaging_type MESSAGE_TAG go together")
    if tag not in {None, "HUMAN_AGENT"}:
        raise bad_parameter("Invalid message tag")
    message = params.get("message")
    if not isinstance(message, dict):
        raise bad_parameter("The parameter message is required")
    text = message.get("text")
    if not isinstance(text, str) or not text.strip():
        raise bad_parameter("Param message[text] must be a non-empty UTF-8 encoded string")
    _fitting(text, place)
    return Words(text=text, choices=_choices(message.get("quick_replies")), tag=tag)


def _fitting(text: str, place: Place) -> None:
    if place == "page" and len(text) > PAGE_TEXT_CHARACTERS:
        limit = PAGE_TEXT_CHARACTERS
        raise bad_parameter(f"Length of param message[text] must be less than or equal to {limit}")
    if place == "instagram" and len(text.encode()) > INSTAGRAM_TEXT_BYTES:
        limit = INSTAGRAM_TEXT_BYTES
        raise bad_parameter(f"Length of param message[text] must be at most {limit} bytes")


def _choices(given: object) -> tuple[Choice, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or not 1 <= len(given) <= QUICK_REPLIES:
        raise bad_parameter(f"Between 1 and {QUICK_REPLIES} quick replies are allowed")
    found = []
    for each in given:
        title, payload = each.get("title"), each.get("payload")
        if each.get("content_type") != "text" or not isinstance(title, str) or not title:
            raise bad_parameter("A quick reply needs a content_type and a title")
        if len(title) > QUICK_REPLY_TITLE or not 1 <= len(str(payload)) <= QUICK_REPLY_PAYLOAD:
            raise bad_parameter("A quick reply's title or payload is too long")
        found.append(Choice(title=title, payload=str(payload)))
    return tuple(found)


def read_comment(params: Json, *, place: Place) -> str:
    """Check the text of a comment."""
    text = params.get("message")
    limit = PAGE_COMMENT_CHARACTERS if place == "page" else INSTAGRAM_COMMENT_CHARACTERS
    if not isinstance(text, str) or not text.strip():
        raise bad_parameter("The parameter message is required")
    if len(text) > limit:
        raise bad_parameter(f"A comment has at most {limit} characters")
    return text
