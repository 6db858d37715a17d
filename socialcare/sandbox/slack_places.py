"""What a Slack workspace is made of: channels, members, and the keys that Slack hands out."""

from dataclasses import dataclass, field

from socialcare.sandbox.slack_reading import Message


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel with its messages by ts, oldest first."""

    id: str
    name: str
    messages: dict[str, Message] = field(default_factory=dict)
    shared: bool = False
    """With another company's workspace (Slack Connect)."""
    last_us: int = 0
    """The youngest ts, in microseconds."""

    @property
    def kind(self) -> str:
        """Slack's `channel_type`."""
        return {"D": "im", "G": "group"}.get(self.id[0], "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the workspace, or of another one with which a channel is shared."""

    id: str
    name: str
    team: str | None = None
    """The other workspace."""


@dataclass(slots=True, kw_only=True)
class Trigger:
    """What a press gives the app to open one modal with."""

    user: str
    issued_s: float
    used: bool = False


@dataclass(slots=True, kw_only=True)
class Hook:
    """A `response_url`."""

    message: Message
    user: str
    issued_s: float
    uses: int = 0
