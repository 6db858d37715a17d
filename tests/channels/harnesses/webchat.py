"""Web chat: we are the platform there, so what stands opposite is a visitor's page.

Sockets, followers and store are the service's own; what a worker does around `Adapter.send` (take
the outbox row, commit its receipt) is done here, since that commit is what sends.
"""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from channels.contract import OutboundMessage, Sent
from channels.webchat.adapter import WebchatAdapter
from channels.webchat.codec import ACCOUNT
from config.load import load
from config.schema import Settings
from config.stages import Surface
from conversation.delivery import DeliveryState
from conversation.events import Delivered
from conversation.model import Address
from conversation.sqlite import SqliteStore
from conversation.store import (
    Commit,
    CommitResult,
    OutboxKind,
    OutboxWrite,
    Settlement,
    Store,
    Work,
)
from socialcare.backlog import Backlog
from socialcare.chat.doors import Doors
from socialcare.chat.followers import QUEUE_MAX, SPARE, Followers
from socialcare.chat.keeping import House
from socialcare.chat.limits import Limits, Rate, gates
from socialcare.chat.site import Site
from socialcare.fault_points import unheard
from socialcare.figures import Figures
from socialcare.sandbox.faults import FaultPlan
from socialcare.sandbox.hand_clock import HandClock
from socialcare.waking import Wake
from tests.channels.harness import Follower, Harness
from tests.channels.harnesses.page import LINE, SMALL_BYTES, Page

SECRET = "a-secret-of-some-24-characters"  # noqa: S105  # a test's
CONFIG = """
brand: {name: Northwind, languages: [en], timezone: Europe/London, currency: GBP,
        disclosure: {en: "I'm Northwind's AI assistant."}}
channels:
  webchat: {stage: "off", origins: ["https://northwind.example"], secret: "${SECRET}"}
"""
PLENTY = Rate(burst=10_000, per_minute=10_000)
"""Time stands still here, and with it what is given back of a visitor's limits."""


class _Worker:
    """Sends by committing receipts, as the service does for channels that are followed."""

    def __init__(self, store: Store, work: Work, followers: Followers, clock: HandClock) -> None:
        self._store = store
        self._work = work
        self._followers = followers
        self._clock = clock
        self._number = 0
        self.latest = ""
        """The latest message that was sent."""

    async def commit(self, sent: Sent, message: OutboundMessage) -> None:
        """Keep the words as an outbox row, take it and settle it; then let it be followed."""
        row, now = self._work.row, self._clock.now()
        self._number += 1
        write = OutboxWrite(
            key=str(self._number), destination=row.id, kind=OutboxKind.REPLY, payload="{}",
            fenced=True,
        )  # fmt: skip
        turn = Commit(
            conversation=row.id, token=row.token, at=now, seen=row.accepted, outbox=(write,)
        )
        assert await self._store.commit(turn) is CommitResult.COMMITTED
        (delivery,) = await self._store.take(now=now, limit=1)
        said = Delivered(
            outbox_key=write.key, message_id=sent.message_id, part=0, text=message.text,
            author=message.author,
        )  # fmt: skip
        await self._store.settle(
            Settlement(
                delivery=delivery, state=DeliveryState.SENT, at=now, log=(said,), followed=True
            )
        )
        self.latest = sent.message_id
        self._followers.ring(row.id)
        await self._followers.look()


@contextlib.asynccontextmanager
async def chat(clock: HandClock) -> AsyncIterator[Harness]:
    adapter = WebchatAdapter(
        name="webchat", origins=("https://northwind.example",), secret=SecretStr(SECRET)
    )
    faults = FaultPlan()
    async with _served(adapter, clock) as (url, store, followers):
        page = Page(f"{url}/chat/webchat", faults=faults, clock=clock)
        living = asyncio.create_task(page.live())
        try:
            first = await page.writes("hello")
            (work,) = await store.claim(now=clock.now(), limit=1)
            worker = _Worker(store, work, followers, clock)
            yield _harness(adapter, clock, page, worker, followers, faults=faults, first=first)
        finally:
            await _end(living)


@contextlib.asynccontextmanager
async def _served(
    adapter: WebchatAdapter, clock: HandClock
) -> AsyncIterator[tuple[str, Store, Followers]]:
    settings = load(CONFIG, env={"SECRET": SECRET}, source="test")
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        store = SqliteStore(Path(folder) / "care.db", clock=clock)
        await store.open()
        stack.push_async_callback(store.close)
        followers = Followers(store=store, clock=clock)
        stack.push_async_callback(_end, asyncio.create_task(followers.run()))
        listening = stack.enter_context(socket.socket())
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BYTES)
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = _site(adapter, settings, store, followers, clock, url=url)
        runner = web.AppRunner(app, shutdown_timeout=0.05)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        yield url, store, followers


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _site(
    adapter: WebchatAdapter,
    settings: Settings,
    store: Store,
    followers: Followers,
    clock: HandClock,
    *,
    url: str,
) -> web.Application:
    limits = Limits(frames=PLENTY, receipts=PLENTY, opened=PLENTY)
    house = House(
        store=store,
        backlog=Backlog(store=store, clock=clock),
        settings=lambda: settings,
        clock=clock,
        figures=Figures(),
        turns=Wake(clock=clock, next_due=store.next_due),
        followers=followers,
        gates=gates(limits, clock=clock),
        passing=unheard,
    )
    app = web.Application()
    doors = Doors(house=house, adapters={adapter.name: adapter}, own_urls=lambda: (url,))
    Site(doors=doors).add_to(app)
    return app


def _harness(
    adapter: WebchatAdapter,
    clock: HandClock,
    page: Page,
    worker: _Worker,
    followers: Followers,
    *,
    faults: FaultPlan,
    first: str,
) -> Harness:
    address = adapter.codec.address(page.visitor)

    async def commit(sent: Sent, message: OutboundMessage) -> None:
        await worker.commit(sent, message)
        await page.shows_or_rests(sent.message_id)

    async def writes_again() -> None:
        await page.writes("hello again")

    async def read_all() -> None:
        page.open()
        if worker.latest:
            await page.shows(worker.latest)
        await page.caught_up()

    return Harness(
        adapter=adapter,
        clock=clock,
        address=address,
        stranger=Address(channel="webchat", account=ACCOUNT, key="nobody", surface=Surface.PRIVATE),
        message_id=first,
        secret=SECRET,
        faults=faults,
        send_call=LINE,
        seen=lambda: tuple(
            (one["id"], one["text"]) for one in page.lines if one["author"] != "customer"
        ),
        typed=lambda: page.typed,
        writes_again=writes_again,
        go_down=page.close,
        follower=Follower(
            commit=commit,
            reads=read_all,
            is_full=lambda: any(
                one.waits for one in followers._feeds.get(address.conversation, ())
            ),
            holds=QUEUE_MAX - SPARE,
        ),
    )
