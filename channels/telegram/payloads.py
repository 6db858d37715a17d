"""What Telegram sends, as far as we read it.

https://core.telegram.org/bots/api#available-types. Lenient on purpose: unknown fields are left
alone, every field that we can do without is optional. python-telegram-bot's own classes are not
used because they raise on partial updates.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

LAST_SECOND: Final = 253_402_300_799
"""9999-12-31T23:59:59Z: the last moment a datetime can hold."""

# Ids have at most 52 significant bits (#user); a wider one is nothing Telegram wrote.
Id = Annotated[int, Field(strict=True, gt=-(2**63), lt=2**63)]
UpdateId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
Seconds = Annotated[int, Field(strict=True, ge=0, le=LAST_SECOND)]
Word = Annotated[str, Field(max_length=64)]
Handle = Annotated[str, Field(max_length=1_024)]
"""A file or query id; in practice under 200 characters."""
Size = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
"""Bytes or pixels; files may exceed 2**31."""
Place = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class Payload(BaseModel):
    """Anything Telegram writes."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class User(Payload):
    """https://core.telegram.org/bots/api#user."""

    id: Id
    is_bot: bool = False
    first_name: str = ""
    last_name: str = ""
    username: str | None = None
    language_code: str | None = None


class Chat(Payload):
    """https://core.telegram.org/bots/api#chat."""

    id: Id
    type: Word


class Entity(Payload):
    """https://core.telegram.org/bots/api#messageentity; places count UTF-16 units."""

    type: Word
    offset: Place
    length: Place
    user: User | None = None


class Photo(Payload):
    """One size of a photo: https://core.telegram.org/bots/api#photosize."""

    file_id: Handle
    width: Size = 0
    height: Size = 0
    file_size: Size | None = None


class File(Payload):
    """Any other file; the kinds differ in fields that no answer depends on."""

    file_id: Handle
    file_name: str | None = None
    mime_type: str | None = None
    file_size: Size | None = None


class Sticker(Payload):
    """https://core.telegram.org/bots/api#sticker."""

    file_id: Handle
    emoji: str | None = None
    file_size: Size | None = None


class Location(Payload):
    """https://core.telegram.org/bots/api#location."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Venue(Payload):
    """https://core.telegram.org/bots/api#venue."""

    title: str = ""
    address: str = ""


class Contact(Payload):
    """https://core.telegram.org/bots/api#contact."""

    phone_number: str = ""
    first_name: str = ""
    last_name: str = ""


class EarlierMessage(Payload):
    """The message that is replied to, or that carries the pressed button; it may be gone.

    https://core.telegram.org/bots/api#maybeinaccessiblemessage
    """

    message_id: Id
    chat: Chat | None = None
    sender: User | None = Field(default=None, alias="from")
    date: Seconds = 0


class Message(Payload):
    """https://core.telegram.org/bots/api#message.

    Extra fields stay visible by name: there are a hundred kinds of service message, told apart
    only by which field is there.
    """

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    message_id: Id
    chat: Chat
    date: Seconds
    edit_date: Seconds | None = None
    sender: User | None = Field(default=None, alias="from")
    message_thread_id: Id | None = None
    is_topic_message: bool = False
    is_automatic_forward: bool = False
    reply_to_message: EarlierMessage | None = None
    migrate_to_chat_id: Id | None = None
    text: str | None = None
    entities: tuple[Entity, ...] = ()
    caption: str | None = None
    caption_entities: tuple[Entity, ...] = ()
    photo: tuple[Photo, ...] = ()
    live_photo: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    voice: File | None = None
    audio: File | None = None
    document: File | None = None
    sticker: Sticker | None = None
    location: Location | None = None
    venue: Venue | None = None
    contact: Contact | None = None


class Press(Payload):
    """https://core.telegram.org/bots/api#callbackquery."""

    id: Handle
    sender: User = Field(alias="from")
    message: EarlierMessage | None = None
    data: Annotated[str, Field(max_length=256)] | None = None


class Emoji(Payload):
    """https://core.telegram.org/bots/api#reactiontype."""

    type: Word
    emoji: Word | None = None


class Reaction(Payload):
    """https://core.telegram.org/bots/api#messagereactionupdated."""

    chat: Chat
    message_id: Id
    date: Seconds
    user: User | None = None
    old_reaction: tuple[Emoji, ...] = ()
    new_reaction: tuple[Emoji, ...] = ()


class Member(Payload):
    """https://core.telegram.org/bots/api#chatmember."""

    status: Word
    is_member: bool = True
    can_send_messages: bool = True

    @property
    def present(self) -> bool:
        """Whether the bot is in the chat and may speak."""
        if self.status == "restricted":
            return self.is_member and self.can_send_messages
        return self.status not in {"kicked", "left"}


class Membership(Payload):
    """https://core.telegram.org/bots/api#chatmemberupdated."""

    chat: Chat
    date: Seconds
    old_chat_member: Member | None = None
    new_chat_member: Member


class Update(Payload):
    """https://core.telegram.org/bots/api#update: at most one of the optional fields is there."""

    update_id: UpdateId
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    message_reaction: Reaction | None = None
    my_chat_member: Membership | None = None


class Envelope(Payload):
    """An update before it is read: its id, and by name whatever else there is."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    update_id: UpdateId


class Located(Payload):
    """The chat of an update: all that accepting it needs."""

    chat: Chat


class PressLocated(Payload):
    """The same of a button press, whose message carries the chat."""

    message: Located


class Dated(Payload):
    """The moment of an update, apart from `Located`: a damaged one must not hide the other."""

    date: Seconds
    edit_date: Seconds | None = None


class Parameters(Payload):
    """https://core.telegram.org/bots/api#responseparameters."""

    migrate_to_chat_id: Id | None = None
    retry_after: Annotated[float, Field(allow_inf_nan=False)] | None = None


class Answer(Payload):
    """What the Bot API answers: https://core.telegram.org/bots/api#making-requests."""

    ok: bool
    error_code: int | None = None
    description: str = ""
    parameters: Parameters | None = None


class SentMessage(Payload):
    """What `sendMessage` gives back of the message it made."""

    message_id: Id


class Me(Payload):
    """What `getMe` gives back of the bot."""

    id: Id
    username: str | None = None
