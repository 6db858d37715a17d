"""What we write to Telegram, and what its refusals mean. Pure.

https://core.telegram.org/bots/api#sendmessage
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue, ValidationError

from channels.contract import OutboundMessage
from channels.errors import SendError, SendFailure
from channels.hints import outage_wait_s, retry_after_s
from channels.telegram.payloads import Answer, SentMessage
from conversation.model import Address

# callback_data: https://core.telegram.org/bots/api#inlinekeyboardbutton
PAYLOAD_BYTES: Final = 64
BUTTONS: Final = 100
"""Telegram documents no number; nobody reads more choices than this."""

RETRY_AFTER_DEFAULT_S: Final = 5.0
"""Where a 429 names no time: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
allows one message a second and chat, so a short pause is enough."""
RETRY_AFTER_MAX_S: Final = 86_400.0
"""A wait longer than a day is looked at again after a day."""

# Descriptions of errors 400 that mean we may not write there. Telegram promises no wording
# (https://core.telegram.org/bots/api#making-requests), so only what cannot mean anything else.
_SHUT_OUT: Final = (
    "have no rights to send a message",
    "not enough rights to send",
    "chat_write_forbidden",
    "user_is_blocked",
    "user is deactivated",
    "peer_id_invalid",
)


def to_html(text: str) -> str:
    """Escape plain text for `parse_mode: HTML`.

    https://core.telegram.org/bots/api#html-style: exactly `<`, `>` and `&` have to be replaced.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def send_parameters(address: Address, message: OutboundMessage) -> dict[str, JsonValue]:
    """Write the parameters of `sendMessage`.

    Raises:
        SendError: Telegram could never take the buttons.
    """
    parameters: dict[str, JsonValue] = {
        "chat_id": chat_id(address),
        "text": to_html(message.text),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    if message.reply_to is not None and message.reply_to.isdecimal():
        # https://core.telegram.org/bots/api#replyparameters; the customer may have deleted it.
        parameters["reply_parameters"] = {
            "message_id": int(message.reply_to),
            "allow_sending_without_reply": True,
        }
    if message.buttons:
        parameters["reply_markup"] = _keyboard(message)
    return parameters


def _keyboard(message: OutboundMessage) -> JsonValue:
    """One button a row: labels are phrases, and phones are narrow."""
    if len(message.buttons) > BUTTONS:
        raise SendError(SendFailure.REFUSED, f"more than {BUTTONS} buttons")
    rows: list[JsonValue] = []
    for button in message.buttons:
        if not 1 <= len(button.payload.encode("utf-8", "surrogatepass")) <= PAYLOAD_BYTES:
            raise SendError(
                SendFailure.REFUSED, f"a button's payload is not 1 to {PAYLOAD_BYTES} bytes long"
            )
        rows.append([{"text": button.label, "callback_data": button.payload}])
    return {"inline_keyboard": rows}


def chat_id(address: Address) -> int | str:
    """Give the chat's id as Telegram writes it."""
    try:
        return int(address.key)
    except ValueError:
        return address.key


def read_sent(result: object) -> str:
    """Find the id of the message that was made.

    Raises:
        SendError: Telegram said yes, but not to what: the outcome is unknown.
    """
    try:
        return str(SentMessage.model_validate(result).message_id)
    except ValidationError:
        raise SendError(SendFailure.UNKNOWN, "the answer names no message") from None


def read_send_error(status: int, body: bytes, headers: Mapping[str, str]) -> SendError:
    """Say what an answer that is no success means for the message.

    https://core.telegram.org/bots/api#making-requests: `ok` is false, `description` explains,
    `error_code` repeats the status and "is subject to change", `parameters` helps machines.
    """
    try:
        answer = Answer.model_validate_json(body)
    except ValidationError:
        answer = None
    if 200 <= status <= 299:
        if answer is None or answer.ok or answer.error_code is None:
            return SendError(SendFailure.UNKNOWN, f"HTTP {status} without a result")
        status = answer.error_code
    description = answer.description[:200] if answer else ""
    said = f"{status} {description}".strip()
    parameters = answer.parameters if answer else None
    # https://core.telegram.org/bots/api#responseparameters
    if parameters and parameters.migrate_to_chat_id is not None:
        return SendError(SendFailure.MOVED, said, new_key=str(parameters.migrate_to_chat_id))
    if status == 429:
        # What stands before Telegram knows no `parameters`.
        asked = (parameters.retry_after if parameters else None) or retry_after_s(headers)
        wait_s = asked or RETRY_AFTER_DEFAULT_S
        return SendError(
            SendFailure.RATE_LIMITED,
            said,
            retry_after_s=min(max(wait_s, 0.0), RETRY_AFTER_MAX_S),
        )
    failure = _failure(status, description)
    down = failure is SendFailure.UNAVAILABLE
    return SendError(failure, said, retry_after_s=outage_wait_s(headers) if down else None)


def _failure(status: int, description: str) -> SendFailure:
    """Say what a status means by itself: https://core.telegram.org/api/errors."""
    if status == 400 and any(words in description.lower() for words in _SHUT_OUT):
        return SendFailure.BLOCKED
    match status:
        case 403:
            return SendFailure.BLOCKED
        case 401 | 404:
            # 404 answers a malformed token: the method is part of the same path.
            return SendFailure.REVOKED
        case 408 | 504:
            # A gateway lost patience with what stands behind it, which may go on regardless.
            return SendFailure.UNKNOWN
        case 409:
            return SendFailure.UNAVAILABLE
        case _ if 400 <= status <= 499:
            return SendFailure.REFUSED
        case _:
            return SendFailure.UNAVAILABLE
