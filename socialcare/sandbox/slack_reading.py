"""How a message reads to a colleague: its words, its buttons, and whom it would notify."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

Json = dict[str, Any]

_MENTION = re.compile(r"<(?:!(channel|here|everyone)|!subteam\^(S\w+)|@([UW]\w+))(?:\|[^>]*)?>")
_BARE = re.compile(r"(?<!\w)@(channel|here|everyone)\b")
_LINK = re.compile(r"<((?:https?|mailto|tel):[^|>]*)(?:\|([^>]*))?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message in a channel, as it stands now; also one that only one colleague sees."""

    channel: str
    ts: str
    user: str
    text: str
    at: datetime
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None
    bot_id: str | None = None
    username: str | None = None
    """A name the app gave itself for this message."""
    metadata: Json | None = None
    edited: str | None = None
    """The ts of the last change."""
    link_names: bool = False
    """Posted so that a bare @here means something."""
    ephemeral_to: str | None = None

    @property
    def is_reply(self) -> bool:
        """Tell whether it stands in a thread under another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def buttons(self) -> tuple[Json, ...]:
        """Its buttons, each with the `block_id` it stands in."""
        return tuple(each for each in _elements(self.blocks) if each.get("type") == "button")

    def button(self, action_id: str, *, value: str | None = None) -> Json:
        """Find a button that is there now.

        Raises:
            LookupError: it is not.
        """
        for each in self.buttons:
            if each["action_id"] == action_id and value in {None, each.get("value")}:
                return each
        shown = sorted(each["action_id"] for each in self.buttons)
        msg = f"no button {action_id!r} in message {self.ts}; it shows {shown}"
        raise LookupError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal that is open in front of a colleague."""

    id: str
    user: str
    body: Json
    """The view object as Slack gives it to apps."""

    @property
    def inputs(self) -> tuple[Json, ...]:
        """Its input blocks."""
        return tuple(block for block in self.body["blocks"] if block["type"] == "input")

    @property
    def title(self) -> str:
        """The words at its top."""
        return str(self.body["title"]["text"])


def _elements(blocks: tuple[Json, ...]) -> Iterator[Json]:
    for block in blocks:
        found = [block["accessory"]] if "accessory" in block else []
        if block["type"] == "actions":
            found += block["elements"]
        for each in found:
            yield {**each, "block_id": block["block_id"]}


def _texts(value: Any) -> Iterator[Json]:
    """Walk through text objects and rich text leaves, in reading order."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str) or value.get("type") in {
            "user",
            "usergroup",
            "broadcast",
        }:
            yield value
        else:
            for key, each in value.items():
                if key not in {"value", "metadata", "private_metadata"}:
                    yield from _texts(each)


def _mentions(text: str, *, link_names: bool) -> Iterator[str]:
    for found in _MENTION.finditer(text):
        broadcast, group, user = found.groups()
        yield f"@{broadcast}" if broadcast else group or user
    if link_names:
        yield from (f"@{each}" for each in _BARE.findall(text))


def _rich_mention(leaf: Json) -> Iterator[str]:
    match leaf.get("type"):
        case "user":
            yield leaf["user_id"]
        case "usergroup":
            yield leaf["usergroup_id"]
        case "broadcast":
            yield f"@{leaf['range']}"
        case _:
            pass


def pings(message: Message) -> frozenset[str]:
    """Tell whom a message would notify: `U…`, `S…`, `@channel`, `@here`, `@everyone`.

    Live, a bare `@here` in an app's text notifies nobody unless it was posted with `link_names` or
    `parse: full`; so it counts here under the same condition. The top-level text counts even
    beside blocks, since Slack shows it in notifications.
    """
    found = set(_mentions(message.text, link_names=message.link_names))
    for leaf in _texts(list(message.blocks)):
        if leaf.get("type") in {"mrkdwn", "markdown"}:
            found.update(_mentions(leaf["text"], link_names=message.link_names))
        else:
            found.update(_rich_mention(leaf))
    return frozenset(found)


def _readable(leaf: Json) -> str:
    if leaf.get("type") not in {"mrkdwn", "markdown"}:
        return str(leaf.get("text") or next(_rich_mention(leaf), ""))
    linked = _LINK.sub(lambda found: found.group(2) or found.group(1), leaf["text"])
    return unescape(linked)


def _block_text(block: Json) -> str:
    if block["type"] == "actions":
        return " ".join(f"[{leaf['text']}]" for leaf in _texts(block["elements"]))
    joint = "" if block["type"] == "rich_text" else "\n"
    accessory = block.get("accessory", {})
    rest = {key: value for key, value in block.items() if key != "accessory"}
    words = [_readable(rest)] if block["type"] == "markdown" else map(_readable, _texts(rest))
    label = [f"[{accessory['text']['text']}]"] if accessory.get("type") == "button" else []
    return "\n".join([joint.join(words), *label])


def plain(message: Message | View) -> str:
    """Flatten what is shown to readable text, buttons as `[Label]`."""
    if isinstance(message, View):
        blocks = message.body["blocks"]
    elif message.blocks:
        blocks = list(message.blocks)
    else:
        return _readable({"type": "mrkdwn", "text": message.text})
    return "\n".join(filter(None, map(_block_text, blocks)))
