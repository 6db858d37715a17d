"""Customers' phones on the sandbox page: one small table of platforms.

A platform joins the page with a class that keeps `Platform` and a line in `opening.platforms`;
Telegram's is here, the others' are in `phones_meta`, `phones_slack` and `phones_x`. What its
customers can do is data; the page shows a composer, buttons and surfaces accordingly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from config.stages import Surface
from conversation.clock import Clock
from conversation.model import Address
from socialcare.sandbox.telegram import TelegramStandIn
from socialcare.sandbox.telegram_people import Customer
from socialcare.sandbox.watching import Changes

TYPING_LASTS = timedelta(seconds=5)
"""https://core.telegram.org/bots/api#sendchataction: typing is shown for 5 seconds or less."""


class Ability(StrEnum):
    """What a customer can do on a platform."""

    WRITE = "write"
    """Write to the brand privately."""
    POST = "post"
    """Write where everybody reads along."""
    PRESS = "press"
    """Press buttons under the brand's messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A button under a message."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubble:
    """A message as the customer's app shows it."""

    id: str
    mine: bool
    text: str
    at: datetime
    choices: tuple[Choice, ...] = ()
    edited: bool = False
    public: bool = False


class Phone(Protocol):
    """One customer's app on one platform."""

    @property
    def id(self) -> str:
        """The platform's id of the customer; unique on the platform."""
        ...

    @property
    def name(self) -> str:
        """What they call themselves."""
        ...

    @property
    def conversations(self) -> frozenset[str]:
        """The ids of their conversations in the store."""
        ...

    def bubbles(self) -> Sequence[Bubble]:
        """What they see, oldest first."""
        ...

    def typing(self) -> bool:
        """Whether the brand is seen typing."""
        ...

    async def write(self, text: str, *, public: bool = False) -> None:
        """Write; raises `ValueError` for what the app would not send."""
        ...

    async def press(self, value: str) -> None:
        """Press a button; raises `LookupError` where it is gone."""
        ...


class Platform(Protocol):
    """One platform and its customers."""

    @property
    def name(self) -> str:
        """The channel's name in the configuration."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def abilities(self) -> frozenset[Ability]:
        """What its customers can do."""
        ...

    @property
    def message_kinds(self) -> frozenset[str]:
        """What the inbox calls a customer's message, in the platform's words."""
        ...

    @property
    def changes(self) -> Changes:
        """Rings when something changed on a phone."""
        ...

    @property
    def phones(self) -> Mapping[str, Phone]:
        """Its customers' phones by id, oldest first."""
        ...

    def enter(self, name: str) -> Phone:
        """Bring in a new customer."""
        ...


def by_time(*bubbles: Bubble) -> list[Bubble]:
    """Put what was said on several ways into one order; what is as old stays as it came."""
    return sorted(bubbles, key=lambda one: one.at)


def told_something(text: str) -> None:
    """Refuse what no app sends; raises `ValueError`."""
    if not text.strip():
        raise ValueError("there is nothing to send")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramPhone:
    """A customer on Telegram."""

    customer: Customer
    telegram: TelegramStandIn
    clock: Clock

    @property
    def id(self) -> str:
        """Telegram's number of the person."""
        return str(self.customer.user_id)

    @property
    def name(self) -> str:
        """Their first name."""
        return str(self.customer.person["first_name"])

    @property
    def conversations(self) -> frozenset[str]:
        """Their private chat with the bot."""
        account = str(self.telegram.bot["id"])
        place = Address(channel="telegram", account=account, key=self.id, surface=Surface.PRIVATE)
        return frozenset({place.conversation})

    def bubbles(self) -> Sequence[Bubble]:
        """Both sides of the chat, by the numbers Telegram gave the messages."""
        chat = self.customer.private
        told: dict[int, Bubble] = {}
        for number, sent in chat.received.items():
            text = str(sent.get("text") or sent.get("caption") or "…")
            at = datetime.fromtimestamp(sent["date"], self.clock.now().tzinfo)
            told[number] = Bubble(id=str(number), mine=True, text=text, at=at)
        for number, seen in chat.seen.items():
            choices = tuple(
                Choice(label=each.text, value=each.callback_data)
                for each in seen.buttons
                if each.callback_data is not None
            )
            told[number] = Bubble(
                id=str(number),
                mine=False,
                text=seen.text,
                at=seen.at,
                choices=choices,
                edited=seen.edited,
            )
        return [told[number] for number in sorted(told)]

    def typing(self) -> bool:
        """Whether a chat action came lately, and no message after it."""
        now = self.clock.now()
        for call in reversed(self.telegram.calls):
            if now - call.at > TYPING_LASTS:
                return False
            if str(call.params.get("chat_id")) == self.id and call.status == 200:
                return call.method.lower() == "sendchataction"
        return False

    async def write(self, text: str, *, public: bool = False) -> None:
        """Write to the bot; a chat on Telegram is private."""
        if public:
            raise ValueError("a chat with a bot is private")
        await self.customer.write(text)

    async def press(self, value: str) -> None:
        """Press a button by its data."""
        await self.customer.press(value)


@dataclass(slots=True, kw_only=True)
class Telegram:
    """Telegram's customers."""

    telegram: TelegramStandIn
    clock: Clock
    name: str = "telegram"
    title: str = "Telegram"
    abilities: frozenset[Ability] = frozenset({Ability.WRITE, Ability.PRESS})
    message_kinds: frozenset[str] = frozenset({"message"})
    phones: dict[str, Phone] = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        """Rings with every call and update of the stand-in."""
        return self.telegram.changes

    def enter(self, name: str) -> Phone:
        """Open an account."""
        return self.add(self.telegram.customer(first_name=name))

    def add(self, customer: Customer) -> Phone:
        """Show somebody who has an account already."""
        phone = TelegramPhone(customer=customer, telegram=self.telegram, clock=self.clock)
        self.phones[phone.id] = phone
        return phone
