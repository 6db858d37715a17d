"""A Slack workspace: its channels, messages, open modals, and the keys Slack hands out."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from conversation.clock import Clock
from socialcare.sandbox.rates import Rates
from socialcare.sandbox.slack_delivery import Answer, Delivery
from socialcare.sandbox.slack_places import Channel, Hook, Member, Trigger
from socialcare.sandbox.slack_reading import Message, View
from socialcare.sandbox.slack_rules import SlackRefusalError
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]

TRIGGER_LASTS_S: Final = 3.0
HOOK_LASTS_S: Final = 1800.0
HOOK_USES: Final = 5
BOT_NAME: Final = "northwind-care"  # what people write behind an @ to call the app
MESSAGES_MAX: Final = 20_000


class Workspace:
    """What one Slack team holds, as one app sees it."""

    def __init__(self, *, clock: Clock, changes: Changes, delivery: Delivery, team_id: str) -> None:
        self.clock = clock
        self.changes = changes
        self.delivery = delivery
        self.rates = Rates(clock)
        self.enforce_rates = self.reads_users = True  # rates are kept; the scope users:read
        self.team_id = team_id
        self.app_id = "A0NORTHW"
        self.bot_user = "U0CAREBOT"
        self.bot_id = "B0CAREBOT"
        self.base_url = ""
        self.channels: dict[str, Channel] = {}
        self.members: dict[str, Member] = {}
        self.usergroups: dict[str, tuple[str, ...]] = {}
        self.ephemerals: dict[str, list[Message]] = {}
        self.views: dict[str, View] = {}
        """The modal open in front of each colleague, by user."""
        self.view_errors: dict[str, dict[str, str]] = {}
        self.triggers: dict[str, Trigger] = {}
        self.hooks: dict[str, Hook] = {}
        self._numbers = 0

    def number(self) -> int:
        """Number the next thing that needs an id of its own."""
        self._numbers += 1
        return self._numbers

    def channel(self, channel_id: Any) -> Channel:
        """Find a channel the app is in."""
        found = self.channels.get(str(channel_id))
        if found is None:
            raise SlackRefusalError("channel_not_found")
        return found

    def message(self, channel_id: Any, ts: Any) -> Message:
        """Find a message as it stands now."""
        found = self.channel(channel_id).messages.get(str(ts))
        if found is None:
            raise SlackRefusalError("message_not_found")
        return found

    def next_ts(self, channel: Channel) -> str:
        """Give a ts that no message of the channel has."""
        now_us = int(self.clock.now().timestamp() * 1_000_000)
        channel.last_us = max(now_us, channel.last_us + 1)
        return f"{channel.last_us // 1_000_000}.{channel.last_us % 1_000_000:06d}"

    def keep(self, message: Message) -> Message:
        """Put a message where it belongs, or change it there."""
        channel = self.channels[message.channel]
        if len(channel.messages) >= MESSAGES_MAX:
            msg = f"more than {MESSAGES_MAX} messages in {channel.id}"
            raise OverflowError(msg)
        channel.messages[message.ts] = message
        self.changes.tell()
        return message

    def say(self, message: Message) -> Message:
        """Post a message and let the app know of it, its own ones too, as Slack does."""
        kept = self.keep(message)
        self.send_event(self.event_of(kept))
        return kept

    def whisper(self, message: Message) -> None:
        """Show a message to one colleague alone."""
        self.ephemerals.setdefault(str(message.ephemeral_to), []).append(message)
        self.changes.tell()

    def remove(self, message: Message) -> None:
        """Delete a message."""
        self.channels[message.channel].messages.pop(message.ts, None)
        self.changes.tell()

    def taken_back(self, message: Message) -> None:
        """Delete what a person wrote, and let the app know."""
        before = self.payload(message)
        self.remove(message)
        channel = self.channels[message.channel]
        ts = self.next_ts(channel)
        self.send_event(
            {
                "type": "message",
                "subtype": "message_deleted",
                "hidden": True,
                "deleted_ts": message.ts,
                "previous_message": before,
                "channel": channel.id,
                "channel_type": channel.kind,
                "ts": ts,
                "event_ts": ts,
            }
        )

    def replies(self, message: Message) -> tuple[Message, ...]:
        """Give the replies in the thread under a message."""
        channel = self.channels[message.channel]
        return tuple(
            each
            for each in channel.messages.values()
            if each.thread_ts == message.ts and each.is_reply
        )

    def team_of(self, user: str) -> str:
        """Name the workspace that somebody comes from."""
        member = self.members.get(user)
        return self.team_id if member is None or member.team is None else member.team

    def payload(self, message: Message, *, metadata: bool = True) -> Json:
        """Give the message object of the Web API and of interactions."""
        told: Json = {
            "type": "message",
            "user": message.user,
            "team": self.team_of(message.user),
            "text": message.text,
            "ts": message.ts,
        }
        if message.bot_id is not None:
            told |= {
                "bot_id": message.bot_id,
                "app_id": self.app_id,
                "bot_profile": {
                    "id": message.bot_id,
                    "app_id": self.app_id,
                    "name": message.username or "northwind-care",
                    "team_id": self.team_id,
                    "deleted": False,
                },
            }
        if message.username is not None:
            told |= {"subtype": "bot_message", "username": message.username}
        if message.blocks:
            told["blocks"] = list(message.blocks)
        if message.edited is not None:
            told["edited"] = {"user": message.user, "ts": message.edited}
        if metadata and message.metadata is not None:
            told["metadata"] = message.metadata
        return told | self._thread_of(message)

    def _thread_of(self, message: Message) -> Json:
        if message.is_reply:
            parent = self.channels[message.channel].messages.get(str(message.thread_ts))
            about: Json = {"thread_ts": message.thread_ts}
            return about | ({"parent_user_id": parent.user} if parent else {})
        replies = self.replies(message)
        if not replies:
            return {}
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1].ts,
        }

    def event_of(self, message: Message) -> Json:
        """Give the Events API's inner event for a message."""
        channel = self.channels[message.channel]
        about: Json = {
            "channel": channel.id,
            "channel_type": channel.kind,
            "event_ts": message.ts,
        }
        if message.bot_id is None:
            about["client_msg_id"] = f"00000000-0000-4000-8000-{self.number():012d}"
        if channel.shared:
            about["user_team"] = about["source_team"] = self.team_of(message.user)
        return self.payload(message) | about

    def send_event(self, event: Json) -> None:
        """Wrap an inner event and send it to the app."""
        channel = event.get("channel", "")
        there = self.channels.get(channel)
        self.delivery.send_event(
            {
                "token": "verification-token",
                "team_id": self.team_id,
                "api_app_id": self.app_id,
                "event": event,
                "type": "event_callback",
                "event_id": f"Ev{self.number():09d}",
                "event_time": int(self.clock.now().timestamp()),
                "authorizations": [
                    {
                        "enterprise_id": None,
                        "team_id": self.team_id,
                        "user_id": self.bot_user,
                        "is_bot": True,
                        "is_enterprise_install": False,
                    }
                ],
                "is_ext_shared_channel": there is not None and there.shared,
                "event_context": f"4-{event['type']}-{self.team_id}-{channel}",
            }
        )

    def new_trigger(self, user: str) -> str:
        """Hand out a trigger_id."""
        key = f"{self.number()}.{self.number()}.{self.team_id.lower()}"
        self.triggers[key] = Trigger(user=user, issued_s=self.clock.monotonic())
        return key

    def spend_trigger(self, key: Any) -> str:
        """Take a trigger_id; gives the user whose press it was."""
        trigger = self.triggers.get(str(key))
        if trigger is None:
            raise SlackRefusalError("invalid_trigger_id")
        if trigger.used:
            raise SlackRefusalError("exchanged_trigger_id")
        if self.clock.monotonic() - trigger.issued_s > TRIGGER_LASTS_S:
            raise SlackRefusalError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def new_hook(self, message: Message, user: str) -> str:
        """Hand out a response_url."""
        path = f"/actions/{self.team_id}/{self.number()}/{self.number()}"
        now = self.clock.monotonic()
        self.hooks[path] = Hook(message=message, user=user, issued_s=now)
        return self.base_url + path

    def spend_hook(self, path: str) -> Hook:
        """Take one use of a response_url."""
        hook = self.hooks.get(path)
        if hook is None:
            raise SlackRefusalError("invalid_url")
        if self.clock.monotonic() - hook.issued_s > HOOK_LASTS_S:
            raise SlackRefusalError("expired_url")
        if hook.uses >= HOOK_USES:
            raise SlackRefusalError("used_url")
        hook.uses += 1
        return hook

    def open_view(self, user: str, body: Json, before: View | None = None) -> View:
        """Put a modal in front of a colleague, in the place of an earlier one."""
        number = self.number()
        view_id = before.id if before is not None else f"V{number:09d}"
        whole: Json = {
            "id": view_id,
            "team_id": self.team_id,
            "app_id": self.app_id,
            "bot_id": self.bot_id,
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit": None,
            "close": None,
            "state": {"values": {}},
            "root_view_id": view_id,
            "previous_view_id": None,
            **body,
            "hash": f"{int(self.clock.now().timestamp())}.{number}",
        }
        view = View(id=view_id, user=user, body=whole)
        self.views[user] = view
        self.view_errors.pop(user, None)
        self.changes.tell()
        return view

    def close_view(self, user: str) -> None:
        """Take the modal away."""
        self.views.pop(user, None)
        self.view_errors.pop(user, None)
        self.changes.tell()

    def interaction(self, kind: str, user: Member) -> Json:
        """Begin the payload of an interaction."""
        return {
            "type": kind,
            "user": {
                "id": user.id,
                "username": user.name.lower(),
                "name": user.name.lower(),
                "team_id": self.team_id,
            },
            "api_app_id": self.app_id,
            "token": "verification-token",
            "trigger_id": self.new_trigger(user.id),
            "team": {"id": self.team_id, "domain": "northwind"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    async def interact(self, payload: Json) -> Answer:
        """Send an interaction to the app, form encoded."""
        return await self.delivery.interact(urlencode({"payload": json.dumps(payload)}).encode())

    def written(
        self, channel_id: str, user: str, text: str, *, thread_ts: str | None = None
    ) -> Message:
        """Post what a person wrote, with the blocks Slack's own apps add."""
        channel = self.channels[channel_id]
        leaf = {"type": "text", "text": text}
        section = {"type": "rich_text_section", "elements": [leaf]}
        block = {"type": "rich_text", "block_id": f"r{self.number()}", "elements": [section]}
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        called = escaped.replace(f"@{BOT_NAME}", f"<@{self.bot_user}>")
        said = self.say(
            Message(
                channel=channel_id,
                ts=self.next_ts(channel),
                user=user,
                text=called,
                blocks=(block,),
                thread_ts=thread_ts,
                at=self.now(),
            )
        )
        if called != escaped and channel.kind != "im":
            # Slack tells an app of a call twice: as a message, and as this.
            event = self.event_of(said) | {"type": "app_mention"}
            event.pop("channel_type")
            self.send_event(event)
        return said

    def now(self) -> datetime:
        """Say the time."""
        return self.clock.now()

    def changed(self, message: Message, text: str) -> Message:
        """Change what a person wrote, and let the app know."""
        channel = self.channels[message.channel]
        before = self.payload(message)
        edit_ts = self.next_ts(channel)
        after = self.keep(replace(message, text=text, blocks=(), edited=edit_ts))
        self.send_event(
            {
                "type": "message",
                "subtype": "message_changed",
                "hidden": True,
                "message": self.payload(after),
                "previous_message": before,
                "channel": channel.id,
                "channel_type": channel.kind,
                "ts": edit_ts,
                "event_ts": edit_ts,
            }
        )
        return after
