"""Frames of a chat's page, turned into arrivals and those into events. Pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from channels.splitting import split_text
from channels.webchat.files import type_named
from channels.webchat.payloads import (
    CLIENT,
    TEXT_LIMIT,
    Attached,
    ClientFrame,
    Envelope,
    Hello,
    Kept,
    Rating,
    Referral,
    Seen,
    Written,
)
from config.stages import Surface
from conversation.events import (
    Inbound,
    MessageReceived,
    Rated,
    Receipt,
    ReceiptStatus,
    Referred,
    Undecodable,
)
from conversation.model import Address, Arrival, Attachment, AttachmentKind, Peer

ACCOUNT: Final = "site"
"""The brand's own account there: there is one a channel."""
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A frame that is none: what is wrong, and the message it was about, if it says."""

    why: str
    id: str | None = None


class WebchatCodec:
    """What is kept of the frames of one channel's visitors."""

    def __init__(self, *, channel: str) -> None:
        self._channel = channel

    def address(self, visitor: str) -> Address:
        """Say where a visitor's conversation lives."""
        return Address(channel=self._channel, account=ACCOUNT, key=visitor, surface=Surface.PRIVATE)

    def split(self, body: bytes) -> tuple[Arrival, ...]:
        """Find the event of an envelope."""
        try:
            envelope = Envelope.model_validate_json(body)
        except ValidationError as error:
            return (self._unreadable(body, _fault(error)),)
        frame = envelope.frame
        return (
            Arrival(
                channel=self._channel,
                account=ACCOUNT,
                event_id=f"{envelope.visitor}:{_event(frame)}",
                address=self.address(envelope.visitor),
                kind=frame.type,
                occurred_at=envelope.at,
                body=body,
            ),
        )

    def decode(self, arrival: Arrival) -> tuple[Inbound, ...]:
        """Read one arrival; never raises."""
        try:
            envelope = Envelope.model_validate_json(arrival.body)
        except ValidationError as error:
            return (Undecodable(why=arrival.why or _fault(error)),)
        match envelope.frame:
            case Written() as said:
                sender = Peer(user_id=envelope.visitor, language=said.language)
                return (
                    MessageReceived(
                        message_id=said.id, sender=sender, occurred_at=envelope.at, text=said.text
                    ),
                )
            case Attached() as file:
                sender = Peer(user_id=envelope.visitor, language=file.language)
                return (
                    MessageReceived(
                        message_id=file.id,
                        sender=sender,
                        occurred_at=envelope.at,
                        text="",
                        attachments=(_attachment(file),),
                    ),
                )
            case Seen() as seen:
                status = ReceiptStatus(seen.type)
                return (Receipt(message_id=seen.id, status=status, occurred_at=envelope.at),)
            case Referral() as referral:
                came = Peer(user_id=envelope.visitor)
                return (Referred(ref=referral.ref, sender=came, occurred_at=envelope.at),)
            case Rating() as rating:
                return (Rated(score=rating.score, about=rating.about, occurred_at=envelope.at),)

    def split_text(self, text: str, *, surface: Surface) -> tuple[str, ...]:
        """Cut a reply into messages."""
        del surface
        return split_text(text, limit=TEXT_LIMIT, measure=len)

    def _unreadable(self, body: bytes, why: str) -> Arrival:
        return Arrival(
            channel=self._channel,
            account=ACCOUNT,
            event_id="sha256:" + hashlib.sha256(body).hexdigest(),
            address=None,
            kind=UNREADABLE,
            occurred_at=None,
            body=body,
            why=why,
        )


def read_frame(text: str) -> Hello | ClientFrame | Refused:
    """Read a text frame of a page; never raises."""
    try:
        return CLIENT.validate_json(text)
    except ValidationError as error:
        return Refused(why=_fault(error), id=_id(text))


def enveloped(frame: Kept, *, visitor: str, at: datetime) -> bytes:
    """Make the body that the inbox keeps of a frame; `WebchatCodec.split` reads it."""
    return Envelope(visitor=visitor, at=at, frame=frame).model_dump_json(exclude_none=True).encode()


def _attachment(file: Attached) -> Attachment:
    found = type_named(file.mime)
    return Attachment(
        kind=AttachmentKind.OTHER if found is None else found.kind,
        media_id=file.media,
        name=file.name,
        mime=file.mime,
        size=file.size,
        kept=True,
    )


def _event(frame: Kept) -> str:
    """Name a frame so that coming twice makes it no second event."""
    match frame:
        case Written() | Attached():
            return frame.id
        case Seen():
            return f"{frame.type}:{frame.id}"
        case Referral():
            return f"referral:{frame.ref}"
        case Rating():
            return f"rating:{frame.about}"


def _id(text: str) -> str | None:
    """Find the id in a frame that cannot be read, so that its page can be told which it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and len(found) <= 64 and found.isascii() else None


def _fault(error: ValidationError) -> str:
    """Name the first field that is wrong, and never its content: that is the visitor's."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    return f"{field or 'frame'}: {first['type']}"[:200]
