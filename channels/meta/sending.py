"""What we write to private threads and comments of Meta's, and what comes back. Pure.

https://developers.facebook.com/docs/messenger-platform/reference/send-api
"""

import re
from typing import Final

from pydantic import JsonValue, ValidationError

from channels.contract import OutboundMessage
from channels.errors import SendError, SendFailure
from channels.meta.thread_events import PAYLOAD_MARK
from channels.meta.thread_payloads import MadeComment, Profile, SentMessage
from conversation.model import NAME_LIMIT, Peer

BUTTONS: Final = 13
"""https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies."""
LABEL_LIMIT: Final = 20
"""Characters of a quick reply's label; Meta cuts longer ones."""
PAYLOAD_LIMIT: Final = 1_000
"""Characters of a quick reply's payload."""

HUMAN_AGENT: Final = "HUMAN_AGENT"
"""Lets a person's own words go for seven days; the app needs the feature:
https://developers.facebook.com/docs/messenger-platform/send-messages/message-tags."""

NODE: Final = re.compile(r"[A-Za-z0-9_=:-]{1,512}")
"""What may stand as a node in a path; anything else would name another path."""


def message_body(recipient: str, message: OutboundMessage) -> dict[str, JsonValue]:
    """Write a message to a thread.

    Raises:
        SendError: Meta could never take the buttons.
    """
    body: dict[str, JsonValue] = {"recipient": {"id": recipient}, "message": _content(message)}
    if message.late:
        return body | {"messaging_type": "MESSAGE_TAG", "tag": HUMAN_AGENT}
    return body | {"messaging_type": "RESPONSE"}


def private_reply_body(
    target: dict[str, JsonValue], message: OutboundMessage
) -> dict[str, JsonValue]:
    """Write to the author of a comment or post, known by it alone.

    https://developers.facebook.com/docs/messenger-platform/discovery/private-replies: once, within
    seven days.
    """
    return {"recipient": target, "message": _content(message), "messaging_type": "RESPONSE"}


def typing_body(recipient: str) -> dict[str, JsonValue]:
    """Write that an answer is being written."""
    return {"recipient": {"id": recipient}, "sender_action": "typing_on"}


def _content(message: OutboundMessage) -> JsonValue:
    content: dict[str, JsonValue] = {"text": message.text}
    if len(message.buttons) > BUTTONS:
        raise SendError(SendFailure.REFUSED, f"more than {BUTTONS} buttons")
    if message.buttons:
        replies: list[JsonValue] = []
        for button in message.buttons:
            payload = PAYLOAD_MARK + button.payload
            if len(payload) > PAYLOAD_LIMIT:
                raise SendError(SendFailure.REFUSED, "a button's payload is too long")
            label = button.label[:LABEL_LIMIT]
            replies.append({"content_type": "text", "title": label, "payload": payload})
        content["quick_replies"] = replies
    return content


def answered_comment(message: OutboundMessage) -> str:
    """Give the comment or post that a public message answers.

    Raises:
        SendError: it answers none, and there is nowhere to write it; or comments cannot hold it.
    """
    if message.buttons and not message.private:
        raise SendError(SendFailure.REFUSED, "comments show no buttons")
    if message.reply_to is None or NODE.fullmatch(message.reply_to) is None:
        raise SendError(SendFailure.REFUSED, "a public reply needs the comment it answers")
    return message.reply_to


def read_sent(answer: dict[str, JsonValue]) -> str:
    """Find the id of the message that was made.

    Raises:
        SendError: Meta said yes, but not to what: the outcome is unknown.
    """
    try:
        return SentMessage.model_validate(answer).message_id
    except ValidationError:
        raise SendError(SendFailure.UNKNOWN, "the answer names no message") from None


def read_made(answer: dict[str, JsonValue]) -> str:
    """Find the id of the comment that was made.

    Raises:
        SendError: Meta said yes, but not to what: the outcome is unknown.
    """
    try:
        return MadeComment.model_validate(answer).id
    except ValidationError:
        raise SendError(SendFailure.UNKNOWN, "the answer names no comment") from None


def read_profile(answer: dict[str, JsonValue], user_id: str) -> Peer | None:
    """Find a name in a profile; None where it tells none."""
    try:
        profile = Profile.model_validate(answer)
    except ValidationError:
        return None
    name = profile.name or " ".join(filter(None, (profile.first_name, profile.last_name)))
    if not (name or profile.username):
        return None
    return Peer(
        user_id=user_id,
        name=name.strip()[:NAME_LIMIT] or None,
        username=profile.username[:NAME_LIMIT] or None,
    )
