"""What the WhatsApp Cloud API refuses, and in which words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from socialcare.sandbox.rates import Rate

Json = dict[str, Any]

# https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
TEXT_MAX = 4096
BODY_MAX = 1024
BUTTONS_MAX = 3
TITLE_MAX = 20
ID_MAX = 256
WINDOW_S = 24 * 3600.0
CALLBACK_URL_MAX = 200
# https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput
NUMBER_RATE = Rate(burst=80, per_s=80.0)
PAIR_RATE = Rate(burst=45, per_s=1 / 6)
TYPING_S = 25.0

# https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
ERRORS: Mapping[int, tuple[int, str]] = {
    4: (400, "Application request limit reached"),
    33: (400, "Unsupported post request"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "Rate limit issues"),
    130429: (400, "Rate limit hit"),
    131000: (500, "Something went wrong"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131026: (400, "Message undeliverable"),
    131031: (403, "Business Account locked"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131051: (400, "Unsupported message type"),
    131056: (429, "(Business Account, Consumer Account) pair rate limit hit"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
}
"""HTTP status and words. The statuses are not promised: whoever goes by them goes wrong."""

PHONE = re.compile(r"\+?\d{6,15}")
USER_ID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")


class GraphRefusalError(Exception):
    """Meta says no: `{"error": {"message", "type", "code", "error_data"}}`."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None) -> None:
        status, words = ERRORS[code]
        super().__init__(f"(#{code}) {words}")
        self.status = status
        self.code = code
        self.title = words
        self.details = details
        self.subcode = subcode

    @property
    def body(self) -> Json:
        """What is answered."""
        error: Json = {
            "message": str(self),
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "Astand-in",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}

    @property
    def in_status(self) -> Json:
        """The same as the status `failed` tells it later."""
        return {
            "code": self.code,
            "title": self.title,
            "message": self.title,
            "error_data": {"details": self.details},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A reply button under a message."""

    id: str
    title: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What the brand wants to send, checked."""

    to: str
    """A telephone number without the plus, or a business-scoped user id."""
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    """Ids and titles."""
    template: str | None = None
    language: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An approved template."""

    text: str
    languages: frozenset[str] = field(default_factory=frozenset)


def _part(body: Json, name: str) -> Json:
    part = body.get(name)
    if not isinstance(part, dict):
        raise GraphRefusalError(131008, f"The parameter {name} is required.")
    return part


def _words(part: Json, name: str, *, limit: int, where: str) -> str:
    words = part.get(name)
    if not isinstance(words, str) or not words.strip():
        raise GraphRefusalError(131008, f"The parameter {where} is required.")
    if len(words) > limit:
        raise GraphRefusalError(100, f"Param {where} must be at most {limit} characters long.")
    return words


def _recipient(body: Json) -> str:
    """Find whom it goes to; a telephone number wins over an id."""
    phone, user_id = body.get("to"), body.get("recipient")
    if phone is not None:
        if not isinstance(phone, str) or not PHONE.fullmatch(phone):
            raise GraphRefusalError(131009, "Parameter to is not a telephone number.")
        return phone.removeprefix("+")
    if not isinstance(user_id, str) or not USER_ID.fullmatch(user_id):
        raise GraphRefusalError(100, "The parameter to or recipient is required.")
    return user_id


def _buttons(interactive: Json) -> tuple[tuple[str, str], ...]:
    if interactive.get("type") != "button":
        raise GraphRefusalError(131009, "Only reply buttons are known here.")
    listed = _part(interactive, "action").get("buttons")
    if not isinstance(listed, list) or not 1 <= len(listed) <= BUTTONS_MAX:
        raise GraphRefusalError(131009, f"Button count must be 1 to {BUTTONS_MAX}.")
    read: list[tuple[str, str]] = []
    for one in listed:
        reply = _part(one if isinstance(one, dict) else {}, "reply")
        pair = (
            _words(reply, "id", limit=ID_MAX, where="button id"),
            _words(reply, "title", limit=TITLE_MAX, where="button title"),
        )
        read.append(pair)
    for each in zip(*read, strict=True):
        if len(set(each)) != len(read):
            raise GraphRefusalError(131009, "Button ids and titles must be unique.")
    return tuple(read)


def read_message(body: Json, templates: Mapping[str, Template]) -> Outgoing:
    """Check a message to a customer."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphRefusalError(100, "The parameter messaging_product is required.")
    to = _recipient(body)
    context = body.get("context")
    reply_to = context.get("message_id") if isinstance(context, dict) else None
    match body.get("type", "text"):
        case "text":
            text = _words(_part(body, "text"), "body", limit=TEXT_MAX, where="text.body")
            return Outgoing(to=to, text=text, reply_to=reply_to)
        case "interactive":
            interactive = _part(body, "interactive")
            text = _words(
                _part(interactive, "body"), "text", limit=BODY_MAX, where="interactive.body.text"
            )
            return Outgoing(to=to, text=text, buttons=_buttons(interactive), reply_to=reply_to)
        case "template":
            return _template(to, _part(body, "template"), templates)
        case _:
            raise GraphRefusalError(131051, "Only text, buttons and templates are known here.")


def _template(to: str, wanted: Json, templates: Mapping[str, Template]) -> Outgoing:
    name = wanted.get("name")
    code = _part(wanted, "language").get("code")
    template = templates.get(name) if isinstance(name, str) else None
    if template is None or code not in template.languages:
        raise GraphRefusalError(132001, f"template name ({name}) does not exist in {code}")
    if wanted.get("components"):
        raise GraphRefusalError(132000, "Templates here take no parameters.")
    return Outgoing(to=to, text=template.text, template=name, language=code)


def callback_of(body: Json) -> tuple[str, str]:
    """Read where a number's webhooks are to go, and the word that proves it."""
    wanted = _part(body, "webhook_configuration")
    url, word = wanted.get("override_callback_uri"), wanted.get("verify_token")
    if not isinstance(url, str) or not isinstance(word, str) or not word:
        raise GraphRefusalError(100, "override_callback_uri and verify_token are required.")
    local = url.startswith(("http://127.0.0.1:", "http://localhost:"))
    if len(url) > CALLBACK_URL_MAX or not (local or url.startswith("https://")):
        raise GraphRefusalError(100, "The callback is no https address of at most 200 characters.")
    return url, word
