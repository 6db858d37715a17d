"""Colleagues in Slack: what they press, fill in and write, and what only they see."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from socialcare.sandbox.slack_delivery import Answer
from socialcare.sandbox.slack_places import Member
from socialcare.sandbox.slack_reading import Message, View, plain
from socialcare.sandbox.slack_rules import check_view
from socialcare.sandbox.slack_workspace import Workspace

Json = dict[str, Any]
Wanted = str | Callable[[Message], bool]


def as_predicate(wanted: Wanted) -> Callable[[Message], bool]:
    """Take words as the question whether a message shows them."""
    if isinstance(wanted, str):
        return lambda message: wanted in plain(message)
    return wanted


def _filled(element: Json, value: Any) -> Json:
    """Give an input's state the way Slack words it for its kind."""
    kind = element["type"]
    match kind:
        case "static_select" | "radio_buttons":
            return {"type": kind, "selected_option": _option(element, value)}
        case "checkboxes" | "multi_static_select":
            chosen = [_option(element, each) for each in value or ()]
            return {"type": kind, "selected_options": chosen}
        case "datepicker":
            return {"type": kind, "selected_date": value}
        case "timepicker":
            return {"type": kind, "selected_time": value}
        case "users_select":
            return {"type": kind, "selected_user": value}
        case "multi_users_select":
            return {"type": kind, "selected_users": list(value or ())}
        case _:
            return {"type": kind, "value": value}


def _option(element: Json, value: Any) -> Json | None:
    if value is None:
        return None
    groups = element.get("option_groups") or [{"options": element["options"]}]
    for group in groups:
        for option in group["options"]:
            if value in {option["value"], option["text"]["text"]}:
                return dict(option)
    msg = f"no option {value!r} in {element['action_id']}"
    raise LookupError(msg)


def _initial(element: Json) -> Any:
    for name in ("initial_value", "initial_date", "initial_time", "initial_user", "initial_users"):
        if name in element:
            return element[name]
    if "initial_option" in element:
        return element["initial_option"]["value"]
    if "initial_options" in element:
        return [option["value"] for option in element["initial_options"]]
    return None


class Colleague:
    """A person of the brand with a Slack account."""

    def __init__(self, *, workspace: Workspace, member: Member) -> None:
        self.id = member.id
        self.name = member.name
        self._member = member
        self._workspace = workspace

    @property
    def ephemerals(self) -> tuple[Message, ...]:
        """What only this colleague saw, oldest first."""
        return tuple(self._workspace.ephemerals.get(self.id, ()))

    @property
    def view(self) -> View | None:
        """The modal in front of this colleague."""
        return self._workspace.views.get(self.id)

    @property
    def errors(self) -> Mapping[str, str]:
        """What the app found wrong with the last submission, by block_id."""
        return self._workspace.view_errors.get(self.id, {})

    async def press(self, message: Message, action_id: str, *, value: str | None = None) -> Answer:
        """Press a button of the message as it stands now.

        Raises:
            LookupError: the message is gone, or has no such button (any more).
        """
        now = self._current(message)
        button = now.button(action_id, value=value)
        space = self._workspace
        channel = space.channels[now.channel]
        container: Json = {
            "type": "message",
            "message_ts": now.ts,
            "channel_id": now.channel,
            "is_ephemeral": now.ephemeral_to is not None,
        }
        if now.is_reply:
            container["thread_ts"] = now.thread_ts
        names = ("action_id", "block_id", "text", "value", "style", "type")
        action = {name: button[name] for name in names if name in button}
        payload = space.interaction("block_actions", self._member) | {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": {}},
            "response_url": space.new_hook(now, self.id),
            "actions": [action | {"action_ts": f"{space.clock.now().timestamp():.6f}"}],
        }
        if now.ephemeral_to is None:
            payload["message"] = space.payload(now)
        return await space.interact(payload)

    async def submit(
        self, view: View | None = None, values: Mapping[str, Any] | None = None
    ) -> Answer:
        """Fill in the open modal and submit it.

        Args:
            view: the modal; by default the one in front of the colleague.
            values: `"block_id/action_id"` (or the action_id alone) to what is filled in; an
                option by its value or label; what is left out keeps its initial value.

        Raises:
            LookupError: no such modal or input.
            ValueError: a required input is empty; Slack's own apps refuse to submit.
        """
        shown = self.view
        if shown is None or (view is not None and view.id != shown.id):
            raise LookupError("the modal is not open")
        state = self._state(shown, dict(values or {}))
        body = shown.body | {"state": {"values": state}}
        payload = self._workspace.interaction("view_submission", self._member) | {
            "view": body,
            "response_urls": [],
        }
        answer = await self._workspace.interact(payload)
        if answer.ok:
            self._obey(shown, answer)
        return answer

    async def close(self) -> Answer | None:
        """Close the modal; the app learns of it when it asked to."""
        shown = self.view
        if shown is None:
            raise LookupError("no modal is open")
        self._workspace.close_view(self.id)
        if not shown.body["notify_on_close"]:
            return None
        closed = {"view": shown.body, "is_cleared": False}
        payload = self._workspace.interaction("view_closed", self._member) | closed
        payload.pop("trigger_id")
        return await self._workspace.interact(payload)

    async def write(self, channel_id: str, text: str) -> Message:
        """Write in a channel."""
        return self._workspace.written(channel_id, self.id, text)

    async def write_in_thread(self, message: Message, text: str) -> Message:
        """Write in the thread of a message."""
        thread_ts = message.thread_ts or message.ts
        return self._workspace.written(message.channel, self.id, text, thread_ts=thread_ts)

    async def edit(self, message: Message, text: str) -> Message:
        """Change what this colleague wrote."""
        return self._workspace.changed(message, text)

    async def delete(self, message: Message) -> None:
        """Take back what this person wrote."""
        self._workspace.taken_back(message)

    async def command(self, channel_id: str, command: str, text: str = "") -> Answer:
        """Use a slash command; what the app answers is seen by this colleague alone."""
        space = self._workspace
        channel = space.channels[channel_id]
        anchor = Message(
            channel=channel_id,
            ts=space.next_ts(channel),
            user=self.id,
            text="",
            at=space.now(),
            ephemeral_to=self.id,
        )
        form = {
            "token": "verification-token",
            "team_id": space.team_id,
            "team_domain": "northwind",
            "channel_id": channel.id,
            "channel_name": channel.name,
            "user_id": self.id,
            "user_name": self.name.lower(),
            "command": command,
            "text": text,
            "api_app_id": space.app_id,
            "is_enterprise_install": "false",
            "response_url": space.new_hook(anchor, self.id),
            "trigger_id": space.new_trigger(self.id),
        }
        answer = await space.delivery.interact(urlencode(form).encode())
        if answer.ok and answer.body.strip():
            space.whisper(self._shown(anchor, answer.body))
        return answer

    async def sees(self, wanted: Wanted, *, timeout: float = 10.0) -> Message:  # noqa: ASYNC109 - the watcher's patience
        """Wait for a message that only this colleague sees."""
        matches = as_predicate(wanted)
        return await self._workspace.changes.until(
            lambda: next(filter(matches, reversed(self.ephemerals)), None),
            patience_s=timeout,
            expected=lambda: f"{wanted!r} among {list(map(plain, self.ephemerals))}",
        )

    async def gets_view(self, *, timeout: float = 10.0) -> View:  # noqa: ASYNC109 - the watcher's patience
        """Wait for a modal to open."""
        return await self._workspace.changes.until(
            lambda: self.view, patience_s=timeout, expected=lambda: "a modal"
        )

    def _current(self, message: Message) -> Message:
        if message.ephemeral_to is not None:
            return message
        now = self._workspace.channels[message.channel].messages.get(message.ts)
        if now is None:
            msg = f"message {message.ts} is gone"
            raise LookupError(msg)
        return now

    def _state(self, view: View, values: dict[str, Any]) -> Json:
        state: Json = {}
        for block in view.inputs:
            element = block["element"]
            names = (f"{block['block_id']}/{element['action_id']}", element["action_id"])
            given = next((name for name in names if name in values), None)
            value = values.pop(given) if given is not None else _initial(element)
            if value in (None, "", []) and not block.get("optional"):
                msg = f"{names[0]} must be filled in"
                raise ValueError(msg)
            state[block["block_id"]] = {element["action_id"]: _filled(element, value)}
        if values:
            msg = f"the modal has no inputs {sorted(values)}"
            raise LookupError(msg)
        return state

    def _obey(self, view: View, answer: Answer) -> None:
        told = json.loads(answer.body) if answer.body.strip() else {}
        space = self._workspace
        match told.get("response_action"):
            case "errors":
                unknown = set(told["errors"]) - {block["block_id"] for block in view.inputs}
                if unknown:
                    msg = f"errors for inputs that are not there: {sorted(unknown)}"
                    raise ValueError(msg)
                space.view_errors[self.id] = dict(told["errors"])
                space.changes.tell()
            case "update":
                space.open_view(self.id, check_view(told["view"]), view)
            case "push":
                space.open_view(self.id, check_view(told["view"]))
            case _:
                space.close_view(self.id)

    def _shown(self, anchor: Message, body: str) -> Message:
        try:
            told = json.loads(body)
        except ValueError:
            told = {"text": body}
        return Message(
            channel=anchor.channel,
            ts=anchor.ts,
            user=self._workspace.bot_user,
            bot_id=self._workspace.bot_id,
            text=str(told.get("text", "")),
            blocks=tuple(told.get("blocks", ())),
            at=anchor.at,
            ephemeral_to=self.id,
        )
