"""The stage of every journey: stand-ins on 127.0.0.1, the service among them, its store to read."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from brain.embedded import Mind
from config.load import load
from config.stages import Stage, Surface
from conversation.clock import SystemClock
from conversation.model import Address
from socialcare.app import Service
from socialcare.demo.world import CARE, World, stand_ins
from socialcare.sandbox.language_model import ModelStandIn
from socialcare.sandbox.slack_people import Colleague
from socialcare.sandbox.slack_reading import Message, plain
from socialcare.sandbox.telegram_people import Customer, SeenMessage
from tests.faults.store_eye import PostgresEye
from tests.journeys.leap_clock import LeapClock

T = TypeVar("T")

PATIENCE_S = 20.0
LOOK_S = 0.01
"""The store rings no bell: what only it knows is looked for this often."""

SEED = (
    "I was charged twice, my order arrived damaged, and I need a replacement by Sunday. "
    "Order A-10293, ana@northwind.example"
)
REFUND = "I want my money back for A-10388, my mail is ella@northwind.example"
"""One charge of 42.00 GBP: within what the bot may do alone."""
BIG_REFUND = "I'd like a refund for order A-10502 please, chloe@northwind.example"
"""180.00 GBP: needs a colleague's yes."""
HOURS = "when do you open on saturday?"
"""An article answers it."""
REFUNDED = "I have refunded £42.00"
OPEN = "9:00 to 18:00"
DESK_SOCKET = {
    '    signing_secret: "${DEMO_SLACK_SECRET}"': (
        '    signing_secret: "${DEMO_SLACK_SECRET}"\n    app_token: xapp-stand-in'
    )
}
"""The desk by Socket Mode."""
CHANNEL_SOCKET = {
    'signing_secret: "${DEMO_COMMUNITY_SECRET}"': (
        'signing_secret: "${DEMO_COMMUNITY_SECRET}", app_token: xapp-community'
    )
}
"""The customers' Slack by Socket Mode."""
SQLITE = "sqlite:///socialcare.db"
"""Where the demo keeps its store."""
POLLING = {"  telegram:\n": "  telegram:\n    delivery: polling\n"}
"""Telegram is asked, instead of calling us."""


def northwind() -> str:
    """Read the demo's configuration."""
    return files("socialcare.demo").joinpath("northwind.yaml").read_text("utf-8")


def changed(text: str, changes: Mapping[str, str]) -> str:
    """Put other words into a configuration; each must be there to be replaced."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def served_by(model: ModelStandIn, more: str = "") -> dict[str, str]:
    """Change a configuration so that a language model has the words."""
    section = (
        f"model: {{provider: openai, name: {model.model}, base_url: '{model.base_url}', "
        f"api_key: {model.key}{more}}}\n"
    )
    return {"store: {url": f"{section}store: {{url"}


@dataclass(slots=True, kw_only=True)
class House:
    """A world, the service in it, and an eye on its store."""

    world: World
    clock: LeapClock
    service: Service | None = None
    database: PostgresEye | None = None
    """Where the store is no file."""
    _guests: list[Customer] = field(default_factory=list)

    # --- people

    def customer(self, name: str = "Ana", **more: Any) -> Customer:
        """Bring somebody in who has a Telegram account."""
        return self.world.telegram.customer(first_name=name, **more)

    def conversation(self, customer: Customer) -> str:
        """Name their conversation as the store does."""
        return Address(
            channel="telegram",
            account=str(self.world.telegram.bot["id"]),
            key=str(customer.user_id),
            surface=Surface.PRIVATE,
        ).conversation

    async def with_button(self, action: str, about: str, *, channel: str = CARE) -> Message:
        """Wait for a message of the desk with that button and these words."""
        return await self.world.slack.appears(
            channel,
            lambda one: self.shows(one, action) and about in plain(self.world.slack.current(one)),
            timeout=PATIENCE_S,
        )

    def shows(self, message: Message, action: str) -> bool:
        """Tell whether a message has that button now."""
        current = self.world.slack.current(message)
        return any(button["action_id"] == action for button in current.buttons)

    async def press(self, who: Colleague, message: Message, action: str) -> None:
        """Have a colleague press a button of a message as it stands now."""
        answer = await who.press(self.world.slack.current(message), action)
        assert answer.ok, answer

    async def gone(self, message: Message, action: str) -> None:
        """Wait until a message has that button no more."""
        await self.until(
            lambda: not self.shows(message, action) or None, f"{action} is still there"
        )

    def desk(self) -> str:
        """Everything the desk reads now."""
        return "\n".join(map(plain, self.world.slack.messages(CARE)))

    # --- the store

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the store's file, or its database."""
        if self.database is not None:
            return self.database.rows(_numbered(question), *values)
        with contextlib.closing(sqlite3.connect(self.world.store_file)) as db:
            return db.execute(question, values).fetchall()

    def change(self, order: str) -> None:
        """Change the store behind the service's back."""
        if self.database is not None:
            self.database.rows(order)
            return
        with contextlib.closing(sqlite3.connect(self.world.store_file)) as db, db:
            db.execute(order)

    def one(self, question: str, *values: object) -> Any:
        """Ask the store for one value."""
        rows = self.rows(question, *values)
        return rows[0][0] if rows else None

    def owner(self, customer: Customer) -> str:
        """Say who has the conversation."""
        return str(
            self.one("select owner from conversation where id = ?", self.conversation(customer))
        )

    def calls(self, action: str = "refund") -> list[str]:
        """Give the states of the ledger's calls."""
        rows = self.rows(
            "select state from action_call where action = ? order by created_us", action
        )
        return [row[0] for row in rows]

    def log(self, customer: Customer, kind: str) -> int:
        """Count a conversation's log entries of a kind."""
        counted = self.one(
            "select count(*) from log where conversation = ? and kind = ?",
            self.conversation(customer),
            kind,
        )
        return int(counted)

    def busy(self) -> list[tuple[Any, ...]]:
        """Name what is not finished: arrivals unread, conversations worked on, messages unsent."""
        now_us = int(self.clock.now().timestamp() * 1_000_000)
        return self.rows(
            "select 'inbox', count(*) from inbox where state = 'pending' having count(*) > 0 "
            "union all select 'turn', count(*) from conversation where lease_us is not null "
            "having count(*) > 0 "
            "union all select 'outbox', count(*) from outbox where state in ('waiting', 'sending') "
            "having count(*) > 0 "
            "union all select 'timer', count(*) from timer where due_us <= ? having count(*) > 0",
            now_us,
        )

    async def settled(self) -> None:
        """Wait until nothing is left to do at this moment, platforms' deliveries included."""
        await self.world.telegram.delivered(timeout=PATIENCE_S)
        await self.world.x.delivered(timeout=PATIENCE_S)
        await self.world.whatsapp.delivered(timeout=PATIENCE_S)
        await self.world.graph.delivered(timeout=PATIENCE_S)
        await self.world.slack.delivered(timeout=PATIENCE_S)
        await self.world.community.delivered(timeout=PATIENCE_S)
        await self.until(lambda: not self.busy() or None, lambda: f"unfinished: {self.busy()}")

    async def until(
        self, look: Callable[[], T | None], otherwise: str | Callable[[], str] = "it did not come"
    ) -> T:
        """Look until something is found, where nobody rings."""
        real = SystemClock()
        deadline = real.monotonic() + PATIENCE_S
        while (found := look()) is None:
            if real.monotonic() > deadline:
                raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
            await real.sleep(LOOK_S)
        return found

    async def until_missing(self, missing: str | None) -> None:
        """Wait until `/readyz` names this as missing; None: until it names nothing."""
        real = SystemClock()
        async with asyncio.timeout(PATIENCE_S):
            while True:
                status, text = await self.get("/readyz")
                named = json.loads(text)["missing"]
                if (status == 200) if missing is None else (missing in named):
                    return
                await real.sleep(LOOK_S)

    # --- the shop

    async def refunds(self, order_id: str) -> list[int]:
        """Give what the shop's books say was refunded for an order."""
        charges = {charge.id for charge in await self.world.shop.charges(order_id)}
        return [one.amount for one in await self.world.shop.refunds() if one.charge in charges]

    async def replacements(self, order_id: str) -> int:
        """Count the replacements in the shop's books."""
        return sum(one.order == order_id for one in await self.world.shop.replacements())

    # --- the service from outside

    async def get(self, path: str) -> tuple[int, str]:
        """Ask one of its pages."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.world.url + path) as answer,
        ):
            return answer.status, await answer.text()

    async def figure(self, name: str, **labels: str) -> float:
        """Read one figure of `/metrics`; 0 where nothing was counted yet."""
        _, text = await self.get("/metrics")
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"socialcare_{name}" and labels.items() <= sample.labels.items()
        )

    async def counted(self, wanted: float, name: str, **labels: str) -> None:
        """Wait until a figure stands there: it is written just after what it counts."""
        real = SystemClock()
        async with asyncio.timeout(PATIENCE_S):
            while (now := await self.figure(name, **labels)) != wanted:
                assert now < wanted, f"{name} is {now}"
                await real.sleep(LOOK_S)

    def sent(self, customer: Customer) -> int:
        """Count the `sendMessage` calls for a customer, refused ones too."""
        return sum(
            call.method.lower() == "sendmessage"
            and str(call.params.get("chat_id")) == str(customer.user_id)
            for call in self.world.telegram.calls
        )


def _numbered(question: str) -> str:
    """Write the places of values as PostgreSQL does."""
    head, *parts = question.split("?")
    return head + "".join(f"${number}{part}" for number, part in enumerate(parts, 1))


def said(customer: Customer) -> Sequence[str]:
    """Give what the bot and colleagues said to a customer."""
    return [message.text for message in customer.chat]


def never(customer: Customer, words: str) -> None:
    """Check that a customer read no such words."""
    assert not any(words in text for text in said(customer)), said(customer)


async def hears(customer: Customer, words: str, after: SeenMessage | None = None) -> SeenMessage:
    """Wait for words to a customer."""
    return await customer.sees(words, after=after, timeout=PATIENCE_S)


@contextlib.asynccontextmanager
async def empty_house(
    folder: Path, mind: Mind, *, stage: Stage = Stage.AUTONOMOUS, changes: Mapping[str, str]
) -> AsyncIterator[House]:
    """Start everybody but the service."""
    clock = LeapClock()
    folder.mkdir(parents=True, exist_ok=True)
    async with stand_ins(
        folder, clock=clock, stage=stage, learn=lambda _settings, _articles: mind
    ) as world:
        text = changed(northwind(), changes)
        settings = load(text, env=world.environment, source="northwind.yaml")
        world.config_file.write_text(text, "utf-8")
        yield House(world=replace(world, settings=settings), clock=clock)


@contextlib.asynccontextmanager
async def running(home: House) -> AsyncIterator[Service]:
    """Run the service in a house for as long as the body lasts."""
    async with home.world.service() as service:
        await service.ready()
        home.service = service
        yield service


def update(
    customer: Customer,
    text: str,
    *,
    update_id: int = 900_001,
    leaf: Mapping[str, Any] | None = None,
) -> bytes:
    """Word a message the way Telegram posts it; ``leaf`` replaces or adds to its parts."""
    customer.private.open_to_bot = True
    message: dict[str, Any] = {
        "message_id": customer.private.next_id(),
        "from": customer.person,
        "chat": customer.private.head,
        "date": int(SystemClock().now().timestamp()),
        "text": text,
    }
    return json.dumps({"update_id": update_id, "message": message | dict(leaf or {})}).encode()
