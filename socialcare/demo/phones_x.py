"""X on the sandbox page: posts that everybody reads, and direct messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from config.stages import Surface
from conversation.model import Address
from socialcare.demo.phones import Ability, Bubble, Phone, by_time, told_something
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.x import XStandIn
from socialcare.sandbox.x_people import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class XPhone:
    """A customer on X."""

    customer: Customer
    x: XStandIn

    @property
    def id(self) -> str:
        """X's number of the account."""
        return self.customer.user_id

    @property
    def name(self) -> str:
        """What they call themselves."""
        return self.customer.account.name

    @property
    def conversations(self) -> frozenset[str]:
        """Their direct messages, and each thread they began."""
        pair = "-".join(sorted((self.id, self.x.us.user_id), key=int))
        threads = (f"{post.thread}:{self.id}" for post in self.customer.posted)
        return frozenset(
            {
                self._conversation(pair, Surface.PRIVATE),
                *(self._conversation(each, Surface.PUBLIC) for each in threads),
            }
        )

    def _conversation(self, key: str, surface: Surface) -> str:
        account = self.x.us.user_id
        return Address(channel="x", account=account, key=key, surface=surface).conversation

    def bubbles(self) -> Sequence[Bubble]:
        """Their posts with the brand's answers, and the direct messages of both."""
        posts = [*self.customer.posted, *self.customer.public]
        messages = self.x.conversation_of(self.customer.account)
        return by_time(
            *(
                Bubble(
                    id=one.post_id,
                    mine=one.author == self.customer.account,
                    text=one.text,
                    at=one.at,
                    public=True,
                )
                for one in posts
            ),
            *(
                Bubble(
                    id=one.message_id,
                    mine=one.sender == self.customer.account,
                    text=one.text,
                    at=one.at,
                )
                for one in messages
            ),
        )

    def typing(self) -> bool:
        """Never: apps show no such sign on X."""
        return False

    async def write(self, text: str, *, public: bool = False) -> None:
        """Send a direct message, or post to the brand, whose name X's app puts in front."""
        told_something(text)
        if not public:
            await self.customer.writes_dm(text)
            return
        us = f"@{self.x.us.username}"
        await self.customer.posts(text if us in text else f"{us} {text}")

    async def press(self, value: str) -> None:
        """Nothing of the brand's can be pressed there."""
        raise LookupError(value)


@dataclass(slots=True, kw_only=True)
class X:
    """X's customers."""

    x: XStandIn
    name: str = "x"
    title: str = "X"
    abilities: frozenset[Ability] = frozenset({Ability.WRITE, Ability.POST})
    message_kinds: frozenset[str] = frozenset({"post.mention.create", "dm.received"})
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        """Rings with every call and event of the stand-in."""
        return self.x.changes

    def enter(self, name: str) -> Phone:
        """Open an account; its handle has no more than letters of that name."""
        handle = "".join(one for one in name.lower() if one.isascii() and one.isalnum())[:8]
        username = f"{handle or 'guest'}_{len(self.phones) + 1}"
        phone = XPhone(customer=self.x.customer(name=name, username=username), x=self.x)
        self.phones[phone.id] = phone
        return phone
