"""Private threads of Messenger and Instagram, turned into arrivals. Pure.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events. Both platforms
send `messaging` events of one shape; Instagram's own login sends them as `changes` too.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from channels.meta.notices import POLICY, enforced
from channels.meta.thread_payloads import (
    Dated,
    EchoOf,
    TakenControl,
    Thread,
)
from channels.meta.webhooks import Item, Unreadable, split_body
from config.stages import Surface
from conversation.model import Address, Arrival

UNREADABLE: Final = "unreadable"
OTHER: Final = "other"
"""A kind that Meta added later: one word, so that counting stays bounded."""
FOREIGN: Final = "foreign_account"
"""An event of an account that is not this channel's."""
STANDBY: Final = "standby"
"""Another app owns the thread, and answers there."""
ECHO: Final = "echo"
"""Our own words come back."""
ECHO_ELSEWHERE: Final = "echo_elsewhere"
"""What a colleague, or another app, said in the account's name."""
DELETED: Final = "deleted"
TAKEN: Final = "take_thread_control"

REFERRAL: Final = "referral"
READ_KINDS: Final = (
    *("message", "postback", "reaction", "message_edit", "read", "delivery", REFERRAL),
    TAKEN,
)
LEFT_ALONE: Final = (
    "optin",
    "pass_thread_control",
    "request_thread_control",
    "app_roles",
    *POLICY,
    "account_linking",
    "checkout_update",
    "pre_checkout",
    "payment",
    "game_play",
    "message_feedback",
    "messaging_customer_information",
    "response_feedback",
)
"""What asks nothing of a bot that serves customers."""
NEEDING_A_THREAD: Final = frozenset({"message", "postback", "message_edit", DELETED})
"""What a customer says: without its thread a person has to look."""

NEVER: Final = datetime.fromtimestamp(0, tz=UTC)
"""Stands where Meta tells no time at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Us:
    """Which channel, account and app we are."""

    channel: str
    account: str
    app_id: str
    said: Callable[[str, str, str], bool]
    """Whether we said a message, by its id, its recipient and its words (`OwnWords.said`)."""

    def address(self, key: str, surface: Surface) -> Address:
        """Give the address of a conversation of this account."""
        return Address(channel=self.channel, account=self.account, key=key, surface=surface)


# --- arrivals


def unreadable(us: Us, found: Unreadable) -> Arrival:
    """Keep what is no event for a person."""
    return Arrival(
        channel=us.channel,
        account=us.account,
        event_id=found.event_id,
        address=None,
        kind=UNREADABLE,
        occurred_at=None,
        body=found.body,
        why=found.why,
    )


def plain_arrival(us: Us, item: Item, *, kind: str, why: str | None = None) -> Arrival:
    """Keep what belongs to no conversation; ``why``: it should, and cannot be read."""
    return Arrival(
        channel=us.channel,
        account=item.account,
        event_id=f"{kind}:{digest(item.value)}",
        address=None,
        kind=kind,
        occurred_at=item.time,
        body=item.body,
        why=why,
    )


def thread_arrival(us: Us, item: Item, value: object, *, standby: bool) -> Arrival:
    """Keep an event of a thread; ``standby``: another app owns it."""
    name = name_of(value)
    customer = _customer(us, value)
    echo = _echo(value, name)
    kind, elsewhere = name, False
    if echo is not None and echo.is_deleted:
        kind = DELETED
    elif echo is not None and (echo.is_echo or by_us(us, value)):
        elsewhere = not _ours(us, echo, customer)
        kind = ECHO_ELSEWHERE if elsewhere else ECHO
    elif standby and name in NEEDING_A_THREAD:
        kind, elsewhere = STANDBY, True
    elif name == TAKEN:
        elsewhere = taken_from(us, value)
    homeless = customer is None and name in NEEDING_A_THREAD
    return Arrival(
        channel=us.channel,
        account=us.account,
        event_id=_event_id(kind, echo, customer, value),
        address=us.address(customer, Surface.PRIVATE) if customer is not None else None,
        kind=kind,
        occurred_at=_moment(value) or item.time,
        body=item.body,
        why=f"{name}: its sender cannot be read" if homeless else None,
        elsewhere=elsewhere and customer is not None,
        alarm=enforced(value) if name in POLICY else None,
    )


def only_item(arrival: Arrival) -> Item | None:
    """Give the event of an arrival; None where it is none."""
    found = split_body(arrival.body)
    return found[0] if len(found) == 1 and isinstance(found[0], Item) else None


def digest(value: object) -> str:
    """Tell an event by all of its content, in whichever order its fields come."""
    written = json.dumps(value, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def name_of(value: object) -> str:
    """Give the word for what happened in a thread."""
    fields = value if isinstance(value, dict) else {}
    return next((name for name in (*READ_KINDS, *LEFT_ALONE) if name in fields), OTHER)


def _thread(value: object) -> Thread:
    try:
        return Thread.model_validate(value)
    except ValidationError:
        return Thread()


def _customer(us: Us, value: object) -> str | None:
    """Find the customer: whichever side of the thread is not the account."""
    thread = _thread(value)
    sides = [side.id for side in (thread.sender, thread.recipient) if side is not None]
    if thread.sender is None or len(sides) < 2:
        return next((side for side in sides[:1] if thread.sender and side != us.account), None)
    return next((side for side in sides if side != us.account), None)


def by_us(us: Us, value: object) -> bool:
    """Say whether it was done in the account's name."""
    sender = _thread(value).sender
    return sender is not None and sender.id == us.account


def _echo(value: object, name: str) -> EchoOf | None:
    if name != "message" or not isinstance(value, dict):
        return None
    try:
        return EchoOf.model_validate(value["message"])
    except ValidationError:
        return None


def _ours(us: Us, echo: EchoOf, customer: str | None) -> bool:
    if echo.app_id == us.app_id:
        return True
    return echo.mid is not None and us.said(echo.mid, customer or "", echo.text)


def taken_from(us: Us, value: object) -> bool:
    """Say whether another app took the thread; only whoever loses it is told."""
    try:
        taken = TakenControl.model_validate(value[TAKEN] if isinstance(value, dict) else None)
    except ValidationError:
        return False
    return taken.new_owner_app_id != us.app_id


def _event_id(kind: str, echo: EchoOf | None, customer: str | None, value: object) -> str:
    """Name an event so that a second delivery has the same name, whichever list it comes in."""
    if echo is not None and echo.mid is not None:
        sort = DELETED if kind == DELETED else "message"
        return f"{sort}:{customer}:{echo.mid}"
    return f"{kind}:{digest(value)}"


def _moment(value: object) -> datetime | None:
    try:
        return Dated.model_validate(value).timestamp
    except ValidationError:
        return None
