"""Private threads of Messenger and Instagram, turned into arrivals and those into events. Pure.

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

from channels.meta.thread_payloads import (
    Attached,
    Dated,
    EchoOf,
    Edit,
    Event,
    Message,
    Postback,
    Reaction,
    TakenControl,
    Thread,
)
from channels.meta.webhooks import Item, Unreadable, fault, split_body
from config.stages import Surface
from conversation.events import (
    AnsweredElsewhere,
    Ignored,
    Inbound,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Pressed,
    Reacted,
    Receipt,
    ReceiptStatus,
    Undecodable,
    Unsupported,
)
from conversation.model import Address, Arrival, Attachment, AttachmentKind, Peer

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

READ_KINDS: Final = ("message", "postback", "reaction", "message_edit", "read", "delivery", TAKEN)
LEFT_ALONE: Final = (
    "referral",
    "optin",
    "pass_thread_control",
    "request_thread_control",
    "app_roles",
    "policy_enforcement",
    "policy-enforcement",
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

TEXT_KEPT: Final = 20_000
"""Characters of a text that are kept: ten times what Messenger's own apps send."""
NAME_LIMIT: Final = 200
"""Characters of an attachment's name."""
MEDIA_LIMIT: Final = 4_096
"""Characters of a media address; a longer one fetches nothing."""
ATTACHMENTS_KEPT: Final = 30
"""Attachments of one message; Messenger's apps send at most that many photos at once."""

PAYLOAD_MARK: Final = "care:"
"""Begins the payload of a choice that we offered; those of other apps go by their label."""

_KINDS: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
    "file": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
    "location": AttachmentKind.LOCATION,
}

MEDIA: Final = frozenset({*_KINDS.values(), AttachmentKind.OTHER})
"""What a customer may send that is read."""


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
    name = _name_of(value)
    customer = _customer(us, value)
    echo = _echo(value, name)
    kind, elsewhere = name, False
    if echo is not None and echo.is_deleted:
        kind = DELETED
    elif echo is not None and (echo.is_echo or _by_us(us, value)):
        elsewhere = not _ours(us, echo, customer)
        kind = ECHO_ELSEWHERE if elsewhere else ECHO
    elif standby and name in NEEDING_A_THREAD:
        kind, elsewhere = STANDBY, True
    elif name == TAKEN:
        elsewhere = _taken_from(us, value)
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
    )


def only_item(arrival: Arrival) -> Item | None:
    """Give the event of an arrival; None where it is none."""
    found = split_body(arrival.body)
    return found[0] if len(found) == 1 and isinstance(found[0], Item) else None


def digest(value: object) -> str:
    """Tell an event by all of its content, in whichever order its fields come."""
    written = json.dumps(value, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def _name_of(value: object) -> str:
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


def _by_us(us: Us, value: object) -> bool:
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


def _taken_from(us: Us, value: object) -> bool:
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


# --- events


def read_thread(us: Us, arrival: Arrival, value: object) -> tuple[Inbound, ...]:
    """Read an event of a thread; never raises."""
    name = _name_of(value)
    if arrival.kind == ECHO:
        return (Ignored(what=ECHO),)
    if name == TAKEN and arrival.address is not None and _taken_from(us, value):
        return (_silence(arrival, NEVER),)
    if name not in READ_KINDS or name == TAKEN:
        return (Ignored(what=name),)
    try:
        event = Event.model_validate(value)
    except ValidationError as error:
        return (Undecodable(why=fault(error)),)
    if arrival.address is None:
        why = arrival.why
        return (Undecodable(why=why) if why else Ignored(what=f"{name}_of_nobody"),)
    at = arrival.occurred_at or NEVER
    sender = Peer(user_id=arrival.address.key)
    if arrival.kind == ECHO_ELSEWHERE:
        return (_elsewhere(event.message, at),) if event.message else (Ignored(what=ECHO),)
    if arrival.kind != DELETED and _by_us(us, value):
        return (Ignored(what=f"own_{name}"),)
    found = _read(event, name, sender, at)
    return (*found, _silence(arrival, at)) if arrival.kind == STANDBY else found


def _read(event: Event, name: str, sender: Peer, at: datetime) -> tuple[Inbound, ...]:
    if event.message is not None:
        return (_message(event.message, sender, at),)
    if event.postback is not None:
        return (_press(event.postback, sender, at),)
    if event.reaction is not None:
        return (_reaction(event.reaction, sender, at),)
    if event.message_edit is not None:
        return (_edit(event.message_edit, sender, at),)
    if event.read is not None:
        return _receipts((event.read.mid,), ReceiptStatus.READ, at)
    if event.delivery is not None:
        return _receipts(event.delivery.mids, ReceiptStatus.DELIVERED, at)
    return (Undecodable(why=f"{name}: is null"),)


def _silence(arrival: Arrival, at: datetime) -> AnsweredElsewhere:
    """Say without words that another app, or a colleague in it, has the thread."""
    moment = arrival.occurred_at or at
    return AnsweredElsewhere(message_id=f"silence:{arrival.event_id}", occurred_at=moment)


def _elsewhere(message: Message, at: datetime) -> AnsweredElsewhere:
    return AnsweredElsewhere(
        message_id=message.mid,
        occurred_at=at,
        text=message.text[:TEXT_KEPT],
        attachments=_attachments(message),
    )


def _message(message: Message, sender: Peer, at: datetime) -> Inbound:
    if message.is_deleted:
        return MessageDeleted(message_id=message.mid, occurred_at=at)
    attachments = _attachments(message)
    if message.quick_reply is not None and message.quick_reply.payload.startswith(PAYLOAD_MARK):
        return Pressed(
            press_id=message.mid,
            message_id=_reply_to(message),
            sender=sender,
            occurred_at=at,
            payload=message.quick_reply.payload.removeprefix(PAYLOAD_MARK),
        )
    if not message.text and not attachments:
        return Unsupported(
            what="unsupported" if message.is_unsupported else "empty",
            message_id=message.mid,
            sender=sender,
            occurred_at=at,
        )
    return MessageReceived(
        message_id=message.mid,
        sender=sender,
        occurred_at=at,
        text=message.text[:TEXT_KEPT],
        attachments=attachments,
        reply_to=_reply_to(message),
    )


def _reply_to(message: Message) -> str | None:
    answered = message.reply_to
    if answered is None:
        return None
    return answered.mid or (answered.story.id if answered.story else None)


def _press(postback: Postback, sender: Peer, at: datetime) -> Inbound:
    """Read a press of the account's own menu; the label is what the customer chose to say."""
    said = postback.title or postback.payload
    if not said:
        return Ignored(what="empty_postback")
    return Pressed(
        press_id=postback.mid or f"{sender.user_id}:{at.isoformat()}",
        message_id=None,
        sender=sender,
        occurred_at=at,
        payload=said[:TEXT_KEPT],
    )


def _reaction(reaction: Reaction, sender: Peer, at: datetime) -> Reacted:
    taken_back = reaction.action == "unreact"
    return Reacted(
        message_id=reaction.mid,
        sender=sender,
        occurred_at=at,
        emoji="" if taken_back else reaction.emoji or reaction.reaction or "?",
    )


def _edit(edit: Edit, sender: Peer, at: datetime) -> Inbound:
    if not edit.text:
        return Ignored(what="edit_without_words")
    return MessageEdited(
        message_id=edit.mid, sender=sender, occurred_at=at, text=edit.text[:TEXT_KEPT]
    )


def _receipts(
    mids: tuple[str | None, ...], status: ReceiptStatus, at: datetime
) -> tuple[Inbound, ...]:
    """Say what became of messages of ours; a mere time names none of them."""
    receipts = tuple(
        Receipt(message_id=mid, status=status, occurred_at=at) for mid in mids if mid is not None
    )
    return receipts or (Ignored(what=f"{status}_up_to_a_time"),)


def _attachments(message: Message) -> tuple[Attachment, ...]:
    found = [_attachment(one, message) for one in message.attachments[:ATTACHMENTS_KEPT]]
    if message.reply_to is not None and message.reply_to.story is not None:
        url = message.reply_to.story.url
        found.append(Attachment(kind=AttachmentKind.OTHER, name="story", media_id=_fetched_by(url)))
    if message.sticker_id is not None and not found:
        found.append(Attachment(kind=AttachmentKind.STICKER, media_id=message.sticker_id))
    return tuple(found)


def _attachment(attached: Attached, message: Message) -> Attachment:
    """Read an attachment; a type that came later is something, named by its type."""
    payload = attached.payload
    kind = _KINDS.get(attached.type, AttachmentKind.OTHER)
    if message.sticker_id is not None or (payload is not None and payload.sticker_id is not None):
        kind = AttachmentKind.STICKER
    name = attached.title or (payload.title if payload else None)
    if payload is not None and payload.coordinates is not None:
        place = payload.coordinates
        name = name or f"{place.latitude:.5f}, {place.longitude:.5f}"  # about one metre
    if kind is AttachmentKind.OTHER:
        name = name or attached.type
    return Attachment(
        kind=kind,
        media_id=_fetched_by(payload.url if payload else None),
        name=name[:NAME_LIMIT] if name else None,
    )


def _fetched_by(url: str | None) -> str | None:
    return url if url and len(url) <= MEDIA_LIMIT else None
