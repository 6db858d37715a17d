"""Who takes part in a rehearsal: customers in private and in public, and a colleague."""

from collections.abc import Sequence
from typing import Final, Protocol

from config.stages import Surface
from conversation.model import Address
from socialcare.demo.world import CARE, World
from socialcare.rehearsal.script import Press
from socialcare.sandbox.slack_reading import Message, plain

PRESSED: Final[dict[Press, str]] = {
    "gives_back": "case.release",
    "approves": "signoff.approve",
    "rejects": "signoff.reject",
}
"""Which of the desk's buttons it is."""
PATIENCE_S: Final = 20.0
"""Seconds for the desk's message to appear."""


class NothingToPress(Exception):
    """The desk shows no such button for this customer."""


class Guest(Protocol):
    """A customer of a rehearsal."""

    name: str

    @property
    def conversation(self) -> str:
        """Their conversation, as the store names it."""
        ...

    async def write(self, text: str) -> None:
        """Say something to the brand."""
        ...

    async def delivered(self, *, timeout: float) -> None:  # noqa: ASYNC109 - the stand-in's patience
        """Wait until the brand has taken what was said."""
        ...

    def heard(self) -> Sequence[str]:
        """Give what they were told, oldest first."""
        ...


class InPrivate:
    """Somebody who writes on Telegram."""

    def __init__(self, world: World, *, name: str) -> None:
        self.name = name
        self._platform = world.telegram
        self._customer = world.telegram.customer(first_name=name)

    @property
    def conversation(self) -> str:
        """Their chat with the bot."""
        return Address(
            channel="telegram",
            account=str(self._platform.bot["id"]),
            key=str(self._customer.user_id),
            surface=Surface.PRIVATE,
        ).conversation

    async def write(self, text: str) -> None:
        """Write to the bot."""
        await self._customer.write(text)

    async def delivered(self, *, timeout: float) -> None:  # noqa: ASYNC109 - the stand-in's patience
        """Wait until the bot has taken it."""
        await self._platform.delivered(timeout=timeout)

    def heard(self) -> Sequence[str]:
        """Give the bot's messages."""
        return [message.text for message in self._customer.chat]


class InPublic:
    """Somebody who posts on X, naming the brand, in one thread."""

    def __init__(self, world: World, *, name: str) -> None:
        self.name = name
        self._platform = world.x
        handle = name.casefold().replace(" ", "_")
        self._customer = world.x.customer(name=name, username=handle)

    @property
    def conversation(self) -> str:
        """Their thread."""
        thread = self._customer.posted[0].thread if self._customer.posted else ""
        return Address(
            channel="x",
            account=self._platform.us.user_id,
            key=f"{thread}:{self._customer.user_id}",
            surface=Surface.PUBLIC,
        ).conversation

    async def write(self, text: str) -> None:
        """Post it; what comes later answers the brand's last answer."""
        own, ours = self._customer.posted, self._customer.public
        before = (ours or own or (None,))[-1]
        await self._customer.posts(f"@{self._platform.us.username} {text}", reply_to=before)

    async def delivered(self, *, timeout: float) -> None:  # noqa: ASYNC109 - the stand-in's patience
        """Wait until the brand has been told of it."""
        await self._platform.delivered(timeout=timeout)

    def heard(self) -> Sequence[str]:
        """Give the brand's answers that everybody reads."""
        return [post.text for post in self._customer.public]


async def press(world: World, what: Press, *, about: str) -> None:
    """Have a colleague with every power press a button of what the desk shows about a customer.

    Raises:
        NothingToPress: no such button came, or its press was not taken.
    """
    action = PRESSED[what]

    def shows(message: Message) -> bool:
        now = world.slack.current(message)
        named = about in plain(now) or about in plain(_root(world, now))
        return named and any(button["action_id"] == action for button in now.buttons)

    try:
        found = await world.slack.appears(CARE, shows, timeout=PATIENCE_S)
    except AssertionError as error:
        raise NothingToPress(f"the desk shows nothing to press ({action})") from error
    answer = await world.mira.press(world.slack.current(found), action)
    if not answer.ok:
        raise NothingToPress(f"the press of {action} was not taken: {answer}")


def _root(world: World, message: Message) -> Message:
    """Give the message that opened the thread; a card names the customer, its replies not."""
    opened = (one for one in world.slack.messages(CARE) if one.ts == message.thread_ts)
    return next(opened, message)
