"""What the WhatsApp Cloud API sends, as far as we read it.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference
Lenient on purpose: unknown fields are left alone, every field that we can do without is optional,
ids and times come as numbers or as texts.
"""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from channels.meta.webhooks import Payload

LAST_SECOND: Final = 253_402_300_799
"""9999-12-31T23:59:59Z: the last moment a datetime can hold."""
IN_SECONDS_MAX: Final = 100_000_000_000
"""A larger time counts milliseconds, as other webhooks of Meta's do."""


def _seconds(value: object) -> object:
    """Read a time: seconds or milliseconds, as a number or as decimal digits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 16:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value > IN_SECONDS_MAX:
        return value // 1_000
    return value


def _texted(value: object) -> object:
    """Read an id that came as a number; JSON's true is none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Seconds = Annotated[int, BeforeValidator(_seconds), Field(strict=True, ge=0, le=LAST_SECOND)]
Id = Annotated[str, BeforeValidator(_texted), Field(min_length=1, max_length=256)]
"""A message's (`wamid.…`), a file's, a number's or a person's; in practice under 150 characters."""
Word = Annotated[str, Field(max_length=64)]
Code = Annotated[int, Field(strict=True, ge=-(2**31), lt=2**31)]


class Metadata(Payload):
    """Which number of the brand it is about."""

    phone_number_id: Id


class Profile(Payload):
    """How the customer calls themselves."""

    name: str | None = None
    username: str | None = None


class Contact(Payload):
    """Who is meant: a telephone number, an id that this business alone knows them by, or both.

    https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids
    """

    wa_id: Id | None = None
    user_id: Id | None = None
    profile: object = None
    """A `Profile`, read apart: an odd name must not hide the ids."""


class ErrorData(Payload):
    """Details of an error."""

    details: str = ""


class Fault(Payload):
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes."""

    code: Code | None = None
    title: str = ""
    message: str = ""
    error_data: ErrorData = ErrorData()


class Text(Payload):
    """Words."""

    body: str


class Media(Payload):
    """A picture, a film, a recording, a file or a sticker; `id` fetches it."""

    id: Id
    caption: str | None = None
    filename: str | None = None
    mime_type: str | None = None


class Location(Payload):
    """A place."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    name: str = ""
    address: str = ""


class PersonName(Payload):
    """A name on a card."""

    formatted_name: str = ""


class Phone(Payload):
    """A number on a card."""

    phone: str = ""


class Card(Payload):
    """Somebody's address card."""

    name: PersonName = PersonName()
    phones: tuple[Phone, ...] = ()


class QuickReply(Payload):
    """A press on a button of a template; without a payload of its own it repeats the words."""

    text: str = ""
    payload: str | None = None


class Choice(Payload):
    """What was chosen of the buttons or the list of a message."""

    id: Annotated[str, Field(max_length=256)]
    title: str = ""


class Interactive(Payload):
    """A press, a choice, or a filled form."""

    type: Word
    button_reply: Choice | None = None
    list_reply: Choice | None = None


class Item(Payload):
    """One thing of an order."""

    product_retailer_id: Id
    quantity: Id = "1"
    item_price: float | str | None = None
    currency: Word = ""


class Order(Payload):
    """A basket from the brand's catalogue."""

    text: str | None = None
    product_items: tuple[Item, ...] = ()


class Reaction(Payload):
    """An emoji on a message; none takes it back."""

    message_id: Id
    emoji: Word | None = None


class Product(Payload):
    """What the customer asks about, of the brand's catalogue."""

    product_retailer_id: Id | None = None


class Context(Payload):
    """What a message answers, and whether it was passed on."""

    id: Id | None = None
    forwarded: bool = False
    frequently_forwarded: bool = False
    referred_product: Product | None = None


class Referral(Payload):
    """The advertisement or post that led here."""

    headline: str = ""
    source_url: str = ""


class System(Payload):
    """What WhatsApp itself says of a customer."""

    type: Word = ""
    wa_id: Id | None = None
    user_id: Id | None = None


class Original(Payload):
    """Which message was taken back."""

    original_message_id: Id


class Unread(Payload):
    """What the platform does not hand over."""

    type: Word = ""


class Content(Payload):
    """What a message holds; exactly the field that `type` names, where we know it."""

    type: Word = ""
    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    voice: Media | None = None
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: tuple[Card, ...] = ()
    button: QuickReply | None = None
    interactive: Interactive | None = None
    order: Order | None = None
    context: Context | None = None
    referral: Referral | None = None
    unsupported: Unread | None = None


class Edit(Original):
    """A message as it is after a change."""

    message: Content


class Message(Content):
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages.

    An echo of what a colleague wrote in the Business app has the same form.
    """

    id: Id
    timestamp: Seconds
    reaction: Reaction | None = None
    system: System | None = None
    edit: Edit | None = None
    revoke: Original | None = None


class Status(Payload):
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status."""

    id: Id
    status: Word
    timestamp: Seconds
    errors: tuple[Fault, ...] = ()


class IdChange(Payload):
    """A customer's id before and after."""

    previous: Id
    current: Id


class UserIdUpdate(Payload):
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/user_id_update."""

    user_id: IdChange
    timestamp: Seconds


# --- what accepting needs: each apart, so that one damaged field does not hide another


class Change(Payload):
    """What changed, before it is read; `value` may be anything."""

    field: Word
    value: dict[str, object]


class Entry(Payload):
    """One business account's part of a batch."""

    changes: list[object]


class Batch(Payload):
    """A request body."""

    entry: list[object]


class About(Payload):
    """The number that a change is about."""

    metadata: Metadata


class Identified(Payload):
    """The id of a message, an echo or a status."""

    id: Id


class Judged(Payload):
    """What a status says: one message has several."""

    status: Word


class Typed(Payload):
    """The kind of a message."""

    type: Word


class Dated(Payload):
    """When it happened."""

    timestamp: Seconds


class Sender(Payload):
    """Who wrote, and where: in a group others read along."""

    phone: Id | None = Field(default=None, alias="from")
    user_id: Id | None = Field(default=None, alias="from_user_id")
    group_id: Id | None = None

    @property
    def in_group(self) -> bool:
        """Whether it was written in a group."""
        return self.group_id is not None


class Recipient(Payload):
    """Whom an echo went to."""

    phone: Id | None = Field(default=None, alias="to")
    user_id: Id | None = Field(default=None, alias="to_user_id")
    group_id: Id | None = None

    @property
    def in_group(self) -> bool:
        """Whether it was written in a group."""
        return self.group_id is not None


class StatusRecipient(Payload):
    """Whose message a status is about."""

    phone: Id | None = Field(default=None, alias="recipient_id")
    user_id: Id | None = Field(default=None, alias="recipient_user_id")
    type: Word = Field(default="", alias="recipient_type")

    @property
    def in_group(self) -> bool:
        """Whether it was sent to a group."""
        return self.type == "group"


# --- what sending gives back


class Accepted(Payload):
    """What sending gives back: accepted, not delivered."""

    messages: tuple[Identified, ...]
