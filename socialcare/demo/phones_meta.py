"""Meta's apps on the sandbox page: Messenger and Instagram with their comments, and WhatsApp."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address
from socialcare.demo.phones import Ability, Bubble, Phone, by_time, told_something
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_people import GraphCustomer
from socialcare.sandbox.graph_rules import Place
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.whatsapp import WhatsappStandIn
from socialcare.sandbox.whatsapp_people import Customer

TYPING_LASTS = timedelta(seconds=20)
"""https://developers.facebook.com/docs/messenger-platform/send-messages/sender-actions."""
PLATFORM_OF: dict[Place, str] = {"page": "messenger", "instagram": "instagram"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPhone:
    """A customer on Messenger or Instagram."""

    customer: GraphCustomer
    graph: GraphStandIn
    said: list[Bubble] = field(default_factory=list)
    """What they wrote in private, which the stand-in does not keep."""

    @property
    def id(self) -> str:
        """The id that the account knows them by."""
        return self.customer.user_id

    @property
    def name(self) -> str:
        """What they call themselves."""
        return self.customer.name

    @property
    def conversations(self) -> frozenset[str]:
        """Their thread with the account, and what they say under each post."""
        ours = self.customer.commenter_id
        posts = {one.post_id for one in self.graph.comments.values() if one.author_id == ours}
        return frozenset(
            {
                self._conversation(self.id, Surface.PRIVATE),
                *(self._conversation(f"{each}:{ours}", Surface.PUBLIC) for each in posts),
            }
        )

    def _conversation(self, key: str, surface: Surface) -> str:
        place = self.customer.place
        account = self.graph.account_id(place)
        channel = PLATFORM_OF[place]
        return Address(channel=channel, account=account, key=key, surface=surface).conversation

    def bubbles(self) -> Sequence[Bubble]:
        """Their thread, and their comments with the answers under them."""
        ours = self.customer.commenter_id
        mine = [one for one in self.graph.comments.values() if one.author_id == ours]
        return by_time(
            *self.said,
            *(
                Bubble(id=one.message_id, mine=False, text=one.text, at=one.at)
                for one in self.customer.chat
            ),
            *(
                Bubble(
                    id=one.comment_id,
                    mine=one.author_id == ours,
                    text=one.text,
                    at=one.at,
                    public=True,
                )
                for one in (*mine, *self.customer.answers)
            ),
        )

    def typing(self) -> bool:
        """Whether a sender action came lately, and no message after it."""
        now = self.graph.now()
        for call in reversed(self.graph.calls):
            if now - call.at > TYPING_LASTS:
                return False
            if call.params.get("recipient") == {"id": self.id} and call.status == 200:
                return call.params.get("sender_action") == "typing_on"
        return False

    async def write(self, text: str, *, public: bool = False) -> None:
        """Write to the account, or under its latest post."""
        told_something(text)
        if public:
            await self.customer.comment(text)
        else:
            sent = await self.customer.write(text)
            at = self.graph.now()
            self.said.append(Bubble(id=sent.message_id, mine=True, text=text, at=at))
        self.graph.changes.tell()

    async def press(self, value: str) -> None:
        """The bot offers nothing to press there."""
        raise LookupError(value)


@dataclass(slots=True, kw_only=True)
class GraphPlatform:
    """The customers of Messenger, or those of Instagram."""

    graph: GraphStandIn
    place: Place
    title: str
    message_kinds: frozenset[str]
    abilities: frozenset[Ability] = frozenset({Ability.WRITE, Ability.POST})
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        return PLATFORM_OF[self.place]

    @property
    def changes(self) -> Changes:
        """Rings with every call and event of the stand-in."""
        return self.graph.changes

    def enter(self, name: str) -> Phone:
        """Open an account."""
        made = self.graph.customer(place=self.place, name=name)
        phone = GraphPhone(customer=made, graph=self.graph)
        self.phones[phone.id] = phone
        return phone


def messenger(graph: GraphStandIn) -> GraphPlatform:
    """Show Messenger, and the comments under the page's posts."""
    kinds = frozenset({"message", "comment"})
    return GraphPlatform(graph=graph, place="page", title="Messenger", message_kinds=kinds)


def instagram(graph: GraphStandIn) -> GraphPlatform:
    """Show Instagram's direct messages and comments."""
    kinds = frozenset({"message", "comments"})
    return GraphPlatform(graph=graph, place="instagram", title="Instagram", message_kinds=kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsappPhone:
    """A customer on WhatsApp."""

    customer: Customer
    whatsapp: WhatsappStandIn
    clock: Clock
    said: list[Bubble] = field(default_factory=list)
    """What they wrote; the stand-in keeps whole seconds only."""

    @property
    def id(self) -> str:
        """The id that this business knows them by."""
        return self.customer.user_id

    @property
    def name(self) -> str:
        """What they call themselves."""
        return self.customer.private.name

    @property
    def conversations(self) -> frozenset[str]:
        """Their chat with the brand."""
        place = Address(
            channel="whatsapp",
            account=self.whatsapp.phone_id,
            key=self.id,
            surface=Surface.PRIVATE,
        )
        return frozenset({place.conversation})

    def bubbles(self) -> Sequence[Bubble]:
        """Both sides of the chat."""
        return by_time(
            *self.said,
            *(
                Bubble(id=one.message_id, mine=False, text=one.text, at=one.at)
                for one in self.customer.chat
            ),
        )

    def typing(self) -> bool:
        """Whether the brand writes under the latest message, which has no answer yet."""
        shown = self.bubbles()
        under = self.customer.private.typing
        return bool(shown and under and shown[-1].mine and under[-1] == shown[-1].id)

    async def write(self, text: str, *, public: bool = False) -> None:
        """Write to the brand; a chat on WhatsApp is private."""
        if public:
            raise ValueError("a chat on WhatsApp is private")
        sent = await self.customer.write(text)
        at = self.clock.now()
        self.said.append(Bubble(id=sent.message_id, mine=True, text=text, at=at))
        self.whatsapp.changes.tell()

    async def press(self, value: str) -> None:
        """Press a button by its id."""
        await self.customer.press(value)


@dataclass(slots=True, kw_only=True)
class Whatsapp:
    """WhatsApp's customers."""

    whatsapp: WhatsappStandIn
    clock: Clock
    name: str = "whatsapp"
    title: str = "WhatsApp"
    abilities: frozenset[Ability] = frozenset({Ability.WRITE})
    message_kinds: frozenset[str] = frozenset({"message"})
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        """Rings with every call and event of the stand-in."""
        return self.whatsapp.changes

    def enter(self, name: str) -> Phone:
        """Give somebody WhatsApp."""
        phone = WhatsappPhone(
            customer=self.whatsapp.customer(name=name), whatsapp=self.whatsapp, clock=self.clock
        )
        self.phones[phone.id] = phone
        return phone
