"""Slack's events and presses on a customer channel, as arrivals, and those as events. Pure.

A conversation is a direct message with the app (private), or a thread in a channel (public), which
begins where somebody calls the app. Slack tells of such a call twice, as `app_mention` and as
`message`: both are one arrival, known by channel and time stamp. A line in a thread that was never
ours belongs to no conversation and is left alone.

https://docs.slack.dev/apis/events-api
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from pydantic import ValidationError

from channels.slack.markup import mentions, slack_length
from channels.slack.messages import NoMoment, Place, moment, place_of, read_event, read_press
from channels.slack.payloads import Callback, MessageEvent, Press, RateLimited, ReactionEvent
from channels.splitting import split_text
from config.stages import Surface
from conversation.events import Ignored, Inbound, Undecodable
from conversation.model import Address, Arrival

TEXT_LIMIT: Final = 4_000
"""Characters as they are sent: https://docs.slack.dev/reference/methods/chat.postMessage advises it
and cuts at 40,000."""
FIELDS_MAX: Final = 50

UNREADABLE: Final = "unreadable"
NOT_ADDRESSED: Final = "not_addressed"
OTHER: Final = "other"
"""A kind that Slack has a hundred of: one word, so that counting stays bounded."""
UNINSTALLED: Final = "the app was taken out of the workspace"
TAKEN_BACK: Final = "the workspace has taken the app's token back"
HANDSHAKE: Final = "url_verification"
LIMITED: Final = "app_rate_limited"
PRESS: Final = "block_actions"
MESSAGES: Final = frozenset({"message", "app_mention"})
REACTIONS: Final = frozenset({"reaction_added", "reaction_removed"})
_NEW: Final = frozenset({None, "file_share", "thread_broadcast", "me_message", "bot_message"})
_AFTERWARDS: Final = frozenset({"message_changed", "message_deleted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """Who our app is, once Slack has told."""

    team_id: str | None = None
    user_id: str | None = None
    bot_id: str | None = None


class SlackCodec:
    """What Slack's requests mean for one app that customers write to."""

    def __init__(self, *, channel: str, us: Us | None = None) -> None:
        self._channel = channel
        self._us = us or Us()

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the event of a request: Slack sends one at a time; none in a handshake."""
        try:
            value, event = _payload(body)
        except (ValueError, RecursionError) as error:
            return (self._unreadable(body, f"not JSON: {type(error).__name__}"),)
        kind = value.get("type")
        if kind == HANDSHAKE:
            return ()
        try:
            return (self._found(value, event),)
        except ValidationError as error:
            return (self._unreadable(body, _fault(error)),)

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one event; never raises."""
        if arrival.kind == UNREADABLE:
            return (Undecodable(why=arrival.why or UNREADABLE),)
        try:
            value, _ = _payload(arrival.body)
        except (ValueError, RecursionError) as error:
            return (Undecodable(why=f"not JSON: {type(error).__name__}"),)
        try:
            return (self._read(value, arrival.kind),)
        except ValidationError as error:
            return (Undecodable(why=_fault(error)),)
        except NoMoment:
            return (Undecodable(why="ts: no time stamp"),)

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into messages; the limit is the same everywhere."""
        del surface
        return split_text(text, limit=TEXT_LIMIT, measure=slack_length)

    # --- finding

    def _found(self, value: Mapping[str, Any], body: bytes) -> Arrival:
        """Find what a request is about; raises `ValidationError`."""
        match value.get("type"):
            case "event_callback":
                return self._event(Callback.model_validate(value), body)
            case "block_actions":
                return self._press(Press.model_validate(value), body)
            case "app_rate_limited":
                limited = RateLimited.model_validate(value)
                stamp = f"{LIMITED}:{limited.minute_rate_limited}"
                return self._arrival(limited.team_id, stamp, LIMITED, body)
            case str():
                # A modal, a shortcut, a command: this app offers none.
                return self._arrival("", _digest(body), OTHER, body)
            case _:
                return self._unreadable(body, "no type")

    def _event(self, callback: Callback, body: bytes) -> Arrival:
        kind = str(callback.event.get("type"))
        if self._us.team_id is not None and callback.account not in {"", self._us.team_id}:
            return self._arrival(callback.account, callback.event_id, "other_account", body)
        if kind in MESSAGES:
            return self._message(callback, MessageEvent.model_validate(callback.event), body)
        if kind in REACTIONS:
            found = ReactionEvent.model_validate(callback.event)
            place = Place(channel=found.item.channel, thread=None)
            # Slack does not say which thread of a channel it is in.
            home = place if place.private else None
            return self._arrival(
                callback.account, callback.event_id, kind, body, place=home, at=found.event_ts
            )
        kept = self._arrival(callback.account, callback.event_id, OTHER, body)
        return replace(kept, alarm=_shut_out(callback.event))

    def _message(self, callback: Callback, event: MessageEvent, body: bytes) -> Arrival:
        kind = "message" if event.type == "app_mention" else event.type
        place, at = place_of(event), event.ts or event.event_ts
        if event.subtype in _AFTERWARDS:
            return self._arrival(
                callback.account,
                callback.event_id,
                event.subtype or kind,
                body,
                place=place,
                at=event.event_ts or event.ts,
                known=not place.private,
            )
        if event.subtype not in _NEW or not event.ts or not event.channel:
            return self._arrival(callback.account, callback.event_id, OTHER, body, at=at)
        event_id = f"{event.channel}:{event.ts}"
        called = event.type == "app_mention" or self._calls(callback, event)
        if place.private or called:
            return self._arrival(callback.account, event_id, kind, body, place=place, at=at)
        if not place.reply:
            # Other people's talk: counted, not kept.
            empty = json.dumps({"type": NOT_ADDRESSED}).encode()
            return self._arrival(callback.account, event_id, NOT_ADDRESSED, empty, at=at)
        return self._arrival(
            callback.account,
            event_id,
            kind,
            body,
            place=place,
            at=at,
            known=True,
            elsewhere=_of_the_brand(callback, event),
        )

    def _calls(self, callback: Callback, event: MessageEvent) -> bool:
        names = {callback.us, self._us.user_id} - {None}
        return any(mentions(event.text or "", name) for name in names if name)

    def _press(self, press: Press, body: bytes) -> Arrival:
        action, container = press.actions[0], press.container
        place = Place(channel=container.channel_id, thread=container.thread_ts)
        event_id = f"{PRESS}:{press.user.id}:{container.message_ts}:{action.action_ts}"
        return self._arrival(
            press.team.id,
            event_id,
            PRESS,
            body,
            place=place,
            at=action.action_ts,
            known=not place.private,
        )

    def _arrival(
        self,
        account: str,
        event_id: str,
        kind: str,
        body: bytes,
        *,
        place: Place | None = None,
        at: str | None = None,
        known: bool = False,
        elsewhere: bool = False,
    ) -> Arrival:
        """Word an arrival; `known`: only for a conversation that is there already."""
        address = self._address(account, place) if place is not None and place.channel else None
        homeless = address is None and place is not None
        return Arrival(
            channel=self._channel,
            account=account,
            event_id=event_id,
            address=None if known else address,
            to=address.conversation if known and address is not None else None,
            kind=kind,
            occurred_at=_moment(at),
            body=body,
            why=f"{kind}: its channel cannot be read" if homeless else None,
            elsewhere=elsewhere and address is not None,
        )

    def _address(self, account: str, place: Place) -> Address:
        return Address(channel=self._channel, account=account, key=place.key, surface=place.surface)

    def _unreadable(self, body: bytes, why: str) -> Arrival:
        return Arrival(
            channel=self._channel,
            account=self._us.team_id or "",
            event_id="sha256:" + hashlib.sha256(body).hexdigest(),
            address=None,
            kind=UNREADABLE,
            occurred_at=None,
            body=body,
            why=why,
        )

    # --- reading

    def _read(self, value: Mapping[str, Any], kind: str) -> Inbound:
        if kind == PRESS:
            return read_press(Press.model_validate(value))
        if value.get("type") != "event_callback" or kind in {OTHER, "other_account"}:
            return Ignored(what=kind)
        callback = Callback.model_validate(value)
        us = {callback.us, self._us.user_id} - {None}
        elsewhere = kind == "message" and self._left(callback)
        return read_event(callback, us=frozenset(filter(None, us)), elsewhere=elsewhere)

    def _left(self, callback: Callback) -> bool:
        """Say whether the brand itself wrote it, in Slack."""
        event = MessageEvent.model_validate(callback.event)
        place = place_of(event)
        return (
            not place.private
            and place.reply
            and event.type != "app_mention"
            and not self._calls(callback, event)
            and _of_the_brand(callback, event)
        )


def _of_the_brand(callback: Callback, event: MessageEvent) -> bool:
    """Say whether a person of our own workspace wrote in a channel shared with a customer's."""
    writer = event.user_team or event.team
    return (
        callback.is_ext_shared_channel
        and writer == callback.account
        and event.bot_id is None
        and event.user is not None
    )


def _shut_out(event: Mapping[str, Any]) -> str | None:
    """Say what ends our work in a workspace; None: nothing of the kind.

    https://docs.slack.dev/reference/events/app_uninstalled, …/tokens_revoked: nobody's messages
    come any more, so no call of ours would ever find out.
    """
    if event.get("type") == "app_uninstalled":
        return UNINSTALLED
    tokens = event.get("tokens")
    ours = event.get("type") == "tokens_revoked" and isinstance(tokens, dict) and tokens.get("bot")
    return TAKEN_BACK if ours else None


def handshake_of(body: bytes) -> str | None:
    """Give the challenge that Slack wants back; None: it is no handshake.

    https://docs.slack.dev/reference/events/url_verification
    """
    try:
        value, _ = _payload(body)
    except (ValueError, RecursionError):
        return None
    challenge = value.get("challenge") if value.get("type") == HANDSHAKE else None
    return challenge[:1_000] if isinstance(challenge, str) else None


def _payload(body: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Find the object of a request, and its JSON alone.

    Raises:
        ValueError: there is none.
        RecursionError: it is nested deeper than any event.
    """
    text = body.decode("utf-8")
    if text[:1].isalpha():
        fields = dict(parse_qsl(text, max_num_fields=FIELDS_MAX, errors="strict"))
        # A command and a probe of the certificate have no payload, and ask nothing of this app.
        asked = next((name for name in ("command", "ssl_check") if name in fields), None)
        text = fields.get("payload") or (json.dumps({"type": asked}) if asked else "")
    value = json.loads(text, parse_constant=_no_number)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - unreadable like the rest
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # refuses lone surrogates
    return value, text.encode()


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _moment(stamp: str | None) -> datetime | None:
    """Read a time stamp: seconds since 1970 with six digits behind the point."""
    try:
        return moment(stamp or "")
    except NoMoment:
        return None


def _fault(error: ValidationError) -> str:
    """Name the first field that is wrong, and never its content: that is the customer's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(step)[:40] for step in first["loc"])
    return f"{field or 'payload'}: {first['type']}"[:200]
