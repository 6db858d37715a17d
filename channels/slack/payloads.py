"""Slack's events and presses, as far as a customer channel reads them.

https://docs.slack.dev/apis/events-api and https://docs.slack.dev/reference/events/message. What is
not named here is left alone; what is named is optional wherever Slack leaves it out somewhere.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _lenient_list(value: Any) -> Any:
    return () if value is None else value


def _shares(value: object) -> object:
    """Keep what was passed on; an attachment of another form is none."""
    listed = _lenient_list(value)
    if not isinstance(listed, list):
        return listed
    return [
        {
            key: text if isinstance(text := one.get(key), str) else None
            for key in ("text", "fallback")
        }
        for one in listed
        if isinstance(one, dict) and one.get("is_share") is True
    ][:100]


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)


class Authorization(_Payload):
    """Whose eyes Slack shows us the event with."""

    team_id: str | None = None
    user_id: str | None = None
    is_bot: bool = False


class File(_Payload):
    """https://docs.slack.dev/reference/objects/file-object."""

    id: str = Field(min_length=1)
    name: str | None = None
    title: str | None = None
    mimetype: str | None = None
    size: int | None = None


class Shared(_Payload):
    """Another message that was passed on, among the attachments.

    https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
    """

    text: str | None = None
    fallback: str | None = None


class Message(_Payload):
    """A message as it stands: in an event, and inside one about a change."""

    subtype: str | None = None
    channel: str = ""
    channel_type: str = ""
    ts: str = Field(default="", max_length=32)
    thread_ts: str | None = Field(default=None, max_length=32)
    user: str | None = None
    user_team: str | None = None
    team: str | None = None
    bot_id: str | None = None
    text: str | None = None
    hidden: bool = False
    files: Annotated[
        tuple[File, ...], BeforeValidator(_lenient_list), Field(max_length=100, strict=False)
    ] = ()
    attachments: Annotated[
        tuple[Shared, ...], BeforeValidator(_shares), Field(max_length=100, strict=False)
    ] = ()
    """What was passed on; what unfurled from links is none of it."""


class MessageEvent(Message):
    """`message` in all its subtypes, and `app_mention`."""

    type: str
    event_ts: str | None = Field(default=None, max_length=32)
    message: Message | None = None
    """Of `message_changed`: as it is now."""
    previous_message: Message | None = None
    deleted_ts: str | None = Field(default=None, max_length=32)


class ReactionItem(_Payload):
    """What a reaction is under."""

    type: str = ""
    channel: str = ""
    ts: str = ""


class ReactionEvent(_Payload):
    """https://docs.slack.dev/reference/events/reaction_added."""

    user: str = Field(min_length=1)
    reaction: str = Field(min_length=1, max_length=100)
    item: ReactionItem
    event_ts: str = Field(min_length=1, max_length=32)


class Callback(_Payload):
    """The envelope of an event."""

    event_id: str = Field(min_length=1, max_length=100)
    team_id: str = ""
    api_app_id: str = ""
    event_time: int | None = None
    is_ext_shared_channel: bool = False
    authorizations: Annotated[
        tuple[Authorization, ...], BeforeValidator(_lenient_list), Field(strict=False)
    ] = ()
    event: dict[str, Any]

    @property
    def account(self) -> str:
        """The workspace that our app is installed in: with shared channels, not the writer's."""
        return next((one.team_id for one in self.authorizations if one.team_id), self.team_id)

    @property
    def us(self) -> str | None:
        """Our app's own user there, where Slack says it."""
        return next((one.user_id for one in self.authorizations if one.is_bot), None)


class RateLimited(_Payload):
    """https://docs.slack.dev/reference/events/app_rate_limited."""

    team_id: str = ""
    minute_rate_limited: int


class Named(_Payload):
    """A person or a channel in an interaction."""

    id: str = Field(min_length=1)
    name: str | None = None
    username: str | None = None


class Team(_Payload):
    """The workspace of an interaction."""

    id: str = ""


class Action(_Payload):
    """A button that was pressed."""

    value: str = Field(min_length=1, max_length=2_000)
    action_ts: str = Field(min_length=1, max_length=32)


class Container(_Payload):
    """Where the pressed button stands."""

    message_ts: str = Field(min_length=1, max_length=32)
    channel_id: str = Field(min_length=1)
    thread_ts: str | None = Field(default=None, max_length=32)


class Press(_Payload):
    """https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""

    user: Named
    team: Team = Team()
    container: Container
    actions: tuple[Action, ...] = Field(min_length=1, max_length=100, strict=False)
