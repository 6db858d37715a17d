"""The customers' own Slack on the sandbox page: direct messages, and a channel of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from config.stages import Surface
from conversation.model import Address
from socialcare.demo.phones import Ability, Bubble, Phone, by_time, told_something
from socialcare.sandbox.slack import SlackStandIn
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.slack_workspace import BOT_NAME
from socialcare.sandbox.watching import Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackPhone:
    """A customer in their workspace."""

    person: Colleague
    community: SlackStandIn
    direct: str
    """The channel of their direct messages with the app."""
    everybody: str
    """The channel where everybody reads along."""

    @property
    def id(self) -> str:
        """Slack's id of the person."""
        return self.person.id

    @property
    def name(self) -> str:
        """What they call themselves."""
        return self.person.name

    @property
    def conversations(self) -> frozenset[str]:
        """Their direct messages, and each thread they began."""
        threads = (f"{self.everybody}:{one.ts}" for one in self._posts())
        return frozenset(
            {
                self._conversation(self.direct, Surface.PRIVATE),
                *(self._conversation(each, Surface.PUBLIC) for each in threads),
            }
        )

    def _conversation(self, key: str, surface: Surface) -> str:
        account = self.community.workspace.team_id
        return Address(channel="slack", account=account, key=key, surface=surface).conversation

    def _posts(self) -> list[Message]:
        return [one for one in self.community.messages(self.everybody) if one.user == self.id]

    def bubbles(self) -> Sequence[Bubble]:
        """Both sides of the direct messages, and their threads in the channel."""
        posts = self._posts()
        answers = (
            each
            for one in posts
            for each in self.community.thread(one.ts, channel_id=self.everybody)
        )
        return by_time(
            *(
                Bubble(
                    id=f"{one.channel}:{one.ts}",
                    mine=one.user == self.id,
                    text=plain(one),
                    at=one.at,
                    edited=one.edited is not None,
                    public=one.channel == self.everybody,
                )
                for one in (*self.community.messages(self.direct), *posts, *answers)
            )
        )

    def typing(self) -> bool:
        """Never: apps show no such sign in Slack."""
        return False

    async def write(self, text: str, *, public: bool = False) -> None:
        """Write to the app, or call it in the channel."""
        told_something(text)
        if not public:
            await self.person.write(self.direct, text)
            return
        us = f"@{BOT_NAME}"
        await self.person.write(self.everybody, text if us in text else f"{us} {text}")

    async def press(self, value: str) -> None:
        """The bot offers nothing to press there."""
        raise LookupError(value)


@dataclass(slots=True, kw_only=True)
class Slack:
    """The customers' workspace."""

    community: SlackStandIn
    everybody: str
    name: str = "slack"
    title: str = "Slack (customers)"
    abilities: frozenset[Ability] = frozenset({Ability.WRITE, Ability.POST})
    message_kinds: frozenset[str] = frozenset({"message"})
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        """Rings with every call and event of the stand-in."""
        return self.community.changes

    def enter(self, name: str) -> Phone:
        """Join the workspace, and open a direct message with the app."""
        number = len(self.phones) + 1
        direct = self.community.channel(f"D0GUEST{number}", name="directmessage")
        phone = SlackPhone(
            person=self.community.colleague(f"U0GUEST{number}", name=name),
            community=self.community,
            direct=direct.id,
            everybody=self.everybody,
        )
        self.phones[phone.id] = phone
        return phone
