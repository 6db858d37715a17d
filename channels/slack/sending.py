"""What we write to customers in Slack, and what its refusals mean for them. Pure.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from channels.contract import OutboundMessage
from channels.errors import SendError, SendFailure
from channels.slack.markup import to_slack
from conversation.model import NAME_LIMIT, Address, Peer

BUTTONS: Final = 5
"""Slack takes 25 in a row; nobody reads more choices than this under one message."""
VALUE_MAX: Final = 2_000
LABEL_MAX: Final = 75
SECTION_MAX: Final = 3_000

RETRY_AFTER_DEFAULT_S: Final = 30.0
"""Where a refusal names no time: Slack counts most calls by the minute."""

BLOCKED: Final = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "messages_tab_disabled",
        "not_in_channel",
        "user_disabled",
        "user_not_found",
    }
)
"""Refusals that hold for whatever we write there."""


def send_parameters(address: Address, message: OutboundMessage) -> dict[str, JsonValue]:
    """Write the parameters of `chat.postMessage`: plain words, that call nobody and unfold nothing.

    Raises:
        SendError: Slack could never take the buttons.
    """
    channel, _, thread = address.key.partition(":")
    parameters: dict[str, JsonValue] = {
        "channel": channel,
        "text": to_slack(message.text),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if thread:
        parameters["thread_ts"] = thread
    if message.buttons:
        parameters["blocks"] = _blocks(message)
    return parameters


def _blocks(message: OutboundMessage) -> JsonValue:
    if len(message.buttons) > BUTTONS:
        raise SendError(SendFailure.REFUSED, f"more than {BUTTONS} buttons")
    if any(not 1 <= len(button.payload) <= VALUE_MAX for button in message.buttons):
        raise SendError(SendFailure.REFUSED, f"a button's payload is not 1 to {VALUE_MAX} long")
    text = message.text
    cuts = range(0, len(text), SECTION_MAX)
    blocks: list[JsonValue] = [
        # Plain text is shown as it is: no markup, no mention, no emoji from colons.
        {"type": "section", "text": _plain(text[start : start + SECTION_MAX])}
        for start in cuts
        if text[start : start + SECTION_MAX].strip()
    ]
    elements: list[JsonValue] = [
        {
            "type": "button",
            "action_id": f"choice.{number}",
            "text": _plain(button.label[:LABEL_MAX]),
            "value": button.payload,
        }
        for number, button in enumerate(message.buttons)
    ]
    return [*blocks, {"type": "actions", "elements": elements}]


def _plain(text: str) -> dict[str, JsonValue]:
    return {"type": "plain_text", "text": text, "emoji": False}


def for_customer(error: SendError, code: str | None) -> SendError:
    """Say what a refusal means for a customer's conversation."""
    if error.failure is SendFailure.REFUSED and code in BLOCKED:
        return SendError(SendFailure.BLOCKED, str(error))
    if error.failure is SendFailure.RATE_LIMITED and error.retry_after_s is None:
        return SendError(error.failure, str(error), retry_after_s=RETRY_AFTER_DEFAULT_S)
    return error


def read_sent(answer: Mapping[str, object]) -> str:
    """Find the time stamp of the message that was made.

    Raises:
        SendError: Slack said yes, but not to what: the outcome is unknown.
    """
    ts = answer.get("ts")
    if not isinstance(ts, str) or not ts:
        raise SendError(SendFailure.UNKNOWN, "the answer names no message")
    return ts


def read_profile(answer: Mapping[str, object], user_id: str) -> Peer | None:
    """Find a name in `users.info`: the one shown in Slack, else the real one; None without."""
    user = answer.get("user")
    if not isinstance(user, dict):
        return None
    profile = user.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    given = (shown.get("display_name"), user.get("real_name"), user.get("name"))
    name = next((each for each in given if isinstance(each, str) and each.strip()), None)
    return None if name is None else Peer(user_id=user_id, name=name.strip()[:NAME_LIMIT])
