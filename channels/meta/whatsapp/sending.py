"""What we write to WhatsApp, and what it answers. Pure.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue, ValidationError

from channels.contract import OutboundMessage
from channels.errors import SendError, SendFailure
from channels.meta.whatsapp.formatting import plain
from channels.meta.whatsapp.payloads import Accepted
from config.channels import TemplateSection
from conversation.model import Address, Button

# https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
BUTTONS: Final = 3
LABEL_LIMIT: Final = 20
"""Characters of a button's label."""
PAYLOAD_LIMIT: Final = 256
"""Characters of what comes back when it is pressed."""
BODY_LIMIT: Final = 1_024
"""Characters of the text above buttons."""


def message_body(
    address: Address, message: OutboundMessage, templates: Mapping[str, TemplateSection]
) -> dict[str, JsonValue]:
    """Write the body of `POST /{phone id}/messages`.

    Raises:
        SendError: WhatsApp could never take it.
    """
    body: dict[str, JsonValue] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        # https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
        "to" if address.key.isdecimal() else "recipient": address.key,
    }
    if message.template is not None:
        return body | _template(message.template, message.language, templates)
    if message.reply_to is not None:
        body["context"] = {"message_id": message.reply_to}
    text = plain(message.text)
    if message.buttons:
        return body | _with_buttons(text, message.buttons)
    return body | {"type": "text", "text": {"body": text, "preview_url": False}}


def _template(
    wanted: str, language: str | None, templates: Mapping[str, TemplateSection]
) -> dict[str, JsonValue]:
    """Write an approved template, which is all that may go outside the window."""
    template = templates.get(wanted)
    if template is None:
        raise SendError(SendFailure.REFUSED, f"no template {wanted} is configured")
    code = template_language(language, template.languages)
    return {
        "type": "template",
        "template": {"name": template.name, "language": {"code": code}},
    }


def template_language(wanted: str | None, languages: tuple[str, ...]) -> str:
    """Choose the customer's language, at least without the country, else the first.

    Args:
        wanted: The customer's language, like `de`.
        languages: The template's, like `de` or `en_US`.
    """
    if wanted is None:
        return languages[0]
    exact = (one for one in languages if _tag(one) == _tag(wanted))
    close = (one for one in languages if _tag(one)[0] == _tag(wanted)[0])
    return next(exact, next(close, languages[0]))


def _tag(language: str) -> list[str]:
    return language.replace("-", "_").lower().split("_")


def _with_buttons(text: str, buttons: tuple[Button, ...]) -> dict[str, JsonValue]:
    if len(buttons) > BUTTONS:
        raise SendError(SendFailure.REFUSED, f"more than {BUTTONS} buttons")
    if len(text) > BODY_LIMIT:
        raise SendError(SendFailure.REFUSED, f"more than {BODY_LIMIT} characters above buttons")
    written: list[JsonValue] = []
    for button in buttons:
        if not 1 <= len(button.label) <= LABEL_LIMIT:
            raise SendError(
                SendFailure.REFUSED, f"a button's label is not 1 to {LABEL_LIMIT} characters long"
            )
        if not 1 <= len(button.payload) <= PAYLOAD_LIMIT:
            raise SendError(
                SendFailure.REFUSED,
                f"a button's payload is not 1 to {PAYLOAD_LIMIT} characters long",
            )
        written.append({"type": "reply", "reply": {"id": button.payload, "title": button.label}})
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": written}},
    }


def read_body(message_id: str, *, typing: bool) -> dict[str, JsonValue]:
    """Write that a message was read, and that an answer is being written.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators
    """
    body: dict[str, JsonValue] = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": message_id,
    }
    return body | {"typing_indicator": {"type": "text"}} if typing else body


def read_sent(answer: object) -> str:
    """Find the id under which the message was accepted; delivered it is not yet.

    Raises:
        SendError: WhatsApp said yes, but not to what: the outcome is unknown.
    """
    try:
        return Accepted.model_validate(answer).messages[0].id
    except (ValidationError, IndexError):
        raise SendError(SendFailure.UNKNOWN, "the answer names no message") from None
