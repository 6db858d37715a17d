"""The town: customers with something to say, two colleagues at the desk, all moved by one seed."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from config.stages import Surface
from conversation.clock import SystemClock
from conversation.model import Address
from socialcare.demo.world import CARE, World
from socialcare.sandbox.shop_seed import Charge, Line, Order
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.telegram_people import Customer, SentMessage
from socialcare.sandbox.watching import NotSeenError

LOOK_S = 0.1


@dataclass(slots=True, kw_only=True)
class Guest:
    """One customer, their order, and what was done to and by them."""

    number: int
    story: str
    customer: Customer
    conversation: str
    wrote: list[SentMessage] = field(default_factory=list)
    edits: int = 0
    owned: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    """From a colleague's claim until the same colleague began to give it back."""
    relayed: list[str] = field(default_factory=list)
    """Words a colleague sent, and Slack took."""

    @property
    def name(self) -> str:
        """What the desk calls them."""
        return f"Guest{self.number:04d}"

    @property
    def order(self) -> str:
        """Their order's number."""
        return f"B-{20_000 + self.number}"

    @property
    def mail(self) -> str:
        """The address they ordered with."""
        return f"guest{self.number}@northwind.example"

    async def write(self, text: str) -> None:
        """Write to the bot."""
        self.wrote.append(await self.customer.write(text))


CLAIMED = frozenset({"human", "contested"})
"""Stories whose cases Ben takes, while the bot may be in the middle of a word."""
PRICES = {"seed": (2490, 2), "in_two": (2490, 2), "big": (18_000, 1), "contested": (18_000, 1)}
"""Minor units of the order's charge, and how often it was charged; else 42.00 once."""


@dataclass(slots=True, kw_only=True)
class Town:
    """Everybody who acts, but the service."""

    world: World
    rng: random.Random
    owner: Callable[[str], str]
    """Says who owns a conversation, by the store."""
    guests: list[Guest] = field(default_factory=list)
    approvals: set[str] = field(default_factory=set)
    """Orders whose refund Mira pressed Approve for."""
    refusals: set[str] = field(default_factory=set)
    clock: SystemClock = field(default_factory=SystemClock)
    troubles: list[str] = field(default_factory=list)
    """What actors could not do."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _desk: list[asyncio.Task[None]] = field(default_factory=list)

    # --- customers

    async def arrive(self, story: str | None = None) -> None:
        """Bring a customer in; they act by themselves from here."""
        number = len(self.guests)
        chosen = story or self.rng.choice(list(STORIES))
        customer = self.world.telegram.customer(first_name=f"Guest{number:04d}")
        address = Address(
            channel="telegram",
            account=str(self.world.telegram.bot["id"]),
            key=str(customer.user_id),
            surface=Surface.PRIVATE,
        )
        guest = Guest(
            number=number, story=chosen, customer=customer, conversation=address.conversation
        )
        self.guests.append(guest)
        await self.world.shop.enter(_order(guest, self.clock.now()))
        task = asyncio.create_task(STORIES[chosen](self, guest), name=guest.name)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.troubles.append(f"{task.get_name()}: {error!r}")

    async def pause(self, least_s: float = 0.1, most_s: float = 1.2) -> None:
        """Let a moment pass, as long as the seed says."""
        await self.clock.sleep(self.rng.uniform(least_s, most_s))

    # --- colleagues

    def open_desk(self) -> None:
        """Let the colleagues begin to work."""
        self._desk = [asyncio.create_task(self._mira()), asyncio.create_task(self._ben())]

    def doing(self) -> list[str]:
        """Name who still has something to do."""
        return sorted(task.get_name() for task in self._tasks)

    async def close(self) -> None:
        """Send everybody home."""
        tasks = [*self._tasks, *self._desk]
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                self.troubles.append(repr(outcome))

    def with_button(self, action: str) -> list[Message]:
        """Find the desk's messages that show a button now."""
        return [
            message
            for message in self.world.slack.messages(CARE)
            if any(button["action_id"] == action for button in message.buttons)
        ]

    async def press(self, who: Colleague, message: Message, action: str) -> bool:
        """Press until Slack says it was taken; False: the button is gone.

        However long the service is away: who waits for the town loses patience, not who presses.
        """
        while True:
            try:
                answer = await who.press(self.world.slack.current(message), action)
            except LookupError:
                return False
            if answer.ok:
                return True
            await self.pause(0.2, 0.5)

    async def _mira(self) -> None:
        """Decide sign-offs: soon or late, yes or no, sometimes twice."""
        decided: set[str] = set()
        while True:
            for message in self.with_button("signoff.approve"):
                if message.ts in decided:
                    continue
                decided.add(message.ts)
                task = asyncio.create_task(self._decide(message), name="Mira")
                self._tasks.add(task)
                task.add_done_callback(self._over)
            await self.clock.sleep(LOOK_S)

    async def _decide(self, message: Message) -> None:
        order = next(guest.order for guest in self.guests if guest.order in plain(message))
        await self.pause(0.0, 3.0)
        if self.rng.random() < 0.3:
            await self.press(self.world.ben, message, "signoff.approve")
        if self.rng.random() < 0.8:
            self.approvals.add(order)
            await asyncio.gather(
                *[
                    self.press(self.world.mira, message, "signoff.approve")
                    for _ in range(self.rng.choice((1, 1, 2)))
                ]
            )
        else:
            self.refusals.add(order)
            await self.press(self.world.mira, message, "signoff.reject")

    async def _ben(self) -> None:
        """Take the cases of those who asked for a person, one after the other."""
        seen: set[str] = set()
        while True:
            for message in self.with_button("case.claim"):
                guest = self._of(message)
                if guest is None or message.ts in seen or guest.story not in CLAIMED:
                    continue
                seen.add(message.ts)
                task = asyncio.create_task(self._serve(guest, message), name="Ben")
                self._tasks.add(task)
                task.add_done_callback(self._over)
                await asyncio.wait({task})
            await self.clock.sleep(LOOK_S)

    def _of(self, message: Message) -> Guest | None:
        text = plain(message)
        return next((guest for guest in self.guests if guest.name in text), None)

    async def _serve(self, guest: Guest, card: Message) -> None:
        if not await self.press(self.world.ben, card, "case.claim"):
            return
        if self.owner(guest.conversation) != "colleague":
            return
        began = self.clock.now()
        guest.owned.append((began, None))
        if self.rng.random() < 0.8:
            await self._reply(guest, card)
        if self.rng.random() < 0.7:
            # A card that was posted twice (a death before it was noted) is served twice: giving the
            # customer back by one of them ends what began with the other.
            now = self.clock.now()
            guest.owned = [(since, now if until is None else until) for since, until in guest.owned]
            await self.press(self.world.ben, card, "case.release")

    async def _reply(self, guest: Guest, card: Message) -> None:
        # Without digits: a number from nowhere would be asked about.
        count = "again and " * len(guest.relayed)
        words = f"Ben here, {guest.name}: {count}sorted."
        ben = self.world.ben
        while True:
            if ben.view is None:
                if not await self.press(ben, card, "case.reply"):
                    return
                with contextlib.suppress(NotSeenError):
                    await ben.gets_view(timeout=2.0)
            if await self._submit(words):
                guest.relayed.append(words)
                return
            await self.pause(0.2, 0.5)

    async def _submit(self, words: str) -> bool:
        """Send what is in the modal; pressed again after a failure, it is the same modal."""
        ben = self.world.ben
        if ben.view is None:
            return False
        answer = await ben.submit(values={"text": words})
        if "already sent" in str(ben.errors):
            await ben.close()
            return True
        return answer.ok and not ben.errors


def _order(guest: Guest, now: datetime) -> Order:
    amount, times = PRICES.get(guest.story, (4200, 1))
    placed = now.replace(microsecond=0) - timedelta(days=6)
    return Order(
        id=guest.order,
        customer_id=f"cus_{guest.number}",
        email=guest.mail,
        postcode="LS1 4AP",
        status="delivered",
        placed=placed,
        lines=(
            Line(
                id=f"{guest.order}-1", sku="MUG-ENAMEL-BLU", title="Enamel mug, blue", amount=amount
            ),
        ),
        charges=tuple(
            Charge(
                id=f"ch_{guest.number}_{which}",
                amount=amount,
                created=placed + timedelta(minutes=2 * which),
            )
            for which in range(times)
        ),
    )


# --- what customers do; they do not wait for answers, as people in a chat do not


async def _seed(_: Town, guest: Guest) -> None:
    await guest.write(
        "I was charged twice, my order arrived damaged, and I need a replacement by Sunday. "
        f"Order {guest.order}, {guest.mail}"
    )


async def _in_two(town: Town, guest: Guest) -> None:
    await guest.write(
        "I was charged twice, my order arrived damaged, and I need a replacement by Sunday"
    )
    await town.pause()
    await guest.write(f"It's {guest.order}, {guest.mail}")


async def _refund(_: Town, guest: Guest) -> None:
    await guest.write(f"I want my money back for {guest.order}, my mail is {guest.mail}")


async def _insistent(town: Town, guest: Guest) -> None:
    for _ in range(3):
        await guest.write(f"I want my money back for {guest.order}, my mail is {guest.mail}")
        await town.pause(0.0, 0.6)


async def _big(_: Town, guest: Guest) -> None:
    await guest.write(f"I'd like a refund for order {guest.order} please, {guest.mail}")


async def _question(town: Town, guest: Guest) -> None:
    await guest.write("when do you open on saturday?")
    await town.pause()
    await guest.write("what does shipping cost?")


async def _status(town: Town, guest: Guest) -> None:
    await guest.write(f"hey where is my order {guest.order}?")
    await town.pause()
    await guest.write("LS1 4AP")


async def _burst(town: Town, guest: Guest) -> None:
    for text in ("hi", "when do you open on saturday?", "and what does shipping cost?", "thanks"):
        await guest.write(text)
        await town.pause(0.0, 0.15)


async def _edit(town: Town, guest: Guest) -> None:
    await guest.write("what does shiping cst?")
    await town.pause(0.0, 0.4)
    await guest.customer.edit(guest.wrote[-1], "what does shipping cost?")
    guest.edits += 1


async def _unanswered(_: Town, guest: Guest) -> None:
    await guest.write("is the rucksack's frame made of recycled aluminium?")


async def _human(town: Town, guest: Guest) -> None:
    await guest.write("I want to talk to a real person now please")
    await town.pause(0.5, 3.0)
    await guest.write("hello??")
    await town.pause(0.5, 4.0)
    await guest.write("when do you open on saturday?")


async def _contested(town: Town, guest: Guest) -> None:
    await _big(town, guest)
    for _ in range(6):
        await town.pause(0.1, 0.7)
        await guest.write(f"and where is my order {guest.order}? my postcode is LS1 4AP")


STORIES: dict[str, Callable[[Town, Guest], Coroutine[Any, Any, None]]] = {
    "seed": _seed,
    "in_two": _in_two,
    "refund": _refund,
    "insistent": _insistent,
    "big": _big,
    "question": _question,
    "status": _status,
    "burst": _burst,
    "edit": _edit,
    "unanswered": _unanswered,
    "human": _human,
    "contested": _contested,
}
