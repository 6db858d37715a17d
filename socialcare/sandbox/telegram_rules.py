"""What the Bot API refuses, and in which words."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from socialcare.sandbox.rates import Rate
from socialcare.sandbox.telegram_html import (
    Parsed,
    UnreadableHtmlError,
    parse_html,
    plain,
    utf16_length,
)

Json = dict[str, Any]

# https://core.telegram.org/bots/api and https://core.telegram.org/bots/faq#broadcasting-to-users
TEXT_MAX = 4096
CALLBACK_DATA_MAX_BYTES = 64
CALLBACK_TEXT_MAX = 200
BUTTONS_MAX = 100
PRIVATE_RATE = Rate(burst=5, per_s=1.0)
GROUP_RATE = Rate(burst=20, per_s=20 / 60)
TRY_EXPIRY_S = 86_400.0
CALLBACK_EXPIRY_S = 150.0
# Sent only when asked for by name.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_BUTTON_KINDS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "copy_text",
    "pay",
)


class BotApiRefusalError(Exception):
    """The server says no: `{"ok": false, "error_code", "description", "parameters"}`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str, **parameters: int) -> BotApiRefusalError:
    """Word a 400."""
    return BotApiRefusalError(400, f"Bad Request: {description}", **parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """An inline button under a message of the bot."""

    text: str
    callback_data: str | None
    url: str | None
    message_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyboard:
    """The inline keyboard of a message; also what removes one."""

    rows: tuple[tuple[Json, ...], ...] = ()
    raw: Json | None = None
    """The markup as given back in the message; None where there is none to give back."""

    def buttons(self, message_id: int) -> tuple[Button, ...]:
        """Lay the rows flat."""
        return tuple(
            Button(
                text=each["text"],
                callback_data=each.get("callback_data"),
                url=each.get("url"),
                message_id=message_id,
            )
            for row in self.rows
            for each in row
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where updates go."""

    url: str = ""
    secret: str = ""
    allowed: frozenset[str] = field(default_factory=frozenset)
    """Empty: everything but what must be asked for by name."""

    def wants(self, kind: str) -> bool:
        """Tell whether that kind of update is sent at all."""
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST


def parsed_json(params: Json, name: str) -> Any:
    """Read a parameter that is JSON inside a form, or itself inside a JSON body."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    if value == "":
        return None
    try:
        return json.loads(value)
    except ValueError:
        msg = f"can't parse {name.replace('_', ' ')} JSON object"
        raise bad_request(msg) from None


def whole_number(params: Json, name: str, default: int = 0) -> int:
    """Read an integer parameter; what is none counts as left out, as live."""
    try:
        return int(params.get(name, default))
    except (TypeError, ValueError):
        return default


def read_text(params: Json) -> Parsed:
    """Parse and measure the text of a message."""
    text = params.get("text")
    if not isinstance(text, str) or not text:
        raise bad_request("message text is empty")
    mode = str(params.get("parse_mode") or "").lower()
    entities = parsed_json(params, "entities") or []
    if mode == "html":
        try:
            parsed = parse_html(text)
        except UnreadableHtmlError as error:
            msg = f"can't parse entities: {error}"
            raise bad_request(msg) from None
    elif mode == "":
        parsed = Parsed(text=text.strip(), entities=tuple(entities)) if entities else plain(text)
    else:
        # MarkdownV2 exists live; nothing here writes it, so nothing here reads it.
        raise bad_request("unsupported parse_mode")
    if not parsed.text:
        raise bad_request("message text is empty")
    if utf16_length(parsed.text) > TEXT_MAX:
        raise bad_request("message is too long")
    return parsed


def _checked_button(button: Any) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if sum(kind in button for kind in _BUTTON_KINDS) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_DATA_MAX_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not re.match(r"(https?|tg)://\S+$", str(url)):
        msg = f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
        raise bad_request(msg)
    return button


def read_keyboard(params: Json) -> Keyboard:
    """Check the reply markup; only inline keyboards are kept with the message."""
    markup = parsed_json(params, "reply_markup")
    if markup is None:
        return Keyboard()
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        return Keyboard()
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array')
    checked = tuple(tuple(_checked_button(each) for each in row) for row in rows if row)
    if sum(map(len, checked)) > BUTTONS_MAX:
        raise bad_request("reply markup is too long")
    return Keyboard(rows=checked, raw=markup if checked else None)


def read_webhook(params: Json, before: Webhook) -> Webhook:
    """Check where the bot wants its updates.

    Plain http is taken for 127.0.0.1 alone, which live is refused as well.
    """
    url = str(params.get("url") or "")
    local = url.startswith(("http://127.0.0.1:", "http://localhost:"))
    if url and not local and not url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = str(params.get("secret_token") or "")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    allowed = parsed_json(params, "allowed_updates")
    kept = before.allowed if allowed is None else frozenset(map(str, allowed))
    return Webhook(url=url, secret=secret, allowed=kept)
