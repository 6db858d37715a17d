"""WhatsApp's webhooks, turned into arrivals and those into events. Pure.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from channels.meta.notices import happened
from channels.meta.webhooks import fault
from channels.meta.whatsapp.messages import (
    NO_ANSWER,
    at,
    read_echo,
    read_id_update,
    read_message,
    read_status,
)
from channels.meta.whatsapp.payloads import (
    About,
    Batch,
    Change,
    Dated,
    Entry,
    Identified,
    Judged,
    Message,
    Status,
    Typed,
    UserIdUpdate,
)
from channels.meta.whatsapp.people import Person, alone, maybe, where_of
from channels.splitting import split_text
from config.stages import Surface
from conversation.events import Ignored, Inbound, Undecodable
from conversation.model import Address, Arrival

TEXT_LIMIT: Final = 4_096
"""Characters: https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/text-messages."""

UNREADABLE: Final = "unreadable"
EMPTY: Final = "empty"
OTHER: Final = "other"
"""A field that Meta added later: one word, so that counting stays bounded."""
OTHER_ACCOUNT: Final = "other_account"

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "messages": {"messages": "message", "statuses": "status", "errors": "errors"},
    "smb_message_echoes": {"message_echoes": "echo"},
    "user_id_update": {"user_id_update": "user_id_update"},
}
"""The fields we read: each list of theirs, and our word for one of its items."""

LEFT_ALONE: Final = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "automatic_events",
        "business_capability_update",
        "business_status_update",
        "business_username_update",
        "calls",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "history",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "smb_app_state_sync",
        "template_category_update",
        "template_correct_category_detection",
        "tracking_events",
        "user_preferences",
    }
)
"""What asks nothing of somebody who answers customers."""


class WhatsappCodec:
    """What WhatsApp's webhook bodies mean for one number of the brand."""

    def __init__(self, *, channel: str, phone_id: str) -> None:
        self._channel = channel
        self._phone_id = phone_id

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the messages, statuses, echoes and notices of a webhook body."""
        try:
            batch = Batch.model_validate(json.loads(body.decode("utf-8")))
            return tuple(one for entry in batch.entry for one in self._of_entry(entry))
        except ValidationError as error:
            return (self._unreadable(body, fault(error)),)
        except (ValueError, RecursionError) as error:
            return (self._unreadable(body, f"not JSON: {type(error).__name__}"),)

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one item; never raises."""
        if arrival.kind == UNREADABLE:
            return (Undecodable(why=arrival.why or UNREADABLE),)
        if arrival.account != self._phone_id:
            return (Ignored(what=OTHER_ACCOUNT),)
        try:
            change = Change.model_validate(_json(arrival.body))
            return (_read(change),)
        except ValidationError as error:
            return (Undecodable(why=fault(error)),)
        except (ValueError, RecursionError) as error:
            return (Undecodable(why=f"not JSON: {type(error).__name__}"),)

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into messages; WhatsApp is private throughout."""
        del surface
        return split_text(text, limit=TEXT_LIMIT, measure=len)

    def _of_entry(self, value: object) -> Iterator[Arrival]:
        entry = maybe(Entry, value)
        if entry is None:
            yield self._unreadable(json.dumps(value).encode(), "entry: has no changes")
            return
        for one in entry.changes:
            change = maybe(Change, one)
            if change is None:
                yield self._unreadable(json.dumps(one).encode(), "change: has no field or value")
            else:
                yield from self._of_change(change)

    def _of_change(self, change: Change) -> Iterator[Arrival]:
        kinds = KINDS.get(change.field)
        if kinds is None:
            kind = change.field if change.field in LEFT_ALONE else OTHER
            alarm = happened(change.field, change.value)
            yield replace(self._arrival(change, kind=kind, event_id=None), alarm=alarm)
            return
        found = False
        for name, kind in kinds.items():
            items = change.value.get(name)
            for item in items if isinstance(items, list) else [] if items is None else [items]:
                found = True
                yield self._of_item(alone(change, name, item), kind, item)
        if not found:
            yield self._arrival(change, kind=EMPTY, event_id=None)

    def _of_item(self, change: Change, kind: str, item: object) -> Arrival:
        typed = maybe(Typed, item)
        word = typed.type if typed else ""
        where = where_of(change.value, kind, item)
        return self._arrival(
            change,
            kind=kind,
            event_id=_event_id(kind, word, item),
            person=where if isinstance(where, Person) else None,
            occurred_at=_moment(item),
            why=f"{kind}: nobody is named" if where is None else None,
            elsewhere=kind == "echo" and word not in NO_ANSWER,
        )

    def _arrival(
        self,
        change: Change,
        *,
        kind: str,
        event_id: str | None,
        person: Person | None = None,
        occurred_at: datetime | None = None,
        why: str | None = None,
        elsewhere: bool = False,
    ) -> Arrival:
        written = {"field": change.field, "value": change.value}
        try:
            body = _written(written)
        except ValueError:
            return self._unreadable(json.dumps(written).encode(), "holds what no text can")
        about = maybe(About, change.value)
        account = about.metadata.phone_number_id if about else None
        if account is None and change.field in KINDS:
            return self._unreadable(body, "metadata: names no number")
        ours = account == self._phone_id
        address = None if person is None or not ours else self._address(person)
        return Arrival(
            channel=self._channel,
            account=self._phone_id if account is None else account,
            event_id=event_id or _digest(body),
            address=address,
            also=person.number if person is not None and address is not None else None,
            kind=kind if ours or account is None else OTHER_ACCOUNT,
            occurred_at=occurred_at,
            body=body,
            why=why if ours else None,
            elsewhere=elsewhere and ours,
        )

    def _address(self, person: Person) -> Address:
        return Address(
            channel=self._channel,
            account=self._phone_id,
            key=person.key,
            surface=Surface.PRIVATE,
        )

    def _unreadable(self, body: bytes, why: str) -> Arrival:
        return Arrival(
            channel=self._channel,
            account=self._phone_id,
            event_id=_digest(body),
            address=None,
            kind=UNREADABLE,
            occurred_at=None,
            body=body,
            why=why,
        )


def _read(change: Change) -> Inbound:
    for name, kind in KINDS.get(change.field, {}).items():
        items = change.value.get(name)
        if isinstance(items, list) and items:
            return _read_item(change.value, kind, items[0])
    return Ignored(what=change.field if change.field in LEFT_ALONE else OTHER)


def _read_item(value: Mapping[str, object], kind: str, item: object) -> Inbound:
    where = where_of(value, kind, item)
    if where is None:
        return Undecodable(why=f"{kind}: nobody is named")
    if not isinstance(where, Person):
        return Ignored(what=where)
    match kind:
        case "message":
            return read_message(Message.model_validate(item), where.peer())
        case "echo":
            return read_echo(Message.model_validate(item))
        case "status":
            return read_status(Status.model_validate(item))
        case _:
            return read_id_update(UserIdUpdate.model_validate(item))


def _event_id(kind: str, word: str, item: object) -> str | None:
    """Name an item as the platform does; None where it does not."""
    named = maybe(Identified, item)
    if named is None:
        return None
    if kind == "status":
        judged = maybe(Judged, item)
        return f"{named.id}:{judged.status}" if judged else None
    if word in NO_ANSWER:
        # Whether an edit has an id of its own, or that of what it changes, is not promised.
        dated = maybe(Dated, item)
        return f"{named.id}:{word}:{dated.timestamp if dated else ''}"
    return named.id


def _moment(item: object) -> datetime | None:
    dated = maybe(Dated, item)
    return at(dated.timestamp) if dated else None


def _digest(body: bytes) -> str:
    return "sha256:" + hashlib.sha256(body).hexdigest()


def _written(value: object) -> bytes:
    """Write JSON that can be kept; raises ValueError on NaN and halves of surrogate pairs."""
    json.dumps(value, ensure_ascii=False).encode("utf-8")
    return json.dumps(value, allow_nan=False).encode()


def _json(body: bytes) -> object:
    value: object = json.loads(body.decode("utf-8"))
    _written(value)
    return value
