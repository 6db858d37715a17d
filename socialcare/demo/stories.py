"""The built-in stories: a customer, the bot, the desk and the shop, each checked at its end.

A story plays on real servers and is judged by what they hold afterwards: the shop's books, the
outbox, the desk's channel; never by what it printed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiosqlite

from config.stages import Surface
from conversation.model import Address
from conversation.model import Owner as ConversationOwner
from socialcare.demo.narration import Telling
from socialcare.demo.world import CARE, World
from socialcare.sandbox.faults import Fault
from socialcare.sandbox.shop_seed import renumbered, seed_orders
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.telegram_people import Customer, SeenMessage

PATIENCE_S = 20.0
"""Seconds that a story waits for anything."""
LETTERS = 26
PERFORMANCES_MAX = 10 * LETTERS
"""An order's number has a letter and at most six digits."""
LOOKS = 200
"""How often it looks meanwhile, where nothing tells it."""


class StoryError(Exception):
    """A story did not end as it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a story plays on."""

    world: World
    tell: Telling
    performance: int = 0
    """How often the stories were played before: each time with orders of its own."""
    entered: Callable[[Customer], None] = lambda _: None
    """Hears of every customer that comes in."""
    began: float = 0.0
    """What stood at the desk before (Slack's ts) is of no concern."""

    def order(self, number: str) -> str:
        """Name an order of the seed as this performance knows it."""
        return order_number(number, self.performance)

    def mail(self, name: str) -> str:
        """Name somebody's e-mail address of the seed as this performance knows it."""
        return mail(name, self.performance)

    def enter(self, name: str) -> "Guest":
        """Bring a new customer in."""
        customer = self.world.telegram.customer(first_name=name)
        self.entered(customer)
        return Guest(name=name, customer=customer, stage=self)

    async def press(self, colleague: Colleague, message: Message, action: str, said: str) -> None:
        """Have a colleague press a button."""
        self.tell.colleague(colleague.name, said)
        await colleague.press(self.world.slack.current(message), action)

    async def outbox(self, conversation: str) -> list[tuple[str, str]]:
        """Read kind and state of what was to be sent about a conversation."""
        async with (
            aiosqlite.connect(self.world.store_file) as db,
            db.execute(
                "select kind, state from outbox where conversation = ? order by id", (conversation,)
            ) as rows,
        ):
            return [(row[0], row[1]) for row in await rows.fetchall()]

    async def owner(self, conversation: str) -> str:
        """Read who owns a conversation."""
        async with (
            aiosqlite.connect(self.world.store_file) as db,
            db.execute("select owner from conversation where id = ?", (conversation,)) as rows,
        ):
            row = await rows.fetchone()
            return str(row[0]) if row else ""


@dataclass(slots=True, kw_only=True)
class Guest:
    """A customer in a story."""

    name: str
    customer: Customer
    stage: Stage
    last: SeenMessage | None = None

    @property
    def conversation(self) -> str:
        """The id of their conversation."""
        return Address(
            channel="telegram",
            account=str(self.stage.world.telegram.bot["id"]),
            key=str(self.customer.user_id),
            surface=Surface.PRIVATE,
        ).conversation

    async def says(self, text: str) -> None:
        """Write to the bot."""
        self.stage.tell.customer(self.name, text)
        await self.customer.write(text)

    async def hears(self, wanted: str) -> SeenMessage:
        """Wait for an answer with these words in it."""
        heard = await self.customer.sees(wanted, after=self.last, timeout=PATIENCE_S)
        self.last = heard
        self.stage.tell.bot(heard.text)
        return heard

    async def settled(self) -> None:
        """Check that all words to this customer went out, each once."""
        replies: list[str] = []
        for _ in range(LOOKS):
            rows = await self.stage.outbox(self.conversation)
            replies = [state for kind, state in rows if kind == "reply"]
            if not {"waiting", "sending"} & set(replies):
                break
            await self.stage.world.clock.sleep(PATIENCE_S / LOOKS)
        require(replies == ["sent"] * len(self.customer.chat), f"outbox holds {replies}")


def order_number(number: str, performance: int) -> str:
    """Name an order of the seed in a performance: A-10293, B-10293 … Z-10293, A-110293."""
    more, letter = divmod(performance, LETTERS)
    return f"{chr(ord('A') + letter)}-{more or ''}{number.partition('-')[2]}"


def mail(name: str, performance: int) -> str:
    """Write an address that nobody had in another performance: strangers share none."""
    mark = order_number("A-", performance).replace("-", "").lower() if performance else ""
    return f"{name}{'.' if mark else ''}{mark}@northwind.example"


async def set_stage(
    world: World, tell: Telling, *, performance: int, entered: Callable[[Customer], None]
) -> Stage:
    """Make ready for a performance: orders that nobody has touched, and a look at the clock."""
    if performance:
        orders = seed_orders(world.clock.now())
        copies = (
            renumbered(
                one,
                order_number(one.id, performance),
                email=mail(one.email.partition("@")[0], performance),
            )
            for one in orders
        )
        await world.shop.enter(*copies)
    return Stage(
        world=world,
        tell=tell,
        performance=performance,
        entered=entered,
        began=world.clock.now().timestamp(),
    )


def require(holds: object, otherwise: str) -> None:
    """End the story where something does not hold."""
    if not holds:
        raise StoryError(otherwise)


def _first_lines(text: str) -> str:
    return "\n".join([line for line in text.splitlines() if line.strip()][:6])


# --- the stories


async def seed(stage: Stage) -> None:
    """Three wishes in one sentence: the charge goes back, the mug comes again, in time."""
    ana = stage.enter("Ana")
    await ana.says(
        "I was charged twice, my order arrived damaged, and I need a replacement by Sunday"
    )
    await ana.hears("order number")
    await ana.says(f"It's {stage.order('A-10293')}, {stage.mail('ana')}")
    reply = await ana.hears("refunded the second charge of £24.90")
    require("replacement for Enamel mug" in reply.text, "the reply is silent about the mug")
    await _shop_did(stage, "A-10293", refunds=[2490], replacements=1)
    await ana.settled()


async def seed_without_double(stage: Stage) -> None:
    """The same words, but the shop charged once: no refund, and the reply says so."""
    ben = stage.enter("Benno")
    await ben.says(
        "I was charged twice, my order arrived damaged, and I need a replacement by Sunday. "
        f"Order {stage.order('A-10417')}, {stage.mail('ben')}"
    )
    reply = await ben.hears("there is no second charge")
    require("replacement for Wool cap" in reply.text, "the reply is silent about the cap")
    await _shop_did(stage, "A-10417", refunds=[], replacements=1)
    await ben.settled()


async def order_question(stage: Stage) -> None:
    """Where is my order? The postcode is proof enough to say."""
    dev = stage.enter("Dev")
    await dev.says(f"hey where is my order {stage.order('A-10611')}?")
    await dev.hears("postcode")
    await dev.says("LS1 4AP")
    reply = await dev.hears("on its way")
    require("DPD106110001" in reply.text, "the reply names no tracking number")
    await _shop_did(stage, "A-10611", refunds=[], replacements=0)
    await dev.settled()


async def approved(stage: Stage) -> None:
    """More than the bot may refund alone: a colleague signs with one press."""
    chloe = stage.enter("Chloe")
    await chloe.says(
        f"I'd like a refund for order {stage.order('A-10502')} please, {stage.mail('chloe')}"
    )
    await chloe.hears("needs a colleague's approval")
    await _shop_did(stage, "A-10502", refunds=[], replacements=0)
    button = await _with_button(stage, "signoff.approve", stage.order("A-10502"))
    stage.tell.desk(_first_lines(plain(button)))
    await stage.press(stage.world.ben, button, "signoff.approve", "presses Approve")
    told = await stage.world.ben.sees(lambda one: float(one.ts) > stage.began, timeout=PATIENCE_S)
    stage.tell.desk(f"only Ben sees: {plain(told)}")
    await asyncio.gather(
        stage.press(stage.world.mira, button, "signoff.approve", "presses Approve"),
        stage.press(stage.world.mira, button, "signoff.approve", "presses it twice"),
    )
    await chloe.hears("I have refunded £180.00")
    await _shop_did(stage, "A-10502", refunds=[18000], replacements=0)
    await chloe.settled()


async def rejected(stage: Stage) -> None:
    """A colleague says no: nothing is paid, and the customer hears it with a way to a person."""
    hana = stage.enter("Hana")
    await hana.says(f"please refund my order {stage.order('A-10930')}, h{stage.mail('ana')}")
    await hana.hears("needs a colleague's approval")
    button = await _with_button(stage, "signoff.reject", stage.order("A-10930"))
    await stage.press(stage.world.mira, button, "signoff.reject", "presses Reject")
    await hana.hears("could not approve")
    await _shop_did(stage, "A-10930", refunds=[], replacements=0)
    await hana.settled()


async def angry(stage: Stage) -> None:
    """An angry customer gets a person; afterwards the bot goes on."""
    gus = stage.enter("Gus")
    await gus.says("This is RIDICULOUS. Third time I write!! I want to talk to a REAL PERSON now")
    await gus.hears("colleague")
    card = await _with_button(stage, "case.claim", "Gus")
    stage.tell.desk(_first_lines(plain(card)))
    await stage.press(stage.world.ben, card, "case.claim", "claims the case")
    await gus.says("hello??")
    await stage.world.slack.appears(CARE, "hello??", timeout=PATIENCE_S)
    stage.tell.desk("the thread shows: hello??")
    await stage.press(stage.world.ben, card, "case.reply", "opens the reply")
    await stage.world.ben.gets_view(timeout=PATIENCE_S)
    await stage.world.ben.submit(values={"text": "Hi Gus, Ben here. I've sorted it."})
    await gus.hears("Ben here")
    require(
        await stage.owner(gus.conversation) == ConversationOwner.COLLEAGUE, "Ben does not own it"
    )
    await stage.press(stage.world.ben, card, "case.release", "gives the conversation back")
    await gus.says("thanks. when do you open on saturday?")
    reply = await gus.hears("9:00 to 18:00")
    require("AI assistant" in reply.text, "the bot did not say who is speaking now")
    require(len(gus.customer.chat) == 3, "the bot spoke while Ben had the conversation")
    await gus.settled()


async def copilot(stage: Stage) -> None:
    """Copilot: the bot drafts, a colleague presses send."""
    ida = stage.enter("Ida")
    await ida.says("just wanted to say your shop is amazing, love my new boots!!")
    draft = await _with_button(stage, "draft.send", "Ida")
    stage.tell.desk(_first_lines(plain(draft)))
    require(not ida.customer.chat, "the draft went out by itself")
    await stage.press(stage.world.ben, draft, "draft.send", "presses Send")
    await ida.hears("kind words")
    await ida.settled()


async def unanswered(stage: Stage) -> None:
    """A question that no article answers goes to a colleague, and the customer is told."""
    joe = stage.enter("Joe")
    await joe.says("is the rucksack's frame made of recycled aluminium?")
    await joe.hears("don't have a reliable answer")
    await _with_button(stage, "case.claim", "Joe")
    stage.tell.desk("the case is open, with the question in its thread")
    require(await stage.owner(joe.conversation) == ConversationOwner.DESK, "the desk has it not")
    await joe.settled()


async def answer_lost(stage: Stage) -> None:
    """The shop refunds and its answer gets lost: still one refund, and the truth is told."""
    eve = stage.enter("Ella")
    stage.world.shop.faults.next("refund", Fault(kind="reset", after_effect=True))
    await eve.says(
        f"I want my money back for {stage.order('A-10388')}, my mail is {stage.mail('ella')}"
    )
    await eve.hears("I have refunded £42.00")
    await _shop_did(stage, "A-10388", refunds=[4200], replacements=0)
    await eve.settled()


async def _shop_did(stage: Stage, order_id: str, *, refunds: list[int], replacements: int) -> None:
    """Check an order's books, under its number of this performance."""
    order_id = stage.order(order_id)
    charges = {charge.id for charge in await stage.world.shop.charges(order_id)}
    paid = [one.amount for one in await stage.world.shop.refunds() if one.charge in charges]
    sent = [one for one in await stage.world.shop.replacements() if one.order == order_id]
    stage.tell.shop(f"{order_id}: refunds {paid or 'none'}, replacements {len(sent)}")
    require(paid == refunds, f"refunds of {order_id} are {paid}, not {refunds}")
    require(len(sent) == replacements, f"{len(sent)} replacements of {order_id}")


async def _with_button(stage: Stage, action: str, about: str) -> Message:
    """Wait for a message of the desk that has a button and is about somebody or something."""

    def fits(message: Message) -> bool:
        new = float(message.ts) > stage.began
        return new and _has_button(stage, message, action) and about in plain(message)

    return await stage.world.slack.appears(CARE, fits, timeout=PATIENCE_S)


def _has_button(stage: Stage, message: Message, action: str) -> bool:
    current = stage.world.slack.current(message)
    return any(
        element.get("action_id") == action
        for block in current.blocks
        for element in block.get("elements", ())
        if isinstance(element, dict)
    )


Story = Callable[[Stage], Awaitable[None]]
STORIES: tuple[Story, ...] = (
    seed,
    seed_without_double,
    order_question,
    approved,
    rejected,
    angry,
    copilot,
    unanswered,
    answer_lost,
)
