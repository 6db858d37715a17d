"""Slack's requests to the desk, read: presses, modals, lines in threads, slash commands.

Pure and total: whatever the bytes, the answer is a value. `Nothing` is understood and asks for
nothing (a bot's message, an edit), `Unreadable` could not be understood.
https://docs.slack.dev/interactivity/handling-user-interaction
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

_FIELDS_MAX: Final = 60
_TEXT_MAX: Final = 40_000
"""Slack cuts longer messages itself."""

# https://docs.slack.dev/reference/events/message: subtypes that are a person's own words.
_WRITTEN: Final = frozenset({None, "file_share", "thread_broadcast"})

_MARKED: Final = re.compile(r"<([^<>|]{1,3000})(?:\|([^<>]{0,3000}))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonPress:
    """Somebody pressed a button of a message."""

    action_id: str
    value: str
    user_id: str
    user_name: str
    team_id: str
    channel: str
    message_ts: str
    trigger_id: str
    action_ts: str
    thread_ts: str = ""
    response_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModalSubmitted:
    """Somebody filled in a modal and sent it off."""

    callback_id: str
    private_metadata: str
    values: Mapping[str, str]
    """What stands in each text input, by block id."""
    user_id: str
    user_name: str
    team_id: str
    view_id: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessage:
    """A person wrote in a thread; ``text`` is plain, without Slack's markup."""

    channel: str
    thread_ts: str
    ts: str
    user_id: str
    text: str
    event_id: str
    team_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlVerification:
    """Slack asks whether this address is ours."""

    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """Somebody used a slash command."""

    command: str
    text: str
    user_id: str
    user_name: str
    team_id: str
    channel: str
    trigger_id: str
    response_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Understood, and asks for nothing."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Not to be understood; ``why`` never repeats the content."""

    why: str


DeskRequest = (
    ButtonPress
    | ModalSubmitted
    | ThreadMessage
    | UrlVerification
    | SlashCommand
    | Nothing
    | Unreadable
)


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)


class _Named(_Payload):
    id: str = Field(min_length=1)
    name: str | None = None
    username: str | None = None

    @property
    def shown(self) -> str:
        return self.name or self.username or ""


class _Team(_Payload):
    id: str


class _Action(_Payload):
    action_id: str = Field(min_length=1)
    value: str | None = None
    action_ts: str | None = None


class _Container(_Payload):
    message_ts: str | None = None
    channel_id: str | None = None
    thread_ts: str | None = None


class _Press(_Payload):
    user: _Named
    team: _Team | None = None
    channel: _Named | None = None
    container: _Container = _Container()
    trigger_id: str = ""
    response_url: str | None = None
    actions: tuple[_Action, ...] = Field(min_length=1, strict=False)


class _View(_Payload):
    id: str = Field(min_length=1)
    callback_id: str = ""
    private_metadata: str = ""
    hash: str = ""
    app_installed_team_id: str | None = None
    state: Any = None


class _Submission(_Payload):
    user: _Named
    team: _Team | None = None
    view: _View


class _Message(_Payload):
    type: str
    subtype: str | None = None
    channel: str = ""
    ts: str = ""
    thread_ts: str | None = None
    user: str | None = None
    bot_id: str | None = None
    text: str | None = None
    hidden: bool = False


class _Envelope(_Payload):
    event_id: str = Field(min_length=1)
    team_id: str = ""
    event: _Message


def read(body: bytes, *, content_type: str = "") -> DeskRequest:
    """Read a request of Slack's to the desk; never raises.

    Args:
        body: The raw bytes, already known to come from Slack.
        content_type: As Slack sent it; guessed from the body when empty.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return Unreadable(why="the body is not UTF-8")
    is_json = "json" in content_type.lower() or text.lstrip().startswith("{")
    try:
        if is_json:
            return _read_json(text)
        return _read_form(text)
    except ValidationError as error:
        return Unreadable(why=_why(error))
    except (ValueError, RecursionError):
        return Unreadable(why="the body can be read neither as JSON nor as a form")


def _why(error: ValidationError) -> str:
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part)[:40] for part in fault["loc"][:6])
    return f"{where}: {fault['type']}"


def _read_form(text: str) -> DeskRequest:
    fields = dict(
        parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict")
    )
    if "payload" in fields:
        return _read_json(fields["payload"])
    if fields.get("command", "").startswith("/"):
        return _read_command(fields)
    if fields.get("ssl_check") == "1":
        return Nothing(why="ssl_check")
    return Unreadable(why="a form without a payload or a command")


def _read_command(fields: Mapping[str, str]) -> DeskRequest:
    if not fields.get("user_id"):
        return Unreadable(why="a command of nobody")
    return SlashCommand(
        command=fields["command"],
        text=fields.get("text", "")[:_TEXT_MAX],
        user_id=fields["user_id"],
        user_name=fields.get("user_name", ""),
        team_id=fields.get("team_id", ""),
        channel=fields.get("channel_id", ""),
        trigger_id=fields.get("trigger_id", ""),
        response_url=fields.get("response_url", ""),
    )


def _read_json(text: str) -> DeskRequest:
    payload = from_json(text)
    if not isinstance(payload, dict):
        return Unreadable(why="not an object")
    match payload.get("type"):
        case "url_verification":
            challenge = payload.get("challenge")
            if isinstance(challenge, str) and challenge:
                return UrlVerification(challenge=challenge[:1_000])
            return Unreadable(why="a handshake without a challenge")
        case "block_actions":
            return _read_press(_Press.model_validate(payload))
        case "view_submission":
            return _read_submission(_Submission.model_validate(payload))
        case "event_callback":
            return _read_event(payload)
        case str() as kind:
            return Nothing(why=kind[:80])
        case _:
            return Unreadable(why="no type")


def _read_press(press: _Press) -> DeskRequest:
    action = press.actions[0]
    container = press.container
    return ButtonPress(
        action_id=action.action_id,
        value=action.value or "",
        user_id=press.user.id,
        user_name=press.user.shown,
        team_id=press.team.id if press.team else "",
        channel=press.channel.id if press.channel else container.channel_id or "",
        message_ts=container.message_ts or "",
        thread_ts=container.thread_ts or "",
        trigger_id=press.trigger_id,
        action_ts=action.action_ts or "",
        response_url=press.response_url or "",
    )


def _read_submission(submission: _Submission) -> DeskRequest:
    view = submission.view
    team = submission.team.id if submission.team else view.app_installed_team_id
    return ModalSubmitted(
        callback_id=view.callback_id,
        private_metadata=view.private_metadata,
        values=_inputs(view.state),
        user_id=submission.user.id,
        user_name=submission.user.shown,
        team_id=team or "",
        view_id=view.id,
        hash=view.hash,
    )


def _inputs(state: Any) -> dict[str, str]:
    """Find the text inputs of a modal: one element per block, as ours are built."""
    blocks = state.get("values") if isinstance(state, dict) else None
    found: dict[str, str] = {}
    for block_id, elements in blocks.items() if isinstance(blocks, dict) else ():
        for element in elements.values() if isinstance(elements, dict) else ():
            value = element.get("value") if isinstance(element, dict) else None
            if isinstance(value, str):
                found[str(block_id)] = value[:_TEXT_MAX]
    return found


def sent_anyway(submitted: ModalSubmitted, channel: str) -> ButtonPress:
    """Read a window that asked "send anyway?" as the press of the button that opened it."""
    return ButtonPress(
        action_id=submitted.callback_id,
        value=submitted.private_metadata,
        user_id=submitted.user_id,
        user_name=submitted.user_name,
        team_id=submitted.team_id,
        channel=channel,
        message_ts="",
        trigger_id="",
        action_ts="",
    )


def _read_event(payload: Mapping[str, Any]) -> DeskRequest:
    event = payload.get("event")
    kind = event.get("type") if isinstance(event, dict) else None
    if not isinstance(kind, str):
        return Unreadable(why="an event without a type")
    if kind != "message":
        return Nothing(why=kind[:80])
    envelope = _Envelope.model_validate(payload)
    message = envelope.event
    if why := _unwritten(message):
        return Nothing(why=why)
    return ThreadMessage(
        channel=message.channel,
        thread_ts=message.thread_ts or "",
        ts=message.ts,
        user_id=message.user or "",
        text=plain_words((message.text or "")[:_TEXT_MAX]),
        event_id=envelope.event_id,
        team_id=envelope.team_id,
    )


def _unwritten(message: _Message) -> str | None:
    """Say why a message is no person's line in a thread, if it is none."""
    if message.subtype not in _WRITTEN or message.hidden:
        return f"message: {message.subtype}"[:80]
    if message.bot_id or not message.user:
        return "message: of a bot"
    if not message.channel or not message.ts:
        return "message: of nowhere"
    if not message.thread_ts or message.thread_ts == message.ts:
        return "message: not in a thread"
    if not (message.text or "").strip():
        return "message: without words"
    return None


def plain_words(text: str) -> str:
    """Take Slack's markup out of a colleague's words: mentions, links, the three entities.

    https://docs.slack.dev/messaging/formatting-message-text#retrieving
    """
    unmarked = _MARKED.sub(_unmarked, text)
    return unmarked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _unmarked(found: re.Match[str]) -> str:
    inside, label = found[1], found[2]
    match inside[0]:
        case "@" | "#":
            return inside[0] + (label or ("…" if inside[0] == "@" else inside[1:])).lstrip("@#")
        case "!":
            return label or "@" + inside[1:].partition("^")[0]
        case _:
            target = inside.removeprefix("mailto:").removeprefix("tel:")
            if not label or label in target:
                return target
            return f"{label} ({target})"
