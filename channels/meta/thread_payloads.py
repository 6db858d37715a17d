"""What Messenger and Instagram send of private threads, as far as we read it.

https://developers.facebook.com/docs/messenger-platform/reference/webhook-events. Lenient on
purpose: unknown fields are left alone, every field that we can do without is optional.
"""

from typing import Annotated

from pydantic import Field

from channels.meta.webhooks import Id, Moment, Payload, Text

Word = Annotated[str, Field(max_length=64)]
Link = Annotated[Text, Field(max_length=16_384)]
"""A media address; signed ones are long."""


class Party(Payload):
    """A page, an Instagram account or a customer, by the id it has for this account."""

    id: Id


class Thread(Payload):
    """Between whom an event happened: all that accepting it needs."""

    sender: Party | None = None
    recipient: Party | None = None


class Dated(Payload):
    """When it happened, apart from `Thread`: a damaged one must not hide the other."""

    timestamp: Moment


class Coordinates(Payload):
    """A place."""

    latitude: Annotated[float, Field(alias="lat", ge=-90, le=90)]
    longitude: Annotated[float, Field(alias="long", ge=-180, le=180)]


class Media(Payload):
    """What an attachment holds; each type has its own fields."""

    url: Link | None = None
    title: Text | None = None
    sticker_id: Id | None = None
    coordinates: Coordinates | None = None


class Attached(Payload):
    """An attachment."""

    type: Word
    payload: Media | None = None
    title: Text | None = None


class QuickReply(Payload):
    """The choice that was pressed; its label is the message's text."""

    payload: Text


class Story(Payload):
    """A story of ours that a message answers."""

    id: Id | None = None
    url: Link | None = None


class Answered(Payload):
    """What a message answers."""

    mid: Id | None = None
    story: Story | None = None


class Message(Payload):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messages."""

    mid: Id
    text: Text = ""
    attachments: tuple[Attached, ...] = ()
    quick_reply: QuickReply | None = None
    reply_to: Answered | None = None
    is_echo: bool = False
    is_deleted: bool = False
    is_unsupported: bool = False
    app_id: Id | None = None
    sticker_id: Id | None = None
    """In the shape of before September 2026, where the attachment is called an image."""


class Referral(Payload):
    """The customer came by a link of the account's, which may carry a word of ours.

    https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_referrals
    """

    ref: Text = ""


class Postback(Payload):
    """A button of the account's own menu was pressed."""

    mid: Id | None = None
    title: Text = ""
    payload: Text = ""
    referral: Referral | None = None
    """Where the first press in a new thread came by a link."""


class Reaction(Payload):
    """https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/message-reactions."""

    mid: Id
    action: Word = "react"
    emoji: Word | None = None
    reaction: Word | None = None
    """A word for it, where it has no emoji."""


class Edit(Payload):
    """A message as it is after a change."""

    mid: Id
    text: Text = ""


class Read(Payload):
    """How far the customer read: a message (Instagram) or a time (Messenger)."""

    mid: Id | None = None
    watermark: Moment | None = None


class Delivery(Payload):
    """Which messages arrived; older apps tell a time only."""

    mids: tuple[Id, ...] = ()
    watermark: Moment | None = None


class TakenControl(Payload):
    """An app took the thread; no new owner is named to the one who loses it."""

    new_owner_app_id: Id | None = None


class Event(Payload):
    """One event of a thread: at most one of the optional fields is there."""

    message: Message | None = None
    postback: Postback | None = None
    reaction: Reaction | None = None
    message_edit: Edit | None = None
    read: Read | None = None
    delivery: Delivery | None = None
    referral: Referral | None = None


class EchoOf(Payload):
    """What an echo is told by, read before the rest."""

    mid: Id | None = None
    text: Text = ""
    is_echo: bool = False
    is_deleted: bool = False
    app_id: Id | None = None


class SentMessage(Payload):
    """What the Send API gives back."""

    message_id: Id
    recipient_id: Id | None = None


class MadeComment(Payload):
    """What a comment edge gives back."""

    id: Id


class Account(Payload):
    """What an account says of itself."""

    id: Id
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9._]{1,64}$")] | None = None
    """Of an Instagram account."""


class Profile(Payload):
    """What a customer's profile says, as far as we ask."""

    name: Text = ""
    first_name: Text = ""
    last_name: Text = ""
    username: Text = ""
