"""What X sends, as far as we read it.

Three shapes of the same things: the X Activity API's envelope
(https://docs.x.com/x-api/activity/event-payloads), the deprecated Account Activity API's lists
(https://docs.x.com/x-api/account-activity/introduction) and the answers of API v2
(https://docs.x.com/x-api/fundamentals/data-dictionary). Lenient on purpose: unknown fields are left
alone, every field that we can do without is optional. X renames `tweet` to `post` field by field;
both names are read. Ids exceed 2**53 and are strings everywhere.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

ID_DIGITS: Final = 19
"""Snowflakes are positive 64-bit numbers: https://docs.x.com/fundamentals/x-ids."""


def _digits(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
        return str(value)
    return value


def _classic_moment(value: object) -> object:
    """Read `Mon Nov 16 10:00:00 +0000 2026`, as API 1.1 dates."""
    if not isinstance(value, str) or len(value) != 30:
        return value
    return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y")


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of time") from None


Id = Annotated[str, BeforeValidator(_digits), Field(pattern=rf"^[0-9]{{1,{ID_DIGITS}}}$")]
Name = Annotated[str, Field(max_length=1_024)]
Word = Annotated[str, Field(max_length=64)]
Handle = Annotated[str, Field(max_length=1_024)]
"""A key of a conversation, a medium or an encrypted message."""
Milliseconds = Annotated[int, Field(ge=0, le=253_402_300_799_999)]
Moment = Annotated[AwareDatetime, BeforeValidator(_classic_moment), AfterValidator(_utc)]


class Payload(BaseModel):
    """Anything X writes."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    OTHER_NAMES: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """By field: what else X calls it; the first name that is there with a value counts."""

    @model_validator(mode="before")
    @classmethod
    def _by_our_names(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        # A null is a field that is not there: X documents lists that may be null.
        found = {name: each for name, each in value.items() if each is not None}
        for field, names in cls.OTHER_NAMES.items():
            named = next((value[name] for name in names if value.get(name) is not None), None)
            if named is not None:
                found[field] = named
        return found


# --- API v2 and the X Activity API


class User(Payload):
    """An account, by v2's or 1.1's names."""

    OTHER_NAMES = {"id": ("id_str",), "username": ("screen_name",)}

    id: Id
    name: Name = ""
    username: Name = ""
    followers_count: Any = None
    """1.1's place for what v2 has in `public_metrics`; neither may cost us the account."""
    public_metrics: Any = None

    @property
    def followers(self) -> int | None:
        """How many follow it, where that is told."""
        told: Any = self.public_metrics if isinstance(self.public_metrics, Mapping) else {}
        for value in (told.get("followers_count"), self.followers_count):
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return value
        return None


class Reference(Payload):
    """Another post that a post replies to, quotes or repeats."""

    type: Word
    id: Id


class Mention(Payload):
    """A name in the text."""

    OTHER_NAMES = {"id": ("id_str",), "username": ("screen_name",)}

    username: Name = ""
    id: Id | None = None


class Link(Payload):
    """A link in the text: what stands there, and what it leads to."""

    url: Annotated[str, Field(max_length=4_096)]
    expanded_url: Annotated[str, Field(max_length=4_096)] | None = None
    media_key: Handle | None = None


class Entities(Payload):
    """What X found in a text."""

    OTHER_NAMES = {"mentions": ("user_mentions",)}

    mentions: tuple[Mention, ...] = ()
    urls: tuple[Link, ...] = ()


class Note(Payload):
    """The whole text of a long post, whose own `text` is cut."""

    text: str
    entities: Entities | None = None


class Keys(Payload):
    """What is attached, by key; `Includes` may say more."""

    media_keys: tuple[Handle, ...] = ()
    poll_ids: tuple[Handle, ...] = ()
    card_ids: tuple[Handle, ...] = ()


class Medium(Payload):
    """A picture or a film, by v2's or 1.1's names."""

    OTHER_NAMES = {"media_key": ("id_str", "id")}

    media_key: Handle
    type: Word = ""


class Place(Payload):
    """Where a post says it was written."""

    place_id: Handle | None = None


class Post(Payload):
    """https://docs.x.com/x-api/fundamentals/data-dictionary#post."""

    OTHER_NAMES = {
        "referenced_posts": ("referenced_tweets",),
        "edit_history_post_ids": ("edit_history_tweet_ids",),
        "note_post": ("note_tweet",),
    }

    id: Id
    text: str = ""
    author_id: Id
    conversation_id: Id | None = None
    created_at: Moment | None = None
    in_reply_to_user_id: Id | None = None
    lang: Word | None = None
    referenced_posts: tuple[Reference, ...] = ()
    edit_history_post_ids: tuple[Id, ...] = ()
    note_post: Note | None = None
    attachments: Keys = Keys()
    entities: Entities = Entities()
    geo: Place | None = None

    def refers(self, kind: str) -> str | None:
        """Give the post that it replies to (`replied_to`), quotes or repeats (`retweeted`)."""
        return next((each.id for each in self.referenced_posts if each.type == kind), None)


class DirectMessage(Payload):
    """https://docs.x.com/x-api/direct-messages/lookup/introduction: one event of v2."""

    id: Id
    event_type: Word
    text: str = ""
    sender_id: Id | None = None
    dm_conversation_id: Handle | None = None
    created_at: Moment | None = None
    attachments: Keys = Keys()
    participant_ids: tuple[Id, ...] = ()


class Deleted(Payload):
    """The payload of `post.delete`."""

    OTHER_NAMES = {"id": ("id_str",), "author_id": ("user_id_str", "user_id")}

    id: Id
    author_id: Id


class Encrypted(Payload):
    """The payload of `chat.…`: nothing but who and where; the words are ciphertext.

    https://docs.x.com/xchat/real-time-events
    """

    id: Handle | None = None
    conversation_id: Handle
    sender_id: Id | None = None
    created_at_msec: Milliseconds | None = None


class Filter(Payload):
    """Whose activity it is."""

    user_id: Id | None = None


class Activity(Payload):
    """What happened, in the X Activity API's envelope."""

    event_uuid: Annotated[str, Field(max_length=64)] | None = None
    filter: Filter = Filter()
    event_type: Annotated[str, Field(min_length=1, max_length=64)]
    payload: Any = None
    includes: Any = None


class Envelope(Payload):
    """A webhook's body or a line of the stream."""

    data: Activity


# --- the Account Activity API


class Extended(Payload):
    """The whole text of a long post of API 1.1."""

    full_text: str
    entities: Entities = Entities()


class ClassicMedia(Payload):
    """Media of a post of API 1.1."""

    media: tuple[Medium, ...] = ()


class Quoted(Payload):
    """The post that is quoted."""

    user: User | None = None


class ClassicPost(Payload):
    """A post as API 1.1 writes it."""

    OTHER_NAMES = {
        "id": ("id_str",),
        "text": ("full_text",),
        "in_reply_to_status_id": ("in_reply_to_status_id_str",),
        "in_reply_to_user_id": ("in_reply_to_user_id_str",),
        "quoted_status_id": ("quoted_status_id_str",),
    }

    id: Id
    text: str = ""
    extended_tweet: Extended | None = None
    user: User
    created_at: Moment | None = None
    lang: Word | None = None
    in_reply_to_status_id: Id | None = None
    in_reply_to_user_id: Id | None = None
    quoted_status_id: Id | None = None
    quoted_status: Quoted | None = None
    retweeted_status: Mapping[str, Any] | None = None
    entities: Entities = Entities()
    extended_entities: ClassicMedia = ClassicMedia()


class Recipient(Payload):
    """To whom a direct message goes."""

    recipient_id: Id


class MediaHolder(Payload):
    """What is attached to a direct message."""

    type: Word = ""
    media: Medium | None = None


class QuickReply(Payload):
    """The choice that was tapped."""

    metadata: Annotated[str, Field(max_length=1_000)] = ""


class MessageWords(Payload):
    """What a direct message says."""

    text: str = ""
    entities: Entities = Entities()
    attachment: MediaHolder | None = None
    quick_reply_response: QuickReply | None = None


class MessageCreate(Payload):
    """Who wrote what to whom."""

    target: Recipient
    sender_id: Id
    source_app_id: Id | None = None
    """The app it was written with."""
    message_data: MessageWords = MessageWords()


class ClassicMessage(Payload):
    """An event of `direct_message_events`."""

    id: Id
    type: Word
    created_timestamp: Milliseconds | None = None
    message_create: MessageCreate | None = None


class ClassicRead(Payload):
    """An event of `direct_message_mark_read_events`."""

    created_timestamp: Milliseconds
    sender_id: Id
    target: Recipient
    last_read_event_id: Id


class ClassicDeleted(Payload):
    """An event of `tweet_delete_events`."""

    status: Deleted
