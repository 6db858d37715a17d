"""Whose conversation an item of a webhook belongs to. Pure.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids

A customer has an id that this business alone knows them by (`from_user_id`, like `GB.1349…`) and,
unless they took a user name, a telephone number too. The id is the conversation's key wherever a
payload tells it, even if only beside the number: it stays when the number is hidden. A customer
whose payloads never tell one goes by the number; once one does, the platform has said itself that
both are one (`Person.number`), and the conversation by the id is the same customer's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number
from pydantic import ValidationError

from channels.meta.webhooks import Payload
from channels.meta.whatsapp.payloads import (
    Change,
    Contact,
    Profile,
    Recipient,
    Sender,
    StatusRecipient,
    System,
    UserIdUpdate,
)
from conversation.model import NAME_LIMIT, Peer

NUMBER_DIGITS: Final = 15
"""E.164's longest number."""
GROUP: Final = "group"
"""Others read along there, and the brand has no such conversation."""

_Read = TypeVar("_Read", bound=Payload)
_NAMED: Final[Mapping[str, type[Sender | Recipient | StatusRecipient]]] = {
    "message": Sender,
    "echo": Recipient,
    "status": StatusRecipient,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The customer of an item, and how they call themselves."""

    key: str
    contact: Contact | None = None
    number: str | None = None
    """Their number, where the same item tells it beside the id that is the key."""

    def peer(self) -> Peer:
        """Give the customer's own words about themselves, cut to a sane length."""
        profile = maybe(Profile, self.contact.profile) if self.contact else None
        number = self.contact.wa_id if self.contact else None
        return Peer(
            user_id=self.key,
            name=profile.name[:NAME_LIMIT] if profile and profile.name else None,
            username=profile.username[:NAME_LIMIT] if profile and profile.username else None,
            timezone=zone_of(number or self.key),
        )


def zone_of(number: str) -> str | None:
    """Name the time zone of a number's country or area, where all of it has the same time."""
    if not number.isdecimal() or not number.isascii() or len(number) > NUMBER_DIGITS:
        return None  # a business-scoped id says nothing
    try:
        parsed = phonenumbers.parse(f"+{number}")
    except phonenumbers.NumberParseException:
        return None
    zones = time_zones_for_number(parsed)
    if not zones or UNKNOWN_TIMEZONE in zones or len({_hours_of(zone) for zone in zones}) > 1:
        return None
    return str(zones[-1])


@cache
def _hours_of(zone: str) -> tuple[timedelta | None, ...]:
    """Tell a zone's distance from UTC in winter and in summer."""
    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ()
    return tuple(datetime(2026, month, 1, tzinfo=there).utcoffset() for month in (1, 7))


def maybe(model: type[_Read], value: object) -> _Read | None:
    """Read a value, if it is one of those."""
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def alone(change: Change, name: str, item: object) -> Change:
    """Leave one item of a change, and the names that belong to it; the others are not its own."""
    value: dict[str, object] = {"metadata": change.value.get("metadata"), name: [item]}
    contacts = change.value.get("contacts")
    if isinstance(contacts, list):
        ids = set(map(str, item.values())) if isinstance(item, dict) else set()
        value["contacts"] = [
            raw
            for raw in contacts
            if (one := maybe(Contact, raw)) is not None
            and (len(contacts) == 1 or not ids.isdisjoint({one.wa_id, one.user_id}))
        ]
    return Change(field=change.field, value=value)


def where_of(value: Mapping[str, object], kind: str, item: object) -> Person | str | None:
    """Find the customer of an item; a word where it is nobody's, None where nobody is named."""
    if kind == "user_id_update":
        update = maybe(UserIdUpdate, item)
        return None if update is None else Person(key=update.user_id.previous)
    named = _NAMED.get(kind)
    if named is None:
        return kind
    party = maybe(named, item)
    if party is None:
        return None
    if party.in_group:
        return GROUP
    system = maybe(System, item.get("system")) if isinstance(item, dict) else None
    if system is not None and system.user_id is not None and party.user_id is None:
        return "system"  # `user_id_update` tells the same, and which id it was
    return _person(value, phone=party.phone, user_id=party.user_id)


def _person(
    value: Mapping[str, object], *, phone: str | None, user_id: str | None
) -> Person | None:
    listed = value.get("contacts")
    found = [maybe(Contact, one) for one in listed] if isinstance(listed, list) else []
    contacts = [one for one in found if one is not None]
    same = next((one for one in contacts if _is(one, phone=phone, user_id=user_id)), None)
    only = contacts[0] if len(contacts) == 1 else None
    if phone is None and user_id is None:
        same = only  # the item names nobody, the batch exactly one
    key = user_id or (same.user_id if same else None) or phone or (same.wa_id if same else None)
    if key is None:
        return None
    number = phone or (same.wa_id if same else None)
    # A name may be taken from the only one there; an id never, where the numbers differ.
    return Person(key=key, contact=same or only, number=number if number != key else None)


def _is(contact: Contact, *, phone: str | None, user_id: str | None) -> bool:
    by_id = user_id is not None and contact.user_id == user_id
    return by_id or (phone is not None and contact.wa_id == phone)
